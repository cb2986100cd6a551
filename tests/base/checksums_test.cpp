#include "base/checksums.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

using test::expect_error;

TEST(Checksums, AreTheOnesOfXzFiles) {
  EXPECT_EQ(crc64("123456789"), 0x995DC9BBDF1939FAu);  // the check value of CRC-64/XZ
  EXPECT_EQ(crc64(""), 0u);
}

TEST(Checksums, ComeBackFromTheirText) {
  const std::string long_one(2 * Checksums::usual_block + 1, 'x');
  Checksums sums;
  sums.add_array("encoder.weight", long_one);
  sums.add_array("empty", "");
  sums.add_text("文", "header");
  const Checksums again = Checksums::from_text(sums.to_text(), "m");
  ASSERT_NE(again.array("encoder.weight"), nullptr);
  EXPECT_EQ(*again.array("encoder.weight"),
            (std::vector<std::uint64_t>{crc64(long_one.substr(0, Checksums::usual_block)),
                                        crc64(long_one.substr(0, Checksums::usual_block)), crc64("x")}));
  EXPECT_TRUE(again.array("empty")->empty());
  EXPECT_EQ(*again.text("文"), crc64("header"));
  EXPECT_EQ(again.array("文"), nullptr);
  EXPECT_EQ(again.text("encoder.weight"), nullptr);
  EXPECT_EQ(again.arrays(), 2u);
  EXPECT_EQ(again.texts(), 1u);
  EXPECT_EQ(again.to_text(), sums.to_text());
}

TEST(Checksums, RefuseOtherTexts) {
  const auto refused = [](const std::string& text, const std::string& message) {
    expect_error(
        ErrorKind::format, [&] { Checksums::from_text(text, "m: checksums"); }, "m: checksums", message);
  };
  const auto with = [](const std::string& arrays, const std::string& texts = "{}",
                       const std::string& algorithm = "crc-64/xz", const std::string& block = "1048576") {
    return R"({"algorithm":")" + algorithm + R"(","block":)" + block + R"(,"arrays":)" + arrays +
           R"(,"texts":)" + texts + "}";
  };
  Checksums::from_text(with(R"({"a":"0123456789abcdef"})"), "m");
  refused("[]", "want an algorithm");
  refused("{", "line 1");
  refused(R"({"algorithm":"crc-64/xz"})", "want an algorithm");
  refused(with("[]"), "want an algorithm");
  refused(with("{}", "{}", "crc-32"), "not known here");
  Checksums::from_text(with("{}", "{}", "crc-64/xz", "4096"), "m");
  for (const char* block : {"4095", "2048", "-65536", "65536.0", "2147483648", "\"65536\"", "0"})
    refused(with("{}", "{}", "crc-64/xz", block), "not known here");
  for (const char* bad : {R"({"a":7})", R"({"a":"0123456789abcde"})", R"({"a":"0123456789abcdeg"})",
                          R"({"a":"-123456789abcdef"})"})
    refused(with(bad), "16 hexadecimal digits");
  refused(with("{}", R"({"a":""})"), "one checksum");
}

}  // namespace
}  // namespace rondo

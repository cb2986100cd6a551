#include "base/utf8.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

using namespace std::string_view_literals;
using test::expect_error;

// 这部电影太精彩了 and "a plain line", as GB18030.
const std::string gb18030 = "\xd5\xe2\xb2\xbf\xb5\xe7\xd3\xb0\xcc\xab\xbe\xab\xb2\xca\xc1\xcb";

bool valid(std::string_view text) {
  return !find_utf8_fault(text);
}

std::u32string points(std::string_view text) {
  std::u32string all;
  for (const char32_t c : CodePoints(text))
    all += c;
  return all;
}

TEST(Utf8, EveryCodePointIsValidAndComesBack) {
  for (char32_t c = 1; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string text;
    append_utf8(text, c);
    std::size_t at = 0;
    ASSERT_EQ(next_code_point(text, at), c);
    ASSERT_EQ(at, text.size());
    ASSERT_TRUE(valid(text)) << static_cast<std::uint32_t>(c);
  }
}

TEST(Utf8, NoOtherShortSequenceIsValid) {
  // Over all sequences of up to 3 bytes: as many are one code point as there are code points.
  int one = 0, two = 0, three = 0;
  const auto is_one_point = [](std::string_view text) { return valid(text) && count_code_points(text) == 1; };
  for (int a = 0; a < 256; ++a) {
    const std::string first(1, static_cast<char>(a));
    one += is_one_point(first);
    for (int b = 0; b < 256; ++b) {
      const std::string second = first + static_cast<char>(b);
      two += is_one_point(second);
      if (a < 0xe0 || a >= 0xf0) continue;
      for (int c = 0; c < 256; ++c)
        three += is_one_point(second + static_cast<char>(c));
    }
  }
  EXPECT_EQ(one, 127);
  EXPECT_EQ(two, 0x800 - 0x80);
  EXPECT_EQ(three, 0x10000 - 0x800 - 0x800);
}

TEST(Utf8, FaultsAreFound) {
  for (const char* text : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe5\xa5", "\xf0\x9f\x98",
                           "\xc3(", "\xe5\xa5(", "\xf0\x9f\x98("})
    EXPECT_EQ(find_utf8_fault(std::string("0123456789") + text + "abcdefgh").value().byte, 10u);
  EXPECT_TRUE(valid(""));
  EXPECT_TRUE(valid("好 ok 😀"));
  EXPECT_EQ(find_utf8_fault("abc\0defghijkl"sv).value().byte, 3u);
  EXPECT_EQ(find_utf8_fault("abcdefghij\0"sv).value().byte, 10u);
}

TEST(Utf8, FaultsAreFoundAtEveryOffset) {
  for (std::size_t size = 1; size < 40; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (const char bad : {'\0', '\x80', '\xff'}) {
        std::string text(size, 'a');
        text[at] = bad;
        ASSERT_EQ(find_utf8_fault(text).value().byte, at);
      }
}

TEST(Utf8, FaultHasLineAndColumnInCodePoints) {
  const Utf8Fault fault = find_utf8_fault("one\n好的\xb5").value();
  EXPECT_EQ(fault.byte, 10u);
  EXPECT_EQ(fault.line, 2u);
  EXPECT_EQ(fault.column, 3u);
}

TEST(Utf8, FaultsNameTheFileThePlaceTheByteAndTheCure) {
  require_utf8("好", "train.tsv");
  expect_error(
      ErrorKind::data, [] { require_utf8("pos\t" + gb18030, "train.tsv", 17); },
      "data: train.tsv line 17 column 5: byte 0xd5 is not UTF-8; it looks like GB18030; convert the file: "
      "iconv -f "
      "GB18030 -t UTF-8");
  expect_error(
      ErrorKind::data, [] { require_utf8("plain\nand then\n" + gb18030 + "\n", "a.txt"); }, "line 3 column 1",
      "GB18030");
  expect_error(
      ErrorKind::data,
      [] {
        require_utf8(
            "\xff\xfe"
            "a\0b\0",
            "a.txt");
      },
      "line 1 column 1: byte 0xff", "UTF-16");
  expect_error(
      ErrorKind::data,
      [] {
        require_utf8(
            "\x7f"
            "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0"sv,
            "prog");
      },
      "prog line 1 column 8: byte 0x00 is not text; is it the right file?");
  expect_error(
      ErrorKind::format, [] { require_utf8("\x90\x80\x81\xff\xff", "x", 1, ErrorKind::format); },
      "not UTF-8; convert the file: iconv -f ENCODING");
}

TEST(Utf8, EncodingsAreGuessed) {
  EXPECT_EQ(guess_encoding(gb18030), "GB18030");
  EXPECT_EQ(guess_encoding("good," + gb18030 + ",1"), "GB18030");
  EXPECT_EQ(guess_encoding(gb18030.substr(0, gb18030.size() - 1)), "GB18030");
  EXPECT_EQ(guess_encoding("caf\xe9 cr\xe8me, tr\xe8s bon, merci bien"), "Windows-1252");
  EXPECT_EQ(guess_encoding("it\x92s a fine day in the town"), "Windows-1252");
  EXPECT_EQ(guess_encoding("h\0e\0l\0l\0o\0"sv), "UTF-16");
  EXPECT_EQ(guess_encoding("\0h\0e\0l\0l\0o"sv), "UTF-16");
  EXPECT_EQ(guess_encoding("plain"), "");
  EXPECT_EQ(guess_encoding("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\xff\xd8\x80\x81"sv), "");
}

TEST(Utf8, CodePointsAreIteratedWithTheirOffsets) {
  EXPECT_EQ(points("a好😀"), U"a好😀");
  EXPECT_EQ(points(""), U"");
  EXPECT_EQ(points("a\xff\xe5\xa5z"), U"a\xfffd\xfffd\xfffdz");
  std::vector<std::size_t> offsets;
  const CodePoints text("a好😀b");
  for (auto i = text.begin(); i != text.end(); ++i)
    offsets.push_back(i.byte());
  EXPECT_EQ(offsets, (std::vector<std::size_t>{0, 1, 4, 8}));
  EXPECT_EQ(count_code_points("a好😀b"), 4u);
}

TEST(Utf8, WhatIsNoCodePointIsReplaced) {
  std::string text;
  append_utf8(text, 0xd800);
  append_utf8(text, 0x110000);
  EXPECT_EQ(text, "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Utf8, ByteOrderMarkIsDropped) {
  EXPECT_EQ(without_byte_order_mark("\xef\xbb\xbfx"), "x");
  EXPECT_EQ(without_byte_order_mark("x\xef\xbb\xbf"), "x\xef\xbb\xbf");
  EXPECT_EQ(without_byte_order_mark(""), "");
}

TEST(Utf8, WidthCountsColumnsOfATerminal) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("电影"), 4);
  EXPECT_EQ(display_width(",。"), 3);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width("ガ"), 2);
  EXPECT_EQ(display_width("가"), 2);
  EXPECT_EQ(display_width("\n"), 0);
  EXPECT_EQ(display_width(""), 0);
}

TEST(Utf8, TextIsTruncatedToAWidth) {
  EXPECT_EQ(truncate_to_width("abcdef", 6), "abcdef");
  EXPECT_EQ(truncate_to_width("abcdef", 5), "abcd…");
  EXPECT_EQ(truncate_to_width("电影很好", 8), "电影很好");
  EXPECT_EQ(truncate_to_width("电影很好", 7), "电影很…");
  EXPECT_EQ(truncate_to_width("电影很好", 6), "电影…");
  EXPECT_EQ(truncate_to_width("e\u0301e\u0301e\u0301", 2), "e\u0301…");
  EXPECT_EQ(truncate_to_width("abc", 1), "…");
  EXPECT_EQ(truncate_to_width("abc", 0), "");
  EXPECT_EQ(truncate_to_width("", 0), "");
  EXPECT_EQ(fit_to_width("电影很好", 6), "电影… ");
  EXPECT_EQ(fit_to_width("ab", 4), "ab  ");
}

TEST(Utf8, AnyBytesAreIteratedAndCutWithoutHarm) {
  Random random(1);
  for (int trial = 0; trial < 2'000; ++trial) {
    std::string bytes(random.below(40), '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(random.bits32());
    EXPECT_LE(count_code_points(bytes), bytes.size());
    EXPECT_LE(display_width(truncate_to_width(bytes, 5)), 5);
    guess_encoding(bytes);
    std::string again;
    for (const char32_t c : CodePoints(bytes))
      append_utf8(again, c);
    EXPECT_EQ(points(again), points(bytes));
  }
}

}  // namespace
}  // namespace rondo

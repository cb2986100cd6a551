// Numbers are read and written with a point, whatever the program that uses the library has set.
#include <cstdlib>
#include <sstream>

#include <gtest/gtest.h>

#include "base/field_values.h"
#include "base/json.h"
#include "base/shown.h"
#include "support/comma_locale.h"

namespace rondo {
namespace {

class Locale : public testing::Test {
 protected:
  test::CommaLocale commas_;
};

TEST_F(Locale, IsOneWithCommas) {
  std::ostringstream out;
  out << 1234.5;
  EXPECT_EQ(out.str(), "1.234,5");
  if (!commas_.in_c())
    GTEST_SKIP() << "no locale with a decimal comma can be set in C here: only C++ has one";
  EXPECT_EQ(std::strtod("2,5", nullptr), 2.5);
}

TEST_F(Locale, JsonHasPoints) {
  const std::string text = R"({"a":[0.1,-2.5e-07,1e+20,3.0],"b":12345678})";
  const Json json = parse_json(text, {.name = "x"});
  EXPECT_EQ(json["a"][0].get<double>(), 0.1);
  EXPECT_EQ(json["a"][1].get<double>(), -2.5e-7);
  EXPECT_EQ(dump_json(json), text);
  EXPECT_THROW(parse_json("[0,5,]", {.name = "x"}), Error);
  EXPECT_EQ(parse_json("[0,5]", {.name = "x"}).size(), 2U);
}

TEST_F(Locale, NumbersForPeopleHavePoints) {
  EXPECT_EQ(fixed(1234567.891, 2), "1234567.89");
  EXPECT_EQ(percent(0.87314), "87.31 %");
  EXPECT_EQ(significant(0.00012345, 3), "0.000123");
  EXPECT_EQ(plain(0.1), "0.1");
  EXPECT_EQ(byte_size(25'000'000), "23.8 MiB");
  EXPECT_EQ(grouped(1234567), "1 234 567");
}

TEST_F(Locale, OptionsHavePoints) {
  OptionInfo info;
  info.kind = OptionInfo::Kind::number;
  EXPECT_EQ(values::from_text("0.25", info, {}), 0.25);
  EXPECT_THROW(values::from_text("0,25", info, {}), Error);
  EXPECT_EQ(values::to_text(Json(0.25)), "0.25");
}

}  // namespace
}  // namespace rondo

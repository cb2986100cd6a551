#include "base/json.h"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/random.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using namespace std::string_view_literals;
using test::expect_error;

Json parse(std::string_view text) {
  return parse_json(text, {.name = "test"});
}

void expect_refused(std::string_view text, const std::string& message) {
  expect_error(
      ErrorKind::format, [&] { parse(text); }, "test line", message);
}

TEST(Json, ReadsEveryKindOfValue) {
  const Json json = parse(R"( {"a": [1, -2, 3.5, true, false, null, "x\u597d\n"], "b": {}} )");
  EXPECT_EQ(dump_json(json), "{\"a\":[1,-2,3.5,true,false,null,\"x好\\n\"],\"b\":{}}");
  EXPECT_EQ(parse("7"), 7);
  EXPECT_EQ(parse("18446744073709551615").get<std::uint64_t>(), std::numeric_limits<std::uint64_t>::max());
}

TEST(Json, KeepsTheOrderOfKeys) {
  EXPECT_EQ(dump_json(parse(R"({"z":1,"a":2,"m":{"y":1,"b":2}})")), R"({"z":1,"a":2,"m":{"y":1,"b":2}})");
  Json json;
  json["z"] = 1;
  json["a"] = 2;
  EXPECT_EQ(dump_json(json, 2), "{\n  \"z\": 1,\n  \"a\": 2\n}");
  EXPECT_EQ(parse(R"({"z":1,"a":2})")["a"], 2);
}

TEST(Json, RefusesDuplicateKeysWithTheirPlace) {
  expect_refused("{\"a\": 1,\n  \"a\": 2}", "test line 2 column 5: the key 'a' appears twice");
  expect_refused(R"([{"x": {"k": 1, "b": 2, "k": 3}}])", "'k' appears twice");
  EXPECT_EQ(parse(R"([{"a": 1}, {"a": {"a": 2}}])").size(), 2u);
}

TEST(Json, RefusesWhatIsNotJson) {
  expect_refused("", "line 1 column 1");
  expect_refused("{\"a\": 1,\n \"b\": }", "line 2 column 7");
  expect_refused("[1, 2", "line 1 column 6");
  expect_refused("[1, 2,]", "unexpected ']'");
  expect_refused("{} {}", "line 1 column 4");
  expect_refused("// comment\n1", "line 1 column 1");
  expect_refused("nul", "invalid literal");
  expect_refused("[NaN]", "line 1 column 2");
  expect_refused("'a'", "invalid literal");
  expect_refused("[01]", "line 1");
  expect_refused("\"a\nb\"", "line 1");
  expect_refused("\"\xff\"", "UTF-8");
  expect_refused("[1e999]", "number overflow");
  expect_refused("[18446744073709551616]", "too large");
  expect_refused("{}\0x"sv, "column 3: a NUL byte");
}

TEST(Json, CapsSizeAndDepth) {
  const std::string deep = std::string(64, '[') + std::string(64, ']');
  EXPECT_NO_THROW(parse(deep));
  expect_refused("[" + deep + "]", "more than 64 arrays and objects");
  expect_refused(std::string(2'000'000, '['), "line 1 column 65: more than 64");
  expect_error(
      ErrorKind::data, [] { parse_json("[1, 2]", {.name = "x", .kind = ErrorKind::data, .size_cap = 5}); },
      "x: has more than the allowed 5 bytes");
}

TEST(Json, CountsLinesFromWhereTheTextStands) {
  expect_error(
      ErrorKind::data,
      [] { parse_json("{\"a\"}", {.name = "train.jsonl", .kind = ErrorKind::data, .line = 17}); },
      "data: train.jsonl line 17 column 5: ");
}

TEST(Json, ManyKeysTakeNoMoreThanTheirShareOfTime) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i)
    text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":" + std::to_string(i);
  EXPECT_EQ(parse(text + "}").size(), 200'000u);
}

TEST(Json, ReadsFilesAndNamesThem) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "config.json", "{\"a\": 1}");
  EXPECT_EQ(read_json(folder / "config.json")["a"], 1);
  write_file_atomically(folder / "config.json", "{\"a\": 1");
  expect_error(
      ErrorKind::format, [&] { read_json(folder / "config.json"); },
      (folder / "config.json").string() + " line 1");
  expect_error(
      ErrorKind::io, [&] { read_json(folder / "confg.json"); }, "did you mean 'config.json'?");
}

TEST(Json, WritesFloatsInFewDigitsThatReadBack) {
  EXPECT_EQ(dump_json(json_number(0.1f)), "0.1");
  EXPECT_EQ(dump_json(json_number(1e-3f)), "0.001");
  EXPECT_EQ(dump_json(json_number(0.1)), "0.1");
  EXPECT_EQ(dump_json(json_number(16777216.0f)), "16777216.0");
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto narrow = std::bit_cast<float>(random.bits32());
    const auto wide = std::bit_cast<double>(random.bits64());
    if (std::isfinite(narrow)) {
      ASSERT_EQ(static_cast<float>(parse(dump_json(json_number(narrow))).get<double>()), narrow);
    }
    if (std::isfinite(wide)) {
      ASSERT_EQ(parse(dump_json(json_number(wide))).get<double>(), wide);
    }
  }
}

TEST(Json, WritesNumbersThatAreNotFiniteAsText) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(dump_json(json_number(infinity)), "\"Infinity\"");
  EXPECT_EQ(dump_json(json_number(-std::numeric_limits<float>::infinity())), "\"-Infinity\"");
  EXPECT_EQ(dump_json(json_number(std::nan(""))), "\"NaN\"");
  EXPECT_EQ(number_from("Infinity", "x"), infinity);
  EXPECT_EQ(number_from("-Infinity", "x"), -infinity);
  EXPECT_TRUE(std::isnan(number_from("NaN", "x")));
  EXPECT_EQ(number_from(2, "x"), 2);
  expect_error(
      ErrorKind::format, [] { number_from("two", "loss"); }, "loss: wanted a number, got text");
}

TEST(Json, WritesBytesThatAreNoUtf8AsReplacementCharacters) {
  EXPECT_EQ(dump_json("\xff.tsv"), "\"\uFFFD.tsv\"");
}

}  // namespace
}  // namespace rondo

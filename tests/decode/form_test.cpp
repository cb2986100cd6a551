// Forms: how they are written, and which texts keep to them.
#include "decode/form.h"

#include <gtest/gtest.h>

#include <rondo/error.h>

#include "support/expect_error.h"

namespace rondo::decode {
namespace {

using test::expect_error;

FormWalk walk_of(std::string_view form, bool distinct = false, std::string_view first_line = "",
                 std::string_view acrostic = "") {
  auto made = std::make_shared<Form>();
  made->lines = parse_form(form);
  made->distinct = distinct;
  if (!first_line.empty()) give_first_line(*made, first_line);
  if (!acrostic.empty()) give_acrostic(*made, acrostic);
  return FormWalk(std::move(made));
}

/// Whether a whole text keeps the form, character by character and in one piece.
bool keeps(FormWalk walk, const std::string& text) {
  FormWalk slow = walk;
  bool fits = true;
  for (std::size_t at = 0; at < text.size() && fits;) {
    const std::size_t length = static_cast<unsigned char>(text[at]) < 0x80 ? 1 : 3;
    fits = slow.takes(text.substr(at, length));
    if (fits) slow.take(text.substr(at, length));
    at += length;
  }
  EXPECT_EQ(walk.takes(text), fits) << text;
  return fits && slow.complete();
}

TEST(Form, IsLinesOfSoManyCharacters) {
  EXPECT_EQ(parse_form("5x4"), std::vector<std::u32string>(4, std::u32string(5, Form::any)));
  const std::vector<std::u32string> mixed = parse_form("7,3x2,春？?");
  ASSERT_EQ(mixed.size(), 4U);
  EXPECT_EQ(mixed[0].size(), 7U);
  EXPECT_EQ(mixed[2].size(), 3U);
  EXPECT_EQ(mixed[3], (std::u32string{U'春', Form::any, Form::any}));
}

TEST(Form, RefusesWhatIsNone) {
  for (const char* text : {"", "5x", "0x4", "5x0", "5x4x3", "5,,7", "1001x2", "5x10001",
                           "99999999999999999999", "春 ??", "a-b", "5x9999,5x9999"})
    expect_error(
        ErrorKind::option, [&] { parse_form(text); }, "form: '", "5x4");
  expect_error(ErrorKind::option, [] { parse_form("\xFF"); });
  expect_error(
      ErrorKind::option, [] { walk_of("5x4", false, "床前明月"); }, "5 characters, got 4");
  expect_error(
      ErrorKind::option, [] { walk_of("5x4", false, "床前，月光"); }, "characters only");
  expect_error(
      ErrorKind::option, [] { walk_of("5x2", false, "", "春夏秋"); }, "more characters than");
}

TEST(Form, IsKeptByTextsWithAMarkBehindEachLine) {
  EXPECT_TRUE(keeps(walk_of("2x2"), "春眠，不觉。"));
  EXPECT_TRUE(keeps(walk_of("2x2"), "春眠，\n不觉。"));
  EXPECT_TRUE(keeps(walk_of("2x2"), "ab\ncd\n"));
  EXPECT_TRUE(keeps(walk_of("2x2"), "ab, cd"));
  EXPECT_FALSE(keeps(walk_of("2x2"), "春眠不觉。"));
  EXPECT_FALSE(keeps(walk_of("2x2"), "春，眠不觉。"));
  EXPECT_FALSE(keeps(walk_of("2x2"), "春眠，，不觉。"));
  EXPECT_FALSE(keeps(walk_of("2x2"), "ab\n\ncd")) << "a line end is the mark and the break";
  EXPECT_FALSE(keeps(walk_of("2x2"), "，春眠，不觉。"));
  EXPECT_FALSE(keeps(walk_of("2x2"), "春眠，不觉。晓"));
  EXPECT_FALSE(keeps(walk_of("2x2"), "春眠，不"));
}

TEST(Form, EndsBehindTheMarkOfItsLastLine) {
  FormWalk walk = walk_of("2");
  EXPECT_EQ(walk.place(), "line 1, character 1");
  walk.take("春眠");
  EXPECT_TRUE(walk.complete());
  EXPECT_FALSE(walk.finished());
  EXPECT_EQ(walk.place(), "the end of line 1");
  walk.take("。");
  EXPECT_TRUE(walk.finished());
  EXPECT_FALSE(walk.takes("。"));
}

TEST(Form, HoldsGivenCharacters) {
  EXPECT_TRUE(keeps(walk_of("2x2", false, "春眠", "春不"), "春眠，不觉。"));
  EXPECT_FALSE(keeps(walk_of("2x2", false, "春眠"), "春晓，不觉。"));
  EXPECT_FALSE(keeps(walk_of("2x2", false, "", "春夏"), "春晓，不觉。"));
}

TEST(Form, HasNoCharacterTwiceWhereAsked) {
  EXPECT_TRUE(keeps(walk_of("2x2"), "春春，春春。"));
  EXPECT_FALSE(keeps(walk_of("2x2", true), "春春，不觉。"));
  EXPECT_FALSE(keeps(walk_of("2x2", true), "春眠，不春。"));
  EXPECT_FALSE(keeps(walk_of("2x2", true, "", "春不"), "春不，不觉。")) << "a given one is for its own place";
  EXPECT_TRUE(keeps(walk_of("2x2", true, "春春"), "春春，不觉。")) << "what is given is wanted";
}

}  // namespace
}  // namespace rondo::decode

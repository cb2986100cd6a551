// A vocabulary as a model file has it: tokens are found without reading the others, and nonsense in a file
// does no harm.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/text.h>

#include "base/bytes.h"
#include "data/text_json.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

using test::expect_error;

constexpr std::int32_t tokens = 1000;

Vocab some_vocab() {
  std::vector<std::string> all = {"<unk>", "two words", "back\\slash", "我们"};
  std::vector<std::int64_t> counts;
  while (static_cast<std::int32_t>(all.size()) < tokens)
    all.push_back("w" + std::to_string(all.size()));
  for (std::int32_t number = 0; number < tokens; ++number)
    counts.push_back(7 * tokens - number);
  return Vocab::of(all, counts);
}

/// A copy of its table that can be changed.
struct Copy {
  std::int32_t size = tokens;
  std::string table = std::string(arrays_of(some_vocab()).table.bytes);
  std::string counts = arrays_of(some_vocab()).counts();

  VocabArrays arrays() const {
    const auto owner = std::make_shared<std::string>(table);
    return {.size = size, .table = {owner, *owner}, .counts = [text = counts] { return text; }};
  }
  /// The number at a place of the table: the ends are first, then the slots.
  void set(std::size_t at, std::uint32_t number) { store_little_endian(number, table.data() + 4 * at); }
  std::uint32_t get(std::size_t at) const { return load_little_endian<std::uint32_t>(table.data() + 4 * at); }
  void fill_slots(char byte) { std::fill_n(table.begin() + 4 * tokens, 4 * slots_of(tokens), byte); }
};
constexpr std::size_t letters = 4 * (tokens + slots_of(tokens));  // where the tokens begin

TEST(VocabArrays, GiveTheSameVocabulary) {
  const Vocab vocab = some_vocab(), again = vocab_from(arrays_of(vocab));
  EXPECT_EQ(again.size(), tokens);
  for (std::int32_t number = 0; number < tokens; ++number) {
    ASSERT_EQ(again.find(vocab.token(number)), number);
    ASSERT_EQ(again.token(number), vocab.token(number));
    ASSERT_EQ(again.count(number), vocab.count(number));
  }
  for (const char* const unknown : {"", "w", "w1", "w10000", "two", "我"}) {
    EXPECT_EQ(again.find(unknown), 0);
    EXPECT_FALSE(again.contains(unknown));
  }
  EXPECT_EQ(again.to_json(), vocab.to_json());
  EXPECT_EQ(arrays_of(again).table.bytes, arrays_of(vocab).table.bytes);
  EXPECT_EQ(arrays_of(again).counts(), arrays_of(vocab).counts());
}

// docs/model-file.md: other programs may write such a file.
TEST(VocabArrays, LieAsTheFormatSays) {
  EXPECT_EQ(slot_hash(""), 0xcbf29ce484222325u);
  EXPECT_EQ(slot_hash("a"), 0xaf63dc4c8601ec8cu);  // the published value of FNV-1a
  const VocabArrays arrays = arrays_of(Vocab::of({"<unk>", "a", "我"}, {0, 5, 3}));
  EXPECT_EQ(arrays.size, 3);
  ASSERT_EQ(arrays.table.bytes.size(), 4u * (3 + 7) + 9);
  const auto number = [&](std::size_t at) {
    return load_little_endian<std::uint32_t>(arrays.table.bytes.data() + 4 * at);
  };
  EXPECT_EQ(number(0), 5u);
  EXPECT_EQ(number(1), 6u);
  EXPECT_EQ(number(2), 9u);
  EXPECT_EQ(number(3 + slot_hash("<unk>") % 7), 0u);
  EXPECT_EQ(arrays.table.bytes.substr(40), "<unk>a我");
  EXPECT_EQ(arrays.counts(), "0 5 3");
}

TEST(VocabArrays, WhatDoesNotFitIsRefused) {
  const auto refused = [](auto change) {
    Copy copy;
    change(copy);
    expect_error(
        ErrorKind::format, [&] { vocab_from(copy.arrays()); }, "vocabulary");
  };
  refused([](Copy& c) { c.table.clear(); });
  refused([](Copy& c) { c.table.pop_back(); });
  refused([](Copy& c) { c.table += 'x'; });
  refused([](Copy& c) { c.table.resize(letters - 1); });
  refused([](Copy& c) { c.size = 0; });
  refused([](Copy& c) { c.size = -5; });
  refused([](Copy& c) { c.size = 2'000'000'000; });
  refused([](Copy& c) { c.set(tokens - 1, 0xffffffff); });
}

TEST(VocabArrays, NonsenseIsFoundBeforeATokenIsGivenOut) {
  const auto refused = [](auto change) {
    Copy copy;
    change(copy);
    const Vocab vocab = vocab_from(copy.arrays());
    for (const char* const token : {"w500", "nothing", "", "<unk>"}) {
      const std::int32_t number = vocab.find(token);
      EXPECT_GE(number, 0);
      EXPECT_LT(number, tokens);
    }
    for (int i = 0; i < 2; ++i)
      expect_error(
          ErrorKind::format, [&] { vocab.token(7); }, "vocabulary");
    expect_error(
        ErrorKind::format, [&] { vocab.count(7); }, "vocabulary");
  };
  refused([](Copy& c) { c.set(500, 0xffffffff); });
  refused([](Copy& c) { c.set(500, 2'000'000'000); });
  refused([](Copy& c) { c.set(500, c.get(499)); });
  refused([](Copy& c) { c.fill_slots('\0'); });
  refused([](Copy& c) { c.fill_slots('\x7f'); });
  refused([](Copy& c) { c.fill_slots('\xff'); });
  refused([](Copy& c) { c.table[c.table.size() - 2] = '\xff'; });
  refused([](Copy& c) { c.table[letters] = '\0'; });
  refused([](Copy& c) { c.table.replace(letters + c.get(499), 4, "w600"); });  // a token twice
}

TEST(VocabArrays, CountsAreReadWhenTheyAreAskedFor) {
  for (const char* const counts : {"", "1 2", "x", "1  2"}) {
    Copy copy;
    copy.counts = counts;
    const Vocab vocab = vocab_from(copy.arrays());
    EXPECT_EQ(vocab.token(4), "w4");
    expect_error(
        ErrorKind::format, [&] { vocab.count(4); }, "vocabulary", "count");
  }
}

TEST(VocabArrays, AreNoPartOfJson) {
  const TextEncoder encoder = TextEncoder::learn(std::vector<std::string>{"a film and a plot"});
  Json tree = EncoderTree::of(encoder, VocabForm::table);
  EXPECT_TRUE(tree["vocabulary"]["tokens"].is_string()) << "few tokens stay text";
  tree["vocabulary"]["table"] = "0 1";
  expect_error(
      ErrorKind::format, [&] { TextEncoder::from_json(dump_json(tree)); }, "from model files only");
}

}  // namespace
}  // namespace rondo

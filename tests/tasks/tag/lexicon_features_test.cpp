// A user's dictionary as something that the network reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "base/random.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/tag/model.h"

namespace rondo::tag {
namespace {

using test::expect_error;
using test::TemporaryFolder;

/// Words of one to three characters out of 24.
std::vector<std::string> made_words(std::size_t count) {
  Random random(3, 0);
  std::vector<std::string> words;
  while (words.size() < count) {
    std::string word;
    for (std::uint32_t k = 0, length = 1 + random.bits32() % 3; k < length; ++k) {
      const auto place = static_cast<int>(random.bits32() % 24);
      word += "\xE4\xB8" + std::string(1, static_cast<char>(0x80 + place));
    }
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return words;
}

std::string sentences_of(std::span<const std::string> words, int count, std::uint64_t seed) {
  Random random(seed, 0);
  std::string lines;
  for (int i = 0; i < count; ++i) {
    for (int k = 0; k < 4 + i % 3; ++k)  // lines of one length would be columns
      lines += (k > 0 ? " " : "") + words[static_cast<std::size_t>(random.bits32() % words.size())];
    lines += "\n";
  }
  return lines;
}

Dataset read(const std::string& bytes) {
  return dataset_of(parse_tagged(bytes, "memory", {}));
}

TaggerOptions small_options() {
  TaggerOptions options;
  options.text.bigrams = 0;
  options.network.embedding = 8;
  options.network.units = 12;
  options.network.dropout = 0;
  options.training.epochs = 8;
  options.training.batch_size = 4;
  options.training.learning_rate = 0.02F;
  options.training.average = 0.8F;
  return options;
}

TEST(LexiconFeatures, FindWordsThatTrainingDidNotHave) {
  const TemporaryFolder folder;
  const std::vector<std::string> words = made_words(60);
  std::string list;
  for (const std::string& word : words)
    list += word + " 3 n\n";
  write_file_atomically(folder / "words.txt", list);
  const Dataset train = read(sentences_of(std::span(words).first(40), 150, 1)),
                test = read(sentences_of(std::span(words).last(20), 60, 2));
  TaggerOptions options = small_options();
  const double without = Tagger::train(train, {}, options).evaluate(test).f1;
  options.text.lexicon = folder / "words.txt";
  Tagger::train(train, {}, options).save(folder / "m.rondo");
  std::filesystem::remove(folder / "words.txt");
  const double with = Tagger::load(folder / "m.rondo").evaluate(test).f1;
  EXPECT_GT(with, without + 0.15) << "the model has the dictionary";
}

TEST(LexiconFeatures, AFileThatIsNoneIsRefused) {
  const TemporaryFolder folder;
  TaggerOptions options = small_options();
  options.text.lexicon = folder / "none.txt";
  const Dataset train = read(sentences_of(made_words(10), 20, 1));
  expect_error(
      ErrorKind::io, [&] { Tagger::train(train, {}, options); }, "none.txt");
  write_file_atomically(folder / "bad.txt", "\xff\xfe\n");
  options.text.lexicon = folder / "bad.txt";
  expect_error(
      ErrorKind::data, [&] { Tagger::train(train, {}, options); }, "bad.txt line 1");
}

}  // namespace
}  // namespace rondo::tag

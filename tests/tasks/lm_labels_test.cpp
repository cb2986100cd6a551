// Language models that write for a label.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/lm/chunks.h"
#include "tasks/lm/text.h"

namespace rondo::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::filesystem::path written(const TemporaryFolder& folder, const std::string& name,
                              const std::string& bytes) {
  write_file_atomically(folder / name, bytes);
  return folder / name;
}

/// Texts of "up" climb, those of "down" fall.
std::string table() {
  std::string rows = "label,text\n";
  for (int i = 0; i < 60; ++i)
    rows += i % 2 == 0 ? "up,abcdef\n" : "down,fedcba\n";
  return rows;
}

LanguageOptions small_options(int chunk) {
  LanguageOptions options;
  options.network = {.embedding = 8, .units = 16, .dropout = 0, .weight_dropout = 0};
  options.chunk = chunk;
  options.training.epochs = 30;
  options.training.batch_size = 8;
  options.training.learning_rate = 0.02F;
  return options;
}

TEST(Labels, AreReadFromAColumnByNameOrNumber) {
  const TemporaryFolder folder;
  const Dataset text = lm::read_text({written(folder, "a.csv", table())}, {.text = "text", .label = "label"});
  EXPECT_EQ(text.size(), 60U);
  EXPECT_THAT(lm::labels_in(text), ElementsAre("down", "up"));
  const auto bare = written(folder, "a.tsv", "1\tgood\n0\tbad\n");
  const Dataset numbered = lm::read_text({bare}, {.text = "2", .label = "1"});
  EXPECT_THAT(lm::documents_in(numbered), ElementsAre("good", "bad"));
  EXPECT_THAT(lm::labels_in(numbered), ElementsAre("0", "1"));
}

TEST(Labels, BadColumnsAreRefused) {
  const TemporaryFolder folder;
  const auto file = written(folder, "a.csv", "label,text\nup,abc\n,def\n");
  expect_error(
      ErrorKind::data, [&] { lm::read_text({file}, {.text = "text", .label = "label"}); }, "a.csv line 3",
      "'label' is empty");
  expect_error(
      ErrorKind::data, [&] { lm::read_text({file}, {.text = "text", .label = "lable"}); }, "'lable'",
      "label");
  expect_error(
      ErrorKind::option, [&] { lm::read_text({file}, {.label = "label"}); }, "--text");
  const auto bare = written(folder, "b.tsv", "1\tgood\n0\tbad\n");
  expect_error(
      ErrorKind::data, [&] { lm::read_text({bare}, {.text = "3", .label = "1"}); }, "line 1",
      "3 columns, got 2");
}

TEST(Labels, SteerWhatIsWritten) {
  const TemporaryFolder folder;
  const Dataset text = lm::read_text({written(folder, "a.csv", table())}, {.text = "text", .label = "label"});
  for (const int chunk : {0, 5}) {
    SCOPED_TRACE("chunk " + std::to_string(chunk));
    LanguageModel::train(text, {}, small_options(chunk)).save(folder / "m.rondo");
    const LanguageModel model = LanguageModel::load(folder / "m.rondo");
    EXPECT_THAT(model.labels(), ElementsAre("down", "up"));
    for (const int beam : {0, 3}) {
      const auto written_for = [&](const char* label) {
        return model.generate("", {.temperature = 0.1F, .beam = beam, .label = label}).front().text;
      };
      EXPECT_EQ(written_for("up"), "abcdef");
      EXPECT_EQ(written_for("down"), "fedcba");
    }
    const auto sum = [&](std::string_view label) {
      double nats = 0;
      for (const double value : model.score_tokens("abcdef", label).log_probabilities)
        nats -= value;
      return nats;
    };
    EXPECT_LT(sum("up") + 2, sum("down"));
    // The score of a text with labels is that of each text for its own.
    EXPECT_NEAR(model.score(text).nats, 60 * sum("up"), 60 * 0.2);
  }
}

/// ln P of the first character of a document of a label.
double first(const LanguageModel& model, std::string_view character, std::string_view label) {
  return model.score_tokens(character, label).log_probabilities.front();
}

TEST(Labels, LeadAwayFromEachOther) {
  const TemporaryFolder folder;
  std::string rows = "label,text\n";
  for (int i = 0; i < 12; ++i)
    rows +=
        std::string("up,abc\ndown,cba\naside,bac\n") + (i % 3 == 0 ? "up,cab\ndown,acb\naside,cab\n" : "");
  const Dataset text = lm::read_text({written(folder, "a.csv", rows)}, {.text = "text", .label = "label"});
  LanguageOptions options = small_options(0);
  options.training.epochs = 2;
  const LanguageModel model = LanguageModel::train(text, {}, options);
  for (const float guidance : {0.0F, 0.5F, 2.0F}) {
    SCOPED_TRACE(guidance);
    const std::vector<Generated> all =
        model.generate("", {.length = 1, .samples = 3, .beam = 5, .label = "up", .guidance = guidance});
    const auto guided = [&](const std::string& character) {
      const double others = (first(model, character, "down") + first(model, character, "aside")) / 2;
      return first(model, character, "up") + guidance * (first(model, character, "up") - others);
    };
    for (std::size_t i = 1; i < all.size(); ++i)
      EXPECT_NEAR(all[0].log_probabilities[0] - all[i].log_probabilities[0],
                  guided(all[0].text) - guided(all[i].text), 1e-4);
    // Drawn texts are of the same numbers, several side by side as each alone.
    const GenerateOptions draws = {.length = 4, .samples = 4, .label = "up", .guidance = guidance};
    const std::vector<Generated> drawn = model.generate("b", draws);
    GenerateOptions alone = draws;
    alone.samples = 1;
    EXPECT_EQ(model.generate("b", alone).front().log_probabilities, drawn.front().log_probabilities);
    EXPECT_GT(all[0].log_probabilities[0], all[2].log_probabilities[0]);
  }
  expect_error(
      ErrorKind::option, [&] { model.generate("", {.guidance = 1}); }, "guidance", "--label");
  expect_error(
      ErrorKind::option, [&] { model.generate("", {.label = "up", .guidance = -1}); }, "guidance");
  const auto one = written(folder, "one.csv", "label,text\nup,abc\nup,cab\n");
  options.training.epochs = 1;
  const LanguageModel of_one =
      LanguageModel::train(lm::read_text({one}, {.text = "text", .label = "label"}), {}, options);
  expect_error(
      ErrorKind::option, [&] { of_one.generate("", {.label = "up", .guidance = 1}); }, "one label alone");
}

TEST(Labels, ThatAreNotKnownAreRefused) {
  const TemporaryFolder folder;
  const Dataset text = lm::read_text({written(folder, "a.csv", table())}, {.text = "text", .label = "label"});
  LanguageOptions options = small_options(0);
  options.training.epochs = 1;
  const LanguageModel model = LanguageModel::train(text, {}, options);
  expect_error(
      ErrorKind::option, [&] { model.generate("", {.label = "sideways"}); }, "down and up; got 'sideways'");
  const auto other = written(folder, "b.csv", "label,text\nleft,abc\n");
  expect_error(
      ErrorKind::data, [&] { model.score(lm::read_text({other}, {.text = "text", .label = "label"})); },
      "'left'", "down and up");
  const std::vector<std::string> plain = {"abc", "def"};
  const LanguageModel without = LanguageModel::train(lm::documents_of(plain), {}, options);
  expect_error(
      ErrorKind::option, [&] { without.generate("", {.label = "up"}); }, "trained without labels");
}

}  // namespace
}  // namespace rondo::test

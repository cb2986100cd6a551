// Language models from the command line: text in, text out, and the same bytes after kill -9.
#include <csignal>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

Words train_words(const std::string& text, const std::string& out, Words more = {}) {
  Words words = {"train", "lm", text, "--out", out, "--units", "16", "--embedding", "8", "--dropout", "0"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// A model of "abcabc...", trained once.
class LanguageProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // In memory where that is possible: checkpoints wait for the disk again and again.
    folder_ = new TemporaryFolder(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "");
    write(folder_->path() / "abc.txt", repeated("abc", 400) + "\n");
    const Outcome outcome =
        run_program(train_words("abc.txt", "abc.rondo",
                                {"--epochs", "30", "--learning-rate", "0.02", "--valid-share", "0",
                                 "--test-share", "0", "--batch-size", "4", "--chunk", "16"}),
                    "", folder_->path());
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static Outcome run(const Words& words, const std::string& input = {}) {
    return run_program(words, input, folder_->path());
  }
  static Outcome generate(const Words& more, const std::string& prompt = "a") {
    Words words = {"generate", "abc.rondo", "--prompt", prompt, "--temperature", "0"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  static std::filesystem::path file(const std::string& name) { return folder_->path() / name; }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(LanguageProgram, AnEvaluationAdaptsWhereAsked) {
  write(file("bca.txt"), repeated("abbc", 60) + "\n");
  const auto perplexity = [&](const Words& more) {
    Words words = {"eval", "abc.rondo", "bca.txt", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return parse_json(outcome.out, {.name = "scores"})["perplexity"].get<double>();
  };
  const double plain = perplexity({});
  EXPECT_LT(perplexity({"--cache", "50"}), plain);
  EXPECT_LT(perplexity({"--dynamic-rate", "0.5"}), plain);
  EXPECT_EQ(perplexity({"--cache", "0"}), plain);
  const Outcome wrong = run({"eval", "abc.rondo", "bca.txt", "--cache-weight", "2"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--cache-weight"));
}

TEST_F(LanguageProgram, TheReportShowsWhatSurprisedIt) {
  write(file("abx.txt"), repeated("abc", 200) + "x" + repeated("abc", 20) + "\n");
  const Outcome outcome = run(train_words("abx.txt", "abx.rondo", {"--epochs", "1", "--test-share", "0.2"}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const std::string report = read_bytes(file("abx.rondo.run") / "report.html");
  EXPECT_THAT(report, HasSubstr("<h2>Surprise</h2>"));
  EXPECT_THAT(report, HasSubstr("class=\"marked\""));
  EXPECT_THAT(report, HasSubstr("Least and most expected places"));
  EXPECT_THAT(report, HasSubstr("<h2>Samples</h2>"));
}

TEST_F(LanguageProgram, WritesTheLikeliestAtTemperatureZeroWhateverTheSeed) {
  EXPECT_EQ(generate({"--length", "5", "--seed", "1"}).out, "abcabc\n");
  EXPECT_EQ(generate({"--length", "5", "--seed", "2", "--top-k", "1"}).out, "abcabc\n");
  EXPECT_EQ(generate({"--length", "5", "--temperature", "1e-30"}).out, "abcabc\n");
  EXPECT_EQ(generate({"--length", "5", "--beam", "2"}).out, "abcabc\n");
}

TEST_F(LanguageProgram, StopsBeforeWhicheverStopEndsFirst) {
  const Words cab = {"--length", "30", "--stop", "cab"};
  EXPECT_EQ(generate(cab).out, "ab\n");
  EXPECT_EQ(generate({"--length", "30", "--stop", "cab", "--stream"}).out, "ab\n");
  EXPECT_EQ(generate({"--length", "30", "--stop", "abX"}).out.size(), 32U);
  EXPECT_EQ(generate({"--length", "30", "--stop", "ca", "--stop", "ab"}).out, "ab\n");
  EXPECT_EQ(generate({"--length", "30", "--stop", "ab", "--stop", "ca"}).out, "ab\n");
  EXPECT_EQ(generate({"--length", "4", "--stop", ","}).out, "abcab\n") << "a comma is a text";
  EXPECT_EQ(generate({"--length", "4", "--stop", "cabX"}, "cab").out, "cabcabc\n");
}

TEST_F(LanguageProgram, NamesUnknownCharactersOfAPromptAndLeavesThemInPlace) {
  const Outcome outcome = generate({"--length", "3"}, "Zoë 北a");
  EXPECT_EQ(outcome.out.substr(0, 9), "Zoë 北a") << outcome.out;
  EXPECT_THAT(outcome.err, HasSubstr("not seen in training, and read as unknown: 'Z', 'o', 'ë', ' ', '北'"));
  EXPECT_EQ(run({"generate", "abc.rondo", "--length", "4", "--temperature", "0"}, "").out.size(), 5U);
}

TEST_F(LanguageProgram, RefusesBadOptionsInOneLine) {
  const std::vector<std::pair<Words, std::string>> table = {
      {{"--temperature", "-1"}, "--temperature"},
      {{"--temperature", "nan"}, "--temperature"},
      {{"--stop", ""}, "stop must not be empty"},
      {{"--repetition-penalty", "0"}, "--repetition-penalty"},
      {{"--top-p", "2"}, "--top-p"},
      {{"--length", "-1"}, "--length"},
      {{"--length", "0"}, "length must be above 0"},
      {{"--form", "5y4"}, "'5y4'"},
      {{"--acrostic", "ab"}, "need a form"},
      {{"--form", "3x2", "--first-line", "ab"}, "wants 3 characters, got 2"},
      {{"--form", "3x2", "--acrostic", "xy"}, "has not seen 'x'"},
      {{"--form", "3x2", "--distinct"}, "no token of the model fits at line 2, character 1"},
      {{"--samples", "3", "--beam", "2"}, "make it wider"},
      {{"--samples", "2", "--stream"}, "--stream"}};
  for (const auto& [words, message] : table) {
    const Outcome outcome = generate(words);
    EXPECT_EQ(outcome.status, 2) << message;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(LanguageProgram, ScoresEachLineAloneToTheLastBit) {
  const Outcome outcome = run({"predict", "abc.rondo", "--json"}, "abcab\nabcab\n\nabcab\n");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  Words lines;
  for (std::size_t at = 0; at < outcome.out.size();) {
    const std::size_t end = outcome.out.find('\n', at);
    lines.push_back(outcome.out.substr(at, end - at));
    at = end + 1;
  }
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], lines[1]);
  EXPECT_EQ(lines[0], lines[3]);
  const Json first = parse_json(lines[0], {.name = "answer"});
  EXPECT_EQ(first["tokens"].size(), 5U);
  EXPECT_EQ(first["logprobs"].size(), 5U);
}

TEST_F(LanguageProgram, CountsEveryCharacterOfAText) {
  write(file("prime.txt"), "abcabcabcabcabcabcabcab");
  const Json scores = parse_json(run({"eval", "abc.rondo", "prime.txt", "--json"}).out, {.name = "scores"});
  EXPECT_EQ(scores["tokens"], 23);
  EXPECT_EQ(scores["characters"], 23);
  EXPECT_EQ(scores["unknown_tokens"], 0);
  write(file("other.txt"), "a bé北\n");
  const Json other = parse_json(run({"eval", "abc.rondo", "other.txt", "--json"}).out, {.name = "scores"});
  EXPECT_EQ(other["tokens"], 6);
  EXPECT_EQ(other["unknown_tokens"], 3) << "blank, é, 北";
}

TEST_F(LanguageProgram, LeavesOutAPerplexityThatIsNoNumber) {
  write(file("bbb.txt"), std::string(1'000, 'b'));
  const Json scores = parse_json(run({"eval", "abc.rondo", "bbb.txt", "--json"}).out, {.name = "scores"});
  EXPECT_EQ(scores["words"], 1);
  EXPECT_GT(scores["bits_per_character"], 1.5) << "a word: more than e to the power of 1 000";
  EXPECT_FALSE(scores.contains("word_perplexity"));
}

TEST_F(LanguageProgram, RefusesTextThatIsNone) {
  write(file("empty.txt"), "");
  write(file("mac.txt"), "one\rtwo\rthree\r");
  write(file("bytes.txt"), "fine\n\xFF\n");
  const std::vector<std::pair<std::string, std::string>> table = {
      {"empty.txt", "no text in empty.txt"}, {"mac.txt", "2 CR"}, {"bytes.txt", "bytes.txt line 2"}};
  for (const auto& [name, message] : table) {
    const Outcome outcome = run(train_words(name, "none.rondo"));
    EXPECT_EQ(outcome.status, 2) << name;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(file("none.rondo")));
  }
}

TEST_F(LanguageProgram, SaysThatDosLineEndsAreNoText) {
  write(file("dos.txt"), repeated("one two\r\n", 20));
  write(file("unix.txt"), repeated("one two\n", 20));
  const Words dry = {"--dry-run", "--valid-share", "0", "--test-share", "0"};
  const Outcome dos = run(train_words("dos.txt", "none.rondo", dry)),
                unix = run(train_words("unix.txt", "none.rondo", dry));
  EXPECT_THAT(dos.err, HasSubstr("dos.txt: CR LF at the ends of lines is read as LF"));
  EXPECT_THAT(unix.err, testing::Not(HasSubstr("CR LF")));
  for (const Outcome& outcome : {dos, unix})
    EXPECT_THAT(outcome.err, HasSubstr("for 160 characters of text"));
}

TEST_F(LanguageProgram, LearnsFromTwelveCharacters) {
  write(file("short.txt"), "hello world\n");
  const Outcome outcome = run(
      train_words("short.txt", "short.rondo", {"--epochs", "2", "--valid-share", "0", "--test-share", "0"}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(parse_json(run({"eval", "short.rondo", "short.txt", "--json"}).out, {.name = "scores"})["tokens"],
            12);
}

/// Kills a training run as soon as it has a checkpoint that lies within an epoch.
TEST_F(LanguageProgram, EndsInTheSameBytesWhenKilledWithinAnEpoch) {
  write(file("long.txt"), repeated("the quick brown fox jumps over the lazy dog\n", 1'500));
  const auto words = [](const std::string& out, const std::string& threads) {
    return train_words("long.txt", out,
                       {"--epochs", "1", "--batch-size", "4", "--dropout", "0.2", "--threads", threads,
                        "--checkpoint-seconds", "0.05", "--valid-share", "0", "--test-share", "0"});
  };
  ASSERT_EQ(run(words("whole.rondo", "1")).status, 0);
  const std::string whole = read_bytes(file("whole.rondo"));
  int killed = 0;
  for (int round = 0; round < 2; ++round) {
    const std::string out = "killed" + std::to_string(round) + ".rondo";
    {
      RunningProgram program(words(out, "2"), file("."));
      const auto begun = [&] {
        std::error_code error;
        return !std::filesystem::is_empty(file(out + ".run") / "checkpoints", error) && !error;
      };
      while (!begun() && !program.ends_within(std::chrono::milliseconds(5))) {
      }
      if (!program.ends_within(std::chrono::milliseconds(40 * round))) {
        program.send(SIGKILL);
        killed += program.wait() == 128 + SIGKILL ? 1 : 0;
      }
    }
    Words resumed = words(out, "1");
    resumed.emplace_back("--resume");
    ASSERT_EQ(run(resumed).status, 0);
    EXPECT_TRUE(read_bytes(file(out)) == whole) << round;
  }
  EXPECT_GT(killed, 0) << "every run ended before it could be killed";
}

}  // namespace
}  // namespace rondo::test

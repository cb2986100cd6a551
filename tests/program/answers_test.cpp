// Answers to what trips people: lines from pipes, odd labels and names, models that changed.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/safetensors.h"
#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
namespace fs = std::filesystem;

Json parse(const std::string& text) {
  return parse_json(text, {.name = "output"});
}

class Answers : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    write(path() / "reviews.tsv", reviews_tsv());
    trained_ = run(small({"train", "classify", "reviews.tsv", "--out", "m.rondo"})).status;
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override { ASSERT_EQ(trained_, 0); }
  static fs::path path() { return folder_->path(); }
  static Outcome run(const std::vector<std::string>& words, const std::string& input = {}) {
    return run_program(words, input, path());
  }

  static TemporaryFolder* folder_;
  static int trained_;
};
TemporaryFolder* Answers::folder_ = nullptr;
int Answers::trained_ = -1;

TEST_F(Answers, AreTheSameForManyLinesAndForOne) {
  std::string lines;
  for (int i = 0; i < 1000; ++i)
    lines += i % 3 == 0 ? "a lovely film\n" : "it was boring " + std::to_string(i) + "\n";
  const Outcome many = run({"predict", "m.rondo"}, lines);
  ASSERT_EQ(many.status, 0) << many.err;
  EXPECT_EQ(std::count(many.out.begin(), many.out.end(), '\n'), 1000);
  const std::string alone = run({"predict", "m.rondo", "a lovely film"}).out;
  EXPECT_THAT(many.out, StartsWith(alone));
  EXPECT_THAT(many.out, HasSubstr("\n" + alone));
}

/// The program between two pipes.
struct Piped {
  Piped(const fs::path& folder, const std::string& model) {
    int in[2], out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) return;
    process = ::fork();
    if (process == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int file : {in[0], in[1], out[0], out[1]})
        ::close(file);
      if (::chdir(folder.c_str()) == 0)
        ::execl(RONDO_PROGRAM, "rondo", "predict", model.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to = in[1];
    from = out[0];
  }
  ~Piped() {
    ::close(to);
    ::close(from);
    ::waitpid(process, nullptr, 0);
  }
  std::string ask(const std::string& line) const {
    std::string answer;
    char c = 0;
    if (::write(to, line.data(), line.size()) < 0) return answer;
    while (::read(from, &c, 1) == 1 && c != '\n')
      answer += c;
    return answer;
  }
  int to = -1, from = -1;
  pid_t process = -1;
};

TEST_F(Answers, ComeLineByLineToWhoWaitsForThem) {
  const Piped program(path(), "m.rondo");
  EXPECT_THAT(program.ask("a lovely film\n"), StartsWith("positive\t"));
  EXPECT_THAT(program.ask("it was boring\n"), StartsWith("negative\t"));
}

TEST_F(Answers, BadLinesStopThemOrAreMarked) {
  const std::string lines = "a lovely film\n\xc4\xe3\xba\xc3\nit was boring\n";
  const Outcome stopped = run({"predict", "m.rondo"}, lines);
  EXPECT_EQ(stopped.status, 2);
  EXPECT_THAT(stopped.out, StartsWith("positive\t")) << "what came before is answered";
  EXPECT_EQ(std::count(stopped.out.begin(), stopped.out.end(), '\n'), 1);
  EXPECT_THAT(stopped.err, HasSubstr("standard input line 2"));
  EXPECT_THAT(stopped.err, HasSubstr("--on-error skip"));
  const Outcome skipped = run({"predict", "m.rondo", "--on-error", "skip"}, lines);
  EXPECT_EQ(skipped.status, 0) << skipped.err;
  EXPECT_THAT(skipped.out, HasSubstr("\nerror\tdata: standard input line 2"));
  EXPECT_THAT(skipped.out, HasSubstr("\nnegative\t"));
  EXPECT_THAT(skipped.err, HasSubstr("1 lines are not UTF-8 and have no answer"));
  const Outcome json = run({"predict", "m.rondo", "--on-error", "skip", "--json"}, lines);
  EXPECT_THAT(json.out, HasSubstr("\n{\"error\":\"data: standard input line 2"));
}

/// The exit status of `rondo WORDS < FOLDER`, and what it says.
Outcome from_folder(const fs::path& folder, const std::string& words) {
  const std::string command = "cd '" + folder.string() + "' && '" RONDO_PROGRAM "' " + words +
                              " < . > from.out 2> from.err; echo $? > from.status";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return {std::stoi(read_bytes(folder / "from.status")), read_bytes(folder / "from.out"),
          read_bytes(folder / "from.err")};
}

TEST_F(Answers, AFolderIsNoInput) {
  write(path() / "words.txt", "the film was long\nit was great\nthe cast was dull\nevery scene was long\n");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"train", "lm", "words.txt", "--out", "lm.rondo"},
        {"train", "tag", "words.txt", "--out", "seg.rondo"}}) {
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.end(), {"--epochs", "1", "--units", "8"});
    const Outcome training = run(arguments);
    ASSERT_EQ(training.status, 0) << training.err;
  }
  for (const char* words :
       {"predict m.rondo", "predict seg.rondo", "segment seg.rondo", "tag seg.rondo", "predict lm.rondo"}) {
    SCOPED_TRACE(words);
    const Outcome outcome = from_folder(path(), words);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr("cannot read standard input: Is a directory"));
  }
}

TEST_F(Answers, TextsOfUnknownLabelsAreCounted) {
  write(path() / "more.tsv", reviews_tsv(10) + "odd\tan odd film\nodd\tanother\nstrange\ta third\n");
  const Outcome outcome = run({"eval", "m.rondo", "more.tsv", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err,
              HasSubstr("3 rows counted, not scored: a label unknown to the model, such as 'odd'"));
  const Json json = parse(outcome.out);
  EXPECT_EQ(json["unknown"], 3);
  EXPECT_EQ(json["examples"], 10);
  EXPECT_EQ(run({"gradcheck", "m.rondo", "more.tsv", "--examples", "2", "--elements", "1"}).status, 0);
  write(path() / "none.tsv", "odd\tan odd film\nstrange\ta third\n");
  const Outcome none = run({"eval", "m.rondo", "none.tsv"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("no example; 2 rows have a label unknown to the model"));
}

TEST_F(Answers, AreWrittenAsFastTextDoes) {
  const Outcome outcome = run({"predict", "m.rondo", "--output", "fasttext", "--top", "2", "it was lovely"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              testing::MatchesRegex("__label__positive 0\\.[0-9]+ __label__negative 0\\.[0-9]+\n"));
  const Outcome wrong = run({"predict", "m.rondo", "--output", "csv", "it was lovely"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("tsv or fasttext"));
  std::string rows;
  for (int i = 0; i < 40; ++i)
    rows += (i % 2 == 0 ? "very good\tone " : "very bad\ttwo ") + std::to_string(i) + "\n";
  write(path() / "blanks.tsv", rows);
  ASSERT_EQ(run(small({"train", "classify", "blanks.tsv", "--out", "b.rondo"})).status, 0);
  EXPECT_THAT(run({"predict", "b.rondo", "--output", "fasttext", "one"}).out, StartsWith("__label__very_"));
}

TEST_F(Answers, ControlCharactersOfLabelsDoNotReachTheTerminal) {
  std::string rows = "label,text\n";
  for (int i = 0; i < 60; ++i)
    rows += i % 2 == 0 ? "\"a\tb\nc\",one " + std::to_string(i) + "\n"
                       : "\"\x1b[31mred\",two " + std::to_string(i) + "\n";
  write(path() / "labels.csv", rows);
  const Outcome training = run(small({"train", "classify", "labels.csv", "--out", "l.rondo"}));
  ASSERT_EQ(training.status, 0) << training.err;
  for (const Outcome& outcome : {training, run({"predict", "l.rondo", "one 2", "two 3"}),
                                 run({"eval", "l.rondo", "labels.csv"}), run({"inspect", "l.rondo"})}) {
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("\x1b")));
    EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("a\tb")));
  }
  EXPECT_EQ(std::count_if(training.out.begin(), training.out.end(), [](char c) { return c == '\t'; }), 0);
  const std::string answers = run({"predict", "l.rondo", "one 2", "two 3"}).out;
  EXPECT_EQ(std::count(answers.begin(), answers.end(), '\n'), 2) << answers;
}

TEST_F(Answers, ANameThatIsNotUtf8IsAName) {
  const std::string name = "m\xff.rondo";
  fs::copy_file(path() / "m.rondo", path() / name);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"inspect", "--json", name},
                                                {"inspect", name},
                                                {"quantize", name, "--out", "q\xff.rondo", "--json"},
                                                {"predict", name, "a lovely film"}}) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 0) << words.front() << outcome.err;
  }
  EXPECT_NO_THROW(parse(run({"inspect", "--json", name}).out));
  const Outcome training =
      run(small({"train", "classify", "reviews.tsv", "--out", "n\xff.rondo", "--init", name}));
  EXPECT_EQ(training.status, 0) << training.err;
}

TEST_F(Answers, InitMatchesClassesByName) {
  std::string renamed = reviews_tsv();
  for (std::size_t at = 0; (at = renamed.find("positive\t", at)) != std::string::npos;)
    renamed.replace(at, 8, "a good one");
  write(path() / "renamed.tsv", renamed);
  // 'negative' was the first class and is the second now.
  const Outcome outcome =
      run({"train", "classify", "renamed.tsv", "--out", "i.rondo", "--init", "m.rondo", "--embedding", "8",
           "--units", "8", "--epochs", "1", "--learning-rate", "1e-9"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("init: new classes, which begin without weights: 'a good one'"));
  const auto weights = [&](const std::string& file) {
    const safetensors::Reader reader(path() / file);
    for (const safetensors::Entry& entry : reader.entries())
      if (entry.shape.size() == 2 && entry.shape[0] == 2) {
        std::vector<float> values(static_cast<std::size_t>(entry.shape[0] * entry.shape[1]));
        reader.read(entry, std::span(values));
        return values;
      }
    return std::vector<float>();
  };
  const std::vector<float> before = weights("m.rondo"), after = weights("i.rondo");
  ASSERT_EQ(before.size(), after.size());
  ASSERT_GT(before.size(), 0u);
  for (std::size_t i = 0; i < before.size() / 2; ++i)
    EXPECT_NEAR(before[i], after[i + before.size() / 2], 1e-4) << i;
}

/// Changes a byte in the middle of the weights.
std::string damaged(const fs::path& from, const fs::path& to) {
  std::string bytes = read_bytes(from);
  const safetensors::Reader reader(from);
  const safetensors::Entry& entry = reader.entries().front();
  const std::size_t weights = bytes.size() - reader.entries().back().end;
  char& byte = bytes[weights + entry.begin + 5];
  byte = static_cast<char>(byte ^ 1);
  write(to, bytes);
  return entry.name;
}

TEST_F(Answers, ADamagedWeightIsNamedBeforeAnyAnswer) {
  const std::string tensor = damaged(path() / "m.rondo", path() / "damaged.rondo");
  const Outcome predicted = run({"predict", "damaged.rondo", "a lovely film"});
  EXPECT_EQ(predicted.status, 2);
  EXPECT_EQ(predicted.out, "");
  EXPECT_THAT(predicted.err, HasSubstr("damaged.rondo: tensor '" + tensor + "' is damaged"));
  const Outcome verified = run({"inspect", "damaged.rondo", "--verify"});
  EXPECT_EQ(verified.status, 2);
  EXPECT_THAT(verified.err, HasSubstr("damaged are 1 of "));
  EXPECT_THAT(verified.err, HasSubstr("tensors: '" + tensor + "'"));
  const Outcome whole = run({"inspect", "m.rondo", "--verify"});
  EXPECT_EQ(whole.status, 0) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("each has its checksum, all numbers are finite"));
  const Json json = parse(run({"inspect", "m.rondo", "--verify", "--json"}).out);
  EXPECT_EQ(json["verified"]["checksums"], true);
}

// The fault is found within std::call_once, which an exception leaves through the C library.
TEST_F(Answers, ADamagedVocabularyIsRefused) {
  const std::string file = RONDO_TEST_DATA "/fuzz/corpus/model_file/format_5_changed";
  const Outcome outcome = run({"export", "embeddings", file, "--out", "vectors.txt"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("vocabulary: token 10 is empty"));
}

TEST_F(Answers, QuantizeToALargerTypeIsExplained) {
  ASSERT_EQ(run({"quantize", "m.rondo", "--out", "int8.rondo"}).status, 0);
  const Outcome outcome = run({"quantize", "int8.rondo", "--out", "f32.rondo", "--weights", "f32"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("in f32 the file is larger, and the numbers stay as they were rounded"));
  EXPECT_THAT(run({"quantize", "m.rondo", "--out", "-"}).err, HasSubstr("--out '-' is not a file"));
  EXPECT_THAT(run({"export", "embeddings", "m.rondo", "--out", "-"}).err,
              HasSubstr("--out '-' is not a file"));
}

TEST_F(Answers, OfAThousandClassesAreShort) {
  std::string rows;
  for (int i = 0; i < 3000; ++i)
    rows += "class" + std::to_string(i % 1000) + "\tword" + std::to_string(i % 1000) + " number " +
            std::to_string(i) + "\n";
  write(path() / "many.tsv", rows);
  const Outcome training = run({"train", "classify", "many.tsv", "--out", "many.rondo", "--embedding", "4",
                                "--units", "4", "--epochs", "1", "--test", "many.tsv"});
  ASSERT_EQ(training.status, 0) << training.err;
  EXPECT_LT(fs::file_size(path() / "many.rondo.run" / "report.html"), 2'000'000u);
  const Outcome eval = run({"eval", "many.rondo", "many.tsv"});
  EXPECT_LT(std::count(eval.out.begin(), eval.out.end(), '\n'), 200);
  EXPECT_THAT(eval.out, HasSubstr("Each label, lowest F1 first"));
  EXPECT_THAT(eval.out, HasSubstr("Most confused pairs (30 / "));
  const std::string json = run({"eval", "many.rondo", "many.tsv", "--json"}).out;
  EXPECT_EQ(parse(json)["classes"].size(), 1000u);
  EXPECT_LT(json.size(), 400'000u);
}

}  // namespace
}  // namespace rondo::test

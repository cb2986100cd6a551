// What a slip of the keyboard, a missing word or a closed pipe leads to, and how the help reads.
#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Ends with status 2 and this one line.
void refuses(const std::vector<std::string>& arguments, const std::string& line) {
  const Outcome outcome = run_program(arguments);
  EXPECT_EQ(outcome.status, 2) << outcome.err;
  EXPECT_EQ(outcome.err, "rondo: usage: " + line + "\n");
  EXPECT_EQ(outcome.out, "");
}

TEST(Usage, UnknownOptionsComeWithTheNearest) {
  refuses({"train", "classify", "x.tsv", "--epoch", "3"}, "unknown option --epoch; did you mean --epochs?");
  refuses({"train", "classify", "x.tsv", "-epochs", "3"}, "unknown option -epochs; did you mean --epochs?");
  refuses({"train", "classify", "x.tsv", "--max_length=3"},
          "unknown option --max_length; did you mean --max-length?");
  refuses({"train", "classify", "x.tsv", "--learning-r", "3"},
          "unknown option --learning-r; did you mean --learning-rate?");
  refuses({"eval", "m.rondo", "x.tsv", "--wurst", "3"}, "unknown option --wurst; did you mean --worst?");
  refuses({"inspect", "m.rondo", "--epochs", "3"}, "unknown option --epochs; see 'rondo inspect --help'");
  refuses({"--verison"}, "unknown option --verison; did you mean --version?");
  refuses({"predict", "m.rondo", "-great"},
          "unknown option -great; see 'rondo predict --help' (put a text that begins with '-' after '--')");
}

TEST(Usage, HelpShowsNoTypesOfTheParserAndCountsFilesOnce) {
  const Outcome page = run_program({"help", "--man"});
  EXPECT_EQ(page.status, 0);
  for (const char* const type : {"INT:", "FLOAT", ":{", " in [", "...."})
    EXPECT_THAT(page.out, Not(HasSubstr(type)));
}

TEST(Usage, UnknownCommandsComeWithTheNearest) {
  refuses({"trian"}, "unknown command 'trian'; did you mean 'train'?");
  refuses({"train", "clasify", "x.tsv"}, "unknown command 'clasify'; did you mean 'classify'?");
  refuses({"classify", "x.tsv"}, "unknown command 'classify'; did you mean 'train classify'?");
  refuses({"help", "trian"}, "unknown command 'trian'; did you mean 'train'?");
  refuses({"export", "weights"}, "unknown command 'weights'; 'rondo export' has embeddings");
}

TEST(Usage, MissingAndSuperfluousWords) {
  refuses({"train", "classify", "x.tsv"},
          "--out FILE is missing: give the model file to write; see 'rondo train classify --help'");
  refuses(
      {"train", "classify", "--out", "m.rondo"},
      "DATA is missing: give the files of labelled text to learn from; see 'rondo train classify --help'");
  refuses({"train", "classify", "x.tsv", "--out"}, "--out needs a value: --out FILE");
  refuses({"predict"}, "MODEL is missing; usage: rondo predict [OPTIONS] MODEL [TEXT...]");
  refuses({"inspect", "a", "b"}, "unexpected argument 'b'; usage: rondo inspect [OPTIONS] MODEL");
}

TEST(Usage, NothingAskedForGivesTheHelp) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{}, {"train"}, {"export"}}) {
    const Outcome outcome = run_program(words);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, StartsWith("Usage: rondo"));
    EXPECT_THAT(outcome.err, HasSubstr("Commands:"));
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_THAT(run_program({"train"}).err, HasSubstr("classify"));
}

TEST(Usage, HelpReadsLikeAManual) {
  const Outcome outcome = run_program({"help", "train", "classify"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, run_program({"train", "classify", "--help"}).out);
  EXPECT_THAT(outcome.out, StartsWith("Usage: rondo train classify [OPTIONS] --out FILE DATA...\n"));
  for (const char* part : {"\nRequired:\n  --out FILE ", "\n  --dropout X ", "(0 to 0.99) [0.5]\n",
                           "\n  --[no-]lowercase ", "(lstm, gru, simple_rnn,", "\n  -h, --help "})
    EXPECT_THAT(outcome.out, HasSubstr(part));
  for (const char* ugly : {"REQUIRED", "FLOAT", " in [", "\n\n\n", "automatic", " \n"})
    EXPECT_THAT(outcome.out, Not(HasSubstr(ugly)));
  for (std::size_t at = 0, end = 0; (end = outcome.out.find('\n', at)) != std::string::npos; at = end + 1)
    EXPECT_LE(end - at, 80U) << outcome.out.substr(at, end - at);
}

TEST(Usage, TheManPageAndTheCompletionsHaveWhatTheHelpHas) {
  const std::string page = run_program({"help", "--man"}).out;
  EXPECT_THAT(page, StartsWith(".TH RONDO 1"));
  EXPECT_THAT(page, HasSubstr(".SS rondo train classify [OPTIONS] \\-\\-out FILE DATA..."));
  EXPECT_THAT(page, HasSubstr("(0 to 0.99) [0.5]"));
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_THAT(run_program({"help", "--completion", shell}).out, HasSubstr("no-lowercase")) << shell;
  EXPECT_EQ(run_program({"help", "--completion", "tcsh"}).err,
            "rondo: option: --completion must be bash, zsh or fish, got 'tcsh'\n");
}

// The reader is gone before the first byte.
TEST(Usage, AClosedPipeIsNoError) {
  const TemporaryFolder folder;
  const std::string err = (folder.path() / "err").string();
  const std::string command = "bash -c '(sleep 0.3; exec \"" + std::string(RONDO_PROGRAM) +
                              "\" help --man 2>\"" + err + "\") | :; exit ${PIPESTATUS[0]}'";
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 141);
  EXPECT_EQ(read_bytes(err), "");
}

}  // namespace
}  // namespace rondo::test

// Two applications that only this program knows, through every command: what an application gets for being in
// a list.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "program.h"
#include "support/temporary_folder.h"
#include "tasks/apps/copy_app.h"
#include "tasks/apps/length_app.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

/// Learns, and cannot be tried.
struct Untried : Length {
  static Evaluation evaluate(const Typed&, const Dataset&, int) {
    fail(ErrorKind::data, "test.txt: no such class");
  }
};

const std::vector<TaskKind>& both() {
  static const std::vector<TaskKind> kinds = {kind_of<Length>(), kind_of<Copy>()};
  return kinds;
}

struct Outcome {
  int status = -1;
  std::string out, err;
};

Outcome run(const Words& arguments, const std::vector<TaskKind>& kinds = both()) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.status = program::run(arguments, kinds);
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

Json json_of(const Outcome& outcome) {
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return parse_json(outcome.out, {.name = "output"});
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Lists of one to six letters.
void write_lines(const std::filesystem::path& file, int count) {
  std::ofstream out(file);
  unsigned state = 7;
  const auto below = [&](unsigned n) { return (state = state * 1664525U + 1013904223U) / 65536U % n; };
  for (int i = 0; i < count; ++i) {
    std::string line;
    for (unsigned length = 1 + below(6), k = 0; k < length; ++k)
      line += (k == 0 ? "" : " ") + std::string(1, static_cast<char>('a' + below(4)));
    out << line << "\n";
  }
}

/// In memory where that is possible: checkpoints wait for the disk again and again.
class Apps : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "");
    write_lines(at("lines.txt"), 400);
    for (const std::string& app : {std::string("length"), std::string("copy")})
      trained_[app] = run(training(app, app + ".rondo", {"--json"}));
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::string at(const std::string& name) { return (folder_->path() / name).string(); }
  static Words training(const std::string& app, const std::string& out, const Words& more = {}) {
    Words words = {"train",        app,  at("lines.txt"), "--out", at(out), "--epochs", "40",
                   "--batch-size", "16", "--patience",    "0"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string model() const { return at(GetParam() + ".rondo"); }

  static TemporaryFolder* folder_;
  static std::map<std::string, Outcome> trained_;
};
TemporaryFolder* Apps::folder_ = nullptr;
std::map<std::string, Outcome> Apps::trained_;

TEST_P(Apps, TrainSaysHowWell) {
  const Json scores = json_of(trained_[GetParam()]);
  EXPECT_NEAR(scores["examples"].get<double>(), 40, 5);
  EXPECT_EQ(scores["model"], model());
  EXPECT_TRUE(std::filesystem::exists(model()));
}

TEST(Training, KeepsAModelThatCannotBeTried) {
  const TemporaryFolder folder;
  write_lines(folder / "lines.txt", 60);
  const std::string out = (folder / "m.rondo").string();
  const Outcome outcome =
      run({"train", "length", (folder / "lines.txt").string(), "--out", out, "--epochs", "1"},
          {kind_of<Untried>()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("test.txt: no such class"));
  EXPECT_THAT(outcome.err, HasSubstr("the model is in " + out));
  EXPECT_TRUE(std::filesystem::exists(out));
}

TEST(Reading, OfLaterFilesIsThatOfTheFirst) {
  const TemporaryFolder folder;
  const std::string lines = (folder / "lines.txt").string(), out = (folder / "m.rondo").string();
  write_lines(lines, 200);
  ASSERT_EQ(run({"train", "length", lines, "--words", "2", "--out", out, "--epochs", "20"}).status, 0);
  const auto accuracy = [&](const Words& more) {
    Words words = {"eval", out, lines, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return json_of(run(words))["accuracy"].get<double>();
  };
  EXPECT_GT(accuracy({}), 0.8);
  EXPECT_EQ(accuracy({}), accuracy({"--words", "5"}));
}

TEST_P(Apps, DryRunShowsOptionsAndWritesNothing) {
  const Outcome plan = run(training(GetParam(), "dry.rondo", {"--dry-run"}));
  ASSERT_EQ(plan.status, 0) << plan.err;
  EXPECT_THAT(plan.out, HasSubstr("batch_size"));
  EXPECT_THAT(plan.out, HasSubstr("learning_rate"));
  EXPECT_THAT(plan.out, HasSubstr(GetParam() == "copy" ? " lists and write" : " texts and write"));
  EXPECT_FALSE(std::filesystem::exists(at("dry.rondo.run")));
}

TEST_P(Apps, EvalGivesItsScores) {
  const Json json = json_of(run({"eval", model(), at("lines.txt"), "--json"}));
  EXPECT_EQ(json["examples"], 400);
  EXPECT_GE(json[GetParam() == "copy" ? "exact" : "accuracy"].get<double>(), 0.7);
  EXPECT_THAT(run({"eval", model(), at("lines.txt")}).out, HasSubstr("(400 "));
}

TEST_P(Apps, PredictAndItsVerbSayTheSame) {
  const std::string verb = GetParam() == "copy" ? "repeat" : "measure";
  const Outcome predicted = run({"predict", model(), "a b c", "e d c b a a b c"});
  ASSERT_EQ(predicted.status, 0) << predicted.err;
  EXPECT_EQ(std::count(predicted.out.begin(), predicted.out.end(), '\n'), 2);
  EXPECT_EQ(run({verb, model(), "a b c", "e d c b a a b c"}).out, predicted.out);
  json_of(run({verb, model(), "--json", "a b c"}));
}

TEST_P(Apps, InspectShowsWhatIsInside) {
  const Outcome text = run({"inspect", model()});
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("made by    rondo train " + GetParam()));
  EXPECT_EQ(text.out.find("vocabulary") != std::string::npos, GetParam() == "length") << "its own facts";
  EXPECT_THAT(text.out, HasSubstr("weight_hh_l0"));
  EXPECT_EQ(json_of(run({"inspect", model(), "--json"}))["application"], GetParam());
}

TEST_P(Apps, GradcheckFindsTheGradientsRight) {
  const Outcome outcome = run({"gradcheck", model(), at("lines.txt"), "--examples", "3", "--elements", "3"});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
}

TEST_P(Apps, QuantizeMakesASmallerFileThatSaysNearlyTheSame) {
  const std::string small = at(GetParam() + "-small.rondo");
  const Json json = json_of(run({"quantize", model(), at("lines.txt"), "--out", small, "--json"}));
  EXPECT_LT(json["after"]["bytes"], json["before"]["bytes"]);
  EXPECT_EQ(json["after"]["weights"], "int8");
  EXPECT_EQ(run({"predict", small, "a b c"}).status, 0);
}

TEST_P(Apps, LeavesAReport) {
  const std::string report = bytes_of(model() + ".run/report.html");
  EXPECT_THAT(report, HasSubstr("<svg"));
  EXPECT_THAT(report, HasSubstr("learning_rate"));
}

TEST_P(Apps, ResumesAfterAKillInTheSameBytes) {
  const std::string whole = bytes_of(model());
  for (const int milliseconds : {20, 60, 120}) {
    const std::string out = GetParam() + "-killed" + std::to_string(milliseconds) + ".rondo";
    const pid_t child = fork();
    if (child == 0) {
      std::freopen("/dev/null", "w", stderr);
      std::freopen("/dev/null", "w", stdout);
      program::run(training(GetParam(), out, {"--checkpoint-seconds", "0.01"}), both());
      _exit(0);
    }
    usleep(static_cast<useconds_t>(milliseconds) * 1000);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(run(training(GetParam(), out, {"--resume", "--threads", "1"})).status, 0);
    EXPECT_TRUE(bytes_of(at(out)) == whole) << milliseconds;
  }
}

TEST_P(Apps, TwoTrainingsDoNotShareAFolder) {
  const FolderLock other(at("locked.rondo.run"));
  const Outcome outcome = run(training(GetParam(), "locked.rondo"));
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("in use by process"));
}

TEST_P(Apps, RefusesOptionsOfTheOtherOne) {
  const Outcome outcome = run({"predict", at("copy.rondo"), "--sure", "a b"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--sure does not apply to a model of 'copy'"));
  EXPECT_EQ(run({"measure", at("copy.rondo"), "a"}).status, 2);
}

TEST_P(Apps, OptionsComeFromAConfigurationToo) {
  std::ofstream(at("c.toml")) << "momentum = 0.5\noptimizer = \"sgd\"\nbatch_size = 3\n";
  const Json plan = json_of(run(training(
      GetParam(), "c.rondo", {"--config", at("c.toml"), "--batch-size", "5", "--dry-run", "--json"})));
  EXPECT_EQ(plan["batch_size"], 5);
  EXPECT_EQ(plan["optimizer"]["type"], "sgd");
  EXPECT_EQ(plan["optimizer"]["momentum"], 0.5);
}

TEST_P(Apps, MonitorsItsOwnScores) {
  const Outcome refused = run(training(GetParam(), "x.rondo", {"--monitor", "val_f2"}));
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("--monitor must be"));
}

INSTANTIATE_TEST_SUITE_P(Each, Apps, testing::Values("length", "copy"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace rondo::test

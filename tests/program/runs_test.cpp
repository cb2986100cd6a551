// The run folder: two runs at once, runs that did not end, and what is kept of them.
#include <algorithm>
#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class Runs : public testing::Test {
 protected:
  Runs() { write(folder_ / "data.tsv", reviews_tsv(2000)); }

  static std::vector<std::string> words(const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {
        "train",   "classify", "data.tsv",     "--out", "m.rondo",    "--embedding", "8",
        "--units", "8",        "--batch-size", "8",     "--patience", "0",           "--checkpoint-seconds",
        "0.02"};
    if (std::find(more.begin(), more.end(), "--epochs") == more.end())
      all.insert(all.end(), {"--epochs", "5"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Outcome run(const std::vector<std::string>& more = {}) {
    return run_program(words(more), "", folder_.path());
  }
  bool waits_for_checkpoint(RunningProgram& program) const {
    const fs::path checkpoints = folder_ / "m.rondo.run" / "checkpoints";
    for (int i = 0; i < 2000; ++i) {
      if (fs::exists(checkpoints / "000001") || fs::exists(checkpoints / "000002")) return true;
      if (program.ends_within(std::chrono::milliseconds(1))) return false;
    }
    return false;
  }
  /// Leaves a run with a checkpoint and without an end.
  void crash() {
    RunningProgram program(words({"--epochs", "50"}), folder_.path());
    ASSERT_TRUE(waits_for_checkpoint(program));
    program.send(SIGKILL);
    EXPECT_EQ(program.wait(), 128 + SIGKILL);
  }

  /// In memory where that is possible: checkpoints wait for the disk again and again.
  TemporaryFolder folder_{fs::exists("/dev/shm") ? "/dev/shm" : ""};
};

TEST_F(Runs, AnUnfinishedRunIsNotReplacedWithoutAWord) {
  crash();
  const fs::path mine = folder_ / "m.rondo.run" / "checkpoints" / "20240101";
  fs::create_directories(mine);
  write(mine / "thesis.txt", "mine");
  const Outcome asked = run();
  EXPECT_EQ(asked.status, 2);
  EXPECT_THAT(asked.err, HasSubstr("m.rondo.run holds an unfinished run: give --resume to continue it, or "
                                   "--restart to train anew in its place\n"));
  EXPECT_EQ(run({"--resume", "--restart"}).status, 2);
  const Outcome restarted = run({"--restart", "--epochs", "1"});
  EXPECT_EQ(restarted.status, 0) << restarted.err;
  EXPECT_EQ(read_bytes(mine / "thesis.txt"), "mine");
  EXPECT_EQ(run({"--epochs", "1"}).status, 0) << "a run that ended is no longer in the way";
}

TEST_F(Runs, NothingToResumeIsSaid) {
  const Outcome outcome = run({"--resume", "--epochs", "1"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("there is nothing to resume in m.rondo.run/checkpoints"));
}

TEST_F(Runs, ADamagedCheckpointIsSaidAndPassedOver) {
  ASSERT_EQ(run().status, 0);
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(folder_ / "m.rondo.run" / "checkpoints"))
    newest = std::max(newest, entry.path());
  const std::string model = read_bytes(folder_ / "m.rondo");
  write(newest / "weights.safetensors", "rubbish");
  const Outcome outcome = run({"--resume"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("is damaged and is passed over"));
  EXPECT_THAT(outcome.err, HasSubstr("resumed after step"));
  EXPECT_TRUE(read_bytes(folder_ / "m.rondo") == model);
}

TEST_F(Runs, ASecondOneIsRefusedNamingTheFirst) {
  RunningProgram first(words({"--epochs", "50"}), folder_.path());
  ASSERT_TRUE(waits_for_checkpoint(first));
  const std::string process = read_bytes(folder_ / "m.rondo.run" / "lock");
  const Outcome second = run();
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err,
              HasSubstr("m.rondo.run is in use by process " + process + ", which trains there; wait for it"));
  EXPECT_THAT(second.err, Not(HasSubstr("train: "))) << "before any data are read";
}

TEST_F(Runs, AnIgnoredInterruptStaysIgnored) {
  ASSERT_NE(std::signal(SIGINT, SIG_IGN), SIG_ERR);  // as nohup and a script's & do; children inherit it
  RunningProgram program(words(), folder_.path());
  std::signal(SIGINT, SIG_DFL);
  ASSERT_TRUE(waits_for_checkpoint(program));
  program.send(SIGINT);
  EXPECT_EQ(program.wait(), 0);
}

TEST_F(Runs, TheModelOutlivesItsReport) {
  ASSERT_EQ(run({"--epochs", "1"}).status, 0);
  const fs::path report = folder_ / "m.rondo.run" / "report.html";
  fs::remove(report);
  fs::create_directories(report / "in the way");
  fs::remove(folder_ / "m.rondo");
  const Outcome outcome = run({"--epochs", "1"});
  EXPECT_EQ(outcome.status, 2) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("report.html"));
  EXPECT_TRUE(fs::exists(folder_ / "m.rondo"));
}

TEST_F(Runs, OneClassForAllPointsToABalance) {
  std::string rows;
  for (int i = 0; i < 400; ++i)
    rows += (i % 40 == 0 ? "pos\t" : "neg\t") + std::string("the film number ") + std::to_string(i) + "\n";
  write(folder_ / "data.tsv", rows);
  const Outcome outcome = run({"--epochs", "1"});
  EXPECT_THAT(outcome.err,
              HasSubstr("every held-out example is given the class 'neg'; where others are rare, "
                        "--balance-classes gives them more weight\n"));
  EXPECT_THAT(run({"--epochs", "1", "--balance-classes"}).err, Not(HasSubstr("--balance-classes gives")));
}

TEST_F(Runs, StandardOutputIsNoModelFile) {
  const Outcome outcome =
      run_program(small({"train", "classify", "data.tsv", "--out", "-"}), "", folder_.path());
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--out '-' is not a file"));
  EXPECT_FALSE(fs::exists(folder_ / "-.run"));
}

}  // namespace
}  // namespace rondo::test

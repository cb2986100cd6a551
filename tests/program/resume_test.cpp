// The same seed gives the same bytes: on any number of threads, and when killed at any moment and resumed.
#include <csignal>
#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

/// In memory where that is possible: checkpoints wait for the disk again and again.
class FastFolder : public TemporaryFolder {
 public:
  FastFolder() : TemporaryFolder(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "") {}
};

std::vector<std::string> training(const std::string& out, const std::string& threads, bool resume = false) {
  std::vector<std::string> words =
      small({"train", "classify", "data.tsv", "--out", out, "--threads", threads});
  words.insert(words.end(), {"--patience", "0", "--seed", "7", "--checkpoint-seconds", "0.05"});
  if (resume) words.emplace_back("--resume");
  return words;
}

std::string trained(const std::filesystem::path& folder, const std::string& out, const std::string& threads) {
  const Outcome outcome = run_program(training(out, threads), "", folder);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return read_bytes(folder / out);
}

TEST(SameBytes, OnOneTwoAndThreeThreads) {
  const FastFolder folder;
  write(folder.path() / "data.tsv", reviews_tsv(400));
  const std::string one = trained(folder.path(), "one.rondo", "1");
  EXPECT_GT(one.size(), 1000U);
  EXPECT_TRUE(one == trained(folder.path(), "two.rondo", "2"));
  EXPECT_TRUE(one == trained(folder.path(), "three.rondo", "3"));
}

TEST(SameBytes, AfterAnInterruptionAndResuming) {
  const FastFolder folder;
  write(folder.path() / "data.tsv", reviews_tsv(2000));
  RunningProgram program(training("m.rondo", "2"), folder.path());
  ASSERT_FALSE(program.ends_within(std::chrono::milliseconds(60)));
  program.send(SIGINT);
  EXPECT_EQ(program.wait(), 130);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "m.rondo"));
  EXPECT_EQ(run_program(training("m.rondo", "2", true), "", folder.path()).status, 0);
  EXPECT_TRUE(read_bytes(folder.path() / "m.rondo") == trained(folder.path(), "whole.rondo", "1"));
}

TEST(SlowSameBytes, WhenKilledAtTwentyMoments) {
  const FastFolder folder;
  write(folder.path() / "data.tsv", reviews_tsv(600));
  const auto begin = std::chrono::steady_clock::now();
  const std::string whole = trained(folder.path(), "whole.rondo", "2");
  const auto length =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  std::mt19937 random(5);
  std::uniform_int_distribution<long> moment(0, length.count());
  int killed = 0;
  // Some runs end before their moment has come.
  for (int round = 0; killed < 20 && round < 100; ++round) {
    const std::string out = "killed" + std::to_string(round) + ".rondo";
    RunningProgram program(training(out, "2"), folder.path());
    if (!program.ends_within(std::chrono::milliseconds(moment(random)))) {
      program.send(SIGKILL);
      killed += program.wait() == 128 + SIGKILL ? 1 : 0;
    }
    ASSERT_EQ(run_program(training(out, "1", true), "", folder.path()).status, 0) << round;
    EXPECT_TRUE(read_bytes(folder.path() / out) == whole) << round;
  }
  EXPECT_EQ(killed, 20) << "too few runs were killed before their end";
}

}  // namespace
}  // namespace rondo::test

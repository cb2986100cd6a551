// Exact resume: a run that is broken off anywhere and resumed ends in the same bytes as one that never was.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rondo/runtime.h>

#include "base/files.h"
#include "base/random.h"
#include "runtime/parallel.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/checkpoint.h"
#include "train/tiny_model.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using test::TinyModel;

struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws after some steps or epochs of this process, whatever the others are doing.
struct BreakAfter {
  int steps = 0, epochs = 0;
  struct Observer final : Callback {
    Observer(int s, int e) : steps(s), epochs(e) {}
    void on_step(const StepReport&) override {
      if (--steps == 0) throw Broken("step");
    }
    void on_epoch(const EpochReport&) override {
      if (--epochs == 0) throw Broken("epoch");
    }
    int steps, epochs;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(steps, epochs); }
};

/// In memory where that is possible: what is waited for on a disk here is fsync, hundreds of times.
class Resume : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  }
};

/// Everything that a run leaves behind.
struct Outcome {
  std::string weights, csv;
  std::vector<float> loss, val_loss;
  std::int64_t steps = 0;
  int kept_epoch = 0;
  bool operator==(const Outcome&) const = default;
};

/// The second epoch is the best one, and early stopping ends training after the fourth.
void prepare(TinyModel& model) {
  model.validation = true;
  model.score = [](int epoch) {
    return Scores{{"loss", epoch == 1 ? 1.0F : 2.0F + static_cast<float>(epoch)}};
  };
}

class Job {
 public:
  explicit Job(std::filesystem::path folder) : folder_(std::move(folder)) {}

  FitOptions options(int every_steps = 1) const {
    FitOptions options = test::eventful(6);
    options.accumulate = accumulate;
    options.resume = folder_ / "checkpoints";
    options.callbacks = {
        callbacks::HistoryFile{.folder = folder_}, callbacks::EarlyStopping{.patience = 2},
        callbacks::Checkpoint{.folder = folder_ / "checkpoints", .every_steps = every_steps}};
    return options;
  }
  Outcome run(const FitOptions& options) const {
    TinyModel model;
    prepare(model);
    Trainer trainer(optim::AdamW{.learning_rate = 0.05F});
    const History history = trainer.fit(model, options);
    const auto copy = [&](const char* name) {
      const auto values = history[name];
      return std::vector<float>(values.begin(), values.end());
    };
    return {model.bytes(),   read_file(folder_ / "metrics.csv"),
            copy("loss"),    copy("val_loss"),
            trainer.steps(), history.kept_epoch()};
  }
  /// Runs until something breaks it.
  bool breaks(FitOptions options, BreakAfter when, bool first) const {
    options.callbacks.insert(first ? options.callbacks.begin() : options.callbacks.end(), when);
    try {
      run(options);
    } catch (const Broken&) {
      return true;
    }
    return false;
  }

  int accumulate = 1;

 private:
  std::filesystem::path folder_;
};

Outcome unbroken(int accumulate = 1) {
  const TemporaryFolder folder;
  Job job(folder.path());
  job.accumulate = accumulate;
  return job.run(job.options());
}

TEST_F(Resume, AfterEveryStepGivesTheSameBytes) {
  const Outcome whole = unbroken();
  ASSERT_EQ(whole.steps, 16);
  for (int k = 1; k <= static_cast<int>(whole.steps); ++k) {
    // The break comes before the checkpoint of its step or right after the others have seen the step.
    for (const bool first : {true, false}) {
      const TemporaryFolder folder;
      const Job job(folder.path());
      ASSERT_TRUE(job.breaks(job.options(), {.steps = k}, first));
      EXPECT_EQ(job.run(job.options()), whole) << "broken at step " << k;
    }
  }
}

TEST_F(Resume, BetweenCheckpointsAndAtEndsOfEpochs) {
  const Outcome whole = unbroken();
  const int epochs = static_cast<int>(whole.loss.size());
  for (int k = 1; k <= epochs; ++k) {
    const TemporaryFolder folder;
    const Job job(folder.path());
    ASSERT_TRUE(job.breaks(job.options(3), {.epochs = k}, false));
    EXPECT_EQ(job.run(job.options(3)), whole) << "broken at epoch " << k;
  }
}

TEST_F(Resume, ManyTimesInOneRun) {
  const Outcome whole = unbroken();
  const TemporaryFolder folder;
  const Job job(folder.path());
  int breaks = 0;
  while (job.breaks(job.options(), {.steps = 3}, false))
    ASSERT_LT(++breaks, 100);
  EXPECT_GT(breaks, 2);
  EXPECT_EQ(job.run(job.options()), whole) << "resuming a finished run gives its result again";
}

TEST_F(Resume, WithGradientAccumulation) {
  const Outcome whole = unbroken(3);
  for (int k = 1; k <= static_cast<int>(whole.steps); ++k) {
    const TemporaryFolder folder;
    Job job(folder.path());
    job.accumulate = 3;
    ASSERT_TRUE(job.breaks(job.options(), {.steps = k}, false));
    EXPECT_EQ(job.run(job.options()), whole);
  }
}

TEST_F(Resume, OnAnotherNumberOfThreads) {
  const Outcome whole = unbroken();
  for (const int threads : {1, 2, 3}) {
    const TemporaryFolder folder;
    const Job job(folder.path());
    ASSERT_TRUE(job.breaks(job.options(), {.steps = 5}, false));
    Runtime runtime({.threads = threads});
    const Runtime::Use use(runtime);
    EXPECT_EQ(job.run(job.options()), whole) << threads;
  }
}

TEST_F(Resume, AfterAStopRequest) {
  const Outcome whole = unbroken();
  const TemporaryFolder folder;
  const Job job(folder.path());
  FitOptions options = job.options(0);  // checkpoints at ends of epochs only, and when asked to stop
  int steps = 0;
  options.stop = [&] { return ++steps == 6; };
  TinyModel model;
  prepare(model);
  Trainer trainer(optim::AdamW{.learning_rate = 0.05F});
  const History& history = trainer.fit(model, options);
  EXPECT_TRUE(history.interrupted());
  EXPECT_EQ(trainer.steps(), 6);
  EXPECT_EQ(job.run(job.options(0)), whole);
}

TEST_F(Resume, WithoutACheckpointBeginsAnew) {
  const TemporaryFolder folder;
  const Job job(folder.path());
  EXPECT_EQ(job.run(job.options()), unbroken());
}

TEST_F(Resume, KeepsTwoAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const Job job(folder.path());
  job.run(job.options());
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints")) {
    ++count;
    EXPECT_EQ(entry.path().filename().string().size(), 6U) << entry.path();
  }
  EXPECT_EQ(count, 2);
}

TEST_F(Resume, RefusesOtherOptionsAndOtherData) {
  const TemporaryFolder folder;
  const Job job(folder.path());
  ASSERT_TRUE(job.breaks(job.options(), {.steps = 5}, false));
  FitOptions other = job.options();
  other.clip_norm = 5;
  expect_error(
      ErrorKind::usage, [&] { job.run(other); }, "'clip_norm'", "is 1", "now it is 5", "train anew");
  TinyModel model(4, 6, 77);
  prepare(model);
  Trainer trainer(optim::AdamW{.learning_rate = 0.05F});
  expect_error(
      ErrorKind::usage, [&] { trainer.fit(model, job.options()); }, "other data or another model");
  Trainer sgd(optim::SGD{});
  expect_error(
      ErrorKind::usage, [&] { sgd.fit(model, job.options()); }, "'optimizer'");
}

/// What a job that broke off on the default instruction set says on being resumed on another.
std::vector<std::string> heard_on_resuming(std::string_view isa) {
  const TemporaryFolder folder;
  const Job job(folder.path());
  EXPECT_TRUE(job.breaks(job.options(), {.steps = 5}, false));
  struct Listen {
    std::vector<std::string>* heard;
    struct Observer final : Callback {
      explicit Observer(std::vector<std::string>* to) : heard(to) {}
      void on_message(const std::string& message) override { heard->push_back(message); }
      std::vector<std::string>* heard;
    };
    std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(heard); }
  };
  std::vector<std::string> heard;
  FitOptions options = job.options();
  options.callbacks.emplace_back(Listen{&heard});
  Runtime other({.threads = 1, .isa = std::string(isa)});
  const Runtime::Use use(other);
  job.run(options);
  return heard;
}

TEST_F(Resume, WarnsOnAnotherInstructionSet) {
  if (Runtime::isas().size() < 2) GTEST_SKIP() << "this machine has the reference only";
  const std::vector<std::string> heard = heard_on_resuming("scalar");
  ASSERT_FALSE(heard.empty());
  EXPECT_NE(heard.front().find("resuming on scalar"), std::string::npos) << heard.front();
}

TEST_F(Resume, SaysNothingOnAnInstructionSetWithTheSameBits) {
  if (kernels<float>().isa != "avx512vnni") GTEST_SKIP() << "this is not avx512vnni";
  for (const std::string& message : heard_on_resuming("avx512"))
    EXPECT_EQ(message.find("resuming on"), std::string::npos) << message;
}

TEST_F(Resume, RefusesADamagedCheckpoint) {
  const TemporaryFolder folder;
  const Job job(folder.path());
  ASSERT_TRUE(job.breaks(job.options(), {.steps = 5}, false));
  const auto newest = newest_checkpoint(folder / "checkpoints");
  ASSERT_TRUE(newest.has_value());
  write_file_atomically(*newest / "weights.safetensors", "rubbish");
  expect_error(
      ErrorKind::format, [&] { job.run(job.options()); }, "weights.safetensors");
  write_file_atomically(*newest / "state.json", "{\"version\": 1}");
  expect_error(ErrorKind::format, [&] { job.run(job.options()); });
}

/// Runs the job in a process of its own, which is killed after `microseconds`; true when it finished first.
bool finishes(const Job& job, const std::filesystem::path& result, unsigned microseconds) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    try {
      write_file_atomically(result, job.run(job.options()).weights);
      ::_exit(0);
    } catch (const std::exception& error) {
      static_cast<void>(!::write(STDERR_FILENO, error.what(), std::string(error.what()).size()));
      ::_exit(1);
    }
  }
  ::usleep(microseconds);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return false;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return true;
}

TEST_F(Resume, KilledAtRandomMoments) {
  // One thread: a forked process has no other.
  Runtime runtime({.threads = 1});
  const Runtime::Use use(runtime);
  const Outcome whole = unbroken();
  Random random(static_cast<std::uint64_t>(::getpid()));
  int kills = 0;
  for (int round = 0; kills < 20 && round < 200; ++round) {
    const TemporaryFolder folder;
    const Job job(folder.path());
    unsigned patience = 5'000;
    while (!finishes(job, folder / "result", static_cast<unsigned>(random.below(patience)))) {
      ++kills;
      patience += 2'000;  // or a slow machine would never get beyond its first step
      ASSERT_LT(kills, 1000);
    }
    EXPECT_EQ(read_file(folder / "result"), whole.weights) << "after " << kills << " kills";
    EXPECT_EQ(read_file(folder / "metrics.csv"), whole.csv);
  }
  EXPECT_GE(kills, 20);
}

}  // namespace
}  // namespace rondo

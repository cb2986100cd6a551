// Exact resume: a run that is broken off anywhere and resumed ends in the same bytes as one that never was.
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rondo/runtime.h>

#include "base/files.h"
#include "base/json.h"
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
  std::map<std::string, float> kept_values;
  std::map<std::string, Better> better;
  std::string reason;
  bool operator==(const Outcome&) const = default;
};

/// The second epoch is the best one, and early stopping ends training after the fourth.
void prepare(TinyModel& model) {
  model.validation = true;
  model.score = [](int epoch) {
    return Scores{{"loss", epoch == 1 ? 1.0F : 2.0F + static_cast<float>(epoch)}};
  };
}

/// A metric whose value depends on everything that it was ever given.
class Counted final : public MetricSum {
 public:
  void add(const Tensor& outputs, const data::Batch&) override {
    sum_ = 0.5 * sum_ + outputs.at(0) * static_cast<double>(++batches_);
  }
  double value() const override { return sum_; }
  std::string save() const override { return dump_json(Json{json_number(sum_), batches_}); }
  void restore(std::string_view saved) override {
    const Json json = parse_json(saved, {.name = "a sum"});
    sum_ = number_from(json.at(0), "a sum");
    batches_ = json.at(1).get<int>();
  }

 private:
  double sum_ = 0;
  int batches_ = 0;
};

class Job {
 public:
  explicit Job(std::filesystem::path folder) : folder_(std::move(folder)) {}

  FitOptions options(int every_steps = 1) const {
    FitOptions options = test::eventful(6);
    options.accumulate = accumulate;
    options.validate_every_steps = validate_every_steps;
    options.resume = folder_ / "checkpoints";
    options.callbacks = {
        callbacks::HistoryFile{.folder = folder_}, callbacks::EarlyStopping{.patience = 2},
        callbacks::Checkpoint{.folder = folder_ / "checkpoints", .every_steps = every_steps}};
    if (validate_every_steps > 0)
      options.callbacks[1] = callbacks::EarlyStopping{.mode = callbacks::Mode::max, .patience = 6};
    if (averaging) options.callbacks.emplace_back(*averaging);
    return options;
  }
  Outcome run(const FitOptions& options) const {
    TinyModel model;
    prepare(model);
    if (validate_every_steps > 0) model.score = nullptr;  // or all validations of an epoch would say the same
    if (own_metric) model.metrics = {{"own", [] { return std::make_unique<Counted>(); }, Better::lower}};
    Trainer trainer(optim::AdamW{.learning_rate = 0.05F});
    const History history = trainer.fit(model, options);
    const auto copy = [&](const char* name) {
      const auto values = history[name];
      return std::vector<float>(values.begin(), values.end());
    };
    std::map<std::string, Better> better;
    for (const std::string& name : history.names())
      better[name] = history.better(name);
    return {model.bytes(),         read_file(folder_ / "metrics.csv"),
            copy("loss"),          copy("val_loss"),
            trainer.steps(),       history.kept_epoch(),
            history.kept_values(), better,
            history.reason()};
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

  int accumulate = 1, validate_every_steps = 0;
  std::optional<callbacks::WeightAveraging> averaging;
  bool own_metric = false;

 private:
  std::filesystem::path folder_;
};

Outcome unbroken(const std::function<void(Job&)>& change) {
  const TemporaryFolder folder;
  Job job(folder.path());
  change(job);
  return job.run(job.options());
}

/// A job with changes, broken after every step, ends as one that was not.
void expect_exact(const std::function<void(Job&)>& change) {
  const Outcome whole = unbroken(change);
  for (int k = 1; k <= static_cast<int>(whole.steps); ++k) {
    for (const int every_steps : {1, 3}) {
      const TemporaryFolder folder;
      Job job(folder.path());
      change(job);
      ASSERT_TRUE(job.breaks(job.options(every_steps), {.steps = k}, false));
      EXPECT_EQ(job.run(job.options(every_steps)), whole) << "broken at step " << k;
    }
  }
}

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

TEST_F(Resume, WithValidationWithinEpochs) {
  const auto change = [](Job& job) { job.validate_every_steps = 3; };
  const Outcome whole = unbroken(change);
  EXPECT_NE(whole.steps % 4, 0) << "the test needs an epoch that is broken off";
  EXPECT_LT(whole.kept_epoch, static_cast<int>(whole.loss.size()));
  expect_exact(change);
}

/// Breaks at a validation, before or after the others have heard of it.
struct BreakAtValidation {
  int number;
  struct Observer final : Callback {
    explicit Observer(int n) : number(n) {}
    void on_validation(const ValidationReport&) override {
      if (--number == 0) throw Broken("validation");
    }
    int number;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(number); }
};

TEST_F(Resume, AfterEveryValidation) {
  const auto change = [](Job& job) { job.validate_every_steps = 3; };
  const Outcome whole = unbroken(change);
  int broken = 0;
  for (int k = 1; k < 20; ++k) {
    const TemporaryFolder folder;
    Job job(folder.path());
    change(job);
    FitOptions options = job.options();
    options.callbacks.insert(options.callbacks.begin() + (k % 2) * 3, BreakAtValidation{k});
    try {
      job.run(options);
      continue;
    } catch (const Broken&) {
      ++broken;
    }
    EXPECT_EQ(job.run(job.options()), whole) << "broken at validation " << k;
  }
  EXPECT_GT(broken, 5);
}

/// Writes a checkpoint after every validation, also after the one at which early stopping ends the fit, and
/// breaks where the epoch broken off is done.
struct WriteAtValidations {
  std::filesystem::path folder;
  struct Observer final : Callback {
    explicit Observer(std::filesystem::path to) : folder(std::move(to)) {}
    void on_begin(Run& begun) override { run = &begun; }
    void on_validation(const ValidationReport& report) override {
      if (!report.epoch_done) run->checkpoint(folder, 1);
    }
    void on_epoch(const EpochReport& report) override {
      if (report.step % 4 != 0) throw Broken("before the checkpoint of the epoch's end");
    }
    std::filesystem::path folder;
    Run* run = nullptr;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(folder); }
};

TEST_F(Resume, WhereACallbackBrokeTheEpochOff) {
  const auto change = [](Job& job) { job.validate_every_steps = 3; };
  const Outcome whole = unbroken(change);
  const TemporaryFolder folder;
  Job job(folder.path());
  change(job);
  FitOptions options = job.options(0);
  options.callbacks.insert(options.callbacks.begin(), WriteAtValidations{folder / "checkpoints"});
  EXPECT_THROW(job.run(options), Broken);
  EXPECT_EQ(job.run(job.options(0)), whole);
}

TEST_F(Resume, WithAveragedWeights) {
  const callbacks::WeightAveraging moving{.decay = 0.9F}, mean{.decay = 0, .after_epochs = 1};
  for (const auto& averaging : {moving, mean})
    expect_exact([&](Job& job) { job.averaging = averaging; });
}

TEST_F(Resume, WithASumOfOnesOwn) {
  expect_exact([](Job& job) { job.own_metric = true; });
}

TEST_F(Resume, RefusesOtherCallbacks) {
  const TemporaryFolder folder;
  Job job(folder.path());
  job.averaging = callbacks::WeightAveraging{};
  ASSERT_TRUE(job.breaks(job.options(), {.steps = 5}, false));
  job.averaging.reset();
  expect_error(
      ErrorKind::usage, [&] { job.run(job.options()); }, "made with 'weight_averaging'",
      "the same callbacks");
  FitOptions more = job.options();
  more.callbacks.emplace_back(callbacks::WeightAveraging{});
  more.callbacks.emplace_back(callbacks::WeightAveraging{});
  expect_error(
      ErrorKind::usage, [&] { job.run(more); }, "made without 'weight_averaging 2'");
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
      ErrorKind::usage, [&] { trainer.fit(model, job.options()); }, "other data");
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
  if (!kernels<float>().isa.starts_with("avx512") || kernels<float>().isa == "avx512")
    GTEST_SKIP() << "this has no arithmetic beside avx512";
  for (const std::string& message : heard_on_resuming("avx512"))
    EXPECT_EQ(message.find("resuming on"), std::string::npos) << message;
}

TEST_F(Resume, GoesOnFromTheCheckpointBeforeADamagedOne) {
  for (const char* const file : {"weights.safetensors", "state.json"}) {
    const TemporaryFolder folder;
    const Job job(folder.path());
    ASSERT_TRUE(job.breaks(job.options(), {.steps = 5}, false));
    write_file_atomically(folder / "checkpoints" / "000005" / file, "rubbish");
    EXPECT_EQ(job.run(job.options()), unbroken()) << file;
  }
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

/// Kills a job with changes at random moments, and lets it go on, some `wanted` times in all.
void expect_exact_though_killed(const std::function<void(Job&)>& change, int wanted) {
  // One thread: a forked process has no other.
  Runtime runtime({.threads = 1});
  const Runtime::Use use(runtime);
  const Outcome whole = unbroken(change);
  Random random(static_cast<std::uint64_t>(::getpid()));
  int kills = 0;
  for (int round = 0; kills < wanted && round < 200; ++round) {
    const TemporaryFolder folder;
    Job job(folder.path());
    change(job);
    unsigned patience = 5'000;
    while (!finishes(job, folder / "result", static_cast<unsigned>(random.below(patience)))) {
      ++kills;
      patience += 2'000;  // or a slow machine would never get beyond its first step
      ASSERT_LT(kills, 1000);
    }
    EXPECT_EQ(read_file(folder / "result"), whole.weights) << "after " << kills << " kills";
    EXPECT_EQ(read_file(folder / "metrics.csv"), whole.csv);
  }
  EXPECT_GE(kills, wanted);
}

TEST_F(Resume, KilledAtRandomMoments) {
  expect_exact_though_killed([](Job&) {}, 20);
}

TEST_F(Resume, KilledBetweenValidationsOfAveragedWeights) {
  const auto change = [](Job& job) {
    job.validate_every_steps = 3;
    job.averaging = callbacks::WeightAveraging{.decay = 0.8F};
  };
  expect_exact_though_killed(change, 10);
}

}  // namespace
}  // namespace rondo

/// Training: what a model is compiled with, what a fit is told, what it gives back, and the Trainer that runs
/// the steps. Sequential and Model (model.h) use it; so may loops of one's own, through Trainable.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/callbacks.h>
#include <rondo/data.h>
#include <rondo/metrics.h>
#include <rondo/nn.h>
#include <rondo/optim.h>

namespace [[gnu::visibility("default")]] rondo {

enum class Loss { binary_cross_entropy, categorical_cross_entropy, mse, mae, huber };
constexpr std::array<std::string_view, 5> names_of(Loss) {
  return {"binary_cross_entropy", "categorical_cross_entropy", "mse", "mae", "huber"};
}

/// One of the losses above or a function of one's own: the mean loss of a batch from the model's outputs
/// before a final softmax or sigmoid, in packed order.
class AnyLoss {
 public:
  using Function = std::function<Var(const Var& outputs, const data::Batch& batch)>;
  AnyLoss(Loss loss) : loss_(loss), name_(name_of(loss)) {}
  template <std::invocable<const Var&, const data::Batch&> F>
  AnyLoss(F function, std::string name = "custom") : function_(std::move(function)), name_(std::move(name)) {}

  /// Empty for a function.
  const std::optional<Loss>& known() const noexcept { return loss_; }
  const Function& function() const noexcept { return function_; }
  const std::string& name() const noexcept { return name_; }

 private:
  friend struct detail::Blank;
  AnyLoss() = default;
  std::optional<Loss> loss_;
  Function function_;
  std::string name_;
};

/// What a model learns by. The loss is taken from the logits before a final sigmoid or softmax.
struct CompileOptions {
  Optimizer optimizer = optim::Adam{};
  Required<AnyLoss> loss;
  std::vector<AnyMetric> metrics = {};
  double label_smoothing = 0;
  double huber_delta = 1;

  /// Those that are plain values.
  static constexpr auto fields() {
    return std::tuple{field("label_smoothing", &CompileOptions::label_smoothing,
                            "share of the target spread evenly over the classes", 0, 1),
                      field("huber_delta", &CompileOptions::huber_delta,
                            "where the Huber loss turns from square to line", 1e-6, 1e6)};
  }
};

/// What is different for the parameters named `prefix` or below it ("encoder" means "encoder.weight_ih_l0",
/// not "encoder2"). The longest prefix that fits a parameter counts.
struct ParameterGroup {
  std::string prefix = {};
  float learning_rate = 1;
  float weight_decay = 1;
  bool frozen = false;

  static constexpr auto fields() {
    return std::tuple{
        field("prefix", &ParameterGroup::prefix, "name of a parameter or of what holds it"),
        field("learning_rate", &ParameterGroup::learning_rate, "factor on the learning rate", 0, 1e6),
        field("weight_decay", &ParameterGroup::weight_decay, "factor on the weight decay", 0, 1e6),
        field("frozen", &ParameterGroup::frozen, "keep the values as they are")};
  }
};
static_assert(all_fields_listed<ParameterGroup>);

/// How one fit goes. An epoch is one pass over the data.
struct FitOptions {
  int epochs = 1;
  int batch_size = 32;
  int batch_rows = 0;
  std::optional<Dataset> validation = {};
  /// Beside the ends of epochs; what counts validations (the patience of early stopping) counts these too.
  int validate_every_steps = 0;
  Schedule schedule = schedule::Constant{};
  float clip_norm = 0;
  float clip_value = 0;
  std::map<std::string, float> class_weights = {};  ///< by class name; classes not named have 1
  bool balance_classes = false;
  int accumulate = 1;
  int bucket = 64;
  std::vector<ParameterGroup> groups = {};
  std::uint64_t seed = 1;
  /// The folder of callbacks::Checkpoint: goes on from the newest complete checkpoint there; begins anew when
  /// there is none. Other data or options than the checkpoint's are an Error(usage).
  std::filesystem::path resume = {};
  /// Asked after every step and, while validating, after every batch; true ends the fit there, with a
  /// checkpoint where they are written. A validation that was cut short is done again when resumed.
  std::function<bool()> stop = {};
  std::vector<AnyCallback> callbacks = {};

  /// Those that are plain data and shape the result: what a checkpoint compares when a fit is resumed.
  static constexpr auto fields() {
    return std::tuple{
        field("epochs", &FitOptions::epochs, "passes over the data", 1, 1 << 20),
        field("batch_size", &FitOptions::batch_size, "examples a batch", 1, 1 << 20),
        field("batch_rows", &FitOptions::batch_rows,
              "steps of all examples of a batch, at most, in place of batch_size; 0: by batch_size", 0,
              1 << 30),
        field("validate_every_steps", &FitOptions::validate_every_steps,
              "steps between two validations, beside those at the ends of epochs; 0: only these", 0, 1 << 30),
        field("schedule", &FitOptions::schedule, "how the learning rate changes"),
        field("clip_norm", &FitOptions::clip_norm,
              "the gradient is scaled down to this length, all parameters together; 0: never", 0, 1e9),
        field("clip_value", &FitOptions::clip_value, "each number of the gradient is cut to this; 0: never",
              0, 1e9),
        field("class_weights", &FitOptions::class_weights, "weights of classes in the loss, by name; else 1",
              0, 1e9),
        field("balance_classes", &FitOptions::balance_classes,
              "weigh each class by the reciprocal of its share"),
        field("accumulate", &FitOptions::accumulate, "batches whose gradients make one step", 1, 1 << 20),
        field("bucket", &FitOptions::bucket,
              "batches whose examples are sorted by length together; 1: no sorting", 1, 1 << 20),
        field("groups", &FitOptions::groups, "parameters to be treated differently"),
        field("seed", &FitOptions::seed, "of the order of examples and of dropout")};
  }
};

/// Values by epoch, over all fits of a model: "loss", "val_accuracy", ... as in EpochReport.
class History {
 public:
  /// One number an epoch, NaN for an epoch that did not report it. Error(option) for an unknown name.
  std::span<const float> operator[](std::string_view name) const;
  /// Which way the value improves, as its metric or its model said.
  Better better(std::string_view name) const;
  /// The highest or lowest value, whichever is better, and the epoch it was reached in (from 1).
  float best(std::string_view name) const;
  int best_epoch(std::string_view name) const;
  std::vector<std::string> names() const;
  int epochs() const noexcept { return epochs_; }
  /// The epoch (from 1) in which the model's weights were reached: the last one, or an earlier one whose
  /// weights a callback restored. 0 before the first.
  int kept_epoch() const noexcept { return kept_epoch_; }
  /// What was measured of these weights: the values of that epoch, or of the validation within it.
  const std::map<std::string, float>& kept_values() const noexcept { return kept_values_; }
  /// FitOptions::stop ended the last fit.
  bool interrupted() const noexcept { return interrupted_; }
  /// Why the last fit ended before its last epoch, else empty.
  const std::string& reason() const noexcept { return reason_; }

  /// `better` is asked about names that are new.
  void add(const std::map<std::string, float>& values,
           const std::function<Better(std::string_view name)>& better);
  void keep(int epoch, std::map<std::string, float> values);
  void end(bool interrupted, std::string reason);

 private:
  struct Column {
    Better better;
    std::vector<float> values;
  };
  const Column& column(std::string_view name) const;

  std::map<std::string, Column, std::less<>> columns_;
  int epochs_ = 0, kept_epoch_ = 0;
  std::map<std::string, float> kept_values_;
  bool interrupted_ = false;
  std::string reason_;
};

/// Tensors by name, in order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The loss of one batch.
struct BatchLoss {
  Var loss;  ///< mean over the batch, recorded
  /// What the mean divides by: sum of weights, or number of examples. 0: nothing in the batch counts; the
  /// loss may be NaN then and is not looked at.
  double weight = 1;
  std::int64_t rows = 0;  ///< tokens or steps of sequences in it, for progress
};

/// What a Trainer trains: parameters and a loss over batches.
class Trainable {
 public:
  virtual ~Trainable() = default;
  virtual ParameterStore& parameters() = 0;
  /// Tells apart other data and other models when a fit is resumed.
  virtual std::uint64_t fingerprint() const = 0;
  /// An epoch (from 0, over all fits) begins at batch `first` (0 but when resumed): forgets sums of the epoch
  /// before and says how many batches it has. Always the same batches for the same number.
  virtual std::size_t begin_epoch(std::int64_t epoch, std::size_t first) = 0;
  /// The loss of the next batch, called while recording.
  virtual BatchLoss next() = 0;
  /// Scores of the epoch's batches besides the loss ("accuracy"), if any are kept.
  virtual Scores scores() { return {}; }
  /// The sums behind scores(): a resumed fit takes them up after begin_epoch.
  virtual std::string save_sums() const { return {}; }
  virtual void restore_sums(std::string_view) {}
  virtual bool has_validation() const { return false; }
  /// Scores of the validation data, without "val_". It may come within an epoch and leaves alone what next()
  /// goes on from. `stop` is to be asked now and then: when it says true, the scores are no longer wanted,
  /// and nothing is returned.
  virtual std::optional<Scores> validate(const std::function<bool()>& stop) {
    static_cast<void>(stop);
    return Scores{};
  }
  /// Which way a score of scores() or validate() improves; the loss is better the lower it is.
  virtual Better better(std::string_view score) const {
    return score == "loss" ? Better::lower : Better::higher;
  }
  /// Which scores besides "loss" there will be, so that a misspelt one is refused before the first step;
  /// nothing when that is not known.
  virtual std::optional<std::vector<std::string>> score_names() const { return {}; }
  /// What is carried from one batch to the next besides sums (the states of truncated back-propagation), by
  /// name, f32 or f64: a checkpoint within an epoch holds it, and carry() takes it back after begin_epoch and
  /// restore_sums of a fit that is resumed.
  virtual NamedTensors carried() const { return {}; }
  virtual void carry(const NamedTensors& carried) { static_cast<void>(carried); }
  /// Stored with the weights in a checkpoint, so that it can be loaded like a model.
  virtual std::string header() const { return {}; }
};

/// Runs the steps: loss, backward, clipping, optimiser, schedule, callbacks, checkpoints. It keeps the
/// optimiser's state: a second fit goes on from the first. Results do not depend on the number of threads.
class Trainer {
 public:
  explicit Trainer(Optimizer optimizer = optim::Adam{});
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;
  ~Trainer();

  /// Throws Error(option) for options out of range, Error(usage) for ones that do not fit together,
  /// Error(numeric) when a loss is not finite, and whatever a callback throws. Of `options`, those that make
  /// batches and losses (validation, batch_size, bucket, class weights) are the Trainable's affair.
  const History& fit(Trainable& model, const FitOptions& options);
  const History& history() const noexcept;
  /// Of the optimiser, over all fits.
  std::int64_t steps() const noexcept;
  const Optimizer& optimizer() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Error(option) for a field outside its range, naming it and the range; Error(usage) for options that
/// exclude each other.
void check(const Optimizer& optimizer);
void check(const CompileOptions& options);
void check(const FitOptions& options);

}  // namespace rondo

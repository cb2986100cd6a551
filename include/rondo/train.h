/// Training: the options to compile and fit a model, the history of a fit, and the Trainer that runs the
/// steps. Sequential and Model use it (model.h, network.h). So can user-defined training, through Trainable.
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

/// focal is for layers and targets as categorical_cross_entropy takes them, binary_focal for those of
/// binary_cross_entropy.
enum class Loss { binary_cross_entropy, categorical_cross_entropy, mse, mae, huber, focal, binary_focal };
constexpr std::array<std::string_view, 7> names_of(Loss) {
  return {"binary_cross_entropy", "categorical_cross_entropy", "mse", "mae", "huber", "focal",
          "binary_focal"};
}

/// One of the losses above or a user-defined function. The function returns the mean loss of a batch. It gets
/// the model's outputs before a final softmax or sigmoid, in packed order.
class AnyLoss {
 public:
  using Function = std::function<Var(const Var& outputs, const data::Batch& batch)>;
  AnyLoss(Loss loss) : loss_(loss), name_(name_of(loss)) {}
  template <std::invocable<const Var&, const data::Batch&> F>
  AnyLoss(F function, std::string name = "custom") : function_(std::move(function)), name_(std::move(name)) {}

  /// Empty for a user-defined function.
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

/// How a model learns. The loss takes the logits before a final sigmoid or softmax.
struct CompileOptions {
  Optimizer optimizer = optim::Adam{};
  Required<AnyLoss> loss;
  std::vector<AnyMetric> metrics = {};
  double label_smoothing = 0;
  double huber_delta = 1;
  double focal_gamma = 2;

  /// The fields that are plain values.
  static constexpr auto fields() {
    return std::tuple{field("label_smoothing", &CompileOptions::label_smoothing,
                            "share of the target that is spread evenly over all classes", 0, 1),
                      field("huber_delta", &CompileOptions::huber_delta,
                            "error at which the Huber loss turns from quadratic to linear", 1e-6, 1e6),
                      field("focal_gamma", &CompileOptions::focal_gamma,
                            "how much less the focal loss counts easy examples; 0: cross entropy", 0, 100)};
  }
};

/// Settings for the parameters named `prefix` and those below it: "encoder" includes "encoder.weight_ih_l0"
/// but not "encoder2". If several prefixes fit a parameter, the longest one counts.
struct ParameterGroup {
  std::string prefix = {};
  float learning_rate = 1;
  float weight_decay = 1;
  bool frozen = false;
  int frozen_epochs = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("prefix", &ParameterGroup::prefix, "name of a parameter or of a part that holds parameters"),
        field("learning_rate", &ParameterGroup::learning_rate, "factor for the learning rate", 0, 1e6),
        field("weight_decay", &ParameterGroup::weight_decay, "factor for the weight decay", 0, 1e6),
        field("frozen", &ParameterGroup::frozen, "keep the values unchanged"),
        field("frozen_epochs", &ParameterGroup::frozen_epochs,
              "keep the values unchanged for the first epochs of the fit", 0, 1 << 20)};
  }
};
static_assert(all_fields_listed<ParameterGroup>);

/// The options of one fit. An epoch is one pass over the data.
struct FitOptions {
  int epochs = 1;
  int batch_size = 32;
  int batch_rows = 0;
  std::optional<Dataset> validation = {};
  /// Validates every so many steps, in addition to the ends of epochs. Everything that counts validations,
  /// such as the patience of early stopping, counts these, too.
  int validate_every_steps = 0;
  Schedule schedule = schedule::Constant{};
  float clip_norm = 0;
  float clip_value = 0;
  std::map<std::string, float> class_weights = {};  ///< by class name; other classes have weight 1
  bool balance_classes = false;
  int accumulate = 1;
  int bucket = 64;
  std::vector<ParameterGroup> groups = {};
  std::uint64_t seed = 1;
  /// How recurrences save memory: see RecordingOptions. Recomputation changes no bit, so a fit may resume
  /// with another value.
  int recompute = 0;
  Keep keep = Keep::f32;
  /// The folder of callbacks::Checkpoint. The fit continues from the newest complete checkpoint in it, or
  /// begins anew if there is none. Error(usage) if the data or options differ from those of the checkpoint.
  std::filesystem::path resume = {};
  /// Called after every step and, during validation, after every batch. If it returns true, the fit ends
  /// there, with a checkpoint if checkpoints are written. A resumed fit repeats a validation that was
  /// interrupted.
  std::function<bool()> stop = {};
  std::vector<AnyCallback> callbacks = {};

  /// The fields that are plain data and shape the result. A resumed fit compares them with its checkpoint.
  static constexpr auto fields() {
    return std::tuple{
        field("epochs", &FitOptions::epochs, "passes over the data", 1, 1 << 20),
        field("batch_size", &FitOptions::batch_size, "examples in a batch", 1, 1 << 20),
        field("batch_rows", &FitOptions::batch_rows,
              "largest number of steps in a batch, in place of batch_size; 0: use batch_size", 0, 1 << 30),
        field("validate_every_steps", &FitOptions::validate_every_steps,
              "also validate every so many steps within an epoch; 0: only at the ends of epochs", 0, 1 << 30),
        field("schedule", &FitOptions::schedule, "how the learning rate changes"),
        field("clip_norm", &FitOptions::clip_norm,
              "scale the gradient of all parameters down to this norm; 0: never", 0, 1e9),
        field("clip_value", &FitOptions::clip_value,
              "limit each number of the gradient to this magnitude; 0: never", 0, 1e9),
        field("class_weights", &FitOptions::class_weights,
              "weight of each class in the loss, by name; default: 1", 0, 1e9),
        field("balance_classes", &FitOptions::balance_classes,
              "weight each class by the reciprocal of its share"),
        field("accumulate", &FitOptions::accumulate, "number of batches whose gradients make one step", 1,
              1 << 20),
        field("bucket", &FitOptions::bucket,
              "how many batches of examples are sorted by length together; 1: no sorting", 1, 1 << 20),
        field("groups", &FitOptions::groups, "parameters with different settings"),
        field("seed", &FitOptions::seed, "seed for the order of examples and for dropout"),
        field("keep", &FitOptions::keep, "type in which recurrent layers keep what backward reads")};
  }
};

/// The values of each epoch, over all fits of a model: "loss", "val_accuracy", ... as in EpochReport.
class History {
 public:
  /// One number per epoch; NaN for an epoch that did not report it. Error(option) for an unknown name.
  std::span<const float> operator[](std::string_view name) const;
  /// The direction in which the value improves, from its metric or its model.
  Better better(std::string_view name) const;
  /// The best value, highest or lowest, and the epoch (from 1) that reached it.
  float best(std::string_view name) const;
  int best_epoch(std::string_view name) const;
  std::vector<std::string> names() const;
  int epochs() const noexcept { return epochs_; }
  /// The epoch (from 1) that the model's weights come from: the last one, or an earlier one whose weights a
  /// callback restored. 0 before the first epoch.
  int kept_epoch() const noexcept { return kept_epoch_; }
  /// The values measured with these weights: those of that epoch, or of the validation within it.
  const std::map<std::string, float>& kept_values() const noexcept { return kept_values_; }
  /// Whether FitOptions::stop ended the last fit.
  bool interrupted() const noexcept { return interrupted_; }
  /// Why the last fit ended before its last epoch; empty if it did not.
  const std::string& reason() const noexcept { return reason_; }

  /// Adds an epoch. `better` gives the direction of names that are new.
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
  Var loss;  ///< the mean over the batch, recorded
  /// The divisor of the mean: the sum of weights, or the number of examples. 0: nothing in the batch counts;
  /// the loss is ignored then and may be NaN.
  double weight = 1;
  std::int64_t rows = 0;  ///< number of tokens or steps in the batch, for progress reports
};

/// What a Trainer trains: parameters, and a loss over batches.
class Trainable {
 public:
  virtual ~Trainable() = default;
  virtual ParameterStore& parameters() = 0;
  /// Identifies the data and the model, so that a resumed fit can refuse others.
  virtual std::uint64_t fingerprint() const = 0;
  /// Begins an epoch (from 0, over all fits) at batch `first` (0 unless resumed), resets the sums of the
  /// epoch before, and returns the number of batches. The same epoch number always has the same batches.
  virtual std::size_t begin_epoch(std::int64_t epoch, std::size_t first) = 0;
  /// The loss of the next batch. It is called while recording.
  virtual BatchLoss next() = 0;
  /// Scores of the epoch's batches besides the loss, such as "accuracy", if there are any.
  virtual Scores scores() { return {}; }
  /// The sums behind scores(). A resumed fit restores them after begin_epoch().
  virtual std::string save_sums() const { return {}; }
  virtual void restore_sums(std::string_view) {}
  virtual bool has_validation() const { return false; }
  /// Scores of the validation data, without "val_". The call may come within an epoch and must not change
  /// what next() continues from. Call `stop` now and then: if it returns true, the scores are no longer
  /// needed, and validate() returns nothing.
  virtual std::optional<Scores> validate(const std::function<bool()>& stop) {
    static_cast<void>(stop);
    return Scores{};
  }
  /// The direction in which a score of scores() or validate() improves. For the loss, lower is better.
  virtual Better better(std::string_view score) const {
    return score == "loss" ? Better::lower : Better::higher;
  }
  /// The names of all scores besides "loss", so that a misspelt name is refused before the first step.
  /// Nothing if they are not known in advance.
  virtual std::optional<std::vector<std::string>> score_names() const { return {}; }
  /// What is carried from one batch to the next besides sums, by name, f32 or f64: the states of truncated
  /// back-propagation. A checkpoint within an epoch holds it. A resumed fit calls carry() with it, after
  /// begin_epoch() and restore_sums().
  virtual NamedTensors carried() const { return {}; }
  virtual void carry(const NamedTensors& carried) { static_cast<void>(carried); }
  /// The header that a checkpoint stores with the weights, so that it can be loaded like a model.
  virtual std::string header() const { return {}; }
};

/// Runs the training steps: loss, backward, clipping, optimiser, schedule, callbacks, checkpoints. It keeps
/// the optimiser's state, so a second fit continues from the first. Results do not depend on the number of
/// threads.
class Trainer {
 public:
  explicit Trainer(Optimizer optimizer = optim::Adam{});
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;
  ~Trainer();

  /// Error(option) for options out of range, Error(usage) for options that exclude each other, Error(numeric)
  /// if a loss is not finite, and whatever a callback throws. The Trainer ignores the options for batches and
  /// losses (validation, batch_size, bucket, class weights); they are for the Trainable.
  const History& fit(Trainable& model, const FitOptions& options);
  const History& history() const noexcept;
  /// The optimiser's steps, over all fits.
  std::int64_t steps() const noexcept;
  const Optimizer& optimizer() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Error(option), naming the field and its range, for a field out of range. Error(usage) for options that
/// exclude each other.
void check(const Optimizer& optimizer);
void check(const CompileOptions& options);
void check(const FitOptions& options);

}  // namespace rondo

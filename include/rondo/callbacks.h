/// The reports of a running fit, and the callbacks that receive them: progress, history, early stopping,
/// checkpoints.
///
/// A callback is described by plain data (`callbacks::EarlyStopping{.patience = 2}`). Each fit makes a live
/// observer from the description. The library prints nothing, except through `callbacks::ProgressBar`.
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
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <rondo/description.h>
#include <rondo/metrics.h>

namespace [[gnu::visibility("default")]] rondo {

/// The report after each optimiser step.
struct StepReport {
  std::int64_t step = 0;       ///< optimiser step, from 1, over all fits
  int epoch = 0;               ///< from 1, over all fits
  int last_epoch = 0;          ///< the last epoch of this fit
  std::size_t batch = 0;       ///< batches of this epoch that are done
  std::size_t batches = 0;     ///< batches in this epoch
  float loss = 0;              ///< loss of this step; NaN if nothing in it counted
  float mean_loss = 0;         ///< mean loss of the epoch so far
  float gradient_norm = 0;     ///< before clipping
  float learning_rate = 0;     ///< as scheduled, before the factors of parameter groups
  double seconds = 0;          ///< since this fit began
  double rows_per_second = 0;  ///< tokens or steps of sequences, over the last seconds
  double seconds_left = 0;     ///< expected time until the last epoch ends, without validation
};

/// The report after each validation, within an epoch (FitOptions::validate_every_steps) or at its end, before
/// on_epoch.
struct ValidationReport {
  std::int64_t step = 0;    ///< optimiser step, over all fits
  int epoch = 0;            ///< from 1, over all fits
  int last_epoch = 0;       ///< the last epoch of this fit
  bool epoch_done = false;  ///< whether on_epoch follows, which also reports these values
  double seconds = 0;       ///< duration of the validation
  /// By name: "val_loss", and the metrics with the prefix "val_".
  std::map<std::string, float> values;
};

/// The report after each epoch and its validation.
struct EpochReport {
  int epoch = 0;                 ///< from 1, over all fits
  int last_epoch = 0;            ///< the last epoch of this fit
  std::int64_t step = 0;         ///< optimiser step, over all fits
  double seconds = 0;            ///< duration of this epoch with its validations
  double processor_seconds = 0;  ///< processor time of the process for the same, over all threads
  double rows_per_second = 0;
  double seconds_left = 0;  ///< expected time until the last epoch ends
  /// By name: "loss" and the metrics, the same for the validation data with the prefix "val_",
  /// "learning_rate".
  std::map<std::string, float> values;
};

/// The report at the end of a fit.
struct EndReport {
  int epoch = 0;                 ///< the last finished epoch
  std::int64_t step = 0;         ///< optimiser step, over all fits
  bool interrupted = false;      ///< whether FitOptions::stop ended the fit
  std::string reason;            ///< why the fit ended before its last epoch; empty if it did not
  double seconds = 0;            ///< since this fit began or was resumed
  double processor_seconds = 0;  ///< processor time of the process for the same, over all threads
};

/// What a callback may ask of the fit that it observes. The fit carries out requests after all callbacks have
/// received the current event.
class Run {
 public:
  virtual ~Run() = default;
  /// Whether the fit continues from a checkpoint. If so, restore() was called, if there was anything to
  /// restore.
  virtual bool resumed() const = 0;
  /// Number of epochs before this fit.
  virtual int epochs_before() const = 0;
  virtual bool has_validation() const = 0;
  /// Names of the values that epochs will report; nothing if they are not known in advance.
  virtual std::optional<std::vector<std::string>> value_names() const = 0;
  /// The direction in which a reported value ("val_f1", "loss") improves. For a learning rate: higher.
  virtual Better better(std::string_view value_name) const = 0;

  /// Ends the fit after this step. An epoch that is cut short still counts and is validated.
  virtual void stop(std::string reason) = 0;
  /// Updates a running average of the weights, in f64: average = decay * average + (1 - decay) * weights. The
  /// first call sets the average to the weights. From then on, validation, keep_weights() and the end of the
  /// fit use the average. Training continues with the weights themselves.
  virtual void average_weights(double decay) = 0;
  /// Keeps a copy of the weights under a name. Checkpoints hold it.
  virtual void keep_weights(const std::string& name) = 0;
  /// Restores the weights kept under a name.
  virtual void restore_weights(const std::string& name) = 0;
  /// Writes a checkpoint into `folder` and keeps only the newest `keep` there.
  virtual void checkpoint(const std::filesystem::path& folder, int keep) = 0;
  /// Sends a notice to every callback.
  virtual void notify(std::string message) = 0;
};

/// Observes one fit.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_begin(Run&) {}
  virtual void on_step(const StepReport&) {}
  virtual void on_validation(const ValidationReport&) {}
  virtual void on_epoch(const EpochReport&) {}
  /// Receives a notice or a warning of one line.
  virtual void on_message(const std::string&) {}
  virtual void on_end(const EndReport&) {}

  /// A callback with a name keeps its counters in checkpoints; a resumed fit must have it again. A callback
  /// without a name (empty) may be added or left out freely.
  virtual std::string name() const { return {}; }
  /// The counters as UTF-8 text. The call comes before a checkpoint is written; the callback's own files must
  /// be on the disk when it returns.
  virtual std::string save() { return {}; }
  /// Restores the counters of a resumed fit, before on_begin. They must be exact, because resuming is.
  virtual void restore(std::string_view) {}
};

namespace callbacks {

/// Shows progress on standard error. On a terminal it is one line, redrawn at most ten times a second;
/// otherwise it is one line per epoch. There are no colours if NO_COLOR is set.
struct ProgressBar {
  bool always_plain = false;

  static constexpr auto fields() {
    return std::tuple{
        field("always_plain", &ProgressBar::always_plain, "one line per epoch, even on a terminal")};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<ProgressBar>);

/// Writes two files into a folder: metrics.jsonl (one object per step, per epoch, and per validation within
/// an epoch) and metrics.csv (one line per epoch). A resumed fit truncates them to the point of its
/// checkpoint. A second fit of the same model appends. Any other fit begins new files.
struct HistoryFile {
  Required<std::filesystem::path> folder;
  int every_steps = 1;

  static constexpr auto fields() {
    return std::tuple{field("folder", &HistoryFile::folder, "folder for metrics.jsonl and metrics.csv"),
                      field("every_steps", &HistoryFile::every_steps,
                            "steps between two lines of metrics.jsonl; 0: epochs only", 0, 1 << 30)};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<HistoryFile>);

/// The direction in which a monitored value should move. automatic: the direction in which it improves.
enum class Mode { automatic, min, max };
constexpr std::array<std::string_view, 3> names_of(Mode) {
  return {"auto", "min", "max"};
}

/// Ends training if `monitor` has not improved by more than `min_delta` for `patience` epochs in a row.
///
/// With an equal value, a lower loss on the same data ("val_loss" for "val_accuracy", "loss" for "accuracy")
/// makes an epoch the best one. It restarts the patience only if the loss is at least 1 % lower.
///
/// Values of the validation data are checked after every validation. With FitOptions::validate_every_steps,
/// patience therefore counts validations instead of epochs.
struct EarlyStopping {
  std::string monitor = "val_loss";
  Mode mode = Mode::automatic;
  int patience = 1;
  float min_delta = 0;
  bool restore_best = true;

  static constexpr auto fields() {
    return std::tuple{
        field("monitor", &EarlyStopping::monitor, "value that should improve"),
        field("mode", &EarlyStopping::mode,
              "whether it should fall or rise; auto: the direction in which it improves"),
        field("patience", &EarlyStopping::patience,
              "epochs (or validations) in a row without improvement that end training", 1, 1 << 20),
        field("min_delta", &EarlyStopping::min_delta, "smaller improvements do not count", 0, 1e6),
        field("restore_best", &EarlyStopping::restore_best,
              "end with the best weights instead of the last ones")};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<EarlyStopping>);

/// Averages the weights over the steps, starting after the first `after_epochs` epochs of the fit.
/// Validation, the best weights and the end of the fit use the average. Training continues with the weights
/// themselves.
///
/// After each step, average = decay * average + (1 - decay) * weights. With decay = 0, the average is the
/// mean over all steps since the start (Polyak & Juditsky 1992; Izmailov et al. 2018 use one step per epoch).
/// Frozen weights do not change.
struct WeightAveraging {
  float decay = 0.999F;
  int after_epochs = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("decay", &WeightAveraging::decay,
              "share of the average that each step keeps; 0: the mean of all steps", 0, 0.9999999),
        field("after_epochs", &WeightAveraging::after_epochs, "epochs before averaging begins", 0, 1 << 20)};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<WeightAveraging>);

/// Writes checkpoints, from which FitOptions::resume continues exactly. It also writes one if the fit is
/// interrupted.
struct Checkpoint {
  Required<std::filesystem::path> folder;
  int every_steps = 0;
  int every_epochs = 1;
  double every_seconds = 0;
  int keep = 2;

  static constexpr auto fields() {
    return std::tuple{
        field("folder", &Checkpoint::folder, "folder for the checkpoints"),
        field("every_steps", &Checkpoint::every_steps,
              "steps between two checkpoints; 0: only at the ends of epochs", 0, 1 << 30),
        field("every_epochs", &Checkpoint::every_epochs,
              "epochs between two checkpoints; 0: not at the ends of epochs", 0, 1 << 20),
        field("every_seconds", &Checkpoint::every_seconds,
              "seconds between two checkpoints within an epoch; 0: never by time", 0, 1e6),
        field("keep", &Checkpoint::keep, "how many of the newest checkpoints to keep", 1, 1 << 20)};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<Checkpoint>);

}  // namespace callbacks

template <class D>
concept CallbackDescription = requires(const D& d) {
  { d.start() } -> std::same_as<std::unique_ptr<Callback>>;
};

/// Any description of a callback, or a function to call after each epoch.
class AnyCallback {
 public:
  template <CallbackDescription D>
  AnyCallback(D description) : start_([d = std::move(description)] { return d.start(); }) {}
  template <std::invocable<const EpochReport&> F>
  requires(!CallbackDescription<F>) AnyCallback(F on_epoch)
      : start_([f = std::move(on_epoch)] { return std::unique_ptr<Callback>(new Call(f)); }) {}

  std::unique_ptr<Callback> start() const { return start_(); }

 private:
  struct Call final : Callback {
    explicit Call(std::function<void(const EpochReport&)> f) : call(std::move(f)) {}
    void on_epoch(const EpochReport& report) override { call(report); }
    std::function<void(const EpochReport&)> call;
  };
  std::function<std::unique_ptr<Callback>()> start_;
};

}  // namespace rondo

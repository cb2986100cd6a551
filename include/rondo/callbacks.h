/// What a fit reports while it runs, and those who listen: progress, history, early stopping, checkpoints.
///
/// A callback is described by plain data (`callbacks::EarlyStopping{.patience = 2}`); each fit starts a live
/// observer of its own from it. The library prints nothing unless it is given `callbacks::ProgressBar`.
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

/// After each step of the optimiser.
struct StepReport {
  std::int64_t step = 0;       ///< of the optimiser, from 1, over all fits
  int epoch = 0;               ///< from 1, over all fits
  int last_epoch = 0;          ///< of this fit
  std::size_t batch = 0;       ///< batches of this epoch done
  std::size_t batches = 0;     ///< of this epoch
  float loss = 0;              ///< of this step; NaN when nothing in it counted
  float mean_loss = 0;         ///< of the epoch so far
  float gradient_norm = 0;     ///< before clipping
  float learning_rate = 0;     ///< as scheduled, before factors of parameter groups
  double seconds = 0;          ///< since this fit began
  double rows_per_second = 0;  ///< tokens or steps of sequences, over the last seconds
  double seconds_left = 0;     ///< expected until the last epoch ends; validation not counted
};

/// After each validation: within an epoch (FitOptions::validate_every_steps), or at its end, before on_epoch.
struct ValidationReport {
  std::int64_t step = 0;    ///< of the optimiser, over all fits
  int epoch = 0;            ///< from 1, over all fits
  int last_epoch = 0;       ///< of this fit
  bool epoch_done = false;  ///< on_epoch follows, with these values among its own
  double seconds = 0;       ///< that it took
  /// By name: "val_loss" and the metrics after "val_".
  std::map<std::string, float> values;
};

/// After each epoch, its validation done.
struct EpochReport {
  int epoch = 0;                 ///< from 1, over all fits
  int last_epoch = 0;            ///< of this fit
  std::int64_t step = 0;         ///< of the optimiser, over all fits
  double seconds = 0;            ///< of this epoch, with its validations
  double processor_seconds = 0;  ///< the same, of the process, all its threads together
  double rows_per_second = 0;
  double seconds_left = 0;  ///< expected until the last epoch ends
  /// By name: "loss", the metrics, the same of the validation data after "val_", "learning_rate".
  std::map<std::string, float> values;
};

/// How a fit ended.
struct EndReport {
  int epoch = 0;                 ///< the last one finished
  std::int64_t step = 0;         ///< of the optimiser, over all fits
  bool interrupted = false;      ///< FitOptions::stop asked for it
  std::string reason;            ///< why it ended before its last epoch, else empty
  double seconds = 0;            ///< since this fit began or was resumed
  double processor_seconds = 0;  ///< the same, of the process, all its threads together
};

/// What a callback may ask of the fit that it observes. Requests are carried out after all callbacks have
/// seen the event at hand.
class Run {
 public:
  virtual ~Run() = default;
  /// The fit goes on from a checkpoint: restore() was called, if there was something to restore.
  virtual bool resumed() const = 0;
  /// Epochs done before this fit.
  virtual int epochs_before() const = 0;
  virtual bool has_validation() const = 0;
  /// Names of the values that epochs will report; nothing when they are not known beforehand.
  virtual std::optional<std::vector<std::string>> value_names() const = 0;
  /// Which way a value of a report improves ("val_f1", "loss"). Of a learning rate, higher.
  virtual Better better(std::string_view value_name) const = 0;

  /// No step after this one. An epoch that it breaks off counts as one and is validated.
  virtual void stop(std::string reason) = 0;
  /// Moves a running average of the weights towards the weights: average = decay * average +
  /// (1 - decay) * weights, kept in f64; the first time it is the weights. From then on validation,
  /// keep_weights() and the end of the fit see the average; training goes on with the weights themselves.
  virtual void average_weights(double decay) = 0;
  /// Keeps a copy of the weights under a name (checkpoints hold it), and takes it back.
  virtual void keep_weights(const std::string& name) = 0;
  virtual void restore_weights(const std::string& name) = 0;
  /// Writes a checkpoint into `folder`, of which the newest `keep` stay.
  virtual void checkpoint(const std::filesystem::path& folder, int keep) = 0;
  /// Tells every callback something worth knowing.
  virtual void notify(std::string message) = 0;
};

/// Watches one fit.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_begin(Run&) {}
  virtual void on_step(const StepReport&) {}
  virtual void on_validation(const ValidationReport&) {}
  virtual void on_epoch(const EpochReport&) {}
  /// A notice or a warning, in one line.
  virtual void on_message(const std::string&) {}
  virtual void on_end(const EndReport&) {}

  /// Whose counters a checkpoint keeps are named; the others (empty) come and go as they like.
  virtual std::string name() const { return {}; }
  /// Its counters as UTF-8 text, asked for before a checkpoint is written: files must be on the disk by then.
  virtual std::string save() { return {}; }
  /// Takes them back, before on_begin of a fit that is resumed: exactly, or resuming would not be exact.
  virtual void restore(std::string_view) {}
};

namespace callbacks {

/// One line on standard error that is drawn again at most ten times a second, when that is a terminal; one
/// line an epoch otherwise. No colours with NO_COLOR set.
struct ProgressBar {
  bool always_plain = false;

  static constexpr auto fields() {
    return std::tuple{
        field("always_plain", &ProgressBar::always_plain, "one line an epoch, also on terminals")};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<ProgressBar>);

/// Writes metrics.jsonl (one object a step, an epoch, and a validation within an epoch) and metrics.csv (one
/// line an epoch) into a folder. A resumed fit cuts them back to where its checkpoint stood; a fit after
/// another one of the same model appends; any other begins anew.
struct HistoryFile {
  Required<std::filesystem::path> folder;
  int every_steps = 1;

  static constexpr auto fields() {
    return std::tuple{
        field("folder", &HistoryFile::folder, "where metrics.jsonl and metrics.csv are written"),
        field("every_steps", &HistoryFile::every_steps,
              "steps between two lines of metrics.jsonl; 0: epochs only", 0, 1 << 30)};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<HistoryFile>);

/// Which way a monitored value is to go; automatic: the way that it improves.
enum class Mode { automatic, min, max };
constexpr std::array<std::string_view, 3> names_of(Mode) {
  return {"auto", "min", "max"};
}

/// Ends training when `monitor` has not improved by more than `min_delta` for `patience` epochs in a row. An
/// epoch with the same value and a lower loss (of the same data: "val_loss" for "val_accuracy", "loss" for
/// "accuracy") has improved too. A value of the validation data is looked at after every validation: with
/// FitOptions::validate_every_steps, patience counts these instead of epochs.
struct EarlyStopping {
  std::string monitor = "val_loss";
  Mode mode = Mode::automatic;
  int patience = 1;
  float min_delta = 0;
  bool restore_best = true;

  static constexpr auto fields() {
    return std::tuple{
        field("monitor", &EarlyStopping::monitor, "value that should improve"),
        field("mode", &EarlyStopping::mode, "whether it should fall or rise; auto: as the value has it"),
        field("patience", &EarlyStopping::patience,
              "epochs (or validations) in a row without improvement that end it", 1, 1 << 20),
        field("min_delta", &EarlyStopping::min_delta, "smaller improvements do not count", 0, 1e6),
        field("restore_best", &EarlyStopping::restore_best,
              "end with the best weights, not the last step's")};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<EarlyStopping>);

/// Averages the weights over the steps after the first `after_epochs` epochs of the fit. Validation, the best
/// weights and the end of the fit see the average; training goes on with the weights themselves.
///
/// average = decay * average + (1 - decay) * weights after each step. decay = 0: the mean of the weights
/// after all steps averaged (Polyak & Juditsky 1992; Izmailov et al. 2018 take one step an epoch). Frozen
/// weights stay as they are.
struct WeightAveraging {
  float decay = 0.999F;
  int after_epochs = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("decay", &WeightAveraging::decay,
              "share of the average that a step leaves; 0: the mean of all steps", 0, 0.9999999),
        field("after_epochs", &WeightAveraging::after_epochs, "epochs before the averaging begins", 0,
              1 << 20)};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<WeightAveraging>);

/// Writes checkpoints from which FitOptions::resume goes on exactly; also one when the fit is interrupted.
struct Checkpoint {
  Required<std::filesystem::path> folder;
  int every_steps = 0;
  int every_epochs = 1;
  double every_seconds = 0;
  int keep = 2;

  static constexpr auto fields() {
    return std::tuple{field("folder", &Checkpoint::folder, "where they are written"),
                      field("every_steps", &Checkpoint::every_steps,
                            "steps between two; 0: at the ends of epochs only", 0, 1 << 30),
                      field("every_epochs", &Checkpoint::every_epochs,
                            "epochs between two; 0: not at their ends", 0, 1 << 20),
                      field("every_seconds", &Checkpoint::every_seconds,
                            "seconds between two within an epoch; 0: not by the clock", 0, 1e6),
                      field("keep", &Checkpoint::keep, "how many of the newest stay", 1, 1 << 20)};
  }
  std::unique_ptr<Callback> start() const;
};
static_assert(all_fields_listed<Checkpoint>);

}  // namespace callbacks

template <class D>
concept CallbackDescription = requires(const D& d) {
  { d.start() } -> std::same_as<std::unique_ptr<Callback>>;
};

/// Any description of a callback, or a function that is called after each epoch.
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

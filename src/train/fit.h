/// One fit: the loop over epochs and steps, and what a checkpoint of it holds.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <rondo/train.h>

#include "optim/descent.h"
#include "train/average.h"
#include "train/checkpoint.h"
#include "train/learning_rate.h"
#include "train/metrics.h"
#include "train/pace.h"

namespace rondo {

/// What outlives a fit, so that a second fit continues from the first.
struct TrainState {
  Optimizer optimizer;
  std::unique_ptr<Descent> descent;  ///< made by the first fit
  const ParameterStore* store = nullptr;
  History history;
  std::int64_t epochs = 0;   ///< done, over all fits
  std::int64_t batches = 0;  ///< seen, over all fits; the key for dropout
};

/// The last validation that was finished.
struct Measured {
  std::int64_t step = -1;                    ///< optimiser step after which it came; -1: none yet
  std::map<std::string, float> values = {};  ///< "val_loss", ...
  double seconds = 0;                        ///< that it took; no checkpoint holds it
};

/// The progress of a fit.
struct FitProgress {
  std::int64_t epochs_before = 0;  ///< done when it began
  std::int64_t steps_before = 0;
  std::size_t batch = 0;  ///< batches of the present epoch done
  Mean loss;              ///< of the present epoch
  Measured validation;
  bool stopping = false;  ///< no step after this one
  std::string reason;     ///< why
};

class Fit final : public Run {
 public:
  Fit(TrainState& state, Trainable& model, const FitOptions& options);
  ~Fit() override;
  void run();

  bool resumed() const override { return resumed_; }
  int epochs_before() const override { return static_cast<int>(progress_.epochs_before); }
  bool has_validation() const override { return model_.has_validation(); }
  std::optional<std::vector<std::string>> value_names() const override;
  Better better(std::string_view value_name) const override;
  void stop(std::string reason) override;
  void average_weights(double decay) override { average_.update(decay); }
  void keep_weights(const std::string& name) override;
  void restore_weights(const std::string& name) override;
  void checkpoint(const std::filesystem::path& folder, int keep) override;
  void notify(std::string message) override;

 private:
  struct Update {
    float loss, gradient_norm, learning_rate;
  };
  struct Request {
    std::filesystem::path folder;
    int keep;
  };
  struct Kept {
    int epoch = 0;                             ///< the epoch that reached them, from 1
    std::map<std::string, float> values = {};  ///< values measured with them
    std::vector<Tensor> weights = {};
  };

  void begin();
  void bind_store();
  void apply_groups();
  /// Which parameters learn in the present epoch.
  void freeze_for_epoch();
  void end(bool interrupted);
  /// False when it was interrupted.
  bool run_epoch();
  /// Restores the sums and states that a resumed epoch continues from.
  void take_up_epoch();
  bool finish_epoch();
  bool validation_due(std::size_t batches) const;
  bool validate_within_epoch();
  /// Validates, with the averaged weights if there are any. False if it was interrupted.
  bool validate();
  void report_validation(bool epoch_done);
  Update step(std::size_t batches);
  /// Adds the gradients of up to `count` batches; returns what they must be multiplied by.
  double gather(std::size_t count, double& mean_loss);
  float clip(float scale, float& norm);
  [[noreturn]] void fail_not_finite(std::string_view what, double value) const;
  StepReport report(const Update& update, std::size_t batches);
  void carry_out_requests();
  bool over() const;
  /// The current epoch (from 1) during a step, else the last finished one.
  int present_epoch() const;

  // In fit_checkpoint.cpp.
  void resume();
  CheckpointContent content() const;
  void take_over(const CheckpointContent& content);
  void restore_kept(const NamedTensors& kept, const Json& records);
  void take_over_progress(const CheckpointContent& content);
  void check_weights(const CheckpointContent& content) const;
  Json kept_record() const;
  Json option_record() const;
  void compare_options(const Json& saved) const;
  void compare_model(const CheckpointContent& content) const;
  [[noreturn]] void refuse_resume(const std::string& why) const;
  Json save_callbacks() const;
  void restore_callbacks(const Json& saved);

  TrainState& state_;
  Trainable& model_;
  const FitOptions& options_;
  LearningRate schedule_;
  FitProgress progress_;
  std::vector<std::unique_ptr<Callback>> callbacks_;
  std::vector<char> was_trainable_;
  std::vector<std::int64_t> frozen_epochs_;  // of each parameter, from the start of the fit
  std::map<std::string, Kept> kept_;
  std::map<std::string, float> measured_;  // of the weights as they are now
  WeightAverage average_;
  std::vector<Request> requests_;
  std::set<std::filesystem::path> checkpointed_;  // folders that hold a checkpoint of this fit
  std::string sums_;                              // of a resumed epoch, until it begins
  NamedTensors carried_;                          // likewise
  Pace pace_;
  float last_rate_ = 0;
  bool resumed_ = false;
};

}  // namespace rondo

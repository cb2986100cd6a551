/// From a group of options to what a fit is told.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/task.h>
#include <rondo/train.h>

namespace rondo {

/// The optimiser with the rate that was planned.
Optimizer optimizer_of(const TrainingOptions& options);

/// Fills in the learning rate: what was said, the optimiser's own if it is not its default, else
/// usual_rate(optimiser). True when it was the last.
bool plan_rate(TrainingOptions& options, const std::function<float(const Optimizer&)>& usual_rate);

/// What an application does where nothing was said.
struct TrainingDefaults {
  int epochs;
  std::string monitor;  ///< "val_accuracy"
  float learning_rate;
  int patience = 0;
};
/// Fills in what was left open; a line for each thing that the data or the optimiser decided.
std::vector<std::string> plan_training(TrainingOptions& options, const TrainingDefaults& defaults);

/// Epochs, schedule, clipping; validation with early stopping where there is a validation part; metric files
/// and checkpoints in the run's folder.
FitOptions fit_options(const TrainingOptions& options, const Dataset& valid, TrainingRun run);

/// Error(option) when `monitor` is no value that an epoch reports: "loss" and `scores`, or these after
/// "val_".
void check_monitor(const TrainingOptions& options, const std::vector<std::string>& scores,
                   const PlaceOf& place);

/// An option's name as it is.
std::string plain_place(std::string_view option);

/// Word vectors and another model's weights (`init`), with a line to `notice` on what they gave.
void take_weights(Sequential& model, const NetworkOptions& network, const TrainingOptions& training,
                  const std::function<void(const std::string&)>& notice);

}  // namespace rondo

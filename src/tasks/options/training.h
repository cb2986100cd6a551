/// From a group of options to the options of a fit.
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

/// Fills in the learning rate: the given one, else the optimiser's if it is not its default, else
/// usual_rate(optimiser). Returns true for the last case.
bool plan_rate(TrainingOptions& options, const std::function<float(const Optimizer&)>& usual_rate);

/// Shortens the average of the weights, where it is the application's usual one, for a training of few steps:
/// an average over more steps than there are is one of first values. `because`, if the share changes, is told
/// why.
void plan_average(TrainingOptions& options, float usual, double steps,
                  const std::function<void(const std::string&)>& because);

/// An application's defaults for open options.
struct TrainingDefaults {
  int epochs;
  std::string monitor;  ///< "val_accuracy"
  float learning_rate;
  int patience = 0;
};
/// Fills in open options and returns a line for each one that was derived.
std::vector<std::string> plan_training(TrainingOptions& options, const TrainingDefaults& defaults);

/// Epochs, schedule, clipping; validation with early stopping where there is a validation part; metric files
/// and checkpoints in the run's folder.
FitOptions fit_options(const TrainingOptions& options, const Dataset& valid, TrainingRun run);

/// Error(option) if no epoch reports the value `monitor`. Epochs report `scores`, also with the prefix
/// "val_".
void check_monitor(const TrainingOptions& options, const std::vector<std::string>& scores,
                   const PlaceOf& place);

/// Rates and frozen epochs of the parameters below the last layer, for FitOptions::groups. Parts, from first
/// to last, are layers, and of stacked recurrent layers each level. `notice`, if given, is told when they
/// begin.
std::vector<ParameterGroup> transfer_groups(const TransferOptions& options, const ParameterStore& weights,
                                            const std::function<void(const std::string&)>& notice = {});
/// Error(option) for frozen epochs of a network that begins with random weights.
void check_transfer(const TransferOptions& options, bool has_first_weights, const PlaceOf& place);

/// The option's name, unchanged.
std::string plain_place(std::string_view option);

/// Takes word vectors and another model's weights (`init`), and tells `notice` what it took.
void take_weights(Sequential& model, const NetworkOptions& network, const TrainingOptions& training,
                  const std::function<void(const std::string&)>& notice);

}  // namespace rondo

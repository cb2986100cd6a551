/// The loss of a Sequential on batches: which losses fit which layers and data, and their values.
#pragma once
#include <cstdint>
#include <vector>

#include <rondo/data.h>
#include <rondo/train.h>

#include "model/layer_stack.h"
#include "train/metrics.h"

namespace rondo {

/// Throws Error(option) where a loss does not fit what the last layer ends in.
void check_loss(const CompileOptions& options, const Signature& last, Activation final);

/// Throws Error(data) or Error(shape) where the examples' targets do not fit the loss and the last layer.
void check_targets(const CompileOptions& options, const Signature& last, const Dataset& examples);

/// Whether one number decides between two classes.
bool is_binary(const CompileOptions& options, const Dataset& examples);

/// One weight per class; empty: all 1. Error(option) for an unknown class.
std::vector<float> class_weights(const FitOptions& options, const Dataset& train);

/// Mean loss of a batch from the scores of a head.
BatchLoss loss_of(const CompileOptions& options, const Head& head, const Var& scores,
                  const data::Batch& batch, std::span<const float> class_weights = {});

/// The same of a network on a batch, where nobody asks for the scores: a head may do without keeping them.
/// `classes`, unless it is null, gets the class of each row: only where classifies().
BatchLoss loss_of(const CompileOptions& options, const LayerStack& network, const data::Batch& batch,
                  std::span<const float> class_weights = {}, std::vector<std::int32_t>* classes = nullptr);

/// Whether the head says classes beside the loss.
bool classifies(const CompileOptions& options, const Head& head);

/// What a batch adds to the metrics: the classes where these are all they ask for and the head says them,
/// else its outputs. Returns the loss.
BatchLoss measured(const CompileOptions& options, const LayerStack& network, const data::Batch& batch,
                   std::span<const float> class_weights, MetricSums& sums);

}  // namespace rondo

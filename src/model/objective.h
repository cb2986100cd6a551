/// The loss of a Sequential on batches: which losses fit which layers and data, and their values.
#pragma once
#include <cstdint>
#include <vector>

#include <rondo/data.h>
#include <rondo/train.h>

#include "model/layer_stack.h"

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

/// The same of a network on a batch, if the scores are not needed. A head may then avoid keeping them.
BatchLoss loss_of(const CompileOptions& options, const LayerStack& network, const data::Batch& batch,
                  std::span<const float> class_weights = {});

}  // namespace rondo

/// The live form of a Sequential's layers.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <rondo/data.h>
#include <rondo/model.h>
#include <rondo/nn.h>

#include "model/layers/layer.h"

namespace rondo {

/// The shapes of all layers' outputs; vocab and bigrams are 0 while no vocabulary was learned. Throws as
/// output_of does, and Error(shape) for layers that do not end in numbers.
std::vector<Signature> infer_shapes(std::span<const AnyLayer> layers, int vocab, int bigrams);

/// Layers with their parameters. Immutable: any number of threads may compute with it.
class LayerStack {
 public:
  LayerStack(std::span<const AnyLayer> layers, int vocab, int bigrams, std::shared_ptr<ParameterStore> store);

  /// What the last layer gives before a final softmax or sigmoid, in packed order: [sequences, width], or
  /// [rows, width] with one output a step.
  Var logits(const data::Batch& batch) const;
  /// The same behind it.
  Var outputs(const Var& logits) const { return activate(logits, final_); }
  /// The last layer where logits are a linear function of what comes before it, which a loss may compute
  /// block by block; null elsewhere.
  const nn::Dense* head() const noexcept { return head_ ? &*head_ : nullptr; }
  /// What comes before the head; without one, the logits.
  Var before_head(const data::Batch& batch) const;

  Activation final() const noexcept { return final_; }
  bool per_step() const noexcept { return shapes_.back().kind == Signature::Kind::steps; }
  int width() const noexcept { return shapes_.back().width; }
  std::span<const Signature> shapes() const noexcept { return shapes_; }
  const std::shared_ptr<ParameterStore>& store() const noexcept { return store_; }

 private:
  std::shared_ptr<ParameterStore> store_;
  std::vector<Signature> shapes_;
  std::vector<Transform> transforms_;  ///< without the head
  std::optional<nn::Dense> head_;
  Activation final_;
};

}  // namespace rondo

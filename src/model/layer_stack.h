/// The live form of a Sequential's layers.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <rondo/data.h>
#include <rondo/model.h>

#include "model/heads/head.h"
#include "model/layers/layer.h"

namespace rondo {

/// The shapes of all layers' outputs; vocab and bigrams are 0 while no vocabulary was learned. Throws as
/// output_of does, and Error(shape) for layers that do not end in numbers.
std::vector<Signature> infer_shapes(std::span<const AnyLayer> layers, int vocab, int bigrams);

/// Layers with their parameters. Immutable: any number of threads may compute with it.
class LayerStack {
 public:
  LayerStack(std::span<const AnyLayer> layers, int vocab, int bigrams, std::shared_ptr<ParameterStore> store);

  /// The input of the head, in packed order: [sequences, D], or [rows, D] with one output per step.
  Var rows(const data::Batch& batch) const;
  /// The scores that losses take.
  Var scores(const data::Batch& batch) const { return head_->scores(rows(batch)); }
  /// The model's outputs, from the scores of a batch.
  Var outputs(const Var& scores, const data::Batch& batch) const {
    return head_->outputs(scores, *batch.layout);
  }
  const Head& head() const noexcept { return *head_; }

  bool per_step() const noexcept { return shapes_.back().kind == Signature::Kind::steps; }
  int width() const noexcept { return shapes_.back().width; }
  std::span<const Signature> shapes() const noexcept { return shapes_; }
  const std::shared_ptr<ParameterStore>& store() const noexcept { return store_; }

 private:
  std::shared_ptr<ParameterStore> store_;
  std::vector<Signature> shapes_;
  std::vector<Transform> transforms_;  ///< without the head
  std::shared_ptr<const Head> head_;
};

}  // namespace rondo

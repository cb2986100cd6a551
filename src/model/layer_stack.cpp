#include "model/layer_stack.h"

#include "base/message.h"

namespace rondo {
namespace {

/// Calls visit(layer, place, shape of the output) from the first layer to the last.
template <class Visit>
void walk(std::span<const AnyLayer> layers, int vocab, int bigrams, Visit&& visit) {
  const std::vector<std::string> names = names_of(layers);
  Signature in;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Place place{names[i], in, vocab, bigrams};
    Signature out = output_of(layers[i], place);
    if (out.kind == Signature::Kind::steps && out.resampled.empty()) out.resampled = in.resampled;
    visit(layers[i], place, out);
    in = std::move(out);
  }
}

}  // namespace

std::vector<Signature> infer_shapes(std::span<const AnyLayer> layers, int vocab, int bigrams) {
  if (layers.empty()) fail(ErrorKind::usage, "a Sequential takes at least one layer, got none");
  std::vector<Signature> shapes;
  walk(layers, vocab, bigrams,
       [&](const AnyLayer&, const Place&, const Signature& out) { shapes.push_back(out); });
  if (shapes.back().kind == Signature::Kind::ids)
    fail(ErrorKind::shape, "a model ends in rows of numbers, got " + shapes.back().in_words() +
                               "; add an Embedding and what reads it");
  if (!shapes.back().resampled.empty())
    fail(ErrorKind::shape,
         "a model with an output a step has those of its input, got others from " + shapes.back().resampled +
             "; end in one row per sequence, or give it stride 1 and padding same or causal");
  return shapes;
}

LayerStack::LayerStack(std::span<const AnyLayer> layers, int vocab, int bigrams,
                       std::shared_ptr<ParameterStore> store)
    : store_(std::move(store)) {
  const Scope root(store_);
  walk(layers, vocab, bigrams, [&](const AnyLayer& layer, const Place& place, const Signature& out) {
    const Scope scope = root / place.name;
    if (&layer == &layers.back()) head_ = head_of(layer, place, scope);
    if (!head_) transforms_.push_back(transform_of(layer, place, scope));
    shapes_.push_back(out);
  });
  if (!head_) head_ = numbers_head();
}

Var LayerStack::rows(const data::Batch& batch) const {
  Flow flow;
  if (batch.features.empty())
    flow = batch.ids;
  else
    flow = Sequences(Var(batch.features.to(store_->dtype())), batch.layout);
  for (const Transform& transform : transforms_)
    flow = transform(flow);
  return per_step() ? std::get<Sequences>(flow).rows() : std::get<Var>(flow);
}

}  // namespace rondo

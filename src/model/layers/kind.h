/// What a model knows of each kind of layer. The files beside this one each define one kind. Other code uses
/// layer.h.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <rondo/nn.h>

#include "model/layers/layer.h"
#include "model/stream/builder.h"

namespace rondo {

/// Everything is pure virtual, so the compiler asks a new kind for each function.
template <class Options>
class LayerKind {
 public:
  virtual ~LayerKind() = default;
  /// As output_of. All checks of a layer's place are here.
  virtual Signature output(const Options& layer, const Place& place) const = 0;
  /// As transform_of.
  virtual Transform live(const Options& layer, const Place& place, const Scope& scope) const = 0;
  /// As add_steps: the bits of the live layer, a step at a time.
  virtual void add_steps(const Options& layer, streaming::Builder& stream) const = 0;
  /// softmax or sigmoid if it ends in one, else linear.
  virtual Activation final_activation(const Options& layer) const = 0;
  /// As head_of.
  virtual std::unique_ptr<const Head> head(const Options& layer, const Place& place,
                                           const Scope& scope) const = 0;
};

/// A kind without a head. The outputs of a model that ends in it are its numbers.
template <class Options>
class HeadlessKind : public LayerKind<Options> {
 public:
  Activation final_activation(const Options&) const final { return Activation::linear; }
  std::unique_ptr<const Head> head(const Options&, const Place&, const Scope&) const final { return nullptr; }
};

// One for each alternative of AnyLayer.
const LayerKind<layers::Tokens>& kind_of(const layers::Tokens&);
const LayerKind<layers::Input>& kind_of(const layers::Input&);
const LayerKind<layers::Embedding>& kind_of(const layers::Embedding&);
const LayerKind<layers::LSTM>& kind_of(const layers::LSTM&);
const LayerKind<layers::GRU>& kind_of(const layers::GRU&);
const LayerKind<layers::SimpleRNN>& kind_of(const layers::SimpleRNN&);
const LayerKind<layers::Pooling>& kind_of(const layers::Pooling&);
const LayerKind<layers::Dense>& kind_of(const layers::Dense&);
const LayerKind<layers::Dropout>& kind_of(const layers::Dropout&);
const LayerKind<layers::LayerNorm>& kind_of(const layers::LayerNorm&);
const LayerKind<layers::Activate>& kind_of(const layers::Activate&);
const LayerKind<layers::ResidualRecurrence>& kind_of(const layers::ResidualRecurrence&);
const LayerKind<layers::LinearRecurrence>& kind_of(const layers::LinearRecurrence&);
const LayerKind<layers::AttentionPooling>& kind_of(const layers::AttentionPooling&);
const LayerKind<layers::Conv1D>& kind_of(const layers::Conv1D&);
const LayerKind<layers::MaxPooling1D>& kind_of(const layers::MaxPooling1D&);
const LayerKind<layers::AveragePooling1D>& kind_of(const layers::AveragePooling1D&);
const LayerKind<layers::Highway>& kind_of(const layers::Highway&);

// -- What kinds have in common.

/// A layer in words: "'lstm' (lstm, bidirectional doubles 64)".
std::string in_words(const Place& place, std::string_view type, std::string_view remark);
template <class L>
std::string giver(const Place& place, const L&, std::string_view remark = "") {
  return in_words(place, L::type, remark);
}

/// Error(shape): what `layer` takes, what it gets, and the cure.
[[noreturn]] void misplaced(const std::string& layer, std::string_view takes, const Signature& in,
                            std::string_view cure);
/// The cure if a layer needs rows and gets something else.
std::string_view cure_for_rows(const Signature& in);

template <class L>
void takes_steps(const Place& place, const L& layer) {
  if (place.in.kind != Signature::Kind::steps)
    misplaced(giver(place, layer), "a sequence of rows", place.in, cure_for_rows(place.in));
}

template <class L>
void takes_numbers(const Place& place, const L& layer) {
  if (place.in.kind != Signature::Kind::steps && place.in.kind != Signature::Kind::rows)
    misplaced(giver(place, layer), "rows of numbers", place.in, cure_for_rows(place.in));
}

/// Error(shape) if there is a layer before this one.
void comes_first(const Place& place, const std::string& layer);

/// A module that takes rows of steps and rows of sequences, with different overloads.
template <class Module>
Transform on_rows(Module module) {
  return [module = std::move(module)](const Flow& in) -> Flow {
    if (const auto* steps = std::get_if<Sequences>(&in)) return module(*steps);
    return module(std::get<Var>(in));
  };
}

/// The activation if losses leave it out, else linear.
Activation taken_by_losses(Activation activation);

}  // namespace rondo

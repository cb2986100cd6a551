/// One layer of a Sequential, of any kind: from its description to its shape, and to what computes it.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <rondo/model.h>

#include "model/flow.h"
#include "model/heads/head.h"

namespace rondo {

namespace streaming {
class Builder;
}

/// A layer's place and what is known there.
struct Place {
  std::string name;
  Signature in;
  int vocab = 0;    ///< rows that a table of tokens needs; 0: not learned yet
  int bigrams = 0;  ///< the same of bigrams
};

/// "lstm", "dense", and "dense_2" for a second one: the names under which weights are found.
std::vector<std::string> names_of(std::span<const AnyLayer> layers);

/// The shape of a layer's output. Error(shape) if it cannot take its input, Error(option) for options that
/// contradict each other.
Signature output_of(const AnyLayer& layer, const Place& place);

using Transform = std::function<Flow(const Flow&)>;

/// The live layer, its parameters made under `scope`.
Transform transform_of(const AnyLayer& layer, const Place& place, const Scope& scope);

/// The head of the layer as the last one of a model, with its parameters under `scope`. Null: it has none,
/// and the model's outputs are its numbers.
std::unique_ptr<const Head> head_of(const AnyLayer& layer, const Place& place, const Scope& scope);

/// Adds what the layer does at each step of a stream. Error(usage) says why it cannot run step by step.
void add_steps(const AnyLayer& layer, streaming::Builder& stream);

/// The activation that losses leave out: softmax or sigmoid if the layer ends in one, else linear.
Activation final_activation(const AnyLayer& layer);

}  // namespace rondo

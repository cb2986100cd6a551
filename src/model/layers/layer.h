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

/// Where a layer stands and what is known there.
struct Place {
  std::string name;
  Signature in;
  int vocab = 0;    ///< rows that a table of tokens needs; 0: not learned yet
  int bigrams = 0;  ///< the same of bigrams
};

/// "lstm", "dense", and "dense_2" for a second one: the names under which weights are found.
std::vector<std::string> names_of(std::span<const AnyLayer> layers);

/// The shape a layer gives; Error(shape) when it cannot take what comes in, Error(option) for options that
/// contradict each other.
Signature output_of(const AnyLayer& layer, const Place& place);

using Transform = std::function<Flow(const Flow&)>;

/// The live layer, its parameters made under `scope`.
Transform transform_of(const AnyLayer& layer, const Place& place, const Scope& scope);

/// The head that the layer is as the last of a model, its parameters made under `scope`; null: it is none,
/// and the model says the numbers that it gives.
std::unique_ptr<const Head> head_of(const AnyLayer& layer, const Place& place, const Scope& scope);

/// Adds what the layer does at each step of a stream; Error(usage) why it cannot be run step by step.
void add_steps(const AnyLayer& layer, streaming::Builder& stream);

/// softmax or sigmoid when the layer ends in one, else linear: what losses want to do without.
Activation final_activation(const AnyLayer& layer);

}  // namespace rondo

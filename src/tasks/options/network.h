/// From groups of options to layers.
#pragma once
#include <rondo/model.h>
#include <rondo/tasks/options.h>

namespace rondo {

layers::Tokens tokens_of(const TextOptions& options);
layers::Embedding embedding_of(const NetworkOptions& options);
/// With one output a step.
AnyLayer recurrent_layer_of(const NetworkOptions& options);

}  // namespace rondo

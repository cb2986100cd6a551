/// The facts that `rondo inspect` shows for any Sequential.
#pragma once
#include <vector>

#include <rondo/tasks/task.h>

namespace rondo {

/// Layers (JSON only), tokenizer and classes, as far as the model has them.
std::vector<Fact> facts_of(const Sequential& model);

}  // namespace rondo

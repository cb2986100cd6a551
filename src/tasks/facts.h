/// The facts that `rondo inspect` shows for any Sequential.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/task.h>

namespace rondo {

/// Layers (JSON only), tokenizer and classes, as far as the model has them.
std::vector<Fact> facts_of(const Sequential& model);
/// Those of a tokenizer and of classes alone.
Fact fact_of(const TextEncoder& encoder);
Fact fact_of(const std::vector<std::string>& classes);

}  // namespace rondo

/// Gradients against finite differences of the loss, for models of any kind.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <rondo/model.h>

namespace rondo {

/// Few enough examples to check a large model within seconds.
constexpr std::size_t most_checked_examples = 8;

/// Error(option) for options out of range.
void check(const GradientCheckOptions& options);

/// Where a model is built again in f64, with the same weights.
std::shared_ptr<ParameterStore> twin_store(const ParameterStore& weights);

/// Every parameter of a model in f64, frozen ones too. `loss`: one number, the same function of the
/// parameters each time it is called without dropout.
std::vector<GradientCheck> compare_gradients(const ParameterStore& store, const std::function<Var()>& loss,
                                             const GradientCheckOptions& options);

}  // namespace rondo

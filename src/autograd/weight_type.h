/// What the numbers of a parameter have been rounded to. It is kept beside the leaf, by those that
/// make_leaf() made, and says in which arithmetic operations may use it.
#pragma once
#include <memory>

#include <rondo/autograd.h>
#include <rondo/weight_type.h>

namespace rondo {

std::shared_ptr<Leaf> make_leaf();

/// f32 unless set_weight_type said otherwise, and for what is no parameter.
WeightType weight_type_of(const Var& x) noexcept;
/// Whoever changes a parameter's value sets it back to f32. Does nothing to a leaf that make_leaf() did not
/// make.
void set_weight_type(const std::shared_ptr<Leaf>& leaf, WeightType type) noexcept;

}  // namespace rondo

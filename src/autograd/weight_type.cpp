#include "autograd/weight_type.h"

namespace rondo {
namespace {

/// Frees a leaf, and keeps its type as long as that.
struct WeightTypeBeside {
  WeightType type = WeightType::f32;
  void operator()(Leaf* leaf) const noexcept { delete leaf; }
};

}  // namespace

std::shared_ptr<Leaf> make_leaf() {
  return {new Leaf, WeightTypeBeside()};
}

WeightType weight_type_of(const Var& x) noexcept {
  const auto* const beside = std::get_deleter<WeightTypeBeside>(x.leaf());
  return beside == nullptr ? WeightType::f32 : beside->type;
}

void set_weight_type(const std::shared_ptr<Leaf>& leaf, WeightType type) noexcept {
  if (auto* const beside = std::get_deleter<WeightTypeBeside>(leaf)) beside->type = type;
}

}  // namespace rondo

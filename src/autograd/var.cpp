#include <algorithm>

#include <rondo/autograd.h>

#include "autograd/visit.h"
#include "base/message.h"
#include "runtime/parallel.h"

namespace rondo {

Var::Var(float constant) : value_(Tensor::full({}, static_cast<double>(constant))) {}

Var::Var(Tensor value) : value_(std::move(value)) {}

Var Var::parameter(std::shared_ptr<Leaf> leaf) {
  Var result(leaf->value);
  result.leaf_ = std::move(leaf);
  return result;
}

float Var::item() const {
  if (value_.size() != 1) fail(ErrorKind::shape, "item() wanted a single number, got " + to_string(shape()));
  return static_cast<float>(value_.at(0));
}

void zero_gradient(Leaf& leaf) {
  const auto clear = [](Tensor rows) {
    visit_float(rows.dtype(), "a gradient", [&]<class T>() {
      T* const numbers = rows.data<T>().data();
      parallel_for(rows.size(), 1 << 16,
                   [=](Index begin, Index end) { std::fill(numbers + begin, numbers + end, T(0)); });
    });
  };
  if (leaf.sparse)
    for (const std::int32_t row : leaf.touched)
      clear(leaf.gradient.slice_rows(row, row + 1));
  else
    clear(leaf.gradient);
  leaf.touched.clear();
  leaf.reached = false;
}

}  // namespace rondo

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
  visit_float(leaf.gradient.dtype(), "a gradient", [&]<class T>() {
    T* const numbers = leaf.gradient.data<T>().data();
    if (leaf.sparse) {
      const Index columns = leaf.gradient.columns();
      for (const std::int32_t row : leaf.touched)
        std::fill_n(numbers + row * columns, columns, T(0));
    } else {
      parallel_for(leaf.gradient.size(), 1 << 16,
                   [=](Index begin, Index end) { std::fill(numbers + begin, numbers + end, T(0)); });
    }
  });
  leaf.touched.clear();
  leaf.reached = false;
}

}  // namespace rondo

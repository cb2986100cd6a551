#include "kernels/reference.h"

namespace rondo {

template <class T>
const Kernels<T>& reference_kernels() {
  static const Kernels<T> table = [] {
    Kernels<T> made{};
    made.isa = made.arithmetic = "scalar";
    reference::enter_products(made);
    reference::enter_small_products(made);
    reference::enter_elementwise(made);
    reference::enter_dropout(made);
    reference::enter_reductions(made);
    reference::enter_cells(made);
    reference::enter_optimisers(made);
    return made;
  }();
  return table;
}

template const Kernels<float>& reference_kernels();
template const Kernels<double>& reference_kernels();

}  // namespace rondo

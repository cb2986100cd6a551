#include "kernels/kernels.h"

namespace rondo {

std::span<const Kernels<float>* const> all_kernels() {
  static const Kernels<float>* const tables[] = {&reference_kernels<float>()};
  return tables;
}

}  // namespace rondo

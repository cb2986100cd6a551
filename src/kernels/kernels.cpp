#include "kernels/kernels.h"

#include <array>

#include "kernels/simd/targets.h"

namespace rondo {
namespace {

struct Target {
  std::string_view isa;
  std::int64_t bit;
};
#if HWY_ARCH_X86
constexpr Target targets[] = {{"avx512", HWY_AVX3}, {"avx2", HWY_AVX2}, {"sse4", HWY_SSE4}};
#else
constexpr Target targets[] = {{"neon", HWY_STATIC_TARGET}};
#endif

Kernels<float> table_for(const Target& target) {
  Kernels<float> table{};
  table.isa = target.isa;
  simd::enter_products(target.bit, table);
  simd::enter_small_products(target.bit, table);
  simd::enter_elementwise(target.bit, table);
  simd::enter_dropout(target.bit, table);
  simd::enter_reductions(target.bit, table);
  simd::enter_cells(target.bit, table);
  simd::enter_optimisers(target.bit, table);
  return table;
}

/// The tables of the instruction sets present, and pointers to them with the reference at the end.
struct Tables {
  std::array<Kernels<float>, std::size(targets)> made;
  std::array<const Kernels<float>*, std::size(targets) + 1> present;
  std::size_t count = 0;

  Tables() {
    const std::int64_t supported = hwy::SupportedTargets();
    for (const Target& target : targets) {
      if ((supported & target.bit) == 0) continue;
      made[count] = table_for(target);
      present[count] = &made[count];
      ++count;
    }
    present[count++] = &reference_kernels<float>();
  }
};

}  // namespace

std::span<const Kernels<float>* const> all_kernels() {
  static const Tables tables;
  return {tables.present.data(), tables.count};
}

}  // namespace rondo

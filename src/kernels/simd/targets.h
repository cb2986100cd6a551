/// The instruction sets for which the vector kernels are compiled. Every file of this folder is compiled once
/// for each of them, in a separate namespace. The best one of the machine is chosen at run time.
#pragma once
#include <cstdint>

// Defined before any Highway header, which reads it.
#include <hwy/detect_compiler_arch.h>
#if HWY_ARCH_X86
#define HWY_BASELINE_TARGETS HWY_SSE4  // nothing below it; older machines use the reference
#else
#define HWY_COMPILE_ONLY_STATIC
#endif
#include <hwy/targets.h>

#include "kernels/kernels.h"

namespace rondo::simd {

// Each adds its family's functions for one instruction set (a HWY_... bit) to a table.
void enter_products(std::int64_t target, Kernels<float>& table);
void enter_small_products(std::int64_t target, Kernels<float>& table);
/// Adds the int8 family of AVX-512 VNNI; does nothing on other architectures.
void enter_vnni(Kernels<float>& table);
/// Replaces the products of 8-bit rows in a table of AVX-512 VNNI by those of AMX; likewise.
void enter_amx(Kernels<float>& table);
void enter_elementwise(std::int64_t target, Kernels<float>& table);
void enter_dropout(std::int64_t target, Kernels<float>& table);
void enter_reductions(std::int64_t target, Kernels<float>& table);
void enter_cells(std::int64_t target, Kernels<float>& table);
void enter_optimisers(std::int64_t target, Kernels<float>& table);

}  // namespace rondo::simd

// Defines one of the above, once per file, by choosing among the namespaces.
#if HWY_ARCH_X86
#define RONDO_CHOOSE_TARGET(enter)                         \
  void enter(std::int64_t target, Kernels<float>& table) { \
    if (target == HWY_AVX3) return N_AVX3::enter(table);   \
    if (target == HWY_AVX2) return N_AVX2::enter(table);   \
    N_SSE4::enter(table);                                  \
  }
#else
#define RONDO_CHOOSE_TARGET(enter)                  \
  void enter(std::int64_t, Kernels<float>& table) { \
    HWY_NAMESPACE::enter(table);                    \
  }
#endif

#include "kernels/kernels.h"

#include <array>

#include "kernels/simd/targets.h"

#if HWY_ARCH_X86
#include <cpuid.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace rondo {
namespace {

struct Target {
  std::string_view isa;
  std::int64_t bit;
  bool vnni = false, amx = false;
  std::string_view arithmetic = isa;
};
#if HWY_ARCH_X86
constexpr Target targets[] = {{"avx512amx", HWY_AVX3, true, true, "avx512"},
                              {"avx512vnni", HWY_AVX3, true, false, "avx512"},
                              {"avx512", HWY_AVX3},
                              {"avx2", HWY_AVX2},
                              {"sse4", HWY_SSE4}};

/// Whether the processor has AMX, and the system lets this process use it: it must be asked, since it keeps
/// larger registers for each thread then.
bool may_use_amx() {
#ifdef __linux__
  constexpr unsigned tile = 1U << 24, int8 = 1U << 25;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & tile) == 0 || (d & int8) == 0) return false;
  constexpr long ask_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, ask_permission, tile_data) == 0;
#else
  return false;
#endif
}

/// What Highway's own function finds, whose library would have to be loaded for it. The compiler's knows what
/// the system saves of the registers, too.
bool is_present(const Target& target) {
  if (__builtin_cpu_supports("sse4.2") == 0 || __builtin_cpu_supports("pclmul") == 0 ||
      __builtin_cpu_supports("aes") == 0)
    return false;
  if (target.bit == HWY_SSE4) return true;
  if (__builtin_cpu_supports("avx2") == 0 || __builtin_cpu_supports("fma") == 0 ||
      __builtin_cpu_supports("bmi") == 0 || __builtin_cpu_supports("bmi2") == 0)
    return false;
  if (target.bit == HWY_AVX2) return true;
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         (!target.vnni || __builtin_cpu_supports("avx512vnni") != 0) && (!target.amx || may_use_amx());
}
#else
constexpr Target targets[] = {{"neon", HWY_STATIC_TARGET}};

bool is_present(const Target&) {
  return true;
}
#endif

Kernels<float> table_for(const Target& target) {
  Kernels<float> table{};
  table.isa = target.isa;
  table.arithmetic = target.arithmetic;
  simd::enter_products(target.bit, table);
  simd::enter_small_products(target.bit, table);
  if (target.vnni) simd::enter_vnni(table);
  if (target.amx) simd::enter_amx(table);
  simd::enter_elementwise(target.bit, table);
  simd::enter_dropout(target.bit, table);
  simd::enter_reductions(target.bit, table);
  simd::enter_cells(target.bit, table);
  simd::enter_optimisers(target.bit, table);
  return table;
}

/// The tables of the available instruction sets, and pointers to them with the reference at the end.
struct Tables {
  std::array<Kernels<float>, std::size(targets)> made;
  std::array<const Kernels<float>*, std::size(targets) + 1> present;
  std::size_t count = 0;

  Tables() {
    for (const Target& target : targets) {
      if (!is_present(target)) continue;
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

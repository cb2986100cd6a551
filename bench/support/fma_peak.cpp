#include "support/fma_peak.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "support/fma_peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rondo::bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t chains = 12;

/// Runs `rounds` of one multiply-add in each chain; the operations done.
template <std::size_t... I>
double multiply_add(int rounds, float start, std::index_sequence<I...>) {
  const hn::ScalableTag<float> floats;
  using Vector = hn::Vec<decltype(floats)>;
  const Vector factor = hn::Set(floats, 0.9999F), term = hn::Set(floats, start);
  Vector sums[chains] = {hn::Set(floats, start + static_cast<float>(I))...};
  for (int round = 0; round < rounds; ++round)
    ((sums[I] = hn::MulAdd(sums[I], factor, term)), ...);
  Vector total = sums[0];
  ((total = hn::Add(total, sums[I])), ...);
  // Adds what is nothing in truth, so that the chains are not left out.
  const double kept = hn::GetLane(total) > 1e30F ? 1 : 0;
  return 2.0 * static_cast<double>(chains * hn::MaxLanes(floats)) * rounds + kept;
}

double operations(int rounds) {
  return multiply_add(rounds, 0.5F, std::make_index_sequence<chains>());
}

}  // namespace rondo::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::bench {
namespace {

double run(std::string_view isa, int rounds) {
#if HWY_ARCH_X86
  if (isa.starts_with("avx512")) return N_AVX3::operations(rounds);
  if (isa == "avx2") return N_AVX2::operations(rounds);
#endif
  return HWY_STATIC_DISPATCH(operations)(rounds);
}

}  // namespace

double fma_peak(std::string_view isa) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int attempt = 0; attempt < 30; ++attempt) {
    const auto begin = Clock::now();
    const double done = run(isa, 100'000);
    best = std::max(best, done / std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best / 1e9;
}

}  // namespace rondo::bench
#endif

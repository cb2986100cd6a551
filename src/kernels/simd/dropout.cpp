#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/dropout.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

using Words = hn::RebindToUnsigned<Floats>;
using WordVector = hn::Vec<Words>;
using Wide = hn::RepartitionToWide<Words>;
inline constexpr Words words{};
inline constexpr Wide wide{};

/// The upper halves of the 64-bit products x · factor; `factor` in every lane.
HWY_INLINE WordVector upper_product(WordVector x, WordVector factor) {
  const auto even = hn::MulEven(x, factor);
  const auto odd = hn::MulEven(hn::BitCast(words, hn::ShiftRight<32>(hn::BitCast(wide, x))), factor);
  const auto upper = hn::Set(wide, 0xFFFFFFFF00000000u);
  return hn::BitCast(words, hn::Or(hn::ShiftRight<32>(even), hn::And(odd, upper)));
}

/// As many Philox blocks as a vector has lanes, with their first words in a, their second words in b, ...
struct Blocks {
  WordVector a, b, c, d;

  HWY_INLINE void round(std::uint32_t key0, std::uint32_t key1) {
    const WordVector by_a = hn::Set(words, 0xD2511F53u), by_c = hn::Set(words, 0xCD9E8D57u);
    const WordVector high_a = upper_product(a, by_a), high_c = upper_product(c, by_c);
    const WordVector low_a = hn::Mul(a, by_a), low_c = hn::Mul(c, by_c);
    a = hn::Xor(hn::Xor(high_c, b), hn::Set(words, key0));
    b = low_c;
    c = hn::Xor(hn::Xor(high_a, d), hn::Set(words, key1));
    d = low_a;
  }
};

/// The counters of blocks place, place + 1, ... Their lower halves do not overflow, because places start at
/// multiples.
HWY_INLINE Blocks counters(std::uint64_t place, std::uint64_t stream) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  return {hn::Iota(words, low(place)), hn::Set(words, high(place)), hn::Set(words, low(stream)),
          hn::Set(words, high(stream))};
}

/// Two vectors of blocks at a time: each has one long chain of multiplications.
HWY_INLINE void draw(std::uint64_t seed, Blocks& one, Blocks& two) {
  auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round, key0 += 0x9E3779B9u, key1 += 0xBB67AE85u) {
    one.round(key0, key1);
    two.round(key0, key1);
  }
}

HWY_INLINE void apply(WordVector word, WordVector threshold, Vector scale, const float* x, float* y) {
  const hn::RebindToSigned<Words> ints{};  // 31 bits compare as signed numbers, which every target can
  const auto dropped = hn::Lt(hn::BitCast(ints, hn::ShiftRight<1>(word)), hn::BitCast(ints, threshold));
  const Vector kept = hn::Mul(scale, hn::LoadU(floats, x));
  hn::StoreU(hn::IfThenZeroElse(hn::RebindMask(floats, dropped), kept), floats, y);
}

/// A whole chunk, whose first Philox block is `place`.
HWY_INLINE void whole_chunk(std::uint64_t place, const DropoutMask& mask, const float* x, float* y) {
  constexpr Index blocks = dropout_chunk / 4;
  static_assert(blocks % (2 * lanes) == 0);
  const WordVector threshold = hn::Set(words, mask.threshold);
  const Vector scale = all(static_cast<float>(mask.scale));
  const auto write = [=](const Blocks& drawn, Index i) RONDO_INLINE {
    apply(drawn.a, threshold, scale, x + i, y + i);
    apply(drawn.b, threshold, scale, x + blocks + i, y + blocks + i);
    apply(drawn.c, threshold, scale, x + 2 * blocks + i, y + 2 * blocks + i);
    apply(drawn.d, threshold, scale, x + 3 * blocks + i, y + 3 * blocks + i);
  };
  for (Index i = 0; i < blocks; i += 2 * lanes) {
    Blocks one = counters(place + static_cast<std::uint64_t>(i), mask.stream);
    Blocks two = counters(place + static_cast<std::uint64_t>(i + lanes), mask.stream);
    draw(mask.seed, one, two);
    write(one, i);
    write(two, i + lanes);
  }
}

void dropout(Index n, Index first, const DropoutMask& mask, const float* x, float* y) {
  Index i = 0;
  for (; i + dropout_chunk <= n; i += dropout_chunk)
    whole_chunk(static_cast<std::uint64_t>((first + i) / 4), mask, x + i, y + i);
  if (i == n) return;
  float rest[dropout_chunk] = {};  // the last chunk, padded
  const auto bytes = static_cast<std::size_t>(n - i) * sizeof(float);
  __builtin_memcpy(rest, x + i, bytes);
  whole_chunk(static_cast<std::uint64_t>((first + i) / 4), mask, rest, rest);
  __builtin_memcpy(y + i, rest, bytes);
}

}  // namespace

void enter_dropout(Kernels<float>& table) {
  table.dropout = dropout;
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_dropout)
}  // namespace rondo::simd
#endif

/// How rows of 12 and 8 bits, and matrices of 8 bits, are laid out and multiplied.
// clang-format off
#if defined(RONDO_KERNELS_SIMD_SMALL_WAYS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RONDO_KERNELS_SIMD_SMALL_WAYS_INL_H
#undef RONDO_KERNELS_SIMD_SMALL_WAYS_INL_H
#else
#define RONDO_KERNELS_SIMD_SMALL_WAYS_INL_H
#endif
// clang-format on

#include <cstdint>

#include "kernels/simd/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

using Ints = hn::RebindToSigned<Floats>;
using Words = hn::RebindToUnsigned<Floats>;
using Shorts = hn::Repartition<std::int16_t, Floats>;
using Bytes = hn::Half<hn::Repartition<std::int8_t, Floats>>;
constexpr Ints ints{};
constexpr Words words{};
constexpr Shorts shorts{};
constexpr Bytes bytes{};
using IntVector = hn::Vec<Ints>;

// A packed matrix: groups of columns, each [k / together][columns][together]. The last group has as many
// vectors as it needs.

/// How the registers are used: vectors per group, and rows and vectors at a time. With all 16 registers in
/// use, g++ 12 would keep a sum in memory and wait for it at each step.
struct Plan {
  std::size_t group, rows, vectors[8];  ///< vectors: of one row, two, ...
};
#if HWY_TARGET == HWY_AVX3
constexpr Plan plan_bf16{8, 4, {8, 8, 4, 4}}, plan_int8{8, 8, {8, 8, 4, 4, 4, 4, 2, 2}};
constexpr Plan plan_fours{8, 6, {8, 4, 2, 2, 2, 2}}, plan_fours_8_bits{8, 6, {8, 8, 4, 4, 4, 4}};
#elif HWY_ARCH_ARM_A64
constexpr Plan plan_bf16{8, 4, {8, 8, 4, 4}}, plan_int8{8, 4, {8, 8, 4, 4}};
#else
constexpr Plan plan_bf16{8, 2, {8, 4}}, plan_int8{4, 6, {4, 2, 2, 2, 2, 2}};
#endif

Index smaller(Index a, Index b) {
  return a < b ? a : b;
}
Index up_to(Index multiple, Index n) {
  return (n + multiple - 1) / multiple * multiple;
}
Index up_to_lanes(Index n) {
  return up_to(lanes, n);
}

template <Index together>
Index packed_size(Index n, Index k) {
  return up_to_lanes(n) * up_to(together, k);
}

template <const Plan& plan, Index together, class Number>
void pack_by(Index n, Index k, const Number* columns, Number* packed) {
  constexpr Index group_width = static_cast<Index>(plan.group) * lanes;
  for (Index first = 0; first < n; first += group_width) {
    const Index width = smaller(group_width, up_to_lanes(n - first));
    for (Index step = 0; step < k; step += together) {
      const Index steps = smaller(together, k - step);
      for (Index column = first; column < first + width; ++column, packed += together) {
        const Number* const from = columns + column * k + step;
        for (Index i = 0; i < together; ++i)
          packed[i] = column < n && i < steps ? from[i] : Number(0);
      }
    }
  }
}

// A way has `plan`, `together`: the steps of a column that lie side by side, and these:
// pack, quantized_size, place: where a step of a rounded row lies, quantize, load, weight, nothing, add,
// total.

/// Numbers of 12 or 8 bits in 16 bits. One instruction multiplies two steps with two weights, which are
/// widened to 16 bits.
struct ByTwos {
  static constexpr const Plan& plan = plan_int8;
  static constexpr Index together = 2;

  using Value = hn::Vec<Shorts>;
  using Weight = hn::Vec<Shorts>;
  /// Highway may leave a part of the sum in the second vector, but never on x86.
  struct Sum {
    IntVector sum, more;
  };
  static HWY_INLINE Sum nothing() { return {hn::Zero(ints), hn::Zero(ints)}; }

  static void pack(Index n, Index k, const std::int8_t* columns, std::int8_t* packed) {
    pack_by<plan, together>(n, k, columns, packed);
  }

  static Index quantized_size(Index k) { return up_to(together, k); }
  static constexpr Index place(Index step) { return step; }

  template <class Rounded>
  static HWY_INLINE void quantize(Index k, const Rounded& rounded, std::int16_t* q) {
    const hn::Rebind<std::int16_t, Floats> narrow;
    Index i = 0;
    for (; i + lanes <= k; i += lanes)
      hn::StoreU(hn::DemoteTo(narrow, rounded(Whole(), i)), narrow, q + i);
    if (i < k) {
      HWY_ALIGN std::int16_t numbers[lanes];
      hn::Store(hn::DemoteTo(narrow, rounded(First{static_cast<std::size_t>(k - i)}, i)), narrow, numbers);
      __builtin_memcpy(q + i, numbers, static_cast<std::size_t>(k - i) * sizeof *q);
    }
    if (k % 2 != 0) q[k] = 0;
  }

  static HWY_INLINE Value load(const std::int16_t* q) {
    std::int32_t pair;
    __builtin_memcpy(&pair, q, sizeof pair);
    return hn::BitCast(shorts, hn::Set(ints, pair));
  }
  static HWY_INLINE Weight weight(const std::int8_t* packed) {
    return hn::PromoteTo(shorts, hn::LoadU(bytes, packed));
  }
  static HWY_INLINE void add(const Weight& weight, const Value& value, Sum& sum) {
    sum.sum = hn::ReorderWidenMulAccumulate(ints, weight, value, sum.sum, sum.more);
#if HWY_ARCH_X86
    asm volatile("" : "+v"(sum.sum.raw));  // else g++ 12 makes all products of a step first, and spills
#endif
  }
  static HWY_INLINE IntVector total(const Sum& sum, const std::int16_t*) {
    return hn::RearrangeToOddPlusEven(sum.sum, sum.more);
  }
};

#if HWY_TARGET == HWY_AVX3
/// One VNNI instruction multiplies four bytes of a row with four weights, which need no widening. VNNI needs
/// unsigned weights, so 128 is added to each. The resulting excess of a sum, 128 · the sum of the row's
/// numbers, is stored before each small_depth numbers.
struct Fours {
  static constexpr Index together = 4;
  /// Tiles (small_tiles_inl.h) read so many steps at once, in lines of 64 bytes. Rows end with zeros.
  static constexpr Index tile_steps = 64, line = tile_steps / static_cast<Index>(sizeof(std::int16_t));
  using Weight = IntVector;

  static void pack(Index n, Index k, const std::int8_t* columns, std::int8_t* packed) {
    pack_by<plan_fours, together>(n, k, columns, packed);
    for (Index i = 0; i < packed_size<together>(n, k); ++i)
      packed[i] = static_cast<std::int8_t>(packed[i] ^ 0x80);
  }

  static HWY_INLINE Weight weight(const std::int8_t* packed) {
    return hn::LoadU(ints, reinterpret_cast<const std::int32_t*>(packed));
  }

 protected:
  /// put(numbers, place): a vector of rounded numbers.
  template <class Way, class Rounded, class Put>
  static HWY_INLINE void quantize_by(Index k, const Rounded& rounded, std::int16_t* q, const Put& put) {
    for (Index begin = 0; begin == 0 || begin < k; begin += small_depth, q += Way::place(small_depth)) {
      const Index count = smaller(k - begin, small_depth);
      IntVector sum = hn::Zero(ints);
      each_vector(count, [&](auto part, Index i) RONDO_INLINE {
        const IntVector number = rounded(part, begin + i);
        sum = hn::Add(sum, number);
        put(number, q + Way::place(i));
      });
      for (Index i = up_to_lanes(count); i < up_to(tile_steps, count); i += lanes)
        put(hn::Zero(ints), q + Way::place(i));
      const std::int32_t added = 128 * hn::GetLane(hn::SumOfLanes(ints, sum));
      __builtin_memcpy(q, &added, sizeof added);
    }
  }
  static HWY_INLINE IntVector four_at(const std::int16_t* q) {
    std::int32_t four;
    __builtin_memcpy(&four, q, sizeof four);
    return hn::Set(ints, four);
  }
  static HWY_INLINE IntVector without_excess(IntVector sum, const std::int16_t* q) {
    std::int32_t added;
    __builtin_memcpy(&added, q, sizeof added);
    return hn::Sub(sum, hn::Set(ints, added));
  }
  /// Inline assembly, because none of the Highway targets of this file has this instruction.
  static HWY_INLINE void add_dot(Weight weight, IntVector value, IntVector& sum) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(weight.raw), "v"(value.raw));
  }
};

/// 12-bit numbers as 64 · upper + lower, in bytes, with a VNNI instruction for each part. This is 1.5 times
/// as fast as ByTwos for one row and 1.2 times for four.
struct ByFours : Fours {
  static constexpr const Plan& plan = plan_fours;
  /// A line of upper parts, then one of lower parts.
  static constexpr Index parts = 2;

  struct Value {
    IntVector upper, lower;
  };
  struct Sum {
    IntVector upper, lower;
  };
  static HWY_INLINE Sum nothing() { return {hn::Zero(ints), hn::Zero(ints)}; }

  static Index quantized_size(Index k) { return line * (k / small_depth + 1) + up_to(tile_steps, k); }
  static constexpr Index place(Index step) {
    return line + step / tile_steps * 2 * line + step % tile_steps / 2;
  }

  template <class Rounded>
  static HWY_INLINE void quantize(Index k, const Rounded& rounded, std::int16_t* q) {
    quantize_by<ByFours>(k, rounded, q, [](IntVector number, std::int16_t* to) RONDO_INLINE {
      const hn::Rebind<std::int8_t, Floats> narrow;
      const IntVector upper = hn::ShiftRight<6>(hn::Add(number, hn::Set(ints, 32)));
      const IntVector lower = hn::Sub(number, hn::ShiftLeft<6>(upper));
      hn::StoreU(hn::DemoteTo(narrow, upper), narrow, reinterpret_cast<std::int8_t*>(to));
      hn::StoreU(hn::DemoteTo(narrow, lower), narrow, reinterpret_cast<std::int8_t*>(to + line));
    });
  }

  static HWY_INLINE Value load(const std::int16_t* q) { return {four_at(q), four_at(q + line)}; }
  static HWY_INLINE void add(const Weight& weight, const Value& value, Sum& sum) {
    add_dot(weight, value.upper, sum.upper);
    add_dot(weight, value.lower, sum.lower);
  }
  static HWY_INLINE IntVector total(const Sum& sum, const std::int16_t* q) {
    return without_excess(hn::Add(hn::ShiftLeft<6>(sum.upper), sum.lower), q);
  }
};

/// Numbers of 8 bits as they are: one instruction in place of two.
struct ByFoursIn8Bits : Fours {
  static constexpr const Plan& plan = plan_fours_8_bits;
  static constexpr Index parts = 1;
  static_assert(plan_fours_8_bits.group == plan_fours.group, "both read the same packed matrices");

  using Value = IntVector;
  using Sum = IntVector;
  static HWY_INLINE Sum nothing() { return hn::Zero(ints); }

  static Index quantized_size(Index k) { return line * (k / small_depth + 1) + up_to(tile_steps, k) / 2; }
  static constexpr Index place(Index step) { return line + step / 2; }

  template <class Rounded>
  static HWY_INLINE void quantize(Index k, const Rounded& rounded, std::int16_t* q) {
    quantize_by<ByFoursIn8Bits>(k, rounded, q, [](IntVector number, std::int16_t* to) RONDO_INLINE {
      const hn::Rebind<std::int8_t, Floats> narrow;
      hn::StoreU(hn::DemoteTo(narrow, number), narrow, reinterpret_cast<std::int8_t*>(to));
    });
  }

  static HWY_INLINE Value load(const std::int16_t* q) { return four_at(q); }
  static HWY_INLINE void add(const Weight& weight, const Value& value, Sum& sum) {
    add_dot(weight, value, sum);
  }
  static HWY_INLINE IntVector total(const Sum& sum, const std::int16_t* q) { return without_excess(sum, q); }
};
#endif

}  // namespace
}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard

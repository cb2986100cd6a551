#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/small_products.cpp"
#include <limits>
#include <type_traits>
#include <utility>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

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
constexpr Plan plan_fours{8, 6, {8, 4, 2, 2, 2, 2}}, plan_fours_8_bits{8, 6, {8, 8, 8, 4, 4, 4}};
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

/// body(std::integral_constant<std::size_t, I>) for I in [0, count): registers in an array need constants.
template <class Body, std::size_t... I>
HWY_INLINE void repeat(const Body& body, std::index_sequence<I...>) {
  (body(std::integral_constant<std::size_t, I>()), ...);
}
template <std::size_t count, class Body>
HWY_INLINE void repeat(const Body& body) {
  repeat(body, std::make_index_sequence<count>());
}

HWY_INLINE Vector load_up_to(Index count, const float* from) {
  if (count >= lanes) return hn::LoadU(floats, from);
  return First{static_cast<std::size_t>(count)}.load(from);
}
HWY_INLINE void store_up_to(Index count, Vector value, float* to) {
  if (count >= lanes) return hn::StoreU(value, floats, to);
  First{static_cast<std::size_t>(count)}.store(value, to);
}

/// The product of some rows with some vectors of a group.
template <class Left, class Number>
struct Block {
  Index k, columns;  ///< columns: up to the end of the matrix
  const Left* a;
  Index a_stride;
  const float* a_scales;  ///< of 8-bit matrices, like `scales`
  const Number* packed;
  Index stride;         ///< from one group of steps to the next
  const float* scales;  ///< of the columns
  const float* start;   ///< null: zero
  Index start_stride;
  float* c;
  Index c_stride;

  HWY_INLINE Vector start_of(std::size_t row, std::size_t vector) const {
    if (start == nullptr) return hn::Zero(floats);
    const Index column = static_cast<Index>(vector) * lanes;
    return load_up_to(columns - column, start + static_cast<Index>(row) * start_stride + column);
  }
  HWY_INLINE void finish(std::size_t row, std::size_t vector, Vector value) const {
    const Index column = static_cast<Index>(vector) * lanes;
    store_up_to(columns - column, value, c + static_cast<Index>(row) * c_stride + column);
  }
};

template <std::size_t rows, std::size_t vectors>
struct InBf16 {
  static constexpr const Plan& plan = plan_bf16;
  static constexpr Index together = 2;

  static void run(const Block<float, std::uint16_t>& block) {
    Vector sum[rows * vectors];
    const auto each = [&](const auto& body) RONDO_INLINE { repeat<rows * vectors>(body); };
    each([&](auto i) RONDO_INLINE { sum[i] = block.start_of(i / vectors, i % vectors); });
    const auto* packed = reinterpret_cast<const std::uint32_t*>(block.packed);
    // The even step is in the lower half of each word, the odd one in the upper half.
    const auto add = [&](auto v, Vector weight, Index step) RONDO_INLINE {
      repeat<rows>([&](auto r) RONDO_INLINE {
        const Vector value = all(block.a[static_cast<Index>(r()) * block.a_stride + step]);
        sum[r * vectors + v] = hn::MulAdd(value, weight, sum[r * vectors + v]);
      });
    };
    const auto both_steps = [&](Index step, bool odd_too) RONDO_INLINE {
      repeat<vectors>([&](auto v) RONDO_INLINE {
        const auto pair = hn::LoadU(words, packed + static_cast<Index>(v()) * lanes);
        add(v, hn::BitCast(floats, hn::ShiftLeft<16>(pair)), step);
        if (odd_too) add(v, hn::BitCast(floats, hn::And(pair, hn::Set(words, 0xFFFF0000U))), step + 1);
      });
    };
    Index step = 0;
    for (; step + 2 <= block.k; step += 2, packed += block.stride / 2)
      both_steps(step, true);
    if (step < block.k) both_steps(step, false);
    each([&](auto i) RONDO_INLINE { block.finish(i / vectors, i % vectors, sum[i]); });
  }
};

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

template <class Way, std::size_t rows, std::size_t vectors>
struct InInt8 {
  static constexpr const Plan& plan = Way::plan;
  static constexpr Index together = Way::together;

  static void run(const Block<std::int16_t, std::int8_t>& block) {
    if (block.k <= small_depth) return pass(block);
    run_deep(block);
  }

 private:
  static void run_deep(Block<std::int16_t, std::int8_t> block) {
    for (Index left = block.k;; left -= small_depth) {
      block.k = smaller(left, small_depth);
      pass(block);
      if (left <= small_depth) return;
      block.a += Way::place(small_depth);
      block.packed += small_depth / together * block.stride;
      block.start = block.c;
      block.start_stride = block.c_stride;
    }
  }

  static void pass(const Block<std::int16_t, std::int8_t>& block) {
    typename Way::Sum sum[rows * vectors];
    repeat<rows * vectors>([&](auto i) RONDO_INLINE { sum[i] = Way::nothing(); });
    const std::int8_t* packed = block.packed;
    const auto value_of = [&](std::size_t row, Index step) RONDO_INLINE {
      return Way::load(block.a + static_cast<Index>(row) * block.a_stride + Way::place(step));
    };
    const auto weight_of = [&](std::size_t vector) RONDO_INLINE {
      return Way::weight(packed + static_cast<Index>(vector) * together * lanes);
    };
    for (Index step = 0; step < block.k; step += together, packed += block.stride) {
      // What there is less of stays in registers.
      if constexpr (rows > vectors) {
        // A part of each line of the group: the hardware does not see it coming in time.
        constexpr Index soon = 8, line = 64;
        for (Index i = 0; i < static_cast<Index>(vectors) * together * lanes; i += line)
          __builtin_prefetch(packed + soon * block.stride + i);
        typename Way::Weight weight[vectors];
        repeat<vectors>([&](auto v) RONDO_INLINE { weight[v] = weight_of(v); });
        repeat<rows>([&](auto r) RONDO_INLINE {
          const auto value = value_of(r, step);
          repeat<vectors>([&](auto v) RONDO_INLINE { Way::add(weight[v], value, sum[r * vectors + v]); });
        });
      } else {
        typename Way::Value value[rows];
        repeat<rows>([&](auto r) RONDO_INLINE { value[r] = value_of(r, step); });
        repeat<vectors>([&](auto v) RONDO_INLINE {
          const auto weight = weight_of(v);
          repeat<rows>([&](auto r) RONDO_INLINE { Way::add(weight, value[r], sum[r * vectors + v]); });
        });
      }
    }
    if (block.columns >= static_cast<Index>(vectors) * lanes && block.start != nullptr)
      finish(block, sum, Whole());
    else
      finish(block, sum, nullptr);
  }

  /// `part`: Whole if all columns exist and have a start; then nothing is asked for each of them.
  template <class Part>
  static HWY_INLINE void finish(const Block<std::int16_t, std::int8_t>& block,
                                const typename Way::Sum (&sum)[rows * vectors], Part part) {
    constexpr bool whole = std::is_same_v<Part, Whole>;
    repeat<vectors>([&](auto v) RONDO_INLINE {
      const Index column = static_cast<Index>(v()) * lanes;
      Vector scales;
      if constexpr (whole)
        scales = part.load(block.scales + column);
      else
        scales = load_up_to(block.columns - column, block.scales + column);
      repeat<rows>([&](auto r) RONDO_INLINE {
        const Index row = static_cast<Index>(r());
        const Vector exact =
            hn::ConvertTo(floats, Way::total(sum[r * vectors + v], block.a + row * block.a_stride));
        // Not fused, so that every instruction set gives the same bits.
        const Vector change = hn::Mul(hn::Mul(all(block.a_scales[row]), scales), exact);
        if constexpr (whole)
          part.store(hn::Add(part.load(block.start + row * block.start_stride + column), change),
                     block.c + row * block.c_stride + column);
        else
          block.finish(r, v, hn::Add(block.start_of(r, v), change));
      });
    });
  }
};
template <std::size_t rows, std::size_t vectors>
using InTwos = InInt8<ByTwos, rows, vectors>;

#if HWY_TARGET == HWY_AVX3
/// One VNNI instruction multiplies four bytes of a row with four weights, which need no widening. VNNI needs
/// unsigned weights, so 128 is added to each. The resulting excess of a sum, 128 · the sum of the row's
/// numbers, is stored before each small_depth numbers.
struct Fours {
  static constexpr Index together = 4;
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
  /// put(numbers, step): a vector of rounded numbers in its place, at most small_depth of them at a time.
  template <class Rounded, class Put>
  static HWY_INLINE void quantize_piece(Index count, const Rounded& rounded, std::int16_t* q,
                                        const Put& put) {
    IntVector sum = hn::Zero(ints);
    each_vector(count, [&](auto part, Index i) RONDO_INLINE {
      const IntVector number = rounded(part, i);
      sum = hn::Add(sum, number);
      put(number, i);
    });
    const std::int32_t added = 128 * hn::GetLane(hn::SumOfLanes(ints, sum));
    __builtin_memcpy(q, &added, sizeof added);
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

  struct Value {
    IntVector upper, lower;
  };
  struct Sum {
    IntVector upper, lower;
  };
  static HWY_INLINE Sum nothing() { return {hn::Zero(ints), hn::Zero(ints)}; }

  static Index quantized_size(Index k) { return place(0) * (k / small_depth + 1) + up_to_lanes(k); }
  static constexpr Index place(Index step) { return 4 + step; }

  /// For each four numbers, the upper parts and then the lower parts.
  template <class Rounded>
  static HWY_INLINE void quantize(Index k, const Rounded& rounded, std::int16_t* q) {
    for (Index begin = 0; begin == 0 || begin < k; begin += small_depth, q += place(small_depth))
      quantize_piece(
          smaller(k - begin, small_depth),
          [&](auto part, Index i) RONDO_INLINE { return rounded(part, begin + i); }, q,
          [&](IntVector number, Index i) RONDO_INLINE {
            const IntVector upper = hn::ShiftRight<6>(hn::Add(number, hn::Set(ints, 32)));
            store(upper, hn::Sub(number, hn::ShiftLeft<6>(upper)), q + place(i));
          });
  }

  static HWY_INLINE Value load(const std::int16_t* q) {
    std::int32_t halves[2];
    __builtin_memcpy(halves, q, sizeof halves);
    return {hn::Set(ints, halves[0]), hn::Set(ints, halves[1])};
  }
  static HWY_INLINE void add(const Weight& weight, const Value& value, Sum& sum) {
    add_dot(weight, value.upper, sum.upper);
    add_dot(weight, value.lower, sum.lower);
  }
  static HWY_INLINE IntVector total(const Sum& sum, const std::int16_t* q) {
    return without_excess(hn::Add(hn::ShiftLeft<6>(sum.upper), sum.lower), q);
  }

 private:
  static HWY_INLINE void store(IntVector upper, IntVector lower, std::int16_t* to) {
    const hn::Rebind<std::int8_t, Floats> narrow;
    const hn::Repartition<std::int32_t, decltype(narrow)> fours;
    const auto first = hn::BitCast(fours, hn::DemoteTo(narrow, upper));
    const auto second = hn::BitCast(fours, hn::DemoteTo(narrow, lower));
    auto* const to_place = reinterpret_cast<std::int32_t*>(to);
    hn::StoreU(hn::InterleaveLower(fours, first, second), fours, to_place);
    hn::StoreU(hn::InterleaveUpper(fours, first, second), fours, to_place + 4);
  }
};
template <std::size_t rows, std::size_t vectors>
using InFours = InInt8<ByFours, rows, vectors>;

/// Numbers of 8 bits as they are: one instruction in place of two.
struct ByFoursIn8Bits : Fours {
  static constexpr const Plan& plan = plan_fours_8_bits;
  static_assert(plan_fours_8_bits.group == plan_fours.group, "both read the same packed matrices");

  using Value = IntVector;
  using Sum = IntVector;
  static HWY_INLINE Sum nothing() { return hn::Zero(ints); }

  static Index quantized_size(Index k) { return place(0) * (k / small_depth + 1) + up_to_lanes(k) / 2; }
  static constexpr Index place(Index step) { return 2 + step / 2; }

  template <class Rounded>
  static HWY_INLINE void quantize(Index k, const Rounded& rounded, std::int16_t* q) {
    const hn::Rebind<std::int8_t, Floats> narrow;
    for (Index begin = 0; begin == 0 || begin < k; begin += small_depth, q += place(small_depth))
      quantize_piece(
          smaller(k - begin, small_depth),
          [&](auto part, Index i) RONDO_INLINE { return rounded(part, begin + i); }, q,
          [&](IntVector number, Index i) RONDO_INLINE {
            hn::StoreU(hn::DemoteTo(narrow, number), narrow, reinterpret_cast<std::int8_t*>(q + place(i)));
          });
  }

  static HWY_INLINE Value load(const std::int16_t* q) {
    std::int32_t four;
    __builtin_memcpy(&four, q, sizeof four);
    return hn::Set(ints, four);
  }
  static HWY_INLINE void add(const Weight& weight, const Value& value, Sum& sum) {
    add_dot(weight, value, sum);
  }
  static HWY_INLINE IntVector total(const Sum& sum, const std::int16_t* q) { return without_excess(sum, q); }
};
template <std::size_t rows, std::size_t vectors>
using InFoursOf8Bits = InInt8<ByFoursIn8Bits, rows, vectors>;
#endif

/// Some rows times one group, which `block` describes, by powers of two of vectors, largest first.
template <template <std::size_t, std::size_t> class Pass, std::size_t rows, std::size_t vectors, class Any>
void pass_group(Any block, std::size_t left) {
  constexpr Index columns = static_cast<Index>(vectors) * lanes;
  for (; left >= vectors; left -= vectors) {
    Pass<rows, vectors>::run(block);
    block.packed += Pass<rows, vectors>::together * columns;
    block.columns -= columns;
    block.c += columns;
    if (block.start != nullptr) block.start += columns;
    if (block.scales != nullptr) block.scales += columns;
  }
  if constexpr (vectors > 1) pass_group<Pass, rows, vectors / 2>(block, left);
}

/// Computes the next rows, at most `rows`, and returns how many.
template <template <std::size_t, std::size_t> class Pass, std::size_t rows, class Any>
Index pass_rows(Index row, Index m, Any block, std::size_t vectors) {
  if constexpr (rows > 1) {
    if (m - row < static_cast<Index>(rows)) return pass_rows<Pass, rows - 1>(row, m, block, vectors);
  }
  block.a += row * block.a_stride;
  block.c += row * block.c_stride;
  if (block.start != nullptr) block.start += row * block.start_stride;
  if (block.a_scales != nullptr) block.a_scales += row;
  pass_group<Pass, rows, Pass<1, 1>::plan.vectors[rows - 1]>(block, vectors);
  return static_cast<Index>(rows);
}

/// All rows times all groups. `block` describes the whole matrix, except for its stride.
template <template <std::size_t, std::size_t> class Pass, class Any>
void pass_all(Index m, Index n, Any block) {
  constexpr const Plan& plan = Pass<1, 1>::plan;
  constexpr Index together = Pass<1, 1>::together;
  constexpr Index group_width = static_cast<Index>(plan.group) * lanes;
  for (Index first = 0; first < n; first += group_width) {
    const Index width = smaller(group_width, up_to_lanes(n - first));
    block.columns = n - first;
    block.stride = together * width;
    for (Index row = 0; row < m;)
      row += pass_rows<Pass, plan.rows>(row, m, block, static_cast<std::size_t>(width / lanes));
    block.packed += up_to(together, block.k) * width;
    block.c += width;
    if (block.start != nullptr) block.start += width;
    if (block.scales != nullptr) block.scales += width;
  }
}

void product_bf16(Index m, Index n, Index k, const float* a, Index a_stride, const std::uint16_t* packed,
                  const float* bias, float* c, Index c_stride, bool accumulate) {
  pass_all<InBf16>(
      m, n,
      Block<float, std::uint16_t>{k, n, a, a_stride, nullptr, packed, 0, nullptr, accumulate ? c : bias,
                                  accumulate ? c_stride : 0, c, c_stride});
}

template <class Way, int most_whole>
float quantize(Index k, const float* a, std::int16_t* q) {
  Vector largest = hn::Zero(floats), zero = hn::Zero(floats);
  each_vector(k, [&](auto part, Index i) RONDO_INLINE {
    const Vector value = part.load(a + i);
    largest = hn::Max(largest, hn::Abs(value));
    zero = hn::MulAdd(value, hn::Zero(floats), zero);
  });
  const float most = hn::GetLane(hn::MaxOfLanes(floats, largest));
  const bool finite = hn::GetLane(hn::SumOfLanes(floats, zero)) == 0;
  const float steps = finite && most >= least_quantized ? most_whole / most : 0;
  const auto rounded = [&](auto part, Index i) RONDO_INLINE {
    // Multiplying by 0 would give NaN for numbers that are not finite.
    return hn::NearestInt(steps > 0 ? hn::Mul(part.load(a + i), all(steps)) : hn::Zero(floats));
  };
  Way::quantize(k, rounded, q);
  if (!finite) return std::numeric_limits<float>::quiet_NaN();
  return steps > 0 ? most / most_whole : 0;
}

template <template <std::size_t, std::size_t> class Pass>
void product_int8(Index m, Index n, Index k, const std::int16_t* q, Index q_stride, const float* a_scales,
                  const std::int8_t* packed, const float* scales, const float* bias, float* c, Index c_stride,
                  bool accumulate) {
  pass_all<Pass>(
      m, n,
      Block<std::int16_t, std::int8_t>{k, n, q, q_stride, a_scales, packed, 0, scales, accumulate ? c : bias,
                                       accumulate ? c_stride : 0, c, c_stride});
}

template <class Way, template <std::size_t, std::size_t> class Pass, int most>
constexpr RoundedRows<float> rounded_rows{Way::quantized_size, quantize<Way, most>, product_int8<Pass>};

}  // namespace

void enter_small_products(Kernels<float>& table) {
  table.bf16_size = packed_size<2>;
  table.pack_bf16 = pack_by<plan_bf16, 2, std::uint16_t>;
  table.product_bf16 = product_bf16;
  table.int8_size = packed_size<ByTwos::together>;
  table.pack_int8 = ByTwos::pack;
  table.in_12_bits = rounded_rows<ByTwos, InTwos, most_in_12_bits>;
  table.in_8_bits = rounded_rows<ByTwos, InTwos, most_in_8_bits>;
}

#if HWY_TARGET == HWY_AVX3
void enter_vnni(Kernels<float>& table) {
  table.int8_size = packed_size<Fours::together>;
  table.pack_int8 = Fours::pack;
  table.in_12_bits = rounded_rows<ByFours, InFours, most_in_12_bits>;
  table.in_8_bits = rounded_rows<ByFoursIn8Bits, InFoursOf8Bits, most_in_8_bits>;
}
#endif

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_small_products)
void enter_vnni([[maybe_unused]] Kernels<float>& table) {
#if HWY_ARCH_X86
  N_AVX3::enter_vnni(table);
#endif
}
}  // namespace rondo::simd
#endif

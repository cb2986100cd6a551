#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/small_products.cpp"
#include <limits>
#include <type_traits>
#include <utility>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/small_tiles_inl.h"
#include "kernels/simd/small_ways_inl.h"
#include "kernels/simd/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

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

/// What a sum of whole numbers adds to the result. Not fused, so that every instruction set gives the same
/// bits.
template <class Way>
HWY_INLINE Vector change_of(const Block<std::int16_t, std::int8_t>& block, Index row,
                            const typename Way::Sum& sum, Vector scales) {
  const Vector exact = hn::ConvertTo(floats, Way::total(sum, block.a + row * block.a_stride));
  return hn::Mul(hn::Mul(all(block.a_scales[row]), scales), exact);
}

/// The end of a pass in which columns are missing, or all have no start: seldom or short, so one loop does
/// for passes of all sizes.
template <class Way>
HWY_NOINLINE void finish_edge(const Block<std::int16_t, std::int8_t>& block, const typename Way::Sum* sum,
                              std::size_t rows, std::size_t vectors) {
  for (std::size_t v = 0; v < vectors; ++v) {
    const Index column = static_cast<Index>(v) * lanes;
    const Vector scales = load_up_to(block.columns - column, block.scales + column);
    for (std::size_t r = 0; r < rows; ++r) {
      const Vector change = change_of<Way>(block, static_cast<Index>(r), sum[r * vectors + v], scales);
      block.finish(r, v, hn::Add(block.start_of(r, v), change));
    }
  }
}

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
      return finish(block, sum);
    typename Way::Sum in_memory[rows * vectors];
    repeat<rows * vectors>([&](auto i) RONDO_INLINE { in_memory[i] = sum[i]; });
    finish_edge<Way>(block, in_memory, rows, vectors);
  }

  /// All columns exist and have a start.
  static HWY_INLINE void finish(const Block<std::int16_t, std::int8_t>& block,
                                const typename Way::Sum (&sum)[rows * vectors]) {
    const Whole part;
    repeat<vectors>([&](auto v) RONDO_INLINE {
      const Index column = static_cast<Index>(v()) * lanes;
      const Vector scales = part.load(block.scales + column);
      repeat<rows>([&](auto r) RONDO_INLINE {
        const Index row = static_cast<Index>(r());
        const Vector change = change_of<Way>(block, row, sum[r * vectors + v], scales);
        part.store(hn::Add(part.load(block.start + row * block.start_stride + column), change),
                   block.c + row * block.c_stride + column);
      });
    });
  }
};
template <std::size_t rows, std::size_t vectors>
using InTwos = InInt8<ByTwos, rows, vectors>;

#if HWY_TARGET == HWY_AVX3
template <std::size_t rows, std::size_t vectors>
using InFours = InInt8<ByFours, rows, vectors>;
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

#if HWY_TARGET == HWY_AVX3
/// A way's sum from those of tiles; `second`: numbers from one tile's to the other's.
template <class Way>
HWY_INLINE typename Way::Sum sum_in_tiles(const std::int32_t* sums, Index second) {
  if constexpr (Way::parts == 2)
    return {hn::LoadU(ints, sums), hn::LoadU(ints, sums + second)};
  else
    return hn::LoadU(ints, sums);
}

/// The bits of product_int8: sums are exact.
template <class Way, template <std::size_t, std::size_t> class Pass>
void product_in_tiles(Index m, Index n, Index k, const std::int16_t* q, Index q_stride, const float* a_scales,
                      const std::int8_t* packed, const float* scales, const float* bias, float* c,
                      Index c_stride, bool accumulate) {
  if (m < rows_for_tiles || k < 1 || k > small_depth)
    return product_int8<Pass>(m, n, k, q, q_stride, a_scales, packed, scales, bias, c, c_stride, accumulate);
  constexpr Index group_width = static_cast<Index>(plan_fours.group) * lanes, two = 2 * lanes,
                  most = 2 * tile_rows / Way::parts;
  HWY_ALIGN std::int32_t sums[2 * tile_rows * two];
  const Index steps = up_to(Fours::together, k), passes = (m + most - 1) / most,
              rows = (m + passes - 1) / passes, row_bytes = q_stride * static_cast<Index>(sizeof *q);
  Index shaped = 0;
  for (Index first = 0, count = 0; first < n; first += count) {
    const Index in_group = first % group_width, begin = first - in_group,
                width = smaller(group_width, up_to_lanes(n - begin));
    const TileColumns columns{steps, Fours::together * width,
                              packed + begin * steps + in_group * Fours::together, in_group + two <= width};
    count = smaller(columns.both ? two : lanes, n - first);
    for (Index row = 0; row < m; row += rows) {
      const Index height = smaller(rows, m - row);
      const TileRows some = TileRows::of<Way>(height, row_bytes);
      if (height != shaped) shape_tiles(some.first, some.second);
      shaped = height;
      columns.add_up(some, q + row * q_stride, q_stride, sums);
      for (Index i = 0; i < height; ++i) {
        float* const to = c + (row + i) * c_stride + first;
        const float* const start = accumulate ? to : bias == nullptr ? nullptr : bias + first;
        each_vector(count, [&](auto part, Index j) RONDO_INLINE {
          const auto sum = sum_in_tiles<Way>(sums + i * two + j, some.first * two);
          const Vector exact = hn::ConvertTo(floats, Way::total(sum, q + (row + i) * q_stride));
          const Vector change =
              hn::Mul(hn::Mul(all(a_scales[row + i]), part.load(scales + first + j)), exact);
          part.store(hn::Add(start == nullptr ? hn::Zero(floats) : part.load(start + j), change), to + j);
        });
      }
    }
  }
  release_tiles();
}
#endif

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
void enter_amx(Kernels<float>& table) {
  table.int8_size = size_for_tiles;
  table.pack_int8 = pack_for_tiles;
  table.in_12_bits.product = product_in_tiles<ByFours, InFours>;
  table.in_8_bits.product = product_in_tiles<ByFoursIn8Bits, InFoursOf8Bits>;
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
void enter_amx([[maybe_unused]] Kernels<float>& table) {
#if HWY_ARCH_X86
  N_AVX3::enter_amx(table);
#endif
}
}  // namespace rondo::simd
#endif

/// Products of rows of 8 or 12 bits with matrices of 8 bits by AMX: tiles of 16 rows and 64 bytes. One
/// instruction multiplies 16 rows by 16 columns over 64 steps, as many as eight times what VNNI does in its
/// time.
// clang-format off
#if defined(RONDO_KERNELS_SIMD_SMALL_TILES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RONDO_KERNELS_SIMD_SMALL_TILES_INL_H
#undef RONDO_KERNELS_SIMD_SMALL_TILES_INL_H
#else
#define RONDO_KERNELS_SIMD_SMALL_TILES_INL_H
#endif
// clang-format on

#include <cstdint>

#include "kernels/simd/small_ways_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_AVX3
/// Rows of a tile, and bytes of a tile's row.
constexpr Index tile_rows = 16, tile_bytes = 64;
/// With fewer rows, VNNI is faster.
constexpr Index rows_for_tiles = 8;

/// What LDTILECFG reads.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t bytes[16] = {};
  std::uint8_t rows[16] = {};
};

/// The eight tiles: sums of two times 16 rows with two times 16 columns, and what they are the products of.
enum Tile { sum_00, sum_01, sum_10, sum_11, left_0, left_1, right_0, right_1 };

// Inline assembly, because none of the Highway targets of this file has these instructions.

HWY_INLINE void shape_tiles(Index first_rows, Index second_rows) {
  TileShapes shapes;
  const auto set = [&shapes](Tile tile, Index rows) {
    shapes.rows[tile] = static_cast<std::uint8_t>(rows);
    shapes.bytes[tile] = rows > 0 ? tile_bytes : 0;
  };
  for (const Tile tile : {sum_00, sum_01, left_0})
    set(tile, first_rows);
  for (const Tile tile : {sum_10, sum_11, left_1})
    set(tile, second_rows);
  for (const Tile tile : {right_0, right_1})
    set(tile, tile_rows);
  asm volatile("ldtilecfg %0" : : "m"(shapes));
}
template <Tile tile>
HWY_INLINE void load_tile(const void* from, Index stride) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(tile) : "memory");
}
template <Tile tile>
HWY_INLINE void store_tile(void* to, Index stride) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(to), "r"(stride), "i"(tile) : "memory");
}
template <Tile tile>
HWY_INLINE void clear_tile() {
  asm volatile("tilezero %%tmm%c0" : : "i"(tile));
}
/// sum += signed bytes of a · unsigned bytes of b
template <Tile sum, Tile a, Tile b>
HWY_INLINE void add_product() {
  asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sum), "i"(a), "i"(b));
}
HWY_INLINE void release_tiles() {
  asm volatile("tilerelease");
}

/// The two left tiles: up to 32 rows of 8 bits, or the upper and lower parts of up to 16 rows of 12 bits.
struct TileRows {
  Index first, second;  ///< rows of either
  Index apart;          ///< bytes from one to the other
  Index step;           ///< bytes from 64 steps to the next

  template <class Way>
  static TileRows of(Index rows, Index row_bytes) {
    if (Way::parts == 2) return {rows, rows, tile_bytes, 2 * tile_bytes};
    const Index first = rows > tile_rows ? (rows + 1) / 2 : rows;
    return {first, rows - first, first * row_bytes, tile_bytes};
  }
};

/// 16 or 32 columns of a packed matrix; `stride`: bytes from four steps of all columns of a group to the
/// next.
struct TileColumns {
  Index k, stride;
  const std::int8_t* packed;
  bool both;

  /// The sums of some rows, which begin at `q`, in rows of 32 numbers. Behind the last step of a row there
  /// are zeros, so what the matrix has there counts for nothing.
  template <bool two_rows, bool two_columns>
  void add_up(TileRows rows, const std::int16_t* q, Index q_stride, std::int32_t* sums) const {
    const Index a_stride = q_stride * static_cast<Index>(sizeof *q), next_row = 2 * tile_bytes;
    const auto* a = reinterpret_cast<const std::int8_t*>(q + Fours::line);
    const std::int8_t* b = packed;
    clear_tile<sum_00>();
    if (two_columns) clear_tile<sum_01>();
    if (two_rows) clear_tile<sum_10>();
    if (two_rows && two_columns) clear_tile<sum_11>();
    for (Index step = 0; step < k; step += Fours::tile_steps, a += rows.step, b += tile_rows * stride) {
      load_tile<right_0>(b, stride);
      load_tile<left_0>(a, a_stride);
      if (two_columns) load_tile<right_1>(b + tile_bytes, stride);
      add_product<sum_00, left_0, right_0>();
      if (two_columns) add_product<sum_01, left_0, right_1>();
      if (two_rows) load_tile<left_1>(a + rows.apart, a_stride);
      if (two_rows) add_product<sum_10, left_1, right_0>();
      if (two_rows && two_columns) add_product<sum_11, left_1, right_1>();
    }
    std::int32_t* const lower = sums + rows.first * 2 * lanes;
    store_tile<sum_00>(sums, next_row);
    if (two_columns) store_tile<sum_01>(sums + lanes, next_row);
    if (two_rows) store_tile<sum_10>(lower, next_row);
    if (two_rows && two_columns) store_tile<sum_11>(lower + lanes, next_row);
  }

  void add_up(TileRows rows, const std::int16_t* q, Index q_stride, std::int32_t* sums) const {
    if (rows.second > 0)
      both ? add_up<true, true>(rows, q, q_stride, sums) : add_up<true, false>(rows, q, q_stride, sums);
    else
      both ? add_up<false, true>(rows, q, q_stride, sums) : add_up<false, false>(rows, q, q_stride, sums);
  }
};

/// Room in a packed matrix, and behind its last group for the steps that tiles read too much.
inline Index size_for_tiles(Index n, Index k) {
  constexpr Index group_width = static_cast<Index>(plan_fours.group) * lanes;
  const Index too_much = up_to(Fours::tile_steps, k) - up_to(Fours::together, k);
  return packed_size<Fours::together>(n, k) + too_much * smaller(group_width, up_to_lanes(n));
}
inline void pack_for_tiles(Index n, Index k, const std::int8_t* columns, std::int8_t* packed) {
  const Index used = packed_size<Fours::together>(n, k);
  Fours::pack(n, k, columns, packed);
  __builtin_memset(packed + used, 0, static_cast<std::size_t>(size_for_tiles(n, k) - used));
}
#endif

}  // namespace
}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard

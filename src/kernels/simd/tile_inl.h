/// The innermost loop of products: one tile of the result, completely in registers, over one chunk of k.
// clang-format off
#if defined(RONDO_KERNELS_SIMD_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RONDO_KERNELS_SIMD_TILE_INL_H
#undef RONDO_KERNELS_SIMD_TILE_INL_H
#else
#define RONDO_KERNELS_SIMD_TILE_INL_H
#endif
// clang-format on

#include <utility>

#include "kernels/simd/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {

/// The vectors in a panel of the right operand, and the rows of the tallest tile. There are as many
/// accumulators as possible, with registers left for one row of the panel and one element of the left
/// operand.
inline constexpr std::size_t panel_vectors = 2;
inline constexpr Index panel_width = static_cast<Index>(panel_vectors) * lanes;
#if HWY_TARGET == HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr std::size_t most_rows = 12;  // 32 registers
#else
inline constexpr std::size_t most_rows = HWY_TARGET == HWY_SSE4 ? 4 : 6;  // 16 registers
#endif

/// The layout of a tile's part of the left operand in memory. In both layouts, the tile broadcasts from one
/// stream.
enum class Left : std::size_t {
  by_rows = 8,   ///< [k / 8][rows][8]: a copy of a row-major operand
  by_steps = 1,  ///< [k][rows]: a copy of a transposed operand
};

/// The start values and the results of a tile's chains, and what to prefetch meanwhile.
struct Chains {
  const float* start;
  Index start_stride;  ///< 0: all rows start from the same values
  float* c;
  Index c_stride;
  const float* ahead = nullptr;  ///< the panels of the next tiles
  Index ahead_lines = 0;         ///< cache lines of it for each `unrolled` steps
  const float* soon = nullptr;   ///< memory that the caller will use
  Index soon_lines = 0;
  const float* next_c = nullptr;  ///< rows of the next tile's result, c_stride apart
  Index next_rows = 0;            ///< rows of it that are still to be prefetched, ...
  Index next_pace = 0;            ///< ... and for each `unrolled` steps
};

/// What a tile must still prefetch.
struct Foresight {
  const float *ahead, *soon, *next_c;
  Index next_rows;

  explicit HWY_INLINE Foresight(const Chains& chains)
      : ahead(chains.ahead), soon(chains.soon), next_c(chains.next_c), next_rows(chains.next_rows) {}

  /// Prefetches the share of some steps.
  HWY_INLINE void ask(const Chains& chains) {
    for (Index line = 0; line < chains.ahead_lines; ++line, ahead += 16)
      __builtin_prefetch(ahead, 0, 3);
    for (Index line = 0; line < chains.soon_lines; ++line, soon += 16)
      __builtin_prefetch(soon, 0, 3);
    for (Index row = 0; row < chains.next_pace && next_rows > 0; ++row, --next_rows) {
      for (Index i = 0; i < panel_width; i += 16)
        __builtin_prefetch(next_c + i, 1, 3);
      next_c += chains.c_stride;
    }
  }
};

/// Half a vector for panels with few columns, if that is faster than a whole vector.
#if HWY_TARGET == HWY_AVX3
using Narrow = hn::Half<Floats>;
#else
using Narrow = Floats;
#endif
inline constexpr Index narrow_lanes = static_cast<Index>(hn::MaxLanes(Narrow()));

/// Rows x (Panels * Vectors) vectors of the tag D. Panels are `panel_stride` apart.
template <class D, std::size_t Rows, std::size_t Vectors, std::size_t Panels, Left Order>
struct Tile {
  using Vec = hn::Vec<D>;
  static constexpr Index lanes = static_cast<Index>(hn::MaxLanes(D()));
  static constexpr std::size_t width = Panels * Vectors;
  static constexpr std::size_t block = static_cast<std::size_t>(Order);
  static constexpr Index unrolled = 8;
  using Everything = std::make_index_sequence<Rows * width>;
  using Across = std::make_index_sequence<width>;

  /// Of the vector at `index` of a row.
  static constexpr Index column(std::size_t index) {
    return static_cast<Index>(index / Vectors) * panel_width + static_cast<Index>(index % Vectors) * lanes;
  }
  /// Of a row's element at step `k` below `unrolled`.
  static constexpr std::size_t place(std::size_t row, std::size_t k) {
    return Order == Left::by_rows ? row * block + k : k * Rows + row;
  }

  template <std::size_t... I>
  static HWY_INLINE void load(Vec* sum, const Chains& chains, std::index_sequence<I...>) {
    ((sum[I] = hn::LoadU(
          D(), chains.start + static_cast<Index>(I / width) * chains.start_stride + column(I % width))),
     ...);
  }

  /// One step of k for some rows from `First` on.
  template <std::size_t First, std::size_t... I, std::size_t... J>
  static HWY_INLINE void step(Vec* sum, const float* a, std::size_t k, const float* panel, Index panel_stride,
                              std::index_sequence<I...>, std::index_sequence<J...>) {
    const Vec b[width] = {hn::LoadU(D(), panel + static_cast<Index>(J / Vectors) * panel_stride +
                                             static_cast<Index>(J % Vectors) * lanes)...};
    ((sum[First * width + I] =
          hn::MulAdd(hn::Set(D(), a[place(First + I / width, k)]), b[I % width], sum[First * width + I])),
     ...);
  }
  template <std::size_t... K>
  static HWY_INLINE void steps(Vec* sum, const float* a, const float* panel, Index panel_stride,
                               std::index_sequence<K...>) {
    (step<0>(sum, a, K, panel + static_cast<Index>(K) * panel_width, panel_stride, Everything(), Across()),
     ...);
  }

  template <std::size_t First, std::size_t... I>
  static HWY_INLINE void store(const Vec* sum, const Chains& chains, std::index_sequence<I...>) {
    (hn::StoreU(sum[First * width + I], D(),
                chains.c + static_cast<Index>(First + I / width) * chains.c_stride + column(I % width)),
     ...);
  }
  /// The last steps, up to `unrolled` of them, and the result, some rows later than others. If 12 rows issued
  /// their 24 stores at once, they would fill the processor's store queue, and the next tile would wait. Runs
  /// at least eight chains at a time.
  template <std::size_t Part = 0>
  static HWY_INLINE void finish(Vec* sum, Index k, const float* a, const float* panel, Index panel_stride,
                                const Chains& chains) {
    constexpr std::size_t parts = Rows * width < 16 ? 1 : Rows * width / 8;
    constexpr std::size_t first = (Rows * Part + parts - 1) / parts;
    constexpr std::size_t last = (Rows * (Part + 1) + parts - 1) / parts;
    constexpr auto mine = std::make_index_sequence<(last - first) * width>();
    const float *from = a, *right = panel;
    for (Index left = k; left > 0; --left) {
      step<first>(sum, from, 0, right, panel_stride, mine, Across());
      from += Order == Left::by_rows ? 1 : Rows;
      right += panel_width;
    }
    store<first>(sum, chains, mine);
    if constexpr (last < Rows) finish<Part + 1>(sum, k, a, panel, panel_stride, chains);
  }

  static void run(Index k, const float* a, const float* panel, Index panel_stride, const Chains& chains) {
    Foresight foresight(chains);
    Vec sum[Rows * width];
    load(sum, chains, Everything());
    for (; k > unrolled; k -= unrolled) {
#if HWY_TARGET == HWY_SSE4
      // Not unrolled, because g++ 12 would load ahead until the registers run out.
      for (std::size_t i = 0; i < unrolled; ++i) {
        step<0>(sum, a, i, panel + static_cast<Index>(i) * panel_width, panel_stride, Everything(), Across());
      }
#else
      steps(sum, a, panel, panel_stride, std::make_index_sequence<unrolled>());
#endif
      foresight.ask(chains);
      a += Rows * unrolled;
      panel += unrolled * panel_width;
    }
    foresight.ask(chains);
    finish(sum, k, a, panel, panel_stride, chains);
  }
};

using TileFunction = void (*)(Index k, const float* a, const float* panel, Index panel_stride,
                              const Chains& chains);

/// The shortest tiles may process several panels at once, because a few chains do not keep the multipliers
/// busy.
inline constexpr std::size_t panels_at_once(std::size_t rows, bool several = true) {
  if (!several || rows > 2) return 1;
  return rows == 1 ? 4 : most_rows > 4 ? 3 : 2;
}

/// Tiles of 1 .. most_rows rows.
struct TileTable {
  TileFunction tiles[most_rows];
};
template <class D, std::size_t Vectors, bool Several, Left Order, std::size_t... Rows>
constexpr TileTable make_tiles(std::index_sequence<0, Rows...>) {
  return {{Tile<D, Rows, Vectors, panels_at_once(Rows, Several), Order>::run...}};
}
template <class D, std::size_t Vectors, bool Several, Left Order>
inline constexpr TileTable tiles =
    make_tiles<D, Vectors, Several, Order>(std::make_index_sequence<most_rows + 1>());

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard

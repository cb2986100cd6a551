#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

constexpr Index tallest = static_cast<Index>(most_rows);
/// Steps of k between two visits to the result, and rows whose left operand is laid out at once (it stays in
/// the second cache while every panel passes by). Neither shows in the result: chains go on through memory.
constexpr Index chunk = 256;
constexpr Index block_rows = 48;

Index smaller(Index a, Index b) {
  return a < b ? a : b;
}

// Packing the right operand.

/// Turns four columns' next four elements into four steps' four columns.
HWY_INLINE void transpose_four(const float* from, Index stride, float* to) {
  const hn::FixedTag<float, 4> four;
  const auto a = hn::LoadU(four, from), b = hn::LoadU(four, from + stride);
  const auto c = hn::LoadU(four, from + 2 * stride), d = hn::LoadU(four, from + 3 * stride);
  const auto ac_low = hn::InterleaveLower(four, a, c), ac_high = hn::InterleaveUpper(four, a, c);
  const auto bd_low = hn::InterleaveLower(four, b, d), bd_high = hn::InterleaveUpper(four, b, d);
  hn::StoreU(hn::InterleaveLower(four, ac_low, bd_low), four, to);
  hn::StoreU(hn::InterleaveUpper(four, ac_low, bd_low), four, to + panel_width);
  hn::StoreU(hn::InterleaveLower(four, ac_high, bd_high), four, to + 2 * panel_width);
  hn::StoreU(hn::InterleaveUpper(four, ac_high, bd_high), four, to + 3 * panel_width);
}

/// Steps [begin, k) of columns [from_column, to_column), one by one; b starts at the panel's first column.
void pack_some(Index from_column, Index to_column, Index begin, Index k, const Operand<float>& b,
               float* panel) {
  for (Index step = begin; step < k; ++step) {
    for (Index column = from_column; column < to_column; ++column) {
      panel[step * panel_width + column] = b.data[column * b.stride + step * b.k_stride];
    }
  }
}

void pack_panel(Index columns, Index k, const Operand<float>& b, float* panel) {
  if (columns < panel_width) {
    for (Index i = 0; i < k * panel_width; i += lanes)
      hn::StoreU(hn::Zero(floats), floats, panel + i);
  }
  if (b.stride == 1 && columns == panel_width) {
    for (Index step = 0; step < k; ++step) {
      for (Index i = 0; i < panel_width; i += lanes) {
        hn::StoreU(hn::LoadU(floats, b.data + step * b.k_stride + i), floats, panel + step * panel_width + i);
      }
    }
    return;
  }
  Index column = 0, done = 0;
  if (b.k_stride == 1) {
    done = k / 4 * 4;
    for (; column + 4 <= columns; column += 4) {
      for (Index step = 0; step < done; step += 4) {
        transpose_four(b.data + column * b.stride + step, b.stride, panel + step * panel_width + column);
      }
    }
  }
  pack_some(0, column, done, k, b, panel);
  pack_some(column, columns, 0, k, b, panel);
}

void pack(Index n, Index k, Operand<float> b, float* packed) {
  for (Index first = 0; first < n; first += panel_width) {
    const Operand<float> part{b.data + first * b.stride, b.stride, b.k_stride};
    pack_panel(smaller(panel_width, n - first), k, part, packed + first * k);
  }
}

// Laying out the left operand for the tiles.

/// One row of tiles: `rows` rows of the result, all columns, one chunk of k.
struct Strip {
  Index rows, k;
  const float* a;  ///< laid out
  Left order;
};

/// Heights of the tiles that cut `rows` rows as evenly as can be.
struct Cut {
  Index all, tiles, height, taller;  ///< the first `taller` tiles are one row higher
  explicit Cut(Index rows)
      : all(rows), tiles((rows + tallest - 1) / tallest), height(rows / tiles), taller(rows % tiles) {}
  Index rows(Index tile) const { return height + (tile < taller ? 1 : 0); }
};

/// Of one laid out tile, with a margin of one vector.
constexpr Index tile_space = tallest * chunk + lanes;

/// [k / 8][rows][8]; what lies between k and its multiple of 8 is left as it is.
void lay_rows(Index rows, Index k, const Operand<float>& a, float* to) {
  for (Index row = 0; row < rows; ++row) {
    const float* from = a.data + row * a.stride;
    float* out = to + row * 8;
    Index step = 0;
    if (a.k_stride == 1) {
      for (; step + 8 <= k; step += 8, out += rows * 8)
        __builtin_memcpy(out, from + step, 8 * sizeof(float));
    }
    for (; step < k; ++step) {
      out[step % 8] = from[step * a.k_stride];
      if (step % 8 == 7) out += rows * 8;
    }
  }
}

void lay_by_rows(const Cut& cut, Index depth, const Operand<float>& a, float* to, Strip* strips) {
  for (Index tile = 0, row = 0; tile < cut.tiles; row += cut.rows(tile++)) {
    const Operand<float> part{a.data + row * a.stride, a.stride, a.k_stride};
    strips[tile] = {cut.rows(tile), depth, to, Left::by_rows};
    if (strips[tile].rows == 1 && a.k_stride == 1) {
      strips[tile].a = part.data;  // lies as it should
    } else {
      lay_rows(strips[tile].rows, depth, part, to);
    }
    to += strips[tile].rows * chunk;
  }
}

/// [k][rows] for each tile, from rows that are neighbours in memory: a step of all tiles is read at once,
/// because steps lie far apart.
void lay_by_steps(const Cut& cut, Index depth, const Operand<float>& a, float* to, Strip* strips) {
  constexpr Index ahead = 12;
  for (Index tile = 0; tile < cut.tiles; ++tile)
    strips[tile] = {cut.rows(tile), depth, to + tile * tile_space, Left::by_steps};
  for (Index step = 0; step < depth; ++step) {
    const float* from = a.data + step * a.k_stride;
    if (step + ahead < depth) {
      for (Index row = 0; row < cut.all; row += 16)
        __builtin_prefetch(from + ahead * a.k_stride + row);
    }
    for (Index tile = 0, left = cut.all; tile < cut.tiles; ++tile) {
      const Index rows = strips[tile].rows;
      float* const out = to + tile * tile_space + step * rows;
      // Lanes beyond the tile's rows are overwritten by its next step; the last ones fall into the margin.
      for (Index row = 0; row < rows; row += lanes) {
        const Vector part = left - row >= lanes
                                ? hn::LoadU(floats, from + row)
                                : First{static_cast<std::size_t>(left - row)}.load(from + row);
        hn::StoreU(part, floats, out + row);
      }
      from += rows;
      left -= rows;
    }
  }
}

// The product.

/// Where the chains of a chunk start, for column 0 of the strip's first row.
struct Result {
  const float* start;  ///< null: zero
  Index start_stride;
  float* c;
  Index c_stride;
};

const TileTable& tiles_for(bool both_vectors, bool several, Left order) {
  if (order == Left::by_rows) {
    if (!both_vectors) return tiles<1, false, Left::by_rows>;
    return several ? tiles<panel_vectors, true, Left::by_rows> : tiles<panel_vectors, false, Left::by_rows>;
  }
  if (!both_vectors) return tiles<1, false, Left::by_steps>;
  return several ? tiles<panel_vectors, true, Left::by_steps> : tiles<panel_vectors, false, Left::by_steps>;
}

/// A panel of which only `columns` exist: the tile works on a copy.
void last_panel(const Strip& strip, const float* panel, Index columns, const Result& result) {
  HWY_ALIGN float copy[tallest * panel_width];
  const auto copy_row = [columns](const float* from, float* to) RONDO_INLINE {
    map(
        columns, to, [](Vector v) RONDO_INLINE { return v; }, from);
  };
  const Index vectors_width = columns <= lanes ? lanes : panel_width;
  for (Index row = 0; row < strip.rows; ++row) {
    float* const to = copy + row * panel_width;
    for (Index i = 0; i < vectors_width; i += lanes)
      hn::Store(hn::Zero(floats), floats, to + i);
    if (result.start != nullptr) copy_row(result.start + row * result.start_stride, to);
  }
  const TileTable& table = tiles_for(columns > lanes, false, strip.order);
  table.tiles[strip.rows - 1](strip.k, strip.a, panel, 0, {copy, panel_width, copy, panel_width});
  for (Index row = 0; row < strip.rows; ++row) {
    copy_row(copy + row * panel_width, result.c + row * result.c_stride);
  }
}

/// Panels [0, columns / panel_width) of one strip in groups that the tiles take at once.
struct Panels {
  const float* packed;
  Index stride;  ///< from one panel to the next, this chunk's part of each
};

void full_panels(const Strip& strip, const Panels& panels, Index count, const Result& result) {
  static constexpr float zeros[4 * panel_width] = {};
  const Index group = static_cast<Index>(panels_at_once(static_cast<std::size_t>(strip.rows)));
  const TileFunction several = tiles_for(true, true, strip.order).tiles[strip.rows - 1];
  const TileFunction single = tiles_for(true, false, strip.order).tiles[strip.rows - 1];
  for (Index panel = 0; panel < count;) {
    const bool whole = panel + group <= count;
    const Index column = panel * panel_width;
    const Chains chains{result.start == nullptr ? zeros : result.start + column, result.start_stride,
                        result.c + column, result.c_stride};
    (whole ? several : single)(strip.k, strip.a, panels.packed + panel * panels.stride, panels.stride,
                               chains);
    panel += whole ? group : 1;
  }
}

struct Product {
  Index n, k;
  Operand<float> a;
  const float* packed;
  const float* bias;
  float* c;
  Index c_stride;
  bool accumulate;

  /// Steps [begin, begin + depth) of k for rows [row, row + rows), at most block_rows of them.
  void chunk_of(Index row, Index rows, Index begin, Index depth, float* space) const {
    const Cut cut(rows);
    const Operand<float> part{a.data + row * a.stride + begin * a.k_stride, a.stride, a.k_stride};
    Strip strips[block_rows];
    if (a.stride == 1 && a.k_stride != 1) {
      lay_by_steps(cut, depth, part, space, strips);
    } else {
      lay_by_rows(cut, depth, part, space, strips);
    }
    multiply(strips, cut, row, begin);
  }

  void multiply(const Strip* strips, const Cut& cut, Index row, Index begin) const {
    const Index whole = n / panel_width, rest = n % panel_width;
    const bool from_result = accumulate || begin > 0;
    // A group of panels stays in the first cache while the tiles of the block take turns at it.
    const Index group = cut.tiles == 1 ? whole : 1;
    for (Index panel = 0; panel < whole + (rest > 0 ? 1 : 0); panel += panel < whole ? group : 1) {
      const Index column = panel * panel_width;
      const float* const part = packed + column * k + begin * panel_width;
      for (Index tile = 0, at = row; tile < cut.tiles; at += cut.rows(tile++)) {
        float* const out = c + at * c_stride + column;
        const Result result{from_result       ? out
                            : bias == nullptr ? nullptr
                                              : bias + column,
                            from_result ? c_stride : 0, out, c_stride};
        if (panel < whole) {
          full_panels(strips[tile], {part, k * panel_width}, group, result);
        } else {
          last_panel(strips[tile], part, rest, result);
        }
      }
    }
  }
};

void product(Index m, Index n, Index k, Operand<float> a, const float* packed, const float* bias, float* c,
             Index c_stride, bool accumulate) {
  if (m <= 0 || n <= 0) return;
  HWY_ALIGN float space[(block_rows / tallest + 1) * tile_space];
  const Product job{n, k, a, packed, bias, c, c_stride, accumulate};
  const Index chunks = k <= chunk ? 1 : (k + chunk - 1) / chunk;
  const Index depth = ((k + chunks - 1) / chunks + 7) / 8 * 8;
  const Index blocks = (m + block_rows - 1) / block_rows;
  for (Index block = 0; block < blocks; ++block) {
    const Index row = m * block / blocks, end = m * (block + 1) / blocks;
    for (Index begin = 0; begin < k || begin == 0; begin += depth) {
      job.chunk_of(row, end - row, begin, smaller(depth, k - begin), space);
      if (depth == 0) break;
    }
  }
}

}  // namespace

void enter_products(Kernels<float>& table) {
  table.panel_columns = panel_width;
  table.tile_rows = tallest;
  table.pack = pack;
  table.product = product;
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_products)
}  // namespace rondo::simd
#endif

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/products.cpp"
#include <algorithm>

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

constexpr Index tallest = static_cast<Index>(most_rows);
/// How many steps of k are done between two accesses to the result, and how many rows of the left operand are
/// laid out at once (they stay in the second-level cache while all panels are used). Neither affects the
/// result, because chains continue through memory.
constexpr Index chunk = 1024;
constexpr Index block_rows = 48;
constexpr Index most_strips = laid_rows / tallest + 1;

Index smaller(Index a, Index b) {
  return a < b ? a : b;
}

// Packing the right operand.

/// Four elements of each of some columns that are four apart, one column per block of the vector.
template <class D>
HWY_INLINE hn::Vec<D> load_columns(D d, const float* from, Index stride) {
  if constexpr (hn::MaxLanes(d) <= 4) {
    return hn::LoadU(d, from);
  } else {
    const hn::Half<D> half;
    const Index columns = static_cast<Index>(hn::MaxLanes(half));
    return hn::Combine(d, load_columns(half, from + columns * stride, stride),
                       load_columns(half, from, stride));
  }
}

template <Write where, class D>
HWY_INLINE void put(D d, hn::Vec<D> value, float* to) {
  if constexpr (where == Write::far)
    hn::Stream(value, d, to);
  else
    hn::StoreU(value, d, to);
}

/// Turns the next four elements of a vector's worth of columns into four steps.
template <Write where, class D>
HWY_INLINE void transpose_four(D d, const float* from, Index stride, float* to) {
  const auto a = load_columns(d, from, stride), b = load_columns(d, from + stride, stride);
  const auto c = load_columns(d, from + 2 * stride, stride), e = load_columns(d, from + 3 * stride, stride);
  const auto ac_low = hn::InterleaveLower(d, a, c), ac_high = hn::InterleaveUpper(d, a, c);
  const auto be_low = hn::InterleaveLower(d, b, e), be_high = hn::InterleaveUpper(d, b, e);
  put<where>(d, hn::InterleaveLower(d, ac_low, be_low), to);
  put<where>(d, hn::InterleaveUpper(d, ac_low, be_low), to + panel_width);
  put<where>(d, hn::InterleaveLower(d, ac_high, be_high), to + 2 * panel_width);
  put<where>(d, hn::InterleaveUpper(d, ac_high, be_high), to + 3 * panel_width);
}

/// Packs steps [0, k), four at a time, of `columns` columns, four at a time, so that the panel is written
/// forward. The next columns begin `onward` elements behind these.
template <Write where>
void transpose_columns(Index columns, Index k, const Operand<float>& b, Index onward, float* to) {
  constexpr Index ahead = 32;  // steps
  for (Index step = 0; step + 4 <= k; step += 4) {
    if (step % 16 == 0) {
      const Index later = step + ahead < k ? step + ahead : onward + step + ahead - k;
      for (Index i = 0; i < columns; ++i)
        __builtin_prefetch(b.data + i * b.stride + later);
    }
    Index column = 0;
    for (; column + lanes <= columns; column += lanes)
      transpose_four<where>(floats, b.data + column * b.stride + step, b.stride,
                            to + step * panel_width + column);
    for (; column + 4 <= columns; column += 4)
      transpose_four<where>(hn::CappedTag<float, 4>(), b.data + column * b.stride + step, b.stride,
                            to + step * panel_width + column);
  }
}

/// Packs steps [begin, k) of columns [from_column, to_column), one by one. b starts at the panel's first
/// column.
void pack_some(Index from_column, Index to_column, Index begin, Index k, const Operand<float>& b,
               float* panel) {
  for (Index step = begin; step < k; ++step) {
    for (Index column = from_column; column < to_column; ++column) {
      panel[step * panel_width + column] = b.data[column * b.stride + step * b.k_stride];
    }
  }
}

/// Packs columns that are neighbours in memory row by row, as the hardware prefetcher expects.
template <Write where>
void pack_rows(Index n, Index k, Strided<const float> rows, float* packed, Index depth) {
  constexpr Index ahead = 8;
  for (Index step = 0; step < k; ++step) {
    const float *const row = rows[step], *const later = rows[smaller(step + ahead, k - 1)];
    float* to = packed + step * panel_width;
    Index column = 0;
    for (; column + panel_width <= n; column += panel_width, to += depth * panel_width) {
      for (Index i = 0; i < panel_width; i += lanes)
        put<where>(floats, hn::LoadU(floats, row + column + i), to + i);
      for (Index i = 0; i < panel_width; i += 16)
        __builtin_prefetch(later + column + i);
    }
    for (Index i = 0; column < n && i < panel_width; i += lanes) {
      const Index left = n - column - i;
      const Vector part = left >= lanes ? hn::LoadU(floats, row + column + i)
                          : left > 0    ? First{static_cast<std::size_t>(left)}.load(row + column + i)
                                        : hn::Zero(floats);
      put<where>(floats, part, to + i);
    }
  }
}

template <Write where>
void pack_panel(Index columns, Index k, const Operand<float>& b, float* panel) {
  if (columns < panel_width) {
    for (Index i = 0; i < k * panel_width; i += lanes)
      hn::StoreU(hn::Zero(floats), floats, panel + i);
  }
  const bool transposed = b.k_stride == 1;
  const Index column = transposed ? columns / 4 * 4 : 0, done = k / 4 * 4;
  if (transposed) transpose_columns<where>(column, k, b, panel_width * b.stride, panel);
  pack_some(0, column, done, k, b, panel);
  pack_some(column, columns, 0, k, b, panel);
}

template <Write where>
void pack_panels(Index n, Index k, const Operand<float>& b, float* packed) {
  if (b.stride == 1) return pack_rows<where>(n, k, {b.data, b.k_stride}, packed, k);
  for (Index first = 0; first < n; first += panel_width) {
    const Operand<float> part{b.data + first * b.stride, b.stride, b.k_stride};
    pack_panel<where>(smaller(panel_width, n - first), k, part, packed + first * k);
  }
}

void pack(Index n, Index k, Operand<float> b, float* packed, Write where) {
  if (where == Write::near) return pack_panels<Write::near>(n, k, b, packed);
  pack_panels<Write::far>(n, k, b, packed);
  hwy::FlushStream();
}

void pack_steps(Index n, Index k, Strided<const float> rows, float* packed, Index depth) {
  pack_rows<Write::near>(n, k, rows, packed, depth);
}

// Laying out the left operand for the tiles.

/// One row of tiles: `rows` rows of the result, all columns, one chunk of k.
struct Strip {
  Index rows, k;
  const float* a;  ///< laid out
  Left order;
};

/// The heights of tiles that divide `rows` rows as evenly as possible.
struct Cut {
  Index all, tiles, height, taller;  ///< the first `taller` tiles are one row higher
  explicit Cut(Index rows)
      : all(rows), tiles((rows + tallest - 1) / tallest), height(rows / tiles), taller(rows % tiles) {}
  Index rows(Index tile) const { return height + (tile < taller ? 1 : 0); }
};

/// [k / 8][rows][8]. Elements between k and its next multiple of 8 are not written.
void lay_rows(Index rows, Index k, const Operand<float>& a, float* to) {
  for (Index row = 0; row < rows; ++row) {
    const float* from = a.data + row * a.stride;
    float* out = to + row * 8;
    Index step = 0;
    if (a.k_stride == 1) {
      for (; step + 16 <= k; step += 16, out += rows * 16) {
        __builtin_prefetch(from + step + a.stride);  // short rows defeat the hardware prefetcher
        __builtin_memcpy(out, from + step, 8 * sizeof(float));
        __builtin_memcpy(out + rows * 8, from + step + 8, 8 * sizeof(float));
      }
      for (; step + 8 <= k; step += 8, out += rows * 8)
        __builtin_memcpy(out, from + step, 8 * sizeof(float));
    }
    for (; step < k; ++step) {
      out[step % 8] = from[step * a.k_stride];
      if (step % 8 == 7) out += rows * 8;
    }
  }
}

/// [steps][rows] of one tile, four rows at a time. The last four may overlap with those before.
template <std::size_t... Fours>
void lay_tile(Index rows, Index steps, const float* from, Index stride, float* to,
              std::index_sequence<Fours...>) {
  constexpr hn::CappedTag<float, 4> four;
  constexpr Index before = 4 * static_cast<Index>(sizeof...(Fours));
  const Index last = rows - 4;
  for (Index step = 0; step < steps; ++step, from += stride, to += rows) {
    (hn::StoreU(hn::LoadU(four, from + 4 * Fours), four, to + 4 * Fours), ...);
    if (last > before - 4) hn::StoreU(hn::LoadU(four, from + last), four, to + last);
  }
}
void lay_tile(Index rows, Index steps, const float* from, Index stride, float* to) {
  static_assert(most_rows <= 12);
  if (rows >= 8) return lay_tile(rows, steps, from, stride, to, std::make_index_sequence<2>());
  if (rows >= 4) return lay_tile(rows, steps, from, stride, to, std::make_index_sequence<1>());
  for (Index step = 0; step < steps; ++step, from += stride)
    to = std::copy_n(from, rows, to);
}

/// [k][rows] for each tile, from rows that are neighbours in memory. Lays out some steps of all tiles,
/// because steps are far apart.
void lay_steps(const Cut& cut, Index depth, const Operand<float>& a, const Strip* strips) {
  constexpr Index some = 16;
  for (Index step = 0; step < depth; step += some) {
    const float* from = a.data + step * a.k_stride;
    const Index steps = smaller(some, depth - step);
    for (Index later = some; later < smaller(2 * some, depth - step); ++later)
      for (Index row = 0; row < cut.all; row += 16)
        __builtin_prefetch(from + later * a.k_stride + row);
    for (Index tile = 0; tile < cut.tiles; from += strips[tile++].rows) {
      const Index rows = strips[tile].rows;
      lay_tile(rows, steps, from, a.k_stride, const_cast<float*>(strips[tile].a) + step * rows);
    }
  }
}

/// The tiles of one chunk of k follow one another from `memory` on. Calls body(tile, its first row, its
/// place) and returns the place of the next chunk.
template <class Float, class Body>
Float* each_tile(const Cut& cut, Index steps, bool by_steps, Float* memory, const Body& body) {
  for (Index tile = 0, row = 0; tile < cut.tiles; row += cut.rows(tile++)) {
    body(tile, row, memory);
    memory += cut.rows(tile) * (by_steps ? steps : (steps + 7) / 8 * 8);
  }
  return memory;
}

bool lies_by_steps(const Operand<float>& a) {
  return a.stride == 1 && a.k_stride != 1;
}

/// Lays out one chunk of k and returns the place of the next one.
float* lay_chunk(const Cut& cut, Index steps, const Operand<float>& a, float* memory, Strip* strips) {
  const bool by_steps = lies_by_steps(a);
  float* const next = each_tile(cut, steps, by_steps, memory, [&](Index tile, Index row, float* to) {
    strips[tile] = {cut.rows(tile), steps, to, by_steps ? Left::by_steps : Left::by_rows};
    if (!by_steps) lay_rows(cut.rows(tile), steps, {a.data + row * a.stride, a.stride, a.k_stride}, to);
  });
  if (by_steps) lay_steps(cut, steps, a, strips);
  return next;
}

// The product.

/// The start values and the results of a chunk's chains, for column 0 of the strip's first row.
struct Result {
  ChainStart<float> start;
  float* c;
  Index c_stride;

  Result at(Index row, Index column) const {
    return {{start.data == nullptr ? nullptr : start.data + row * start.stride + column, start.stride},
            c + row * c_stride + column,
            c_stride};
  }
  /// The next chunk continues from the end of this one.
  Result onward() const { return {{c, c_stride}, c, c_stride}; }
};

/// One chunk of k of neighbouring panels, and the memory behind them.
struct Panels {
  const float* packed;
  Index stride;  ///< from one panel to the next
  const float* ahead;
  Index ahead_lines;
  const float* soon;
  Index soon_lines;
  const float* next_c;  ///< the next tile of the result
  Index next_rows;
};

enum class Wide { narrow, one, both, several };

/// Tiles of this width: half a vector, one vector, a panel, or as many panels as pay off.
const TileTable& tiles_for(Wide wide, Left order) {
  static constexpr Left r = Left::by_rows, s = Left::by_steps;
  static constexpr std::size_t v = panel_vectors;
  static constexpr const TileTable* tables[2][4] = {
      {&tiles<Narrow, 1, false, r>, &tiles<Floats, 1, false, r>, &tiles<Floats, v, false, r>,
       &tiles<Floats, v, true, r>},
      {&tiles<Narrow, 1, false, s>, &tiles<Floats, 1, false, s>, &tiles<Floats, v, false, s>,
       &tiles<Floats, v, true, s>}};
  return *tables[order == s ? 1 : 0][static_cast<std::size_t>(wide)];
}

/// A panel with only `columns` columns. The tile works on a copy.
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
    if (result.start.data != nullptr) copy_row(result.start.data + row * result.start.stride, to);
  }
  const Wide wide = columns <= narrow_lanes ? Wide::narrow : columns <= lanes ? Wide::one : Wide::both;
  tiles_for(wide, strip.order)
      .tiles[strip.rows - 1](strip.k, strip.a, panel, 0, {copy, panel_width, copy, panel_width});
  for (Index row = 0; row < strip.rows; ++row) {
    copy_row(copy + row * panel_width, result.c + row * result.c_stride);
  }
}

/// `count` whole panels of one strip, in groups for the tiles.
void full_panels(const Strip& strip, const Panels& panels, Index count, const Result& result) {
  static constexpr float zeros[4 * panel_width] = {};
  const Index group = static_cast<Index>(panels_at_once(static_cast<std::size_t>(strip.rows)));
  const TileFunction several = tiles_for(Wide::several, strip.order).tiles[strip.rows - 1];
  const TileFunction single = tiles_for(Wide::both, strip.order).tiles[strip.rows - 1];
  const Index eights = std::max<Index>(1, strip.k / 8);
  for (Index panel = 0; panel < count;) {
    const bool whole = panel + group <= count;
    const Result at = result.at(0, panel * panel_width);
    const bool from_zero = at.start.data == nullptr;
    (whole ? several : single)(
        strip.k, strip.a, panels.packed + panel * panels.stride, panels.stride,
        {from_zero ? zeros : at.start.data, from_zero ? 0 : at.start.stride, at.c, at.c_stride,
         panels.ahead + panel * panels.stride, panels.ahead_lines,
         panels.soon + panel * (strip.k / 8 * panels.soon_lines * 16), panels.soon_lines, panels.next_c,
         panels.next_rows, (panels.next_rows + eights - 1) / eights});
    panel += whole ? group : 1;
  }
}

/// A packed operand, and one chunk of its k.
struct Packing {
  Index n, k;
  const float* packed;
  Index begin;  ///< of the chunk
};

/// Memory that the caller will use; it is prefetched bit by bit.
struct Soon {
  const float* next = nullptr;
  Index left = 0;  ///< lines
  Index pace = 0;  ///< lines for each eight steps of a tile

  const float* take(Index eights) {
    const float* const from = next;
    next += eights * pace * 16;
    left -= eights * pace;
    return from;
  }
};

/// One chunk of k of a block of rows, which lie in strips.
void multiply(const Packing& b, const Strip* strips, const Cut& cut, const Result& result, Soon& soon) {
  constexpr Index line = 16;
  const Index whole = b.n / panel_width, rest = b.n % panel_width;
  // A group of panels stays in the cache while all tiles of the block use it. Each tile prefetches its share
  // of the next group.
  const Index group = cut.tiles == 1 ? whole : 1;
  const Index lines =
      cut.tiles == 1 && cut.all <= 2 ? 0 : (8 * panel_width / line + cut.tiles - 1) / cut.tiles;
  for (Index panel = 0; panel < whole + (rest > 0 ? 1 : 0); panel += panel < whole ? group : 1) {
    const float* const part = b.packed + panel * panel_width * b.k + b.begin * panel_width;
    for (Index tile = 0, row = 0; tile < cut.tiles; row += cut.rows(tile++)) {
      const Result at = result.at(row, panel * panel_width);
      const bool last = tile + 1 == cut.tiles;
      const bool onward = last && group == 1 && panel + 1 < whole;
      const float* const next_c = onward ? result.at(0, (panel + 1) * panel_width).c
                                  : last ? nullptr
                                         : result.at(row + cut.rows(tile), panel * panel_width).c;
      const Index next_rows = onward ? cut.rows(0) : last ? 0 : cut.rows(tile + 1);
      if (panel < whole) {
        const float* const ahead = part + b.k * panel_width + tile * (strips[tile].k / 8 * lines * line);
        const Index pace = soon.left > 0 ? soon.pace : 0;
        full_panels(strips[tile],
                    {part, b.k * panel_width, ahead, lines, soon.take(strips[tile].k / 8 * group), pace,
                     next_c, next_rows},
                    group, at);
      } else {
        last_panel(strips[tile], part, rest, at);
      }
    }
  }
}

/// The steps in a chunk of k: about equal for all chunks, and a multiple of eight.
Index chunk_depth(Index k) {
  const Index chunks = k <= chunk ? 1 : (k + chunk - 1) / chunk;
  return ((k + chunks - 1) / chunks + 7) / 8 * 8;
}

/// `most` rows at a time.
template <Index most>
void product_in_blocks(Index m, Index n, Index k, Operand<float> a, const float* packed,
                       ChainStart<float> start, float* c, Index c_stride) {
  HWY_ALIGN float space[most * chunk];
  Strip strips[most_strips];
  const Index depth = chunk_depth(k);
  const Index blocks = (m + most - 1) / most;
  for (Index block = 0; block < blocks; ++block) {
    const Index row = m * block / blocks, end = m * (block + 1) / blocks;
    const Cut cut(end - row);
    Result result = Result{start, c, c_stride}.at(row, 0);
    for (Index begin = 0; begin < k || begin == 0; begin += depth) {
      const Index steps = smaller(depth, k - begin);
      const Operand<float> part{a.data + row * a.stride + begin * a.k_stride, a.stride, a.k_stride};
      if (cut.all == 1 && a.k_stride == 1)
        strips[0] = {1, steps, part.data, Left::by_rows};  // already in the right layout
      else
        lay_chunk(cut, steps, part, space, strips);
      Soon nothing;
      multiply({n, k, packed, begin}, strips, cut, result, nothing);
      result = result.onward();
      if (depth == 0) break;
    }
  }
}

void product(Index m, Index n, Index k, Operand<float> a, const float* packed, ChainStart<float> start,
             float* c, Index c_stride) {
  if (m <= 0 || n <= 0) return;
  // A few rows, as in a stream, need only little stack.
  const auto run = m <= tallest ? product_in_blocks<tallest> : product_in_blocks<block_rows>;
  run(m, n, k, a, packed, start, c, c_stride);
}

// The same in two parts.

Laid<float> lay(Index m, Index k, Operand<float> a, float* memory) {
  const Cut cut(m);
  const Index depth = chunk_depth(k);
  Strip strips[most_strips];
  float* next = memory;
  for (Index begin = 0; begin < k; begin += depth)
    next = lay_chunk(cut, smaller(depth, k - begin), {a.data + begin * a.k_stride, a.stride, a.k_stride},
                     next, strips);
  return {memory, lies_by_steps(a)};
}

void product_laid(Index m, Index n, Index k, Laid<float> a, const float* packed, ChainStart<float> start,
                  float* c, Index c_stride, Ahead<float> ahead) {
  const Cut cut(m);
  const Index eights = cut.tiles * std::max<Index>(1, n / panel_width) * ((k + 7) / 8);
  Soon soon{ahead.data, (ahead.count + 15) / 16, ((ahead.count + 15) / 16 + eights - 1) / eights};
  const Index depth = chunk_depth(k);
  Strip strips[most_strips];
  Result result{start, c, c_stride};
  const float* next = a.data;
  for (Index begin = 0; begin < k; begin += depth) {
    const Index steps = smaller(depth, k - begin);
    next = each_tile(cut, steps, a.by_steps, next, [&](Index tile, Index, const float* at) {
      strips[tile] = {cut.rows(tile), steps, at, a.by_steps ? Left::by_steps : Left::by_rows};
    });
    multiply({n, k, packed, begin}, strips, cut, result, soon);
    result = result.onward();
  }
}

}  // namespace

void enter_products(Kernels<float>& table) {
  table.panel_columns = panel_width;
  table.tile_rows = tallest;
  table.pack = pack;
  table.pack_steps = pack_steps;
  table.product = product;
  table.lay = lay;
  table.product_laid = product_laid;
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_products)
}  // namespace rondo::simd
#endif

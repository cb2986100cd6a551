/// Where forward does not keep all that backward reads. The visits are cut into segments. Forward leaves the
/// state before each of them; of the rest it leaves nothing, because backward computes it again (gradient
/// checkpointing, Chen et al. 2016), or all of it in 16 bits. Backward brings back one segment at a time,
/// from the last one (recall.h).
///
/// Segments are whole pieces of the backward pass, so that all sums have the order that they have without
/// segments.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "ops/recurrent/call.h"

namespace rondo::recurrence {

/// How many rows of gradients are in memory at a time, at least. Few rows stay in the second-level cache.
/// More rows are better if the weights' sums, which are read and written once per piece, do not stay there
/// anyway.
template <class Cell, class T>
Index piece_rows(const Chain<T>& chain) {
  constexpr Index large = 512 * 1024, few = 256, more = 384;
  const Index width = chain.hidden + (chain.copies == nullptr ? chain.input : 0);
  const Index most = Cell::gates * chain.hidden * width < large ? few : more;
  const Index all = chain.walk.layout->rows(), pieces = (all + most - 1) / most;
  return (all + pieces - 1) / std::max<Index>(1, pieces);
}

/// The visit at which the piece of so many rows begins that ends before the visit `end`.
inline Index begin_of_piece(const Walk& walk, Index end, Index rows) {
  Index begin = end;
  for (Index sum = 0; begin > 0 && sum < rows;)
    sum += walk.layout->rows_at(walk.step(--begin));
  return begin;
}

/// Bounds of segments of at least so many visits, except that the first may have fewer.
template <class Cell, class T>
std::vector<Index> segment_bounds(const Chain<T>& chain, Index visits) {
  const Index rows = piece_rows<Cell>(chain);
  std::vector<Index> bounds = {chain.walk.visits()};
  for (Index begin = bounds.back(); begin > 0;) {
    begin = begin_of_piece(chain.walk, begin, rows);
    if (begin == 0 || bounds.back() - begin >= visits) bounds.push_back(begin);
  }
  std::reverse(bounds.begin(), bounds.end());
  return bounds;
}

/// Room for what forward leaves of each direction; none if it keeps all, as is best where a direction would
/// have a single segment to compute again.
template <class Cell, class T>
std::vector<Saved> saved_for(Call& call) {
  const bool again = call.every > 0, halves = !again && call.type == Keep::bf16;
  if (!again && !(halves && (Cell::kept > 0 || !call.asked_for_outputs))) return {};
  const auto rows = static_cast<std::size_t>(call.layout().rows() * call.hidden) * sizeof(std::uint16_t);
  std::vector<Saved> all;
  for (Index direction = 0; direction < call.directions(); ++direction) {
    Saved saved{segment_bounds<Cell>(chain_of<T>(call, direction), again ? call.every : 1), {}, {}, {}, {}};
    if (saved.segments() < (again ? 2 : 1)) return {};
    saved.h.resize(saved.bounds.size());
    saved.c.resize(saved.bounds.size());
    if (halves && Cell::kept > 0) saved.kept_halves = acquire_buffer(rows * Cell::kept);
    if (halves && !call.asked_for_outputs) saved.h_halves = acquire_buffer(rows);
    all.push_back(std::move(saved));
  }
  return all;
}

/// Memory for h, for what is kept, or for both, of one segment and of the visit before it.
template <class Cell, class T>
class Window {
 public:
  Window(bool h, bool kept) : has_h_(h), has_kept_(kept && Cell::kept > 0) {}

  /// Lets the chain's rows of these visits lie here, those of the visit before with its state.
  void open(Chain<T>& chain, const Saved& saved, Index segment) {
    const Index begin = saved.begin(segment), size = chain.hidden;
    const auto [first, last] = chain.walk.rows(std::max<Index>(begin - 1, 0), saved.end(segment));
    if (has_h_) {
      chain.h = h_.at_least((last - first) * size) - first * size;
      chain.h_stride = size;
    }
    if (has_kept_)
      chain.kept = kept_.at_least((last - first) * size * Cell::kept) - first * size * Cell::kept;
    if (begin > 0) put(chain, saved, segment);
  }

 private:
  void put(const Chain<T>& chain, const Saved& saved, Index segment) const {
    const Tensor &h = saved.h[static_cast<std::size_t>(segment)],
                 &c = saved.c[static_cast<std::size_t>(segment)];
    const Index step = chain.walk.step(saved.begin(segment) - 1), size = chain.hidden;
    const UnitBlocks blocks = chain.blocks();
    for (Index s = 0; s < h.rows(); ++s) {
      if (has_h_) std::copy_n(from<T>(h, s * size), size, chain.h + chain.row(step, s) * chain.h_stride);
      for (Index block = 0; Cell::memory && has_kept_ && block < blocks.count(); ++block)
        std::copy_n(from<T>(c, s * size + blocks.begin(block)), blocks.size(block),
                    chain.template c_at<Cell>(step, s, block));
    }
  }

  bool has_h_, has_kept_;
  Scratch<T> h_, kept_;
};

/// The upper half of the f32 nearest to a number, as to_bf16 has it, but in line: loops become vectors.
template <class T>
std::uint16_t upper_half(T number) {
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(number));
  const std::uint32_t rounded = bits + 0x7FFF + (bits >> 16 & 1);
  return static_cast<std::uint16_t>((number != number ? bits | 0x400000 : rounded) >> 16);
}

/// Elements [begin, end) in 16 bits and back.
template <class T>
void narrow(const T* numbers, Index begin, Index end, void* halves) {
  auto* const to = static_cast<std::uint16_t*>(halves);
  for (Index i = begin; i < end; ++i)
    to[i] = upper_half(numbers[i]);
}
template <class T>
void widen(const void* halves, Index begin, Index end, T* numbers) {
  const auto* const all = static_cast<const std::uint16_t*>(halves);
  for (Index i = begin; i < end; ++i)
    numbers[i] = std::bit_cast<float>(std::uint32_t{all[i]} << 16);
}

/// Leaves what backward needs of a segment that has just run.
template <class Cell, class T>
void save(Saved& saved, const Chain<T>& chain, Index segment) {
  const Index end = saved.end(segment), size = chain.hidden;
  const auto [first, last] = chain.walk.rows(saved.begin(segment), end);
  const auto halve = [&, first = first, last = last](const T* numbers, Index width, void* halves) {
    if (halves == nullptr) return;
    parallel_for((last - first) * width, 1 << 14, [&](Index from, Index to) {
      narrow(numbers, first * width + from, first * width + to, halves);
    });
  };
  halve(chain.kept, size * Cell::kept, saved.kept_halves.get());
  halve(chain.h, size, saved.h_halves.get());
  if (end == chain.walk.visits()) return;
  const UnitBlocks blocks = chain.blocks();
  const auto next = static_cast<std::size_t>(segment) + 1;
  const Index carried = chain.walk.carried(end), step = chain.walk.step(end - 1);
  Tensor& h = saved.h[next] = Tensor::uninitialised({carried, size}, dtype_of<T>);
  Tensor& c = saved.c[next] = Cell::memory ? Tensor::uninitialised({carried, size}, dtype_of<T>) : Tensor();
  for (Index s = 0; s < carried; ++s) {
    std::copy_n(chain.h + chain.row(step, s) * chain.h_stride, size, from<T>(h, s * size));
    for (Index block = 0; Cell::memory && block < blocks.count(); ++block)
      std::copy_n(chain.template c_at<Cell>(step, s, block), blocks.size(block),
                  from<T>(c, s * size + blocks.begin(block)));
  }
}

}  // namespace rondo::recurrence

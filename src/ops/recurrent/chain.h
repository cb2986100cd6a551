/// One direction of a call, in sizes and memory. Forward and backward share it.
#pragma once
#include <algorithm>
#include <memory>

#include "ops/recurrent/blocks.h"
#include "ops/recurrent/cell.h"
#include "ops/recurrent/walk.h"
#include "runtime/buffers.h"

namespace rondo::recurrence {

template <class T>
struct Chain {
  Walk walk;
  Index input, hidden;         ///< D and H
  const T* x;                  ///< [rows, D], or the distinct ones of them
  const std::int32_t* copies;  ///< [rows]: which of the distinct rows each one is; null: x has them all
  const T* h0;                 ///< [count, H] with state_stride between rows; null: zeros
  const T* c0;
  Index state_stride;
  const T* mask;  ///< recurrent dropout [count, H] with state_stride; null: none
  T* h;           ///< [rows, H] with h_stride between rows: the outputs
  Index h_stride;
  /// What backward needs, in the order in which both passes go through it: step by step, unit block by unit
  /// block, [rows of the step][Cell::kept][units of the block]. Null: nothing is kept.
  T* kept;
  T* c;            ///< [count, H] with state_stride: final states, and the present ones when nothing is kept
  const T* zeros;  ///< [H]

  Index row(Index step, Index sequence) const { return walk.layout->begin(step) + sequence; }
  UnitBlocks blocks() const { return {hidden}; }

  /// The initial state of a sequence that starts at a visit.
  const T* initial(const T* state, Index sequence) const {
    return state == nullptr ? zeros : state + sequence * state_stride;
  }
  const T* h_before(Index visit, Index sequence) const {
    if (sequence >= walk.carried(visit)) return initial(h0, sequence);
    return h + row(walk.step(visit - 1), sequence) * h_stride;
  }
  /// The input of U: the state before, after recurrent dropout.
  void feed(const Kernels<T>& kernels, Index visit, Index sequence, T* fed) const {
    const T* const before = h_before(visit, sequence);
    if (mask == nullptr)
      std::copy_n(before, hidden, fed);
    else
      kernels.multiply(hidden, before, mask + sequence * state_stride, fed);
  }

  /// A row's part of `kept` in one block; null when nothing is kept.
  template <class Cell>
  T* kept_at(Index step, Index sequence, Index block) const {
    if (kept == nullptr) return nullptr;
    const Index before =
        walk.layout->begin(step) * hidden + walk.layout->rows_at(step) * blocks().begin(block);
    return kept + (before + sequence * blocks().size(block)) * Cell::kept;
  }
  /// Of a cell with memory; c is the last of what it keeps.
  template <class Cell>
  T* c_at(Index step, Index sequence, Index block) const {
    const Index size = blocks().size(block);
    if (kept != nullptr) return kept_at<Cell>(step, sequence, block) + (Cell::kept - 1) * size;
    return c + sequence * state_stride + blocks().begin(block);
  }

  // The same for sequences from `first` on. Those before carried(visit) and those behind it differ in kind.

  template <class Cell>
  Strided<T> kept_rows(Index step, Index first, Index block) const {
    return {kept_at<Cell>(step, first, block), Cell::kept * blocks().size(block)};
  }
  template <class Cell>
  Strided<T> c_rows(Index step, Index first, Index block) const {
    if (!Cell::memory) return {};
    return {c_at<Cell>(step, first, block),
            kept != nullptr ? Cell::kept * blocks().size(block) : state_stride};
  }
  template <class Cell>
  Strided<const T> c_before_rows(Index visit, Index first, Index block) const {
    if (!Cell::memory) return {};
    if (first < walk.carried(visit)) return c_rows<Cell>(walk.step(visit - 1), first, block);
    return initial_rows(c0, first, block);
  }
  Strided<const T> h_before_rows(Index visit, Index first, Index block) const {
    if (first >= walk.carried(visit)) return initial_rows(h0, first, block);
    return {h_before(visit, first) + blocks().begin(block), h_stride};
  }
  Strided<const T> initial_rows(const T* state, Index first, Index block) const {
    return {initial(state, first) + blocks().begin(block), state == nullptr ? 0 : state_stride};
  }
  /// body(first, last) for the sequences of [first, last) on either side of carried(visit).
  template <class Body>
  void each_kind(Index visit, Index first, Index last, const Body& body) const {
    const Index middle = std::clamp(walk.carried(visit), first, std::max(first, last));
    if (first < middle) body(first, middle);
    if (middle < last) body(middle, last);
  }
};

/// Uninitialised memory of a thread, kept from one use to the next.
template <class T>
class Scratch {
 public:
  T* at_least(Index size) {
    if (size > size_) {
      memory_ = acquire_buffer(static_cast<std::size_t>(size) * sizeof(T));
      size_ = size;
    }
    return static_cast<T*>(memory_.get());
  }

 private:
  std::shared_ptr<void> memory_;
  Index size_ = 0;
};

/// The stride of rows of `columns` in scratch memory: an odd number of cache lines, because rows at a power
/// of two would share a few cache sets.
constexpr Index scratch_stride(Index columns) {
  constexpr Index line = 16;
  return ((columns + line - 1) / line | 1) * line;
}

/// Rows of a step that go through product and cell together: about 512 KB of what U is multiplied with, ...
inline Index most_block_rows(Index depth) {
  return std::clamp<Index>(128 * 1024 / depth, 24, laid_rows);
}
/// ... and cut evenly: body(first, last).
template <class Body>
void cut_rows(Index first, Index last, Index depth, const Body& body) {
  if (first >= last) return;
  const Index rows = last - first, most = most_block_rows(depth);
  const Index blocks = (rows + most - 1) / most;
  for (Index block = 0; block < blocks; ++block)
    body(first + rows * block / blocks, first + rows * (block + 1) / blocks);
}

/// Prefetches memory that will soon be used.
template <class T>
void expect(const T* memory, Index count) {
  constexpr Index line = 64 / sizeof(T);
  for (Index i = 0; i < count; i += line)
    __builtin_prefetch(memory + i);
}

}  // namespace rondo::recurrence

/// The chain driver: a cell over a packed batch, one direction. Forward here, backward in chain_backward.h.
///
/// Each thread takes a group of sequences through all steps without waiting for the others. Input products
/// are made for some steps at a time, just before these; each step then adds the recurrent product and runs
/// the cell on its rows while they are in the cache. An element's pre-activation is one chain: bias, then
/// x·W ascending, then h·U ascending, whoever computes it.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "ops/recurrent/cell.h"
#include "ops/recurrent/walk.h"
#include "runtime/buffers.h"
#include "tensor/matmul.h"

namespace rondo::recurrence {

/// One direction of a call: sizes, and the tensors that forward and backward read.
template <class T>
struct Chain {
  Walk walk;
  Index input, hidden;  ///< D and H
  const T* x;           ///< [rows, D]
  const T* h0;          ///< [count, H] with state_stride between rows; null: zeros
  const T* c0;
  Index state_stride;
  const T* mask;  ///< recurrent dropout [count, H] with state_stride; null: none
  T* h;           ///< [rows, H] with h_stride between rows: the outputs
  Index h_stride;

  /// What forward leaves behind. If it is kept for backward these have one row per packed row, else one per
  /// sequence, overwritten from step to step; `gates` is null then.
  bool keep;
  T* gates;  ///< [rows, gates, H]: activated
  T* extra;  ///< [rows, H]: see Row
  T* fed;    ///< [rows, H]
  T* c;      ///< [rows, H] with c_stride
  Index c_stride;
  const T* zeros;  ///< [H]

  /// Place of a sequence's step in extra, fed and c.
  Index slot(Index step, Index sequence) const {
    return keep ? walk.layout->begin(step) + sequence : sequence;
  }
  Index row(Index step, Index sequence) const { return walk.layout->begin(step) + sequence; }
  /// Where a sequence that is not `carried` into its first visit begins.
  const T* initial(const T* state, Index sequence) const {
    return state == nullptr ? zeros : state + sequence * state_stride;
  }
  const T* h_before(Index visit, Index sequence) const {
    if (sequence >= walk.carried(visit)) return initial(h0, sequence);
    return h + row(walk.step(visit - 1), sequence) * h_stride;
  }
  const T* c_before(Index visit, Index sequence) const {
    if (sequence >= walk.carried(visit)) return initial(c0, sequence);
    return c + slot(walk.step(visit - 1), sequence) * c_stride;
  }
};

/// Weights as forward wants them.
template <class T>
struct ForwardWeights {
  Packed<T> w;           ///< of all gates
  Packed<T> u;           ///< of the gates that take h·Uᵀ directly
  Packed<T> u_extra;     ///< of the candidate, unless joint
  const T* start;        ///< [gates · H]: where the input's part begins; null: zeros
  const T* extra_start;  ///< [H]: where Candidate::beside begins; null: zeros
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

/// Rows of a step that go through product and cell together: about 256 KB of gates, ...
inline Index most_block_rows(Index gate_columns) {
  return std::max<Index>(24, 64 * 1024 / gate_columns);
}
/// ... and cut evenly.
inline Index block_rows(Index rows, Index gate_columns) {
  const Index most = most_block_rows(gate_columns);
  const Index blocks = (rows + most - 1) / most;
  return (rows + blocks - 1) / blocks;
}

template <class Cell, class T>
requires RowCell<Cell, T>
class Forward {
 public:
  Forward(const Chain<T>& chain, const ForwardWeights<T>& weights, const Kernels<T>& kernels)
      : chain_(chain), weights_(weights), kernels_(kernels), columns_(Cell::gates * chain.hidden) {}

  /// Takes sequences [first, last) from their start to their end.
  void run(Group group) const {
    const Walk& walk = chain_.walk;
    Scratch<T> buffer;
    for (Index visit = 0; visit < walk.visits();) {
      const Chunk chunk = chunk_from(visit, group, buffer);
      project(chunk);
      for (; visit < chunk.end; ++visit)
        step(visit, group, chunk.gates[static_cast<std::size_t>(visit - chunk.begin)]);
    }
  }

 private:
  /// Neighbouring rows whose input products can be one product.
  struct Run {
    const T* x;
    T* gates;
    Index rows;
  };
  /// Visits [begin, end), where the group's gates of each lie, and what to project.
  struct Chunk {
    Index begin, end;
    std::vector<T*> gates;
    std::vector<Run> runs;
  };

  Index alive(Index step, Group group) const {
    return std::max(group.first, std::min(group.last, chain_.walk.layout->rows_at(step)));
  }

  /// As many visits as keep x and the gates in the second-level cache until their steps come.
  Index chunk_end(Index begin, Group group) const {
    const Index most = std::max<Index>(1, 128 * 1024 / std::max(chain_.input, columns_));
    Index rows = 0, end = begin;
    do {
      rows += alive(chain_.walk.step(end), group) - group.first;
      ++end;
    } while (end < chain_.walk.visits() && rows < most);
    return end;
  }

  Chunk chunk_from(Index begin, Group group, Scratch<T>& buffer) const {
    const Walk& walk = chain_.walk;
    Chunk chunk{begin, chunk_end(begin, group), {}, {}};
    const std::size_t visits = static_cast<std::size_t>(chunk.end - begin);
    chunk.gates.resize(visits);
    Index rows = 0;
    for (Index visit = begin; visit < chunk.end; ++visit)
      rows += alive(walk.step(visit), group) - group.first;
    T* next = chain_.keep ? nullptr : buffer.at_least(rows * columns_);
    // By ascending step, so that rows of one group that lie side by side in x do so in the gates, too.
    for (std::size_t i = 0; i < visits; ++i) {
      const Index visit =
          walk.reverse ? chunk.end - 1 - static_cast<Index>(i) : begin + static_cast<Index>(i);
      const Index first = chain_.row(walk.step(visit), group.first);
      const Index count = alive(walk.step(visit), group) - group.first;
      T* const gates = chain_.keep ? chain_.gates + first * columns_ : next;
      next += chain_.keep ? 0 : count * columns_;
      chunk.gates[static_cast<std::size_t>(visit - begin)] = gates;
      add_run(chunk.runs, {chain_.x + first * chain_.input, gates, count});
    }
    return chunk;
  }

  void add_run(std::vector<Run>& runs, Run run) const {
    if (run.rows == 0) return;
    if (!runs.empty()) {
      Run& last = runs.back();
      if (last.x + last.rows * chain_.input == run.x && last.gates + last.rows * columns_ == run.gates) {
        last.rows += run.rows;
        return;
      }
    }
    runs.push_back(run);
  }

  /// The input's part of all gates of a chunk.
  void project(const Chunk& chunk) const {
    for (const Run& run : chunk.runs)
      kernels_.product(run.rows, columns_, chain_.input, {run.x, chain_.input, 1}, weights_.w.data(),
                       weights_.start, run.gates, columns_, false);
  }

  void step(Index visit, Group group, T* gates) const {
    const Index step = chain_.walk.step(visit), last = alive(step, group);
    for (Index s = std::max(group.first, chain_.walk.carried(visit)); s < last; ++s)
      feed(s, chain_.initial(chain_.h0, s), chain_.fed + chain_.slot(step, s) * chain_.hidden);
    const Index height = block_rows(std::max<Index>(1, last - group.first), columns_);
    for (Index s = group.first; s < last; s += height)
      block(visit, s, std::min(last, s + height), gates + (s - group.first) * columns_);
  }

  /// What U is fed with: the state after recurrent dropout.
  void feed(Index sequence, const T* h, T* fed) const {
    if (chain_.mask == nullptr)
      std::copy_n(h, chain_.hidden, fed);
    else
      kernels_.multiply(chain_.hidden, h, chain_.mask + sequence * chain_.state_stride, fed);
  }

  /// Products and cell for sequences [first, last) of one step.
  void block(Index visit, Index first, Index last, T* gates) const {
    const Index onward = chain_.walk.carried(visit + 1);
    products(visit, first, last, gates);
    for (Index s = first; s < last; ++s, gates += columns_) {
      const Row<T> row = row_of(visit, s, gates);
      Cell::forward(kernels_, row);
      if (s < onward)
        feed(s, row.h, chain_.fed + chain_.slot(chain_.walk.step(visit + 1), s) * chain_.hidden);
    }
  }

  Row<T> row_of(Index visit, Index s, T* gates) const {
    const Index step = chain_.walk.step(visit), slot = chain_.slot(step, s);
    const T* const fed = chain_.fed + slot * chain_.hidden;
    return {chain_.hidden,
            gates,
            has_extra<Cell> ? chain_.extra + slot * chain_.hidden : nullptr,
            fed,
            chain_.mask == nullptr ? fed : chain_.h_before(visit, s),
            Cell::memory ? chain_.c_before(visit, s) : nullptr,
            Cell::memory ? chain_.c + slot * chain_.c_stride : nullptr,
            chain_.h + chain_.row(step, s) * chain_.h_stride};
  }

  /// Adds the state's part to the pre-activations. Sequences that start from zero have none.
  void products(Index visit, Index first, Index last, T* gates) const {
    const Index step = chain_.walk.step(visit), size = chain_.hidden;
    const Index fed_last = chain_.h0 != nullptr ? last : std::clamp(chain_.walk.carried(visit), first, last);
    const T* const fed = chain_.fed + chain_.slot(step, first) * size;
    kernels_.product(fed_last - first, weights_.u.n(), size, {fed, size, 1}, weights_.u.data(), nullptr,
                     gates, columns_, true);
    if constexpr (has_extra<Cell>) {
      T* const extra = chain_.extra + chain_.slot(step, first) * size;
      if constexpr (Cell::candidate == Candidate::gated) {
        for (Index s = first; s < last; ++s)
          Cell::gate(kernels_, row_of(visit, s, gates + (s - first) * columns_));
        kernels_.product(fed_last - first, size, size, {extra, size, 1}, weights_.u_extra.data(), nullptr,
                         gates + joint_gates<Cell> * size, columns_, true);
      } else {
        kernels_.product(last - first, size, size, {fed, size, 1}, weights_.u_extra.data(),
                         weights_.extra_start, extra, size, false);
      }
    }
  }

  const Chain<T>& chain_;
  const ForwardWeights<T>& weights_;
  const Kernels<T>& kernels_;
  Index columns_;  ///< gates · H
};

}  // namespace rondo::recurrence

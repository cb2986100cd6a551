/// The chain driver: runs a cell over a packed batch, for one direction and some sequences or some units.
///
/// Input products are computed for some steps at a time, just before these steps. Each step then adds the
/// recurrent product and runs the cell on its rows while they are in the cache. An element's pre-activation
/// is always one chain: bias, then x·W ascending, then h·U ascending.
#pragma once
#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

#include "ops/recurrent/chain.h"
#include "ops/recurrent/forward_weights.h"

namespace rondo::recurrence {

template <class Cell, class T>
requires RowCell<Cell, T>
class Forward {
 public:
  /// Runs sequences `group` and units `range`. A group with all units never waits for others. If threads
  /// divide the units, all must finish a step before any starts the next.
  Forward(const Chain<T>& chain, const ForwardWeights<T>& weights, Projected<T> projected,
          const Kernels<T>& kernels, Group group, BlockRange range)
      : chain_(chain),
        weights_(weights),
        projected_(projected),
        kernels_(kernels),
        group_(group),
        range_(range) {
    const Index most = most_block_rows(size_);
    if constexpr (std::is_same_v<T, float>) {
      if (weights.in_int8()) {
        x_rounding_.emplace(weights.int8->type, kernels, int8_rows, chain.input);
        rounding_.emplace(weights.int8->type, kernels, most, size_);
      }
    }
    if (!weights.in_int8()) laid_memory_ = laid_buffer_.at_least(laid_size(most, size_));
    if (has_extra<Cell>) extra_ = extra_buffer_.at_least(most * size_);
    fed_ = fed_buffer_.at_least(most * size_);
  }

  /// Runs visits [begin, end).
  void run(Index begin, Index end) {
    for (Index visit = begin; visit < end;) {
      const Index opened = open(visit, end);
      for (; visit < opened; ++visit)
        take(visit);
    }
  }
  /// Computes the input's part for visits from `begin` on, up to `limit` at the most, and returns the end of
  /// these visits.
  Index open(Index begin, Index limit) {
    chunk_ = chunk_from(begin, limit);
    for (const Run& run : chunk_.runs)
      project(run);
    return chunk_.end;
  }
  void take(Index visit) {
    T* const gates = chunk_.gates[static_cast<std::size_t>(visit - chunk_.begin)];
    cut_rows(group_.first, alive(chain_.walk.step(visit)), size_, [&](Index first, Index last) {
      take({visit, first, last, gates + (first - group_.first) * stride_});
    });
  }

 private:
  /// Neighbouring rows whose input products can be one product.
  struct Run {
    Index row;  ///< the first, packed
    T* gates;
    Index rows;
  };
  /// Visits [begin, end), where the group's gates of each lie, and what to project.
  struct Chunk {
    Index begin, end;
    std::vector<T*> gates;
    std::vector<Run> runs;
  };
  /// Sequences [first, last) of one step.
  struct Step {
    Index visit, first, last;
    T* gates;
  };

  Index alive(Index step) const {
    return std::max(group_.first, std::min(group_.last, chain_.walk.layout->rows_at(step)));
  }

  /// As many visits as fit into the second-level cache with x and the gates, until their steps run.
  Index chunk_end(Index begin, Index limit) const {
    const Index most = std::max<Index>(1, 128 * 1024 / std::max(chain_.input, columns_));
    Index rows = 0, end = begin;
    do {
      rows += alive(chain_.walk.step(end)) - group_.first;
      ++end;
    } while (end < limit && rows < most);
    return end;
  }

  Chunk chunk_from(Index begin, Index limit) {
    const Walk& walk = chain_.walk;
    Chunk chunk{begin, chunk_end(begin, limit), {}, {}};
    const std::size_t visits = static_cast<std::size_t>(chunk.end - begin);
    chunk.gates.resize(visits);
    Index rows = 0;
    for (Index visit = begin; visit < chunk.end; ++visit)
      rows += alive(walk.step(visit)) - group_.first;
    T* next = gates_buffer_.at_least(rows * stride_);
    // In ascending order of steps, so that neighbouring rows of x are also neighbours in the gates.
    for (std::size_t i = 0; i < visits; ++i) {
      const Index visit =
          walk.reverse ? chunk.end - 1 - static_cast<Index>(i) : begin + static_cast<Index>(i);
      const Index first = chain_.row(walk.step(visit), group_.first);
      const Index count = alive(walk.step(visit)) - group_.first;
      chunk.gates[static_cast<std::size_t>(visit - begin)] = next;
      add_run(chunk.runs, {first, next, count});
      next += count * stride_;
    }
    return chunk;
  }

  void add_run(std::vector<Run>& runs, Run run) const {
    if (run.rows == 0) return;
    if (!runs.empty() && runs.back().row + runs.back().rows == run.row)
      runs.back().rows += run.rows;
    else
      runs.push_back(run);
  }

  /// The input's part of some rows, the units of this share.
  void project(const Run& run) {
    const Index first = blocks_.begin(range_.first), units = blocks_.end(range_.last - 1) - first;
    if constexpr (std::is_same_v<T, float>) {
      if (weights_.in_int8() && projected_.gates == nullptr)
        return project_int8<Cell>(weights_, blocks_, range_, run.rows, chain_.x + run.row * chain_.input,
                                  chain_.input, *x_rounding_, {run.gates, stride_});
    }
    const auto multiply = [&](const Packed<T>& w, Index gates, Index before) {
      const Index at = gates * first;
      if (projected_.gates != nullptr) {
        copy_projected(run, before + at, gates * units);
        return;
      }
      const T* const start = weights_.start == nullptr ? nullptr : weights_.start + before + at;
      kernels_.product(run.rows, gates * units, chain_.input,
                       {chain_.x + run.row * chain_.input, chain_.input, 1}, w.data() + at * chain_.input,
                       {start}, run.gates + before + at, stride_);
    };
    multiply(weights_.w, joint_gates<Cell>, 0);
    if (has_extra<Cell>) multiply(weights_.w_extra, 1, joint_gates<Cell> * size_);
  }
  void copy_projected(const Run& run, Index column, Index count) const {
    constexpr Index soon = 2;
    const std::int32_t* const copies = chain_.copies + run.row;
    const T* const from = projected_.gates + column;
    for (Index row = 0; row < run.rows; ++row) {
      if (row + soon < run.rows) expect(from + copies[row + soon] * projected_.stride, count);
      std::copy_n(from + copies[row] * projected_.stride, count, run.gates + row * stride_ + column);
    }
  }

  /// Products and cell, unit block by unit block. Sequences that start from zero have no recurrent product.
  void take(const Step& of) {
    const Index fed_last =
        chain_.h0 != nullptr ? of.last : std::clamp(chain_.walk.carried(of.visit), of.first, of.last);
    const Index fed_rows = fed_last - of.first;
    const Operand<T> fed = feed(of, fed_last);
    if (fed_rows > 0) lay(fed_rows, fed);
    for (Index block = range_.first; block < range_.last; ++block) {
      T* const gates = of.gates + gates_at(block);
      if (fed_rows > 0)
        product(false, fed_rows, block, joint_gates<Cell>, {gates, stride_}, gates, stride_,
                kept_of(of, block));
      if constexpr (Cell::candidate == Candidate::beside) beside(of, fed_rows, block);
      cells(of, block, [&](const CellRows<T>& rows) {
        if constexpr (Cell::candidate == Candidate::gated)
          Cell::gate(kernels_, rows);
        else
          Cell::forward(kernels_, rows);
      });
    }
    if constexpr (Cell::candidate == Candidate::gated) gated(of, fed_rows);
  }

  /// The input of U, in place or in fed_.
  Operand<T> feed(const Step& of, Index fed_last) const {
    if (chain_.mask == nullptr && fed_last <= chain_.walk.carried(of.visit))
      return {chain_.h_before(of.visit, of.first), chain_.h_stride, 1};
    for (Index s = of.first; s < of.last; ++s)
      chain_.feed(kernels_, of.visit, s, fed_ + (s - of.first) * size_);
    return {fed_, size_, 1};
  }

  Index gates_at(Index block) const { return joint_gates<Cell> * blocks_.begin(block); }

  /// What the cell will write.
  Ahead<T> kept_of(const Step& of, Index block) const {
    const T* const kept = chain_.template kept_at<Cell>(chain_.walk.step(of.visit), of.first, block);
    return {kept, kept == nullptr ? 0 : (of.last - of.first) * blocks_.size(block) * Cell::kept};
  }

  /// Readies what U is multiplied with.
  void lay(Index rows, const Operand<T>& fed) {
    if constexpr (std::is_same_v<T, float>) {
      if (weights_.in_int8()) {
        rounded_.emplace(rounding_->round(rows, fed.data, fed.stride));
        return;
      }
    }
    laid_ = kernels_.lay(rows, size_, fed, laid_memory_);
  }

  /// to = start + fed · Uᵀ for the gates of one block, joint or extra.
  void product(bool extra, Index rows, Index block, Index gates, ChainStart<T> start, T* to, Index stride,
               Ahead<T> ahead) const {
    if constexpr (std::is_same_v<T, float>) {
      if (weights_.in_int8()) {
        const auto& all = extra ? weights_.int8->u_extra : weights_.int8->u;
        const SmallMatrix& u = all[static_cast<std::size_t>(block)];
        return start.data == to ? u.multiply_onto(*rounded_, to, stride)
                                : u.multiply(*rounded_, start.data, to, stride);
      }
    }
    const Packed<T>& u = extra ? weights_.u_extra : weights_.u;
    kernels_.product_laid(rows, gates * blocks_.size(block), size_, laid_,
                          u.data() + gates * blocks_.begin(block) * size_, start, to, stride, ahead);
  }

  /// extra = fed · U_nᵀ + b_un.
  void beside(const Step& of, Index fed_rows, Index block) const {
    const Index begin = blocks_.begin(block), size = blocks_.size(block);
    T* const extra = extra_ + begin;
    const T* const start = weights_.extra_start == nullptr ? nullptr : weights_.extra_start + begin;
    if (fed_rows > 0) product(true, fed_rows, block, 1, {start}, extra, size_, {});
    for (Index row = fed_rows; row < of.last - of.first; ++row)
      std::copy_n(start == nullptr ? chain_.zeros : start, size, extra + row * size_);
  }

  /// Computes the candidate, once all of r ⊙ fed exists.
  void gated(const Step& of, Index fed_rows) {
    if (fed_rows > 0) lay(fed_rows, {extra_, size_, 1});
    for (Index block = range_.first; block < range_.last; ++block) {
      T* const candidate = of.gates + joint_gates<Cell> * size_ + blocks_.begin(block);
      if (fed_rows > 0) product(true, fed_rows, block, 1, {candidate, stride_}, candidate, stride_, {});
      cells(of, block, [&](const CellRows<T>& rows) { Cell::forward(kernels_, rows); });
    }
  }

  template <class Body>
  void cells(const Step& of, Index block, const Body& body) const {
    const Index step = chain_.walk.step(of.visit), begin = blocks_.begin(block);
    chain_.each_kind(of.visit, of.first, of.last, [&](Index first, Index last) {
      T* const gates = of.gates + (first - of.first) * stride_;
      const Index place = (first - of.first) * size_ + begin;
      const auto before = chain_.h_before_rows(of.visit, first, block);
      body(CellRows<T>{
          .rows = last - first,
          .size = blocks_.size(block),
          .gates = {gates + gates_at(block), stride_},
          .candidate = {has_extra<Cell> ? gates + joint_gates<Cell> * size_ + begin : nullptr, stride_},
          .extra = {has_extra<Cell> ? extra_ + place : nullptr, size_},
          .fed = chain_.mask == nullptr ? before : Strided<const T>{fed_ + place, size_},
          .h_before = before,
          .c_before = chain_.template c_before_rows<Cell>(of.visit, first, block),
          .kept = chain_.template kept_rows<Cell>(step, first, block),
          .c = chain_.template c_rows<Cell>(step, first, block),
          .h = {chain_.h + chain_.row(step, first) * chain_.h_stride + begin, chain_.h_stride}});
    });
  }

  const Chain<T>& chain_;
  const ForwardWeights<T>& weights_;
  const Projected<T> projected_;
  const Kernels<T>& kernels_;
  const Group group_;
  const BlockRange range_;
  const UnitBlocks blocks_ = chain_.blocks();
  const Index size_ = chain_.hidden, columns_ = Cell::gates * size_;
  const Index stride_ = scratch_stride(columns_);  ///< between rows of gates
  Scratch<T> gates_buffer_, laid_buffer_, fed_buffer_, extra_buffer_;
  Chunk chunk_ = {};
  T* laid_memory_ = nullptr;
  Laid<T> laid_ = {};  ///< the input of U, for the product
  std::optional<Int8Rows> x_rounding_, rounding_;
  std::optional<FewRows> rounded_;  ///< the same in 8 bits
  T* fed_ = nullptr;                ///< [rows of a cut, H]: the same, where it is not h itself
  T* extra_ = nullptr;              ///< [rows of a cut, H]: see CellRows
};

}  // namespace rondo::recurrence

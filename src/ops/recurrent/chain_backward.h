/// The backward pass of the chain driver: from the gradients of the outputs and final states to those of the
/// pre-activations and the initial states, some visits at a time. weight_gradients.h continues to inputs and
/// weights.
#pragma once
#include <utility>

#include "ops/recurrent/chain.h"
#include "tensor/matmul.h"

namespace rondo::recurrence {

/// The incoming gradients, and the gradients of the states during the pass. [count, H] has one row per
/// sequence.
template <class T>
struct Arrived {
  const T* outputs;  ///< [rows, H], stride as the initial states; null: none
  const T* h;        ///< final states [count, H], stride as the chain's initial states; null: none
  const T* c;
  bool initial;  ///< whether the gradient of h0 is needed
  T* dh;         ///< [count, H]: at the end that of h0, if needed
  T* dc;         ///< [count, H]: at the end that of c0
};

/// U in the form for backward: columns are units of h, and k runs over gates.
template <class T>
struct BackwardWeights {
  Packed<T> u;
  Packed<T> u_extra;
};

/// Columns of a row of gradients of pre-activations: those of the joint gates in the order of blocks.h, of
/// the candidate, and of U_n h + b_un where that stands beside.
template <class Cell>
constexpr Index gradient_columns(Index hidden) {
  return (Cell::gates + (Cell::candidate == Candidate::beside ? 1 : 0)) * hidden;
}

/// The backward pass of some sequences, or of some units. Each visit turns its gradients into the products'
/// left operand. The visit before it multiplies this with U, unit block by unit block, and runs the cell
/// after each block.
template <class Cell, class T>
requires RowCell<Cell, T>
class Backward {
 public:
  Backward(const Chain<T>& chain, const BackwardWeights<T>& weights, const Arrived<T>& arrived,
           const Kernels<T>& kernels, Group group, BlockRange range)
      : chain_(chain), weights_(weights), arrived_(arrived), kernels_(kernels), group_(group), range_(range) {
    const Index rows = group.last - group.first;
    laid_ = laid_buffer_.at_least(laid_size(rows, depth_) + (beside ? laid_size(rows, size_) : 0));
    T* const scratch = scratch_.at_least(3 * rows * size_) - group.first * size_;
    dextra_ = scratch;
    dfed_ = chain_.mask == nullptr ? arrived_.dh : scratch + rows * size_;
    dropped_ = scratch + 2 * rows * size_;
  }

  /// The visits that follow write rows of `gradients`, scratch_stride(gradient_columns) apart, that of the
  /// packed row `first_row` first.
  void open(T* gradients, Index first_row) {
    gradients_ = gradients;
    first_row_ = first_row;
  }
  /// A visit, after the one behind it: gradients of its pre-activations, ...
  void take(Index visit) const {
    cells(visit, alive(visit));
    if constexpr (gated) {
      cut(group_.first, alive(visit), [&](Index from, Index to) { gates(visit, from, to); });
    }
  }
  /// ... and, when those of all units are there, what they hand to the visit before.
  void settle(Index visit) const {
    const Index last = alive(visit), carried = std::clamp(chain_.walk.carried(visit), group_.first, last);
    if (starts_get_gradients()) {
      cut(carried, last, [&](Index from, Index to) {
        lay(visit, from, to);
        through_u(visit, from, to, {}, [](Index) {});
      });
    }
    cut(group_.first, carried, [&](Index from, Index to) { lay(visit, from, to); });
  }

 private:
  static constexpr bool beside = Cell::candidate == Candidate::beside;
  static constexpr bool gated = Cell::candidate == Candidate::gated;

  Index alive(Index visit) const {
    return std::max(group_.first,
                    std::min(group_.last, chain_.walk.layout->rows_at(chain_.walk.step(visit))));
  }

  /// Whether the gradients of the start states are needed.
  bool starts_get_gradients() const { return gated ? chain_.h0 != nullptr : arrived_.initial; }

  template <class Body>
  void cut(Index first, Index last, const Body& body) const {
    cut_rows(first, last, depth_, body);
  }

  T* gradients_of(Index visit, Index s) const {
    return gradients_ + (chain_.row(chain_.walk.step(visit), s) - first_row_) * stride_;
  }

  /// The left operand of the products with U of sequences from `first` on, and behind it that of the
  /// candidate.
  T* laid_of(Index first) const { return laid_ + laid_size(first - group_.first, depth_); }
  T* laid_extra_of(Index first) const {
    return laid_ + laid_size(group_.last - group_.first, depth_) + laid_size(first - group_.first, size_);
  }
  void lay(Index visit, Index first, Index last) const {
    const T* const from = gradients_of(visit, first);
    kernels_.lay(last - first, depth_, {from, stride_, 1}, laid_of(first));
    if constexpr (beside)
      kernels_.lay(last - first, size_, {from + columns_ - size_, stride_, 1}, laid_extra_of(first));
  }

  /// Gradients of the states after `visit` and, from them, of its pre-activations.
  void cells(Index visit, Index last) const {
    const Index onward = std::clamp(chain_.walk.carried(visit + 1), group_.first, last);
    // If nothing else contributes, a state's gradient starts from the gradient of its output.
    const bool from_outputs = !onto_ && chain_.mask == nullptr && arrived_.outputs != nullptr;
    const auto block_of = [&](Index first, Index end, Index block) {
      arrive(visit, first, end, block, from_outputs && end <= onward);
      with_rows(visit, first, end, block, [&](const CellGradients<T>& of) { Cell::backward(kernels_, of); });
    };
    cut(group_.first, onward, [&](Index first, Index end) {
      const ChainStart<T> start =
          from_outputs ? ChainStart<T>{outputs_of(visit, first), chain_.state_stride} : ChainStart<T>{};
      through_u(visit + 1, first, end, start, [&](Index block) { block_of(first, end, block); });
    });
    for (Index block = range_.first; block < range_.last; ++block)
      block_of(onward, last, block);
  }

  const T* outputs_of(Index visit, Index s) const {
    return arrived_.outputs + chain_.row(chain_.walk.step(visit), s) * chain_.state_stride;
  }

  /// Completes the gradients of the states after `visit`, for sequences [first, last) and some of their
  /// units. These sequences either all continue to the next visit or all end here.
  void arrive(Index visit, Index first, Index last, Index block, bool has_outputs) const {
    const Index at = blocks_.begin(block), size = blocks_.size(block), place = first * size_ + at;
    for (Index s = std::max(first, chain_.walk.carried(visit + 1)); s < last; ++s) {
      begin(arrived_.h, s, at, size, arrived_.dh + s * size_ + at);
      if constexpr (Cell::memory) begin(arrived_.c, s, at, size, arrived_.dc + s * size_ + at);
    }
    if (arrived_.outputs == nullptr || has_outputs) return;
    kernels_.add_to(last - first, size, {outputs_of(visit, first) + at, chain_.state_stride},
                    {arrived_.dh + place, size_});
  }
  void begin(const T* final_state, Index s, Index at, Index size, T* gradient) const {
    if (final_state == nullptr)
      std::fill_n(gradient, size, T(0));
    else
      std::copy_n(final_state + s * chain_.state_stride + at, size, gradient);
  }

  template <class Body>
  void with_rows(Index visit, Index from, Index to, Index block, const Body& body) const {
    const Index at = blocks_.begin(block), size = blocks_.size(block), step = chain_.walk.step(visit);
    const bool dropped = gated && chain_.mask != nullptr;
    chain_.each_kind(visit, from, to, [&](Index first, Index last) {
      const Index place = first * size_ + at;
      T* const row = gradients_of(visit, first);
      const Strided<const T> before = chain_.h_before_rows(visit, first, block);
      for (Index s = first; s < last && dropped; ++s)
        kernels_.multiply(size, before[s - first], chain_.mask + s * chain_.state_stride + at,
                          dropped_ + s * size_);
      body(CellGradients<T>{.rows = last - first,
                            .size = size,
                            .kept = chain_.template kept_rows<Cell>(step, first, block),
                            .fed = dropped ? Strided<const T>{dropped_ + first * size_, size_} : before,
                            .h_before = before,
                            .c_before = chain_.template c_before_rows<Cell>(visit, first, block),
                            .c = chain_.template c_rows<Cell>(step, first, block),
                            .h = {chain_.h + chain_.row(step, first) * chain_.h_stride + at, chain_.h_stride},
                            .dh = {arrived_.dh + place, size_},
                            .dc = {Cell::memory ? arrived_.dc + place : nullptr, size_},
                            .dgates = {row + joint_gates<Cell> * at, stride_},
                            .dcandidate = {has_extra<Cell> ? row + depth_ + at : nullptr, stride_},
                            .dextra = beside ? Strided<T>{row + columns_ - size_ + at, stride_}
                                             : Strided<T>{dextra_ + place, size_},
                            .dfed = {dfed_ + place, size_}});
    });
  }

  /// Computes what the laid-out pre-activations of `visit` contribute through U to the states before it,
  /// added to `start` or to what is there. Calls after(block) after each block.
  template <class After>
  void through_u(Index visit, Index first, Index last, ChainStart<T> start, const After& after) const {
    const Index rows = last - first;
    for (Index block = range_.first; block < range_.last; ++block) {
      const Index at = blocks_.begin(block), width = blocks_.size(block);
      // What the cells of this visit and the next one read.
      Ahead<T> ahead;
      if (Cell::kept > 0 && visit > 1)
        ahead = {chain_.template kept_at<Cell>(chain_.walk.step(visit - 2), first, block),
                 rows * width * Cell::kept};
      T* const dfed = dfed_ + first * size_ + at;
      const ChainStart<T> from = onto_                   ? ChainStart<T>{dfed, size_}
                                 : start.data == nullptr ? start
                                                         : ChainStart<T>{start.data + at, start.stride};
      kernels_.product_laid(rows, width, depth_, Laid<T>{laid_of(first), false},
                            weights_.u.data() + at * depth_, from, dfed, size_, ahead);
      if constexpr (beside)
        kernels_.product_laid(rows, width, size_, Laid<T>{laid_extra_of(first), false},
                              weights_.u_extra.data() + at * size_, {dfed, size_}, dfed, size_, {});
      if (chain_.mask != nullptr) drop(first, last, block);
      after(block);
    }
  }

  /// Candidate::gated, once the gradients of all of a row's candidates exist: continues to r and to fed.
  void gates(Index visit, Index first, Index last) const {
    const Index fed_last =
        starts_get_gradients() ? last : std::clamp(chain_.walk.carried(visit), first, last);
    const Index rows = fed_last - first;
    if (rows > 0)
      kernels_.lay(rows, size_, {gradients_of(visit, first) + depth_, stride_, 1}, laid_of(first));
    for (Index block = range_.first; block < range_.last; ++block) {
      const Index at = blocks_.begin(block), width = blocks_.size(block);
      if (rows > 0)
        kernels_.product_laid(rows, width, size_, Laid<T>{laid_of(first), false},
                              weights_.u_extra.data() + at * size_, {}, dextra_ + first * size_ + at, size_,
                              {});
      for (Index s = first; s < last; ++s) {
        if (s >= fed_last) std::fill_n(dextra_ + s * size_ + at, width, T(0));
        if (chain_.mask != nullptr) std::fill_n(dfed_ + s * size_ + at, width, T(0));
      }
      with_rows(visit, first, last, block,
                [&](const CellGradients<T>& of) { Cell::backward_gate(kernels_, of); });
    }
  }

  /// Through recurrent dropout: dh += mask ⊙ dfed.
  void drop(Index first, Index last, Index block) const {
    const Index at = blocks_.begin(block), width = blocks_.size(block);
    for (Index s = first; s < last; ++s) {
      T* const dh = arrived_.dh + s * size_ + at;
      if (!Cell::direct) std::fill_n(dh, width, T(0));
      kernels_.multiply_add(width, chain_.mask + s * chain_.state_stride + at, dfed_ + s * size_ + at, dh);
    }
  }

  const Chain<T>& chain_;
  const BackwardWeights<T>& weights_;
  const Arrived<T>& arrived_;
  const Kernels<T>& kernels_;
  const Group group_;
  const BlockRange range_;
  const UnitBlocks blocks_ = chain_.blocks();
  const Index size_ = chain_.hidden;
  const Index columns_ = gradient_columns<Cell>(size_), stride_ = scratch_stride(columns_);
  const Index depth_ = joint_gates<Cell> * size_;  ///< of the product with U
  /// Whether the products are added to gradients that reach a state directly, not through U.
  const bool onto_ = gated || (Cell::direct && chain_.mask == nullptr);
  Scratch<T> laid_buffer_, scratch_;
  T* laid_ = nullptr;       ///< of the group's sequences: see laid_of
  T* gradients_ = nullptr;  ///< of the pre-activations of the visits under way
  Index first_row_ = 0;
  T* dfed_ =
      nullptr;  ///< [count, H]: where the products' sum is made: dh itself, or scratch when there is a mask
  T* dextra_ = nullptr;   ///< [count, H]: for Candidate::gated
  T* dropped_ = nullptr;  ///< [count, H]: for Candidate::gated, what U was fed with, when there is a mask
};

}  // namespace rondo::recurrence

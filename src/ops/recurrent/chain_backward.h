/// The chain driver's way back: from gradients of the outputs and final states to those of the
/// pre-activations, the initial states, and from these to inputs and weights.
#pragma once
#include <vector>

#include "ops/common.h"
#include "ops/recurrent/chain.h"

namespace rondo::recurrence {

/// What arrived, and the gradients of the states on their way back. [count, H] has a row a sequence.
template <class T>
struct Arrived {
  const T* outputs;  ///< [rows, H], strides as the chain's h; null: none
  const T* h;        ///< final states [count, H], stride as the chain's initial states; null: none
  const T* c;
  bool initial;  ///< whether the gradient of h0 is asked for
  T* dh;         ///< [count, H]: in the end of h0, if asked for
  T* dc;         ///< [count, H]: in the end of c0
};

/// U as backward wants it: columns are units of h, k are gates.
template <class T>
struct BackwardWeights {
  Packed<T> u;
  Packed<T> u_extra;
};

/// Turns the chain's activated gates into gradients of the pre-activations, in place (and `extra` into the
/// gradient of U_n h + b_un, where the candidate stands beside).
template <class Cell, class T>
requires RowCell<Cell, T>
class Backward {
 public:
  Backward(const Chain<T>& chain, const BackwardWeights<T>& weights, const Arrived<T>& arrived,
           const Kernels<T>& kernels)
      : chain_(chain),
        weights_(weights),
        arrived_(arrived),
        kernels_(kernels),
        columns_(Cell::gates * chain.hidden) {}

  /// Takes sequences [first, last) from their end to their start.
  void run(Group group) const {
    const Walk& walk = chain_.walk;
    const Index height_limit = std::min(group.last - group.first, most_block_rows(columns_));
    Scratch<T> buffer;
    T* const scratch = buffer.at_least(2 * height_limit * chain_.hidden);
    for (Index visit = walk.visits() - 1; visit >= 0; --visit) {
      const Index last = std::min(group.last, walk.layout->rows_at(walk.step(visit)));
      if (last <= group.first) continue;
      const Index height = block_rows(last - group.first, columns_);
      for (Index s = group.first; s < last; s += height)
        block(visit, s, std::min(last, s + height), scratch);
    }
  }

 private:
  struct Block {
    Index visit, first, last;
    Index fed_last;  ///< sequences [first, fed_last) pass a gradient on
    T* gates;
    T* dfed;    ///< where the products' sum is made: dh itself, or scratch when there is a mask
    T* dextra;  ///< scratch for Candidate::gated
  };

  void block(Index visit, Index first, Index last, T* scratch) const {
    const Index size = chain_.hidden;
    const bool begins = Cell::candidate == Candidate::gated ? chain_.h0 != nullptr : arrived_.initial;
    Block block{visit,
                first,
                last,
                begins ? last : std::clamp(chain_.walk.carried(visit), first, last),
                chain_.gates + chain_.row(chain_.walk.step(visit), first) * columns_,
                chain_.mask == nullptr ? arrived_.dh + first * size : scratch,
                scratch + (last - first) * size};
    for (Index s = first; s < last; ++s) {
      arrive(visit, s);
      Cell::backward(kernels_, row_of(block, s));
    }
    products(block);
    if (chain_.mask != nullptr) drop(block);
  }

  /// Completes the gradient of a sequence's state after `visit`.
  void arrive(Index visit, Index s) const {
    const Index size = chain_.hidden;
    T* const dh = arrived_.dh + s * size;
    if (s >= chain_.walk.carried(visit + 1)) {
      begin(arrived_.h, s, dh);
      if constexpr (Cell::memory) begin(arrived_.c, s, arrived_.dc + s * size);
    }
    if (arrived_.outputs != nullptr)
      kernels_.add(size, dh, arrived_.outputs + chain_.row(chain_.walk.step(visit), s) * chain_.h_stride, dh);
  }
  void begin(const T* final_state, Index s, T* gradient) const {
    if (final_state == nullptr)
      std::fill_n(gradient, chain_.hidden, T(0));
    else
      std::copy_n(final_state + s * chain_.state_stride, chain_.hidden, gradient);
  }

  RowGradient<T> row_of(const Block& block, Index s) const {
    const Index size = chain_.hidden, step = chain_.walk.step(block.visit), slot = chain_.slot(step, s);
    const Index place = s - block.first;
    const T* const fed = chain_.fed + slot * size;
    return {size,
            block.gates + place * columns_,
            has_extra<Cell> ? chain_.extra + slot * size : nullptr,
            fed,
            chain_.mask == nullptr ? fed : chain_.h_before(block.visit, s),
            Cell::memory ? chain_.c_before(block.visit, s) : nullptr,
            Cell::memory ? chain_.c + slot * chain_.c_stride : nullptr,
            chain_.h + chain_.row(step, s) * chain_.h_stride,
            arrived_.dh + s * size,
            Cell::memory ? arrived_.dc + s * size : nullptr,
            block.dextra + place * size,
            block.dfed + place * size};
  }

  /// dfed: the gradients of the pre-activations through U. Without a mask it goes on top of what reaches
  /// h_before directly.
  void products(const Block& block) const {
    const Index size = chain_.hidden, rows = block.fed_last - block.first;
    const Operand<T> joint{block.gates, columns_, 1};
    bool onto = Cell::direct && chain_.mask == nullptr;
    if constexpr (Cell::candidate == Candidate::gated) {
      const Operand<T> candidate{block.gates + joint_gates<Cell> * size, columns_, 1};
      kernels_.product(rows, size, size, candidate, weights_.u_extra.data(), nullptr, block.dextra, size,
                       false);
      std::fill_n(block.dextra + rows * size, (block.last - block.fed_last) * size, T(0));
      if (!onto) std::fill_n(block.dfed, (block.last - block.first) * size, T(0));
      for (Index s = block.first; s < block.last; ++s)
        Cell::backward_gate(kernels_, row_of(block, s));
      onto = true;
    }
    kernels_.product(rows, size, weights_.u.k(), joint, weights_.u.data(), nullptr, block.dfed, size, onto);
    if constexpr (Cell::candidate == Candidate::beside) {
      const Index slot = chain_.slot(chain_.walk.step(block.visit), block.first);
      kernels_.product(rows, size, size, {chain_.extra + slot * size, size, 1}, weights_.u_extra.data(),
                       nullptr, block.dfed, size, true);
    }
  }

  /// Through recurrent dropout: dh += mask ⊙ dfed.
  void drop(const Block& block) const {
    const Index size = chain_.hidden;
    for (Index s = block.first; s < block.fed_last; ++s) {
      T* const dh = arrived_.dh + s * size;
      if (!Cell::direct) std::fill_n(dh, size, T(0));
      kernels_.multiply_add(size, chain_.mask + s * chain_.state_stride,
                            block.dfed + (s - block.first) * size, dh);
    }
  }

  const Chain<T>& chain_;
  const BackwardWeights<T>& weights_;
  const Arrived<T>& arrived_;
  const Kernels<T>& kernels_;
  Index columns_;
};

/// Where gradients of inputs and weights are summed; null: not asked for.
template <class T>
struct Sums {
  T *x, *weight_ih, *weight_hh, *bias_ih, *bias_hh;
};

/// The large products over all rows, after all groups are through. Each sum is one chain over the packed
/// rows.
template <class Cell, class T>
void add_gradients(const Chain<T>& chain, const T* weight_ih, const Sums<T>& sums) {
  const Index rows = chain.walk.layout->rows(), input = chain.input, size = chain.hidden;
  const Index columns = Cell::gates * size, joint = joint_gates<Cell> * size;
  const Operand<T> by_row{chain.gates, columns, 1}, by_gate{chain.gates, 1, columns};
  const Operand<T> fed{chain.fed, 1, size};
  constexpr bool beside = Cell::candidate == Candidate::beside;
  if (sums.x != nullptr)
    matmul<T>(rows, input, columns, by_row, {weight_ih, 1, input}, sums.x, input, Start::result);
  if (sums.weight_ih != nullptr)
    matmul<T>(columns, input, rows, by_gate, {chain.x, 1, input}, sums.weight_ih, input, Start::result);
  if (sums.weight_hh != nullptr) {
    const Packed<T> packed(size, rows, fed);
    matmul<T>(joint, by_gate, packed, sums.weight_hh, size, Start::result);
    T* const candidate = sums.weight_hh + joint * size;
    if constexpr (beside) matmul<T>(size, {chain.extra, 1, size}, packed, candidate, size, Start::result);
    if constexpr (Cell::candidate == Candidate::gated)
      matmul<T>(size, size, rows, {chain.gates + joint, 1, columns}, {chain.extra, 1, size}, candidate, size,
                Start::result);
  }
  if (sums.bias_ih != nullptr) add_rows(rows, columns, chain.gates, columns, sums.bias_ih);
  if (sums.bias_hh != nullptr) {
    add_rows(rows, beside ? joint : columns, chain.gates, columns, sums.bias_hh);
    if constexpr (beside) add_rows(rows, size, chain.extra, size, sums.bias_hh + joint);
  }
}

}  // namespace rondo::recurrence

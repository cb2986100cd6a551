/// What a recurrent cell is: its row functions, and what the drivers (chain.h, chain_backward.h) must know to
/// do its products. The products belong to the drivers, the arithmetic of a row to the cell.
///
/// A cell names in constants how many gates it has and how the state enters them; `forward` turns the
/// pre-activations of one row into its new state, `backward` the gradient of the state into those of the
/// pre-activations. Formulas and gate orders: docs/gates.md.
#pragma once
#include <concepts>

#include "kernels/kernels.h"

namespace rondo::recurrence {

/// How the state enters the last gate, the candidate. All other gates take it as h·Uᵀ, on top of the input's
/// part.
enum class Candidate {
  joint,   ///< like the other gates
  beside,  ///< U_n h + b_un is kept apart from the input's part: GRU, reset after the product
  gated,   ///< fed with r ⊙ h in place of h: GRU, reset before the product
};

/// One row of a forward step. All pointers lead to H numbers, `gates` to [gates][H].
template <class T>
struct Row {
  Index size;         ///< H
  T* gates;           ///< pre-activations in, activated gates out
  T* extra;           ///< Candidate::beside: U_n h + b_un. gated: r ⊙ fed, written by `gate`. joint: null
  const T* fed;       ///< what U is fed with: h of the step before after recurrent dropout
  const T* h_before;  ///< h of the step before
  const T* c_before;  ///< null for a cell without memory
  T* c;
  T* h;
};

/// One row of a backward step.
template <class T>
struct RowGradient {
  Index size;
  T* gates;           ///< activated gates in, gradients of the pre-activations out
  T* extra;           ///< Candidate::beside: U_n h + b_un in, its gradient out
  const T* fed;       ///< as in Row
  const T* h_before;  ///< as in Row
  const T* c_before;  ///< as in Row
  const T* c;         ///< of this step
  const T* h;         ///< of this step
  T* dh;              ///< of h in; where Cell::direct, what reaches h_before past the products, out
  T* dc;              ///< of c in, of c_before out
  T* dextra;          ///< Candidate::gated: gradient of r ⊙ fed, in `backward_gate`
  T* dfed;            ///< Candidate::gated: what reaches fed through r ⊙ fed is added, in `backward_gate`
};

/// `gates`, `memory` (whether there is a c), `direct` (whether h_before reaches h past the products) and
/// `candidate` are constants of the cell. A gated cell also has `gate` (before the candidate's product) and
/// `backward_gate` (after it).
template <class Cell, class T>
concept RowCell = requires(const Kernels<T>& kernels, const Row<T>& row, const RowGradient<T>& gradient) {
  requires Cell::gates >= 1;
  { Cell::memory } -> std::convertible_to<bool>;
  { Cell::direct } -> std::convertible_to<bool>;
  { Cell::candidate } -> std::convertible_to<Candidate>;
  Cell::forward(kernels, row);
  Cell::backward(kernels, gradient);
};

/// Gates that take h·Uᵀ straight onto the input's part: all, or all but the candidate.
template <class Cell>
constexpr Index joint_gates = Cell::candidate == Candidate::joint ? Cell::gates : Cell::gates - 1;
template <class Cell>
constexpr bool has_extra = Cell::candidate != Candidate::joint;

}  // namespace rondo::recurrence

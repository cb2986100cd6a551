/// A recurrent cell: its functions on rows, and what the drivers (chain_forward.h, chain_backward.h) must
/// know to do its products. The products belong to the drivers. The arithmetic of a row belongs to the cell,
/// which calls kernels for it; read kernels/reference_cells.cpp, the fast version is kernels/simd/cells.cpp.
///
/// A cell names in constants how many gates it has and how the state enters them; `forward` turns the
/// pre-activations of one row into its new state, `backward` the gradient of the state into those of the
/// pre-activations. Formulas and gate orders: docs/gates.md.
#pragma once
#include <concepts>

#include "kernels/kernels.h"

namespace rondo::recurrence {

/// How the state enters the last gate, the candidate. All other gates add h·Uᵀ to the input's part.
enum class Candidate {
  joint,   ///< like the other gates
  beside,  ///< U_n h + b_un is kept apart from the input's part: GRU, reset after the product
  gated,   ///< fed with r ⊙ h in place of h: GRU, reset before the product
};

/// Some neighbouring units of some rows of a forward step. Rows have `size` numbers, of `gates` [joint
/// gates][size], of `kept` [Cell::kept][size].
template <class T>
struct CellRows {
  Index rows, size;
  Strided<T> gates;      ///< pre-activations, overwritten
  Strided<T> candidate;  ///< the candidate's, overwritten; joint: none
  Strided<T> extra;  ///< Candidate::beside: U_n h + b_un. gated: r ⊙ fed, written by `gate`. joint: none
  Strided<const T> fed;       ///< input of U: h of the step before, after recurrent dropout
  Strided<const T> h_before;  ///< h of the step before
  Strided<const T> c_before;  ///< none for a cell without memory
  Strided<T> kept;            ///< what `backward` needs, out; may be none
  Strided<T> c;
  Strided<T> h;
};

/// Some neighbouring units of some rows of a backward step.
template <class T>
struct CellGradients {
  Index rows, size;
  Strided<const T> kept;      ///< as in CellRows
  Strided<const T> fed;       ///< as in CellRows
  Strided<const T> h_before;  ///< as in CellRows
  Strided<const T> c_before;  ///< as in CellRows
  Strided<const T> c;         ///< of this step
  Strided<const T> h;         ///< of this step
  Strided<T> dh;              ///< in: of h; out, if Cell::direct: of h_before, without the products' part
  Strided<T> dc;              ///< in: of c; out: of c_before
  Strided<T> dgates;          ///< [joint gates][size]: gradients of the pre-activations, out
  Strided<T> dcandidate;      ///< the candidate's, out; joint: none
  Strided<T> dextra;  ///< Candidate::beside: of U_n h + b_un, out. gated: of r ⊙ fed, in, in `backward_gate`
  Strided<T> dfed;    ///< Candidate::gated: `backward_gate` adds the part of fed's gradient through r ⊙ fed
};

/// `gates`, `kept` (numbers a unit that backward needs), `memory` (whether there is a c), `direct` (whether
/// h_before reaches h past the products) and `candidate` are constants of the cell. A gated cell also has
/// `gate` (before the candidate's product) and `backward_gate` (after it).
template <class Cell, class T>
concept RowCell = requires(const Kernels<T>& kernels, const CellRows<T>& rows,
                           const CellGradients<T>& gradients) {
  requires Cell::gates >= 1;
  requires Cell::kept >= 0;
  { Cell::memory } -> std::convertible_to<bool>;
  { Cell::direct } -> std::convertible_to<bool>;
  { Cell::candidate } -> std::convertible_to<Candidate>;
  Cell::forward(kernels, rows);
  Cell::backward(kernels, gradients);
};

/// Gates that take h·Uᵀ straight onto the input's part: all, or all but the candidate.
template <class Cell>
constexpr Index joint_gates = Cell::candidate == Candidate::joint ? Cell::gates : Cell::gates - 1;
template <class Cell>
constexpr bool has_extra = Cell::candidate != Candidate::joint;

}  // namespace rondo::recurrence

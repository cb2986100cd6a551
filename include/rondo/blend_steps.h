/// A recurrence without a product of the state.
#pragma once
#include <rondo/autograd.h>

namespace [[gnu::visibility("default")]] rondo {

struct BlendedSteps {
  Sequences outputs;  ///< h at every step, [rows, H]
  Var h;              ///< the final states, [count, H]
};
/// h_t = (1 - z_t) h_{t-1} + z_t candidate_t over each sequence of a batch, element by element, as one
/// operation: z [rows, H] packed, candidates [rows, H] of the same layout, h0 [count, H] or undefined for
/// zeros. Error(shape) for other sizes or types.
BlendedSteps blend_steps(const Sequences& z, const Var& candidates, const Var& h0 = {});

}  // namespace rondo

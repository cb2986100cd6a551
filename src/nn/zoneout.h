/// Recurrent levels with zoneout (Krueger et al. 2017): units that keep the state of the step before.
#pragma once
#include <cstdint>
#include <span>

#include <rondo/ops.h>

namespace rondo::nn {

struct Zoneout {
  float rate;
  std::uint64_t key;
  std::uint64_t time;  ///< the number of the first step; the mask of a step depends on its own
};

/// As recurrent(), which is driven step by step. h and, of an LSTM, c have masks of their own at every step;
/// the new h comes from what c would be without a mask. Without a training Recording, states are
/// expectations.
RecurrentResult zoned(Cell cell, const Sequences& x, std::span<const RecurrentWeights> directions,
                      const Var& h0, const Var& c0, const RecurrentOptions& options, const Zoneout& zoneout);

}  // namespace rondo::nn

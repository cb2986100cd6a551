/// What tests and benchmarks of recurrences share: a call's operands as one list of tensors.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <rondo/ops.h>

#include "support/op_cases.h"

namespace rondo::testing_support {

/// All that have recurrent weights.
inline constexpr std::array all_cells = {Cell::rnn_tanh, Cell::rnn_relu,         Cell::lstm,
                                         Cell::gru,      Cell::gru_reset_before, Cell::residual};

std::string text_of(Cell cell);

/// A call of `recurrent` but for its numbers.
struct RecurrentSetting {
  Cell cell = Cell::lstm;
  int directions = 1;
  bool states = true;  ///< h0 and c0 are given
  bool biases = true;
  RecurrentOptions options = {};
};

/// Shapes of the operands in the order x, (W, U, b_w, b_u) of each direction, h0, c0.
std::vector<Shape> recurrent_shapes(const RecurrentSetting& setting, const Layout& layout, std::int64_t input,
                                    std::int64_t hidden);

struct RecurrentOperands {
  Sequences x;
  std::vector<RecurrentWeights> directions;
  Var h0, c0;
};
RecurrentOperands recurrent_operands(const RecurrentSetting& setting, std::span<const Var> operands,
                                     std::shared_ptr<const Layout> layout);

/// Runs the operation on operands in that order.
RecurrentResult run_recurrent(const RecurrentSetting& setting, std::span<const Var> operands,
                              std::shared_ptr<const Layout> layout);
/// Outputs and final states side by side.
Var joined(const RecurrentResult& result);

}  // namespace rondo::testing_support

/// What tests of recurrences share: parameters, random weights, a loss that reaches every result.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include <rondo/ops.h>

#include "base/random.h"

namespace rondo::testing_support {

inline Var parameter(const Tensor& value) {
  auto leaf = std::make_shared<Leaf>();
  leaf->value = value.clone();
  leaf->gradient = Tensor::zeros(value.shape(), value.dtype());
  return Var::parameter(leaf);
}

/// Uniform in [-scale, scale].
inline Tensor uniform_tensor(Shape shape, DType type, std::uint64_t seed, float scale = 1) {
  Tensor made = Tensor::uninitialised(std::move(shape));
  Random random(seed);
  for (float& value : made.data<float>())
    value = random.uniform(-scale, scale);
  return made.to(type);
}

inline constexpr std::array all_cells = {Cell::rnn_tanh, Cell::rnn_relu, Cell::lstm, Cell::gru,
                                  Cell::gru_reset_before};

/// Everything a call of `recurrent` takes, as parameters.
struct RecurrentOperands {
  Cell cell;
  std::shared_ptr<const Layout> layout;
  Var x, h0, c0;
  std::vector<RecurrentWeights> directions;
  RecurrentOptions options = {};

  std::vector<Var> all() const {
    std::vector<Var> vars = {x, h0};
    if (c0.defined()) vars.push_back(c0);
    for (const RecurrentWeights& of : directions)
      vars.insert(vars.end(), {of.weight_ih, of.weight_hh, of.bias_ih, of.bias_hh});
    return vars;
  }
  RecurrentResult run() const { return recurrent(cell, Sequences(x, layout), directions, h0, c0, options); }
};

inline RecurrentOperands recurrent_operands(Cell cell, std::shared_ptr<const Layout> layout,
                                            std::int64_t input, std::int64_t hidden, int directions,
                                            DType type) {
  std::uint64_t seed = 100;
  const auto make = [&](Shape shape, float scale) {
    return parameter(uniform_tensor(std::move(shape), type, ++seed, scale));
  };
  RecurrentOperands made{cell, layout, make({layout->rows(), input}, 1), {}, {}, {}, {}};
  const Shape states{layout->sequences(), directions * hidden};
  made.h0 = make(states, 1);
  if (cell == Cell::lstm) made.c0 = make(states, 1);
  const std::int64_t columns = gates_of(cell) * hidden;
  for (int direction = 0; direction < directions; ++direction)
    made.directions.push_back({make({columns, input}, 0.6F), make({columns, hidden}, 0.6F),
                               make({columns}, 0.5F), make({columns}, 0.5F)});
  return made;
}

/// Sum of all results, each element with a weight of its own.
inline Var weighted_sum(const std::vector<Var>& results) {
  Var total;
  std::uint64_t seed = 900;
  for (const Var& result : results) {
    const Var part = sum(result * Var(uniform_tensor(result.shape(), result.dtype(), ++seed)));
    total = total.defined() ? total + part : part;
  }
  return total;
}
inline std::vector<Var> results_of(const RecurrentResult& result) {
  std::vector<Var> results = {result.outputs.rows(), result.h};
  if (result.c.defined()) results.push_back(result.c);
  return results;
}

}  // namespace rondo::testing_support

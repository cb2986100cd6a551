#include "support/recurrent.h"

namespace rondo::testing_support {

std::string text_of(Cell cell) {
  return std::string(names_of(cell)[static_cast<std::size_t>(cell)]);
}

std::vector<Shape> recurrent_shapes(const RecurrentSetting& setting, const Layout& layout, std::int64_t input,
                                    std::int64_t hidden) {
  const std::int64_t columns = gates_of(setting.cell) * hidden;
  std::vector<Shape> shapes = {{layout.rows(), input}};
  for (int direction = 0; direction < setting.directions; ++direction) {
    shapes.insert(shapes.end(), {{columns, input}, {columns, hidden}});
    if (setting.biases) shapes.insert(shapes.end(), {{columns}, {columns}});
  }
  const Shape states{layout.sequences(), setting.directions * hidden};
  if (setting.states) shapes.push_back(states);
  if (setting.states && setting.cell == Cell::lstm) shapes.push_back(states);
  return shapes;
}

RecurrentOperands recurrent_operands(const RecurrentSetting& setting, std::span<const Var> operands,
                                     std::shared_ptr<const Layout> layout) {
  RecurrentOperands made{Sequences(operands[0], std::move(layout)), {}, {}, {}};
  std::size_t next = 1;
  const auto take = [&](bool present) { return present ? operands[next++] : Var(); };
  for (int direction = 0; direction < setting.directions; ++direction) {
    RecurrentWeights weights;
    weights.weight_ih = take(true);
    weights.weight_hh = take(true);
    weights.bias_ih = take(setting.biases);
    weights.bias_hh = take(setting.biases);
    made.directions.push_back(weights);
  }
  made.h0 = take(setting.states);
  made.c0 = take(setting.states && setting.cell == Cell::lstm);
  return made;
}

RecurrentResult run_recurrent(const RecurrentSetting& setting, std::span<const Var> operands,
                              std::shared_ptr<const Layout> layout) {
  const RecurrentOperands made = recurrent_operands(setting, operands, std::move(layout));
  return recurrent(setting.cell, made.x, made.directions, made.h0, made.c0, setting.options);
}

Var joined(const RecurrentResult& result) {
  return result.c.defined() ? joined({result.outputs.rows(), result.h, result.c})
                            : joined({result.outputs.rows(), result.h});
}

}  // namespace rondo::testing_support

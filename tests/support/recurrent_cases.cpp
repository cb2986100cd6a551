// The recurrent operations in the table of op_cases.h.
#include "support/recurrent.h"

namespace rondo::testing_support {
namespace {

constexpr OpCaseOptions mild{.low = -0.3,
                             .high = 0.3};  // larger weights make rounding grow from step to step
constexpr OpCaseOptions milder{
    .low = -0.1,
    .high = 0.1,
    .tolerance = 3e-5};  // a residual state, and its gradient, keep all that was added

/// A setting at several sizes: one unit, one feature, one sequence of one step, and sizes ragged against
/// every vector width.
OpCase case_of(const std::string& name, const RecurrentSetting& setting) {
  const auto shapes = [&](std::int64_t rows, std::int64_t input, std::int64_t hidden) {
    return recurrent_shapes(setting, *ragged_layout(rows), input, hidden);
  };
  return {text_of(setting.cell) + name,
          {shapes(40, 5, 7), shapes(1, 3, 2), shapes(30, 1, 1), shapes(25, 3, 19)},
          shapes(1501, 33, 41),
          [setting](std::span<const Var> operands) {
            return joined(run_recurrent(setting, operands, ragged_layout(operands[0].rows())));
          },
          setting.cell == Cell::residual ? milder : mild};
}

/// One step, its state passed in and out.
OpCase step_case(Cell cell) {
  const RecurrentSetting setting{.cell = cell};
  const auto shapes = [&](std::int64_t rows, std::int64_t input, std::int64_t hidden) {
    return recurrent_shapes(setting, *Layout::uniform(rows, 1), input, hidden);
  };
  return {text_of(cell) + "_step",
          {shapes(5, 3, 7), shapes(1, 1, 1), shapes(2, 5, 19)},
          shapes(501, 33, 41),
          [setting](std::span<const Var> operands) {
            const auto made = recurrent_operands(setting, operands, Layout::uniform(operands[0].rows(), 1));
            const State before = made.c0.defined() ? State{made.h0, made.c0} : State{made.h0};
            const State after = recurrent_step(setting.cell, operands[0], made.directions.front(), before);
            return after.size() == 2 ? joined({after[0], after[1]}) : joined({after[0]});
          },
          mild};
}

}  // namespace

std::vector<OpCase> recurrent_cases() {
  std::vector<OpCase> cases;
  for (const Cell cell : all_cells) {
    const RecurrentOptions dropout{.recurrent_dropout = 0.4F, .dropout_key = 5}, reverse{.reverse = true};
    cases.push_back(case_of("", {.cell = cell}));
    cases.push_back(case_of("_reverse", {.cell = cell, .options = reverse}));
    cases.push_back(case_of("_two_directions", {.cell = cell, .directions = 2}));
    cases.push_back(case_of("_from_zero", {.cell = cell, .directions = 2, .states = false}));
    cases.push_back(case_of("_without_bias", {.cell = cell, .biases = false}));
    cases.push_back(case_of("_dropout", {.cell = cell, .directions = 2, .options = dropout}));
    cases.push_back(case_of("_dropout_from_zero", {.cell = cell, .states = false, .options = dropout}));
    cases.push_back(step_case(cell));
  }
  return cases;
}

}  // namespace rondo::testing_support

// What must hold of recurrences beyond single numbers: the same bits step by step, alone, in any batch, with
// and without backward; the composition of elementary operations; errors. Golden data and the table of
// operations have tests of their own.
#include "support/recurrent.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using In = std::span<const Var>;
using Shared = std::shared_ptr<const Layout>;

std::vector<Tensor> operands_of(const RecurrentSetting& setting, const Layout& layout, std::int64_t input,
                                std::int64_t hidden, DType type, double range = 0.7) {
  return make_inputs(recurrent_shapes(setting, layout, input, hidden), {.low = -range, .high = range}, type);
}
std::vector<Var> constants(const std::vector<Tensor>& tensors) {
  return {tensors.begin(), tensors.end()};
}

// -- The composition: one sequence and one step after another, in operations that know nothing of recurrence.

struct Affine {
  Var w, u, b_w, b_u;  ///< of one gate

  Affine(const RecurrentWeights& of, std::int64_t gate, std::int64_t size)
      : w(slice_rows(of.weight_ih, gate * size, (gate + 1) * size)),
        u(slice_rows(of.weight_hh, gate * size, (gate + 1) * size)),
        b_w(slice_rows(of.bias_ih, gate * size, (gate + 1) * size)),
        b_u(slice_rows(of.bias_hh, gate * size, (gate + 1) * size)) {}
  Var input(const Var& x) const { return linear(x, w, b_w); }
  Var state(const Var& h) const { return linear(h, u, b_u); }
};

/// The formulas of docs/gates.md; `fed` is h after recurrent dropout.
State composed_step(Cell cell, const Var& x, const std::vector<Affine>& gates, const Var& fed,
                    const State& before) {
  const auto all = [&](std::size_t gate) { return gates[gate].input(x) + gates[gate].state(fed); };
  if (cell == Cell::rnn_tanh) return {tanh(all(0))};
  if (cell == Cell::rnn_relu) return {relu(all(0))};
  if (cell == Cell::residual) return {before[0] + tanh(all(0))};
  if (cell == Cell::lstm) {
    const Var c = sigmoid(all(1)) * before[1] + sigmoid(all(0)) * tanh(all(2));
    return {sigmoid(all(3)) * tanh(c), c};
  }
  const Var r = sigmoid(all(0)), z = sigmoid(all(1));
  const Var n = cell == Cell::gru ? tanh(gates[2].input(x) + r * gates[2].state(fed))
                                  : tanh(gates[2].input(x) + gates[2].state(r * fed));
  return {(1 - z) * n + z * before[0]};
}

/// `setting` of one direction with states and biases.
Var composed(const RecurrentSetting& setting, In operands, const Shared& layout) {
  const RecurrentOperands of = recurrent_operands(setting, operands, layout);
  const RecurrentWeights& weights = of.directions.front();
  const std::int64_t size = weights.weight_hh.columns();
  std::vector<Affine> gates;
  for (std::int64_t gate = 0; gate < gates_of(setting.cell); ++gate)
    gates.emplace_back(weights, gate, size);
  const Var mask = dropout(Tensor::full({layout->sequences(), size}, 1, operands[0].dtype()),
                           setting.options.recurrent_dropout, setting.options.dropout_key);
  std::vector<Var> outputs(static_cast<std::size_t>(layout->rows())), h, c;
  for (std::int64_t sequence = 0; sequence < layout->sequences(); ++sequence) {
    const auto row_of = [sequence](const Var& x) { return slice_rows(x, sequence, sequence + 1); };
    State state = of.c0.defined() ? State{row_of(of.h0), row_of(of.c0)} : State{row_of(of.h0)};
    for (std::int64_t i = 0; i < layout->length(sequence); ++i) {
      const std::int64_t step = setting.options.reverse ? layout->length(sequence) - 1 - i : i;
      const std::int64_t row = layout->row(sequence, step);
      state = composed_step(setting.cell, slice_rows(operands[0], row, row + 1), gates,
                            state[0] * row_of(mask), state);
      outputs[static_cast<std::size_t>(row)] = state[0];
    }
    h.push_back(state[0]);
    if (state.size() == 2) c.push_back(state[1]);
  }
  return c.empty() ? joined({stack(outputs), stack(h)}) : joined({stack(outputs), stack(h), stack(c)});
}

/// `size` units: some, and more than fit into one block of them.
void expect_composition(std::int64_t size, DType type, double tolerance) {
  const std::vector<std::int32_t> lengths = {2, 5, 1, 3, 5};
  const Shared layout = Layout::of(lengths);
  for (const Cell cell : all_cells)
    for (const float rate : {0.0F, 0.4F})
      for (const bool reverse : {false, true}) {
        SCOPED_TRACE(text_of(cell) + " dropout " + std::to_string(rate) + (reverse ? " reverse" : ""));
        const RecurrentSetting setting{
            .cell = cell, .options = {.recurrent_dropout = rate, .dropout_key = 9, .reverse = reverse}};
        // Small enough that the errors of a step do not grow from step to step.
        const auto operands = operands_of(setting, *layout, 3, size, type, size < 10 ? 0.7 : 0.2);
        const auto wanted = differentiate([&](In x) { return composed(setting, x, layout); }, operands);
        const auto got =
            differentiate([&](In x) { return joined(run_recurrent(setting, x, layout)); }, operands);
        expect_close(got.value, wanted.value, tolerance, "value");
        for (std::size_t i = 0; i < operands.size(); ++i)
          expect_close(got.gradients[i], wanted.gradients[i], 10 * tolerance,
                       "gradient " + std::to_string(i));
      }
}

TEST(Recurrent, IsTheCompositionOfElementaryOperations) {
  expect_composition(6, DType::f64, 1e-13);
  expect_composition(75, DType::f64, 1e-12);
}
TEST(Recurrent, IsTheCompositionOnEveryInstructionSet) {
  for_each_isa([] { expect_composition(111, DType::f32, 2e-5); });
}

// -- The same bits
// -------------------------------------------------------------------------------------------

/// The rows of states that are alive at a step.
State alive(const State& state, std::int64_t rows) {
  std::vector<Var> parts;
  for (std::size_t i = 0; i < state.size(); ++i)
    parts.push_back(slice_rows(state[i], 0, rows));
  return State(std::move(parts));
}

/// All outputs, by one call of recurrent_step a step.
Var step_by_step(const RecurrentSetting& setting, In operands, const Shared& layout) {
  const RecurrentOperands of = recurrent_operands(setting, operands, layout);
  State state = of.c0.defined() ? State{of.h0, of.c0} : State{of.h0};
  std::vector<Var> outputs;
  for (std::int64_t step = 0; step < layout->steps(); ++step) {
    const Var x = slice_rows(operands[0], layout->begin(step), layout->begin(step + 1));
    state = recurrent_step(setting.cell, x, of.directions.front(), alive(state, layout->rows_at(step)));
    outputs.push_back(state[0]);
  }
  return stack(outputs);
}

TEST(Recurrent, SingleStepsGiveTheBitsOfTheWhole) {
  const Shared layout = ragged_layout(60);
  for (const Cell cell : all_cells) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell};
    const auto operands = operands_of(setting, *layout, 9, 21, DType::f32);
    for_each_isa([&] {
      const Tensor whole = run_recurrent(setting, constants(operands), layout).outputs.rows().value();
      expect_same_bits(step_by_step(setting, constants(operands), layout).value(), whole, "outputs");
    });
  }
}

TEST(Recurrent, SingleStepsGiveTheGradientsOfTheWhole) {
  const Shared layout = ragged_layout(30);
  for (const Cell cell : all_cells) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell};
    const auto operands = operands_of(setting, *layout, 4, 6, DType::f64);
    const auto steps = differentiate([&](In x) { return step_by_step(setting, x, layout); }, operands);
    const auto whole =
        differentiate([&](In x) { return run_recurrent(setting, x, layout).outputs.rows(); }, operands);
    for (std::size_t i = 0; i < operands.size(); ++i)
      expect_close(steps.gradients[i], whole.gradients[i], 1e-12, "gradient " + std::to_string(i));
  }
}

/// One sequence's rows of a packed tensor.
Tensor rows_of(const Tensor& packed, const Layout& layout, std::int64_t sequence) {
  Tensor rows = Tensor::uninitialised({layout.length(sequence), packed.columns()}, packed.dtype());
  for (std::int64_t step = 0; step < layout.length(sequence); ++step)
    for (std::int64_t i = 0; i < packed.columns(); ++i)
      rows.data<float>()[static_cast<std::size_t>(step * packed.columns() + i)] =
          packed.data<float>()[static_cast<std::size_t>(layout.row(sequence, step) * packed.columns() + i)];
  return rows;
}

/// Outputs, final h, and the gradients of x and h0 of sum(outputs · outputs) + sum(h).
struct OneRun {
  Tensor outputs, h, dx, dh0;
};
OneRun run_and_back(const RecurrentSetting& setting, const std::vector<Tensor>& operands,
                    const Shared& layout) {
  const Recording recording;
  std::vector<Var> vars = constants(operands);
  const std::size_t h0 = operands.size() - (setting.cell == Cell::lstm ? 2 : 1);
  vars[0] = parameter(operands[0]);
  vars[h0] = parameter(operands[h0]);
  const RecurrentResult result = run_recurrent(setting, vars, layout);
  (sum(result.outputs.rows() * result.outputs.rows()) + sum(result.h)).backward();
  return {result.outputs.rows().value(), result.h.value(), vars[0].leaf()->gradient,
          vars[h0].leaf()->gradient};
}

TEST(Recurrent, ASequenceHasTheSameBitsAloneAndInAnyBatch) {
  Random random(3);
  std::vector<std::int32_t> lengths;
  for (int i = 0; i < 29; ++i)
    lengths.push_back(static_cast<std::int32_t>(1 + random.below(i % 7 == 0 ? 40 : 9)));
  const Shared layout = Layout::of(lengths);
  for (const Cell cell : all_cells) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell, .directions = 2};
    const auto operands = operands_of(setting, *layout, 11, 18, DType::f32);
    for_each_isa([&] {
      const OneRun batch = run_and_back(setting, operands, layout);
      for (std::int64_t sequence = 0; sequence < layout->sequences(); ++sequence) {
        const Shared own = Layout::uniform(1, layout->length(sequence));
        std::vector<Tensor> one = operands;
        one[0] = rows_of(operands[0], *layout, sequence);
        for (std::size_t i = 9; i < one.size(); ++i)
          one[i] = operands[i].slice_rows(sequence, sequence + 1);
        const OneRun alone = run_and_back(setting, one, own);
        const std::string which = " of sequence " + std::to_string(sequence);
        expect_same_bits(alone.outputs, rows_of(batch.outputs, *layout, sequence), "outputs" + which);
        expect_same_bits(alone.dx, rows_of(batch.dx, *layout, sequence), "dx" + which);
        expect_same_bits(alone.h, batch.h.slice_rows(sequence, sequence + 1), "h" + which);
        expect_same_bits(alone.dh0, batch.dh0.slice_rows(sequence, sequence + 1), "dh0" + which);
      }
    });
  }
}

/// U so large, and so few sequences, or only few of them so long, that threads share out units and not
/// sequences.
TEST(Recurrent, SharedOutUnitsGiveTheSameBits) {
  struct Units {
    Cell cell;
    std::int64_t size;
    Shared layout;
  };
  const std::vector<std::int32_t> few = {4, 3, 3, 1}, thin = {12, 3, 2, 1};
  for (const auto& [cell, size, layout] :
       {Units{Cell::lstm, 460, Layout::of(few)}, Units{Cell::gru, 530, Layout::of(few)},
        Units{Cell::rnn_tanh, 900, Layout::of(few)}, Units{Cell::lstm, 192, Layout::of(thin)},
        Units{Cell::gru, 192, Layout::of(thin)}})
    for (const float rate : {0.0F, 0.3F})
      for (const bool reverse : {false, true}) {
        SCOPED_TRACE(text_of(cell) + " dropout " + std::to_string(rate) + (reverse ? " reverse" : ""));
        const RecurrentSetting setting{
            .cell = cell, .options = {.recurrent_dropout = rate, .dropout_key = 9, .reverse = reverse}};
        const auto operands = operands_of(setting, *layout, 5, size, DType::f32);
        std::vector<Differentiated> results;
        for_each_thread_count([&] {
          results.push_back(
              differentiate([&](In x) { return joined(run_recurrent(setting, x, layout)); }, operands));
          expect_same_bits(results.back().value, results.front().value, "value");
          for (std::size_t i = 0; i < operands.size(); ++i)
            expect_same_bits(results.back().gradients[i], results.front().gradients[i],
                             "gradient " + std::to_string(i));
        });
      }
}

/// What the way back cuts otherwise than small ones: the gradient of x by columns where W is large, weights'
/// gradients in pieces where a step has many sequences.
TEST(Recurrent, LargeCallsGiveTheSameBitsAndTrueGradients) {
  struct Shape {
    std::int32_t sequences, steps;
    std::int64_t input, hidden;
  };
  for (const Shape& of : {Shape{6, 3, 620, 61}, Shape{1100, 2, 7, 9}})
    for (const Cell cell : {Cell::lstm, Cell::gru}) {
      std::vector<std::int32_t> lengths(static_cast<std::size_t>(of.sequences), of.steps);
      lengths.front() = of.steps + 2;
      const Shared layout = Layout::of(lengths);
      const RecurrentSetting setting{.cell = cell, .directions = 2, .options = {}};
      const auto run = [&](In x) { return joined(run_recurrent(setting, x, layout)); };
      const auto exact_operands = operands_of(setting, *layout, of.input, of.hidden, DType::f64, 0.1);
      gradient_check(run, exact_operands, {.tolerance = 1e-6, .elements = 5});
      const Differentiated exact = differentiate(run, exact_operands);
      const auto operands = operands_of(setting, *layout, of.input, of.hidden, DType::f32, 0.1);
      std::vector<Differentiated> results;
      for_each_thread_count([&] {
        results.push_back(differentiate(run, operands));
        for (std::size_t i = 0; i < operands.size(); ++i) {
          const std::string what = text_of(cell) + " gradient " + std::to_string(i);
          expect_same_bits(results.back().gradients[i], results.front().gradients[i], what);
          expect_close(results.back().gradients[i].to(DType::f64), exact.gradients[i], 1e-4, what);
        }
      });
    }
}

/// The first pass of two starts the sums, the second adds.
TEST(Recurrent, GradientsAddToWhatIsThere) {
  const Shared layout = ragged_layout(600);
  for (const Cell cell : all_cells) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell, .options = {}};
    const auto operands = operands_of(setting, *layout, 30, 20, DType::f64, 0.2);
    std::vector<Var> parameters;
    for (const Tensor& operand : operands)
      parameters.push_back(parameter(operand));
    const auto pass = [&] {
      const Recording recording;
      sum(joined(run_recurrent(setting, parameters, layout))).backward();
    };
    pass();
    for (const Var& one : parameters) {
      Tensor& gradient = one.leaf()->gradient;
      const Tensor once = gradient.clone();
      zero_gradient(*one.leaf());
      EXPECT_FALSE(one.leaf()->reached);
      expect_same_bits(gradient, Tensor::zeros(once.shape(), DType::f64), "zeroed");
    }
    pass();
    std::vector<Tensor> twice;
    for (const Var& one : parameters)
      twice.push_back((Var(one.leaf()->gradient) + Var(one.leaf()->gradient)).value());
    pass();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      expect_close(parameters[i].leaf()->gradient, twice[i], 1e-12, "gradient " + std::to_string(i));
  }
}

/// Two directions, or two biases, that are one parameter: its gradient is the sum of both, in one order.
TEST(Recurrent, TiedWeightsGiveTheSameBits) {
  const Shared layout = Layout::uniform(40, 6);
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    const RecurrentSetting setting{.cell = cell, .states = false, .options = {}};
    const auto operands = operands_of(setting, *layout, 48, 48, DType::f32);
    const auto run = [&](In x) {
      RecurrentWeights weights = recurrent_operands(setting, x, layout).directions.front();
      weights.bias_hh = weights.bias_ih;
      const std::vector<RecurrentWeights> both = {weights, weights};
      return recurrent(cell, Sequences(x[0], layout), both).outputs.rows();
    };
    std::vector<Differentiated> results;
    for (int round = 0; round < 10; ++round)
      for_each_thread_count([&] {
        results.push_back(differentiate(run, operands));
        for (std::size_t i = 0; i < 4; ++i)
          expect_same_bits(results.back().gradients[i], results.front().gradients[i],
                           text_of(cell) + " gradient " + std::to_string(i));
      });
  }
}

/// W and U that are one parameter.
TEST(Recurrent, TheGradientOfTiedWeightsIsTheSumOfBoth) {
  const Shared layout = ragged_layout(600);
  for (const Cell cell : all_cells) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell, .options = {}};
    auto operands = operands_of(setting, *layout, 20, 20, DType::f64, 0.2);
    operands[2] = operands[1].clone();
    const auto run = [&](std::size_t u) {
      return differentiate(
          [&](In x) {
            std::vector<Var> all(x.begin(), x.end());
            all[2] = x[u];
            return joined(run_recurrent(setting, all, layout));
          },
          operands);
    };
    const Differentiated apart = run(2), tied = run(1);
    expect_same_bits(tied.value, apart.value, "value");
    expect_close(tied.gradients[1], (Var(apart.gradients[1]) + Var(apart.gradients[2])).value(), 1e-12,
                 "gradient");
  }
}

TEST(Recurrent, InferenceGivesTheBitsOfTraining) {
  const Shared layout = ragged_layout(300);
  for (const Cell cell : all_cells) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell, .directions = 2};
    const auto operands = operands_of(setting, *layout, 20, 35, DType::f32);
    for (const int threads : {1, 2}) {
      Runtime runtime({.threads = threads, .isa = {}});
      const Runtime::Use use(runtime);
      const auto trained =
          differentiate([&](In x) { return joined(run_recurrent(setting, x, layout)); }, operands);
      expect_same_bits(joined(run_recurrent(setting, constants(operands), layout)).value(), trained.value,
                       std::to_string(threads) + " threads");
    }
  }
}

TEST(Recurrent, AFrozenOperandChangesNoOtherGradient) {
  const Shared layout = ragged_layout(40);
  for (const Cell cell : all_cells) {
    const RecurrentSetting setting{.cell = cell, .directions = 2};
    const auto operands = operands_of(setting, *layout, 5, 7, DType::f32);
    const Function run = [&](In x) { return joined(run_recurrent(setting, x, layout)); };
    const auto all = differentiate(run, operands);
    for (std::size_t frozen = 0; frozen < operands.size(); ++frozen) {
      const auto some = differentiate(
          [&](In x) {
            std::vector<Var> vars(x.begin(), x.end());
            vars[frozen] = Var(operands[frozen]);
            return run(vars);
          },
          operands);
      for (std::size_t i = 0; i < operands.size(); ++i)
        if (i != frozen)
          expect_same_bits(some.gradients[i], all.gradients[i],
                           text_of(cell) + " without " + std::to_string(frozen));
    }
  }
}

// -- Numbers
// -------------------------------------------------------------------------------------------------

TEST(Recurrent, DecayingStatesBecomeZeroNotDenormal) {
  // U = 0.1 and no input: the state shrinks tenfold a step and would spend steps 38 to 45 as denormals.
  const Shared layout = Layout::uniform(1, 60);
  std::vector<Var> operands = {Tensor::zeros({60, 1}), Tensor::zeros({16, 1}), Tensor::zeros({16, 16}),
                               Tensor::zeros({16}),    Tensor::zeros({16}),    Tensor::full({1, 16}, 1)};
  Tensor u = Tensor::zeros({16, 16});
  for (std::size_t i = 0; i < 16; ++i)
    u.data<float>()[i * 17] = 0.1F;
  operands[2] = u;
  for_each_isa([&] {
    const RecurrentResult result = run_recurrent({.cell = Cell::rnn_relu}, operands, layout);
    for (const float value : result.outputs.rows().values())
      EXPECT_NE(std::fpclassify(value), FP_SUBNORMAL);
    EXPECT_EQ(result.h.values()[0], 0);
  });
  volatile float smallest = 1e-38F;
  EXPECT_GT(smallest / 1000, 0) << "the caller's own arithmetic must keep its denormals";
}

/// The worked example of docs/gates.md.
TEST(Recurrent, GatesDocumentIsRight) {
  const auto matrix = [](std::vector<double> values) { return Tensor::of({3, 1}, values); };
  const auto vector = [](std::vector<double> values) { return Tensor::of({3}, values); };
  const RecurrentWeights weights{matrix({.2, .1, .3}), matrix({.5, .4, .6}), vector({.02, .01, .03}),
                                 vector({.05, .04, .06})};
  const Var x = Tensor::full({1, 1}, 1, DType::f64), h = Tensor::full({1, 1}, 0.5, DType::f64);
  EXPECT_NEAR(recurrent_step(Cell::gru, x, weights, {h})[0].value().at(0), .50200, 5e-6);
  const double z = .58662, n = .52132;
  EXPECT_NEAR(recurrent_step(Cell::gru_reset_before, x, weights, {h})[0].value().at(0), z * .5 + (1 - z) * n,
              5e-6);
}

TEST(Recurrent, DropoutOnlyWhileRecording) {
  const Shared layout = ragged_layout(40);
  const RecurrentSetting off{.cell = Cell::gru},
      on{.cell = Cell::gru, .options = {.recurrent_dropout = 0.5F}};
  const auto operands = constants(operands_of(off, *layout, 5, 7, DType::f32));
  const Tensor plain = joined(run_recurrent(off, operands, layout)).value();
  expect_same_bits(joined(run_recurrent(on, operands, layout)).value(), plain, "not recording");
  const Recording recording;
  EXPECT_NE(joined(run_recurrent(on, operands, layout)).value().at(200), plain.at(200));
}

// -- Errors
// --------------------------------------------------------------------------------------------------

TEST(Recurrent, RefusesWhatDoesNotFit) {
  const Shared layout = Layout::uniform(2, 3);
  const auto operands_with = [&](Cell cell, std::size_t place, const Shape& shape) {
    auto operands = constants(operands_of({.cell = cell}, *layout, 4, 5, DType::f32));
    operands[place] = Tensor::zeros(shape);
    return operands;
  };
  const auto refused = [&](std::size_t place, const Shape& shape, const std::string& text) {
    const auto operands = operands_with(Cell::lstm, place, shape);
    test::expect_error(
        ErrorKind::shape, [&] { run_recurrent({.cell = Cell::lstm}, operands, layout); }, text);
  };
  refused(1, {20, 3}, "'weight_ih' f32 [20, 4], got f32 [20, 3]");
  refused(2, {15, 5}, "'weight_hh' f32 [20, 5], got f32 [15, 5]");
  refused(2, {20}, "'weight_hh' of [4 H, H]");
  refused(3, {5}, "'bias_ih' f32 [20]");
  refused(4, {20, 1}, "'bias_hh' f32 [20]");
  refused(5, {2, 4}, "'h0' f32 [2, 5]");
  refused(6, {3, 5}, "'c0' f32 [2, 5]");
  refused(6, {}, "'c0' f32 [2, 5]");
  const auto operands = operands_with(Cell::gru, 0, {6, 4});
  const RecurrentOperands gru = recurrent_operands({.cell = Cell::gru}, operands, layout);
  const RecurrentSetting two{.cell = Cell::gru, .directions = 2, .options = {.reverse = true}};
  const auto both = constants(operands_of(two, *layout, 4, 5, DType::f32));
  test::expect_error(
      ErrorKind::usage,
      [&] {
        recurrent(Cell::gru, gru.x, gru.directions, {}, Tensor::zeros({2, 5}));
      },
      "has no c");
  test::expect_error(
      ErrorKind::shape, [&] { recurrent(Cell::gru, gru.x, {}); }, "one or two directions, got 0");
  test::expect_error(
      ErrorKind::shape, [&] { recurrent(Cell::gru, Sequences(), gru.directions); }, "got none");
  test::expect_error(
      ErrorKind::option,
      [&] { run_recurrent({.cell = Cell::gru, .options = {.recurrent_dropout = 1.5F}}, operands, layout); },
      "recurrent_dropout wanted 0 to 1, got 1.5");
  test::expect_error(
      ErrorKind::usage, [&] { run_recurrent(two, both, layout); }, "'reverse' is for a single direction");
  test::expect_error(
      ErrorKind::shape, [&] { recurrent_step(Cell::lstm, gru.x.rows(), gru.directions[0], {gru.h0}); },
      "a state of {h, c}, got 1 parts");
}

}  // namespace
}  // namespace rondo::testing_support

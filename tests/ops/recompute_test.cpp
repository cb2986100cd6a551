// What a Recording keeps of a recurrence: states now and then, from which the rest is computed again with the
// same bits, or everything in 16 bits, which changes the gradients by little.
#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/buffers.h"
#include "support/recurrent.h"

namespace rondo::testing_support {
namespace {

using Shared = std::shared_ptr<const Layout>;

struct BackAndForth {
  Tensor h;
  std::vector<Tensor> gradients;
  std::size_t peak = 0;  ///< bytes of buffers beside the operands and their gradients
};

/// The call's outputs, unless final states are all that is asked for, and final states; then the gradients.
BackAndForth run(const RecurrentSetting& setting, const std::vector<Tensor>& operands, const Shared& layout,
                 const RecordingOptions& memory) {
  std::vector<Var> vars;
  for (const Tensor& operand : operands)
    vars.push_back(parameter(operand));
  release_cached_buffers();  // one of up to twice the size would serve, and count
  restart_buffer_peak();
  const std::size_t before = buffer_statistics().in_use;
  BackAndForth result;
  {
    const Recording recording(memory);
    const RecurrentResult made = run_recurrent(setting, vars, layout);
    EXPECT_EQ(made.outputs.layout() != nullptr, setting.options.outputs);
    Var loss = sum(made.h * Var(random_tensor(made.h.shape(), 5, made.h.dtype())));
    if (made.c.defined()) loss = loss + sum(made.c * Var(random_tensor(made.c.shape(), 6, made.c.dtype())));
    if (setting.options.outputs)
      loss = loss +
             sum(made.outputs.rows() * Var(random_tensor(made.outputs.rows().shape(), 7, made.h.dtype())));
    result.h = made.h.value();
    loss.backward();
  }
  result.peak = buffer_statistics().peak - before;
  for (const Var& x : vars)
    result.gradients.push_back(x.leaf()->gradient);
  return result;
}

/// More rows than backward takes at a time, at every number of sequences from 9 to 1.
Shared long_layout() {
  const std::vector<std::int32_t> lengths = {300, 290, 211, 150, 150, 40, 3, 1, 1};
  return Layout::of(lengths);
}

void expect_same(const BackAndForth& got, const BackAndForth& wanted) {
  expect_same_bits(got.h, wanted.h, "h");
  for (std::size_t i = 0; i < wanted.gradients.size(); ++i)
    expect_same_bits(got.gradients[i], wanted.gradients[i], "gradient " + std::to_string(i));
}

/// Each cell in one direction, back to front, and in both, with and without states and dropout.
std::vector<RecurrentSetting> settings(bool outputs) {
  std::vector<RecurrentSetting> all;
  for (const Cell cell : all_cells)
    for (const int directions : {1, 2})
      for (const bool reverse : {false, true}) {
        if (directions == 2 && reverse) continue;
        all.push_back({.cell = cell,
                       .directions = directions,
                       .states = reverse,
                       .options = {.recurrent_dropout = reverse ? 0.3F : 0.0F,
                                   .dropout_key = 3,
                                   .reverse = reverse,
                                   .outputs = outputs}});
      }
  return all;
}

TEST(Recompute, ChangesNoBit) {
  const Shared layout = long_layout();
  for (const bool outputs : {true, false})
    for (const RecurrentSetting& setting : settings(outputs)) {
      SCOPED_TRACE(text_of(setting.cell) + (outputs ? ", outputs" : ", final states") +
                   (setting.options.reverse ? ", reverse" : "") + ", directions " +
                   std::to_string(setting.directions));
      const auto operands =
          make_inputs(recurrent_shapes(setting, *layout, 5, 41), {.low = -0.3, .high = 0.3}, DType::f32);
      const BackAndForth wanted = run(setting, operands, layout, {});
      for (const int every : {1, 77, -1, 100'000})
        expect_same(run(setting, operands, layout, {.recompute = every}), wanted);
    }
}

TEST(Recompute, ChangesNoBitOnAnyInstructionSetOrInDoubles) {
  const Shared layout = long_layout();
  const RecurrentSetting setting{.cell = Cell::lstm, .directions = 2, .options = {.outputs = false}};
  for (const DType type : {DType::f32, DType::f64})
    for_each_isa([&] {
      const auto operands =
          make_inputs(recurrent_shapes(setting, *layout, 3, 20), {.low = -0.3, .high = 0.3}, type);
      expect_same(run(setting, operands, layout, {.recompute = -1}), run(setting, operands, layout, {}));
    });
}

/// The second layout is one of few long sequences, where threads share out units.
TEST(Recompute, ChangesNoBitOnAnyNumberOfThreads) {
  const std::vector<std::int32_t> thin = {700, 30, 2, 1};
  for (const auto& [layout, size] : {std::pair{long_layout(), 40}, {Layout::of(thin), 192}})
    for (const bool reverse : {false, true}) {
      const RecurrentSetting setting{.cell = Cell::lstm, .options = {.reverse = reverse, .outputs = false}};
      const auto operands =
          make_inputs(recurrent_shapes(setting, *layout, 5, size), {.low = -0.1, .high = 0.1}, DType::f32);
      std::vector<BackAndForth> all, halves;
      for_each_thread_count([&] {
        all.push_back(run(setting, operands, layout, {}));
        expect_same(all.back(), all.front());
        expect_same(run(setting, operands, layout, {.recompute = 50}), all.front());
        halves.push_back(run(setting, operands, layout, {.keep = Keep::bf16}));
        expect_same(halves.back(), halves.front());
      });
    }
}

/// Half a unit in the last of bf16's 8 bits is 0.2 %; a gradient is a sum of many kept numbers. A residual
/// state's gradient goes through hundreds of factors of 1 - g², with g near 1.
TEST(Keep, SixteenBitsChangeGradientsByLittle) {
  const Shared layout = long_layout();
  for (const bool outputs : {true, false})
    for (const RecurrentSetting& setting : settings(outputs)) {
      SCOPED_TRACE(text_of(setting.cell) + (outputs ? ", outputs" : ", final states"));
      const auto operands =
          make_inputs(recurrent_shapes(setting, *layout, 5, 41), {.low = -0.1, .high = 0.1}, DType::f32);
      const BackAndForth wanted = run(setting, operands, layout, {});
      const BackAndForth got = run(setting, operands, layout, {.keep = Keep::bf16});
      expect_same_bits(got.h, wanted.h, "h");
      bool differs = false;
      for (std::size_t i = 0; i < wanted.gradients.size(); ++i) {
        double off = 0, all = 0;
        for (std::int64_t at = 0; at < wanted.gradients[i].size(); ++at) {
          const double one = wanted.gradients[i].at(at), other = got.gradients[i].at(at);
          off += (one - other) * (one - other);
          all += one * one;
          differs |= one != other;
        }
        const double most = setting.cell == Cell::residual ? 3e-2 : 5e-3;
        EXPECT_LE(std::sqrt(off), most * std::sqrt(all)) << "gradient " << i;
      }
      // A simple network keeps nothing but its outputs.
      const bool simple = setting.cell == Cell::rnn_tanh || setting.cell == Cell::rnn_relu;
      EXPECT_EQ(differs, !(simple && outputs));
    }
}

/// Of a few long sequences, segments run side by side.
TEST(Recompute, ChangesNoBitOfFewLongSequences) {
  const std::vector<std::int32_t> one = {2900}, two = {1500, 1300}, four = {700, 690, 680, 600};
  for (const auto& lengths : {one, two, four})
    for (const RecurrentSetting& setting : settings(false)) {
      SCOPED_TRACE(text_of(setting.cell) + ", sequences " + std::to_string(lengths.size()) +
                   (setting.options.reverse ? ", reverse" : "") + ", directions " +
                   std::to_string(setting.directions));
      const Shared layout = Layout::of(lengths);
      const auto operands =
          make_inputs(recurrent_shapes(setting, *layout, 3, 41), {.low = -0.3, .high = 0.3}, DType::f32);
      for_each_thread_count([&] {
        expect_same(run(setting, operands, layout, {.recompute = -1}), run(setting, operands, layout, {}));
      });
    }
}

/// The same of words of which each is multiplied once.
TEST(Recompute, ChangesNoBitWhereRowsRepeat) {
  constexpr std::int64_t words = 19, width = 30, hidden = 20;
  for (const std::int32_t count : {1, 9}) {
    const Shared layout = Layout::uniform(count, 1800 / count);
    const RecurrentSetting setting{
        .cell = Cell::gru, .directions = 2, .states = false, .options = {.outputs = false}};
    auto shapes = recurrent_shapes(setting, *layout, width, hidden);
    shapes.front() = {words, width};
    const auto operands = make_inputs(shapes, {.low = -0.3, .high = 0.3}, DType::f32);
    Tensor ids = Tensor::zeros({layout->rows()}, DType::i32);
    for (std::int64_t i = 0; i < layout->rows(); ++i)
      ids.data<std::int32_t>()[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i * i % words);
    const auto gradients_of = [&](const RecordingOptions& memory) {
      std::vector<Var> vars;
      for (const Tensor& operand : operands)
        vars.push_back(parameter(operand));
      const Recording recording(memory);
      const Sequences x = embedding(vars[0], Ids(ids, layout));
      EXPECT_NE(x.copies(), nullptr);
      std::vector<Var> others = vars;
      others.front() = x.rows();
      const RecurrentOperands of = recurrent_operands(setting, others, layout);
      const RecurrentResult made = recurrent(setting.cell, x, of.directions, {}, {}, setting.options);
      sum(made.h * Var(random_tensor(made.h.shape(), 5, DType::f32))).backward();
      BackAndForth result{.h = made.h.value(), .gradients = {}};
      for (const Var& var : vars)
        result.gradients.push_back(var.leaf()->gradient);
      return result;
    };
    expect_same(gradients_of({.recompute = -1}), gradients_of({}));
  }
}

/// One long sequence, of which the final state alone is asked for.
TEST(Recompute, NeedsLittleMemory) {
  acquire_buffer(100).reset();
  const std::uint64_t obtained = buffer_statistics().system_allocations;
  acquire_buffer(100).reset();
  if (buffer_statistics().system_allocations != obtained)
    GTEST_SKIP() << "buffers are not cached under this sanitizer";
  const Shared layout = Layout::uniform(1, 40'000);
  Runtime runtime({.threads = 1, .isa = {}});
  const Runtime::Use use(runtime);
  const RecurrentSetting setting{.cell = Cell::lstm, .states = false, .options = {.outputs = false}};
  const auto operands =
      make_inputs(recurrent_shapes(setting, *layout, 1, 32), {.low = -0.1, .high = 0.1}, DType::f32);
  const BackAndForth all = run(setting, operands, layout, {});
  const BackAndForth again = run(setting, operands, layout, {.recompute = -1});
  const BackAndForth halves = run(setting, operands, layout, {.keep = Keep::bf16});
  RecordProperty("kept_bytes", static_cast<int>(all.peak));
  RecordProperty("recomputed_bytes", static_cast<int>(again.peak));
  RecordProperty("half_bytes", static_cast<int>(halves.peak));
  EXPECT_LE(again.peak, all.peak / 10);
  EXPECT_LE(halves.peak, all.peak * 6 / 10);
}

}  // namespace
}  // namespace rondo::testing_support

// Products with matrices that are rounded to 8 bits, in both types: their own arithmetic where nothing is
// recorded, with the same bits alone, in any batch and on any threads. Streams are compared in
// tests/model/stream_test.cpp.
#include <cmath>

#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/recurrent.h"
#include "tensor/small_weights.h"

namespace rondo::testing_support {
namespace {

using Shared = std::shared_ptr<const Layout>;

/// A parameter rounded to 8 bits; `arithmetic` f32: computed with as it is.
Var rounded(const Tensor& value, WeightType arithmetic) {
  Tensor copy = value.clone();
  if (copy.shape().size() == 2)
    round_to(WeightType::int8, copy.rows(), copy.columns(), copy.data<float>().data());
  const auto leaf = std::make_shared<Leaf>();
  leaf->value = copy;
  leaf->gradient = Tensor::zeros(copy.shape());
  leaf->weight_type = arithmetic;
  return Var::parameter(leaf);
}

/// x, h0 and c0 are constants.
std::vector<Var> operands_of(const RecurrentSetting& setting, const Layout& layout, std::int64_t input,
                             std::int64_t hidden, WeightType arithmetic) {
  const auto shapes = recurrent_shapes(setting, layout, input, hidden);
  const auto tensors = make_inputs(shapes, {.low = -0.2, .high = 0.2}, DType::f32);
  const std::size_t weights = static_cast<std::size_t>(setting.directions) * (setting.biases ? 4 : 2);
  std::vector<Var> operands;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    operands.push_back(i >= 1 && i <= weights ? rounded(tensors[i], arithmetic) : Var(tensors[i]));
  return operands;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (std::int64_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(a.at(i) - b.at(i)));
  return largest;
}

class Int8 : public testing::TestWithParam<WeightType> {};
INSTANTIATE_TEST_SUITE_P(Types, Int8, testing::Values(WeightType::int8, WeightType::w8a8),
                         [](const auto& of) { return std::string(name_of(of.param)); });

TEST_P(Int8, RecurrencesAreCloseToThoseOfTheRoundedWeights) {
  const Shared layout = ragged_layout(60);
  for (const Cell cell : all_cells)
    for (const int directions : {1, 2}) {
      SCOPED_TRACE(text_of(cell) + ", directions: " + std::to_string(directions));
      const RecurrentSetting setting{.cell = cell, .directions = directions, .biases = directions == 1};
      for_each_isa([&] {
        const auto run = [&](WeightType type) {
          return joined(run_recurrent(setting, operands_of(setting, *layout, 7, 50, type), layout)).value();
        };
        const double difference = largest_difference(run(GetParam()), run(WeightType::f32));
        EXPECT_GT(difference, 0) << "computed as f32";
        // A residual cell adds up what rounding does at each step.
        const double coarse = cell == Cell::residual ? 0.6 : 0.08;
        EXPECT_LT(difference, GetParam() == WeightType::int8 ? 0.04 : coarse);
      });
    }
}

TEST_P(Int8, WhatIsRecordedIsComputedInF32) {
  const Shared layout = ragged_layout(20);
  const RecurrentSetting setting{.cell = Cell::gru, .directions = 2};
  const auto small = operands_of(setting, *layout, 7, 20, GetParam());
  const auto wide = operands_of(setting, *layout, 7, 20, WeightType::f32);
  const Recording recording;
  expect_same_bits(joined(run_recurrent(setting, small, layout)).value(),
                   joined(run_recurrent(setting, wide, layout)).value(), "gru");
  expect_same_bits(linear(small[0], small[1]).value(), linear(wide[0], wide[1]).value(), "linear");
}

/// Every sequence alone, and its first half alone.
TEST_P(Int8, ASequenceHasTheSameBitsAloneCutShortAndInAnyBatch) {
  const Shared layout = ragged_layout(60);
  for (const Cell cell : all_cells) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell, .states = false};
    const auto operands = operands_of(setting, *layout, 30, 43, GetParam());
    for_each_isa([&] {
      const InferenceMode inference;
      const Var all = run_recurrent(setting, operands, layout).outputs.rows();
      for (std::int64_t s = 0; s < layout->sequences(); s += 3)
        for (const std::int64_t length : {layout->length(s), (layout->length(s) + 1) / 2}) {
          std::vector<std::int32_t> rows;
          for (std::int64_t t = 0; t < length; ++t)
            rows.push_back(static_cast<std::int32_t>(layout->row(s, t)));
          std::vector<Var> own = operands;
          own[0] = select_rows(operands[0], rows);
          expect_same_bits(run_recurrent(setting, own, Layout::uniform(1, length)).outputs.rows().value(),
                           select_rows(all, rows).value(), "sequence " + std::to_string(s));
        }
    });
  }
}

TEST_P(Int8, ThreadsChangeNoBit) {
  const std::vector<std::int32_t> few = {4, 3, 3, 1};
  for (const auto& [cell, size, layout] : {std::tuple{Cell::lstm, std::int64_t{460}, Layout::of(few)},
                                           {Cell::gru, 530, Layout::of(few)},
                                           {Cell::gru_reset_before, 70, ragged_layout(200)},
                                           {Cell::lstm, 70, ragged_layout(200)}}) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell};
    const auto operands = operands_of(setting, *layout, 130, size, GetParam());
    Tensor wanted;
    for_each_thread_count([&] {
      const Tensor got = joined(run_recurrent(setting, operands, layout)).value();
      if (wanted.empty()) wanted = got;
      expect_same_bits(got, wanted, "recurrence");
    });
  }
}

TEST_P(Int8, RepeatedRowsGiveTheBitsOfWholeOnes) {
  const Shared layout = ragged_layout(300);
  const RecurrentSetting setting{.cell = Cell::gru, .directions = 2};
  auto operands = operands_of(setting, *layout, 40, 50, GetParam());
  const Ids ids(some_ids(layout->rows(), 11), layout);
  const Sequences told = embedding(random_tensor({11, 40}, 3, DType::f32), ids);
  ASSERT_NE(told.copies(), nullptr);
  operands[0] = told.rows();
  const RecurrentOperands of = recurrent_operands(setting, operands, layout);
  for_each_thread_count([&] {
    expect_same_bits(joined(recurrent(setting.cell, told, of.directions, of.h0, of.c0)).value(),
                     joined(run_recurrent(setting, operands, layout)).value(), "outputs");
  });
}

TEST_P(Int8, LinearGivesARowItsBitsInAnyBatchOnAnyThreads) {
  for (const auto& [rows, in, out] :
       {std::array{1, 50, 700}, {5, 33, 1300}, {300, 40, 70}, {200, 20, 1100}}) {
    const Var x = random_tensor({rows, in}, 1, DType::f32), bias = random_tensor({out}, 2, DType::f32);
    const Var weight = rounded(random_tensor({out, in}, 3, DType::f32), GetParam());
    for_each_isa([&] {
      const Tensor all = linear(x, weight, bias).value();
      const Tensor exact = linear(x, Var(weight.value()), bias).value();
      expect_close(all, exact, GetParam() == WeightType::int8 ? 0.02 : 0.2,
                   "against the rounded weights in f32");
      EXPECT_GT(largest_difference(all, exact), 0);
      for (std::int64_t row = 0; row < rows; row += 7)
        expect_same_bits(linear(slice_rows(x, row, row + 1), weight, bias).value(),
                         slice_rows(Var(all), row, row + 1).value(), "row alone");
    });
    Tensor wanted;
    for_each_thread_count([&, &rows = rows] {
      const Tensor got = linear(x, weight, bias).value();
      if (wanted.empty()) wanted = got;
      expect_same_bits(got, wanted, std::to_string(rows) + " rows");
    });
  }
}

/// Sums of 32 bits are exact.
TEST_P(Int8, LinearIsTheSameOnEveryInstructionSet) {
  const Var x = random_tensor({37, 70}, 1, DType::f32);
  const Var weight = rounded(random_tensor({150, 70}, 3, DType::f32), GetParam());
  Tensor wanted;
  for_each_isa([&] {
    const Tensor got = linear(x, weight).value();
    if (wanted.empty()) wanted = got;
    expect_same_bits(got, wanted, "linear");
  });
}

TEST_P(Int8, TheLossIsThatOfTheLogits) {
  const Var x = random_tensor({130, 20}, 1, DType::f32), bias = random_tensor({900}, 2, DType::f32);
  const Var weight = rounded(random_tensor({900, 20}, 3, DType::f32), GetParam());
  const Tensor labels = some_ids(130, 900);
  std::vector<std::int32_t> likeliest;
  const Var loss = linear_cross_entropy(x, weight, bias, labels, {}, &likeliest);
  expect_same_bits(loss.value(), cross_entropy(linear(x, weight, bias), labels).value(), "loss");
}

}  // namespace
}  // namespace rondo::testing_support

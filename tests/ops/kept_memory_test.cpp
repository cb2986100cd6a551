// What the tape keeps alive until backward: only values that a gradient is computed from.
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/autograd.h>
#include <rondo/ops.h>

#include "runtime/buffers.h"

namespace rondo {
namespace {

struct Case {
  std::string name;
  std::function<Var(const Var&)> of;
};
void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

class KeptMemory : public testing::TestWithParam<Case> {};

TEST_P(KeptMemory, AnInputWhoseValueIsNotNeededIsFreed) {
  const std::int64_t rows = 256, columns = 64;
  const std::size_t bytes = static_cast<std::size_t>(rows * columns) * sizeof(float);
  const Var table = Var::parameter(std::make_shared<Leaf>(Leaf{
      .value = Tensor::full({columns, rows}, 0.5), .gradient = Tensor::zeros({columns, rows}, DType::f32)}));
  const Recording step({.seed = 1, .step = 1});
  Var x = transpose(table);
  const Var y = GetParam().of(x);
  const std::size_t with_both = buffer_statistics().in_use;
  x = Var();
  EXPECT_EQ(buffer_statistics().in_use + bytes, with_both) << "the input is still kept";
  sum(y).backward();
  EXPECT_TRUE(table.leaf()->reached);
}

Var pooled(const Var& x, Pool over_time) {
  return pool(Sequences(x, Layout::uniform(16, 16)), over_time);
}

INSTANTIATE_TEST_SUITE_P(
    Operations, KeptMemory,
    testing::Values(Case{"concat",
                         [](const Var& x) {
                           return concat({x, Var(Tensor::zeros({256, 2}, DType::f32))});
                         }},
                    Case{"stack",
                         [](const Var& x) {
                           return stack(std::vector{x, x});
                         }},
                    Case{"slice_columns", [](const Var& x) { return slice_columns(x, 0, 64); }},
                    Case{"transpose", [](const Var& x) { return transpose(x); }},
                    Case{"dropout", [](const Var& x) { return dropout(x, 0.5F, 1); }},
                    Case{"dropout_rows", [](const Var& x) { return dropout_rows(x, 0.5F, 1); }},
                    Case{"tanh", [](const Var& x) { return tanh(x); }},
                    Case{"relu", [](const Var& x) { return relu(x); }},
                    Case{"softmax", [](const Var& x) { return softmax(x); }},
                    Case{"log_softmax", [](const Var& x) { return log_softmax(x); }},
                    Case{"sum", [](const Var& x) { return sum(x); }},
                    Case{"pool_mean", [](const Var& x) { return pooled(x, Pool::mean); }},
                    Case{"pool_max", [](const Var& x) { return pooled(x, Pool::max); }},
                    Case{"cross_entropy",
                         [](const Var& x) { return cross_entropy(x, Tensor::zeros({256}, DType::i32)); }}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace rondo

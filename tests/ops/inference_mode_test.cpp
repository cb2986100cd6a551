// Forms of parameters kept in an InferenceMode: they change no bit, serve only what they were made for, and
// go with it.
#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/expect_error.h"
#include "support/recurrent.h"

namespace rondo::testing_support {
namespace {

std::vector<Var> parameters(const RecurrentSetting& setting, const Layout& layout, DType type) {
  std::vector<Var> made;
  for (const Tensor& tensor :
       make_inputs(recurrent_shapes(setting, layout, 5, 37), {.low = -0.7, .high = 0.7}, type))
    made.push_back(parameter(tensor));
  return made;
}

TEST(InferenceMode, ChangesNoBitOfARecurrence) {
  const auto layout = Layout::of(std::vector<std::int32_t>{4, 7, 1});
  for (const DType type : {DType::f32, DType::f64})
    for (const Cell cell : all_cells)
      for (const bool biases : {true, false}) {
        const RecurrentSetting setting{.cell = cell, .directions = 2, .biases = biases, .options = {}};
        const std::vector<Var> operands = parameters(setting, *layout, type);
        const auto run = [&] { return joined(run_recurrent(setting, operands, layout)).value(); };
        const Tensor wanted = run();
        const InferenceMode inference;
        expect_same_bits(run(), wanted, text_of(cell) + ", made");
        expect_same_bits(run(), wanted, text_of(cell) + ", kept");
      }
}

TEST(InferenceMode, KeepsCellsOfTheSameWeightsApart) {
  const auto layout = Layout::of(std::vector<std::int32_t>{4, 7, 1});
  const RecurrentSetting after{.cell = Cell::gru, .options = {}};
  const RecurrentSetting before{.cell = Cell::gru_reset_before, .options = {}};
  const std::vector<Var> operands = parameters(after, *layout, DType::f32);
  const auto run = [&](const RecurrentSetting& of) {
    return joined(run_recurrent(of, operands, layout)).value();
  };
  const Tensor wanted_after = run(after), wanted_before = run(before);
  const InferenceMode inference;
  expect_same_bits(run(after), wanted_after, "reset after");
  expect_same_bits(run(before), wanted_before, "reset before");
}

TEST(InferenceMode, KeepsInstructionSetsApart) {
  const auto layout = Layout::of(std::vector<std::int32_t>{4, 7, 1});
  const RecurrentSetting setting{.cell = Cell::lstm, .options = {}};
  const std::vector<Var> operands = parameters(setting, *layout, DType::f32);
  const auto run = [&] { return joined(run_recurrent(setting, operands, layout)).value(); };
  const InferenceMode inference;
  const Tensor wanted = run();
  for_each_isa([&] { expect_close(run(), wanted, 1e-4, "lstm"); });
}

/// A dense layer of one number, whose weight can be changed behind the back of what is kept.
class Scale {
 public:
  explicit Scale(double by) : weight_(parameter(Tensor::full({1, 1}, by))) {}
  void set(float by) const { weight_.leaf()->value.data<float>()[0] = by; }
  float of_two() const { return linear(Tensor::full({1, 1}, 2), weight_).item(); }

 private:
  Var weight_;
};

TEST(InferenceMode, KeepsFormsUntilTheOutermostEnds) {
  const Scale scale(3);
  {
    const InferenceMode outer;
    {
      const InferenceMode inner;
      EXPECT_EQ(scale.of_two(), 6);
    }
    scale.set(4);
    EXPECT_EQ(scale.of_two(), 6) << "the form was made anew";
  }
  EXPECT_EQ(scale.of_two(), 8) << "the form outlived its scope";
  const InferenceMode another;
  EXPECT_EQ(scale.of_two(), 8);
}

TEST(InferenceMode, KeepsNothingOfConstants) {
  Tensor weight = Tensor::full({1, 1}, 3);
  const InferenceMode inference;
  EXPECT_EQ(linear(Tensor::full({1, 1}, 2), weight).item(), 6);
  weight.data<float>()[0] = 4;
  EXPECT_EQ(linear(Tensor::full({1, 1}, 2), weight).item(), 8);
}

TEST(InferenceMode, KnowsAParameterByMoreThanItsAddress) {
  const InferenceMode inference;
  for (int i = 1; i <= 20; ++i)
    EXPECT_EQ(Scale(i).of_two(), 2.0F * static_cast<float>(i)) << "of a parameter that is gone";
}

TEST(InferenceMode, RecordsNothing) {
  const Var weight = parameter(Tensor::full({1, 1}, 3));
  const Recording step;
  {
    const InferenceMode inference;
    EXPECT_FALSE(linear(Tensor::full({1, 1}, 2), weight).tracked());
  }
  EXPECT_TRUE(linear(Tensor::full({1, 1}, 2), weight).tracked());
}

TEST(InferenceMode, RefusesToSetParameters) {
  const auto store = std::make_shared<ParameterStore>();
  Scope(store).parameter("w", {2}, {.kind = Initializer::ones});
  {
    const InferenceMode inference;
    test::expect_error(
        ErrorKind::usage, [&] { store->set("w", Tensor::zeros({2})); }, "'w'", "InferenceMode");
  }
  EXPECT_EQ(store->get("w").at(0), 1);
  store->set("w", Tensor::zeros({2}));
  EXPECT_EQ(store->get("w").at(0), 0);
}

}  // namespace
}  // namespace rondo::testing_support

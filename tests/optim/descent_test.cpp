// The optimisers against PyTorch's values (tests/golden/make_optim.py), lazy updates, clipping, state.
#include "optim/descent.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include <rondo/nn.h>
#include <rondo/runtime.h>

#include "base/json.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

const Json& golden() {
  static const Json json = read_json(std::string(RONDO_TEST_DATA) + "/golden/optim.json");
  return json;
}

std::vector<double> numbers(const Json& json) {
  return json.get<std::vector<double>>();
}

/// A store whose parameters have given values and take gradients by hand.
struct Hand {
  explicit Hand(DType type = DType::f32) : store(std::make_shared<ParameterStore>(1, type)) {}

  Leaf& add(const std::string& name, Shape shape, const std::vector<double>& values, bool sparse = false) {
    Scope(store).parameter(name, shape, {}, sparse);
    store->set(name, Tensor::of(shape, values));
    return leaf(name);
  }
  Leaf& leaf(const std::string& name) { return *store->find(name)->leaf; }
  void gradient(const std::string& name, const std::vector<double>& values) {
    Leaf& to = leaf(name);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (to.gradient.dtype() == DType::f32)
        to.gradient.data<float>()[i] = static_cast<float>(values[i]);
      else
        to.gradient.data<double>()[i] = values[i];
    to.reached = true;
  }
  /// Gradients of some rows of a sparse parameter.
  void rows(const std::string& name, const std::vector<std::int32_t>& rows,
            const std::vector<double>& values) {
    Leaf& to = leaf(name);
    zero_gradient(to);
    const auto width = static_cast<std::size_t>(to.value.columns());
    std::vector<double> full(static_cast<std::size_t>(to.value.size()), 0.0);
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                  full.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(rows[i]) * width));
    gradient(name, full);
    to.touched = rows;
  }
  std::vector<double> values(const std::string& name) {
    std::vector<double> all;
    for (std::int64_t i = 0; i < leaf(name).value.size(); ++i)
      all.push_back(leaf(name).value.at(i));
    return all;
  }

  std::vector<NamedLeaf> leaves() const {
    std::vector<NamedLeaf> leaves;
    for (const Parameter& parameter : store->parameters())
      leaves.push_back({parameter.name, parameter.leaf});
    return leaves;
  }

  std::shared_ptr<ParameterStore> store;
};

void expect_close(const std::vector<double>& got, const std::vector<double>& wanted, double tolerance,
                  const std::string& what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], wanted[i], tolerance * std::max(1.0, std::abs(wanted[i]))) << what << " " << i;
}

std::map<std::string, Optimizer> cases() {
  return {
      {"sgd", optim::SGD{.learning_rate = 0.1F}},
      {"sgd_decay", optim::SGD{.learning_rate = 0.1F, .weight_decay = 0.05F}},
      {"sgd_momentum", optim::SGD{.learning_rate = 0.1F, .momentum = 0.9F}},
      {"sgd_nesterov",
       optim::SGD{.learning_rate = 0.1F, .momentum = 0.9F, .nesterov = true, .weight_decay = 0.01F}},
      {"adagrad", optim::Adagrad{.learning_rate = 0.1F}},
      {"adagrad_initial", optim::Adagrad{.learning_rate = 0.1F, .initial_sum = 0.5F, .weight_decay = 0.01F}},
      {"rmsprop", optim::RMSprop{.learning_rate = 0.01F}},
      {"rmsprop_momentum",
       optim::RMSprop{.learning_rate = 0.01F, .alpha = 0.9F, .momentum = 0.9F, .weight_decay = 0.01F}},
      {"adam", optim::Adam{.learning_rate = 0.01F}},
      {"adam_decay",
       optim::Adam{.learning_rate = 0.01F, .beta1 = 0.8F, .beta2 = 0.99F, .weight_decay = 0.05F}},
      {"adamw", optim::AdamW{.learning_rate = 0.01F, .weight_decay = 0.1F}}};
}

void add_golden_parameters(Hand& hand) {
  hand.add("a", {3, 4}, numbers(golden()["values"][0]));
  hand.add("b", {5}, numbers(golden()["values"][1]));
}

void take_golden_step(Hand& hand, std::size_t step) {
  hand.store->zero_gradients();
  hand.gradient("a", numbers(golden()["gradients"][step][0]));
  hand.gradient("b", numbers(golden()["gradients"][step][1]));
}

TEST(Descent, FiveStepsAsInPyTorchOnEveryInstructionSet) {
  ASSERT_EQ(cases().size(), golden()["dense"].size());
  for (const std::string& isa : Runtime::isas()) {
    Runtime runtime({.threads = 1, .isa = isa});
    const Runtime::Use use(runtime);
    for (const auto& [name, optimizer] : cases()) {
      Hand hand;
      add_golden_parameters(hand);
      Descent descent(optimizer, hand.leaves());
      for (std::size_t step = 0; step < 5; ++step) {
        take_golden_step(hand, step);
        descent.step(std::visit([](const auto& rule) { return rule.learning_rate; }, optimizer));
      }
      expect_close(hand.values("a"), numbers(golden()["dense"][name][0]), 1e-6, isa + " " + name);
      expect_close(hand.values("b"), numbers(golden()["dense"][name][1]), 1e-6, isa + " " + name);
    }
  }
}

TEST(Descent, FiveStepsInDoublePrecision) {
  for (const auto& [name, optimizer] : cases()) {
    Hand hand(DType::f64);
    add_golden_parameters(hand);
    Descent descent(optimizer, hand.leaves());
    for (std::size_t step = 0; step < 5; ++step) {
      take_golden_step(hand, step);
      descent.step(std::visit([](const auto& rule) { return rule.learning_rate; }, optimizer));
    }
    // Options are floats: 0.9F is not 0.9.
    expect_close(hand.values("a"), numbers(golden()["dense"][name][0]), 1e-6, name);
  }
}

TEST(Descent, ClipsByTheNormOfAllParametersTogether) {
  Hand hand;
  add_golden_parameters(hand);
  Descent descent(optim::SGD{}, hand.leaves());
  for (std::size_t step = 0; step < 5; ++step) {
    take_golden_step(hand, step);
    const double norm = descent.gradient_norm();
    EXPECT_NEAR(norm, golden()["clipped"]["norms"][step].get<double>(), 1e-6);
    descent.step(0.1F, static_cast<float>(std::min(1.0, 0.5 / norm)));
  }
  expect_close(hand.values("a"), numbers(golden()["clipped"]["values"][0]), 1e-6, "clipped");
}

TEST(Descent, SparseRowsAsSparseAdam) {
  const Json& sparse = golden()["sparse"];
  Hand hand;
  hand.add("table", {6, 3}, numbers(sparse["values"]), true);
  Descent descent(optim::Adam{.learning_rate = 0.05F}, hand.leaves());
  for (std::size_t step = 0; step < 5; ++step) {
    hand.rows("table", sparse["touched"][step].get<std::vector<std::int32_t>>(),
              numbers(sparse["gradients"][step]));
    descent.step(0.05F);
  }
  expect_close(hand.values("table"), numbers(sparse["adam"]), 1e-6, "sparse adam");
}

TEST(Descent, UntouchedRowsKeepValuesAndStateUnderEveryRule) {
  for (auto [name, optimizer] : cases()) {
    Hand hand;
    hand.add("table", {3, 2}, {1, 2, 3, 4, 5, 6}, true);
    Descent descent(optimizer, hand.leaves());
    hand.rows("table", {0, 1}, {1, 1, 1, 1});
    descent.step(0.1F);
    const std::vector<double> before = hand.values("table");
    EXPECT_EQ(before[4], 5) << name;
    hand.rows("table", {1}, {1, 1});
    descent.step(0.1F);
    const std::vector<double> after = hand.values("table");
    EXPECT_EQ(after[0], before[0]) << name << ": neither momentum nor decay moves an untouched row";
    EXPECT_NE(after[2], before[2]) << name;
    EXPECT_EQ(after[5], 6) << name;
  }
}

TEST(Descent, NormCountsTouchedRowsOnlyOnce) {
  Hand hand;
  hand.add("table", {4, 2}, std::vector<double>(8, 0.0), true);
  hand.add("b", {1}, {0});
  Descent descent(optim::SGD{}, hand.leaves());
  hand.rows("table", {1, 3}, {1, 2, 3, 4});
  hand.gradient("b", {5});
  EXPECT_DOUBLE_EQ(descent.gradient_norm(), std::sqrt(1 + 4 + 9 + 16 + 25));
}

TEST(Descent, FrozenAndUnreachedParametersStay) {
  Hand hand;
  hand.add("frozen", {1}, {1}).trainable = false;
  hand.add("unreached", {1}, {1});
  hand.add("moved", {1}, {1});
  Descent descent(optim::AdamW{}, hand.leaves());
  hand.gradient("frozen", {1});
  hand.gradient("moved", {1});
  EXPECT_DOUBLE_EQ(descent.gradient_norm(), 1) << "a frozen parameter's gradient does not count";
  descent.step(0.1F);
  EXPECT_EQ(hand.values("frozen")[0], 1);
  EXPECT_EQ(hand.values("unreached")[0], 1) << "no gradient, no decay";
  EXPECT_NE(hand.values("moved")[0], 1);
}

TEST(Descent, GroupsScaleRateAndDecay) {
  Hand hand;
  hand.add("a", {1}, {1});
  hand.add("b", {1}, {1});
  hand.add("c", {1}, {1});
  Descent descent(optim::SGD{.weight_decay = 0.5F}, hand.leaves());
  descent.set_factors({{}, {.learning_rate = 0.5F}, {.weight_decay = 0}});
  for (const char* const name : {"a", "b", "c"})
    hand.gradient(name, {1});
  descent.step(0.1F);
  EXPECT_FLOAT_EQ(static_cast<float>(hand.values("a")[0]), 1 - 0.1F * 1.5F);
  EXPECT_FLOAT_EQ(static_cast<float>(hand.values("b")[0]), 1 - 0.05F * 1.5F);
  EXPECT_FLOAT_EQ(static_cast<float>(hand.values("c")[0]), 1 - 0.1F);
}

TEST(Descent, ClipsValuesAndKeepsNaN) {
  Hand hand;
  hand.add("a", {4}, {0, 0, 0, 0});
  Descent descent(optim::SGD{}, hand.leaves());
  hand.gradient("a", {-3, 0.25, 7, std::numeric_limits<double>::quiet_NaN()});
  EXPECT_EQ(descent.first_bad_gradient(), "a");
  descent.clip_value(0.5);
  const Tensor& gradient = hand.leaf("a").gradient;
  EXPECT_EQ(gradient.at(0), -0.5);
  EXPECT_EQ(gradient.at(1), 0.25);
  EXPECT_EQ(gradient.at(2), 0.5);
  EXPECT_TRUE(std::isnan(gradient.at(3)));
}

/// A large dense and a large sparse parameter after three steps.
std::vector<double> train_large(int threads, const std::string& isa) {
  Runtime runtime({.threads = threads, .isa = isa});
  const Runtime::Use use(runtime);
  Hand hand;
  std::mt19937 random(3);
  const auto draw = [&](std::size_t n) {
    std::vector<double> values(n);
    for (double& value : values)
      value = static_cast<double>(random()) / 4e9 - 0.5;
    return values;
  };
  hand.add("dense", {70, 1001}, draw(70070));
  hand.add("table", {3000, 33}, draw(99000), true);
  Descent descent(optim::Adam{}, hand.leaves());
  std::vector<double> result;
  for (int step = 0; step < 3; ++step) {
    std::vector<std::int32_t> rows;
    for (std::int32_t row = step; row < 3000; row += 2 + step)
      rows.push_back(row);
    hand.gradient("dense", draw(70070));
    hand.rows("table", rows, draw(rows.size() * 33));
    const double norm = descent.gradient_norm();
    result.push_back(norm);
    descent.step(0.01F, static_cast<float>(1 / norm));
  }
  for (const char* const name : {"dense", "table"})
    for (const double value : hand.values(name))
      result.push_back(value);
  return result;
}

TEST(Descent, SameBitsForAnyNumberOfThreads) {
  for (const std::string& isa : Runtime::isas()) {
    const std::vector<double> alone = train_large(1, isa);
    EXPECT_EQ(alone, train_large(2, isa)) << isa;
    EXPECT_EQ(alone, train_large(3, isa)) << isa;
  }
}

TEST(Descent, StateSavedAndRestoredGoesOnExactly) {
  for (const auto& [name, optimizer] : cases()) {
    Hand first, second;
    add_golden_parameters(first);
    add_golden_parameters(second);
    Descent through(optimizer, first.leaves()), before(optimizer, second.leaves());
    for (std::size_t step = 0; step < 5; ++step) {
      take_golden_step(first, step);
      through.step(0.01F);
    }
    for (std::size_t step = 0; step < 2; ++step) {
      take_golden_step(second, step);
      before.step(0.01F);
    }
    Descent after(optimizer, second.leaves());
    after.restore(before.state(), before.steps());
    EXPECT_EQ(after.state().size(), before.state().size());
    for (std::size_t step = 2; step < 5; ++step) {
      take_golden_step(second, step);
      after.step(0.01F);
    }
    EXPECT_EQ(first.values("a"), second.values("a")) << name;
    EXPECT_EQ(first.values("b"), second.values("b")) << name;
  }
}

TEST(Descent, RefusesAnotherOptimizersState) {
  Hand hand;
  add_golden_parameters(hand);
  Descent descent(optim::Adam{}, hand.leaves());
  test::expect_error(
      ErrorKind::format,
      [&] {
        descent.restore({{"velocity/a", Tensor::zeros({3, 4})}}, 1);
      },
      "'velocity/a'");
  test::expect_error(
      ErrorKind::format,
      [&] {
        descent.restore({{"mean/zzz", Tensor::zeros({3, 4})}}, 1);
      },
      "'mean/zzz'");
  test::expect_error(
      ErrorKind::format,
      [&] {
        descent.restore({{"mean/a", Tensor::zeros({4, 3})}}, 1);
      },
      "[3, 4]", "[4, 3]");
}

TEST(Descent, RefusesAStepInInferenceMode) {
  Hand hand;
  add_golden_parameters(hand);
  take_golden_step(hand, 0);
  const std::vector<double> before = hand.values("a");
  Descent descent(optim::SGD{}, hand.leaves());
  {
    const InferenceMode inference;
    test::expect_error(
        ErrorKind::usage, [&] { descent.step(0.1F, 1); }, "step", "InferenceMode");
  }
  EXPECT_EQ(hand.values("a"), before);
  descent.step(0.1F, 1);
  EXPECT_NE(hand.values("a"), before);
}

}  // namespace
}  // namespace rondo

// Averages of the weights: what they are, who sees them, and that training does not.
#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/runtime.h>

#include "support/expect_error.h"
#include "train/average.h"
#include "train/tiny_model.h"

namespace rondo {
namespace {

using callbacks::WeightAveraging;
using test::TinyModel;

std::vector<float> numbers(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Looks at the weights after each step.
struct AfterEachStep {
  std::function<void()> look;
  struct Observer final : Callback {
    explicit Observer(std::function<void()> f) : look(std::move(f)) {}
    void on_step(const StepReport&) override { look(); }
    std::function<void()> look;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(look); }
};

/// A fit of a TinyModel whose weights are noted after each step and at each validation.
struct Watched {
  explicit Watched(std::vector<AnyCallback> averaging, FitOptions options = test::eventful(3)) {
    model.validation = true;
    model.score = [this](int) {
      validated.push_back(numbers(model.bytes()));
      return Scores{{"loss", validated.size() == 2 ? 1.0F : 2.0F}};
    };
    options.callbacks = std::move(averaging);
    options.callbacks.emplace_back(AfterEachStep{[this] { trained.push_back(numbers(model.bytes())); }});
    Trainer(optim::AdamW{.learning_rate = 0.05F}).fit(model, options);
  }
  std::vector<float> end() const { return numbers(model.bytes()); }

  TinyModel model;
  std::vector<std::vector<float>> trained, validated;
};

/// After steps [begin, end), worked out from all of them at once.
std::vector<float> mean_of(const std::vector<std::vector<float>>& trained, std::size_t begin,
                           std::size_t end) {
  std::vector<float> mean;
  for (std::size_t i = 0; i < trained[0].size(); ++i) {
    double sum = 0;
    for (std::size_t step = begin; step < end; ++step)
      sum += static_cast<double>(trained[step][i]);
    mean.push_back(static_cast<float>(sum / static_cast<double>(end - begin)));
  }
  return mean;
}

std::vector<float> moving_average_of(const std::vector<std::vector<float>>& trained, float decay) {
  std::vector<float> average;
  for (std::size_t i = 0; i < trained[0].size(); ++i) {
    auto value = static_cast<double>(trained[0][i]);
    for (const std::vector<float>& weights : trained)
      value = static_cast<double>(decay) * value +
              (1 - static_cast<double>(decay)) * static_cast<double>(weights[i]);
    average.push_back(static_cast<float>(value));
  }
  return average;
}

void expect_near(const std::vector<float>& got, const std::vector<float>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_FLOAT_EQ(got[i], wanted[i]) << "number " << i;
}

TEST(WeightAveraging, IsTheMeanOfAllSteps) {
  const Watched run({WeightAveraging{.decay = 0}});
  ASSERT_EQ(run.trained.size(), 12U);
  expect_near(run.end(), mean_of(run.trained, 0, 12));
  expect_near(run.validated[0], mean_of(run.trained, 0, 4));
  EXPECT_NE(run.end(), run.trained.back());
}

TEST(WeightAveraging, IsAnExponentialMovingAverage) {
  const Watched run({WeightAveraging{.decay = 0.75F}});
  expect_near(run.end(), moving_average_of(run.trained, 0.75F));
}

TEST(WeightAveraging, BeginsAfterSomeEpochs) {
  const Watched run({WeightAveraging{.decay = 0, .after_epochs = 1}});
  EXPECT_EQ(run.validated[0], run.trained[3]);
  expect_near(run.validated[1], mean_of(run.trained, 4, 8));
  expect_near(run.end(), mean_of(run.trained, 4, 12));
}

TEST(WeightAveraging, LeavesTrainingAlone) {
  const Watched plain({}), averaged({WeightAveraging{}});
  EXPECT_EQ(averaged.trained, plain.trained);
}

TEST(WeightAveraging, TheBestWeightsAreAveragedOnes) {
  const Watched run({callbacks::EarlyStopping{.patience = 5}, WeightAveraging{.decay = 0.5F}});
  EXPECT_EQ(run.end(), run.validated[1]);
  EXPECT_NE(run.end(), run.trained[7]);
  // The last step's may be the best, and are not restored then.
  const Watched last({callbacks::EarlyStopping{.mode = callbacks::Mode::min}, WeightAveraging{.decay = 0.5F}},
                     test::eventful(2));
  EXPECT_EQ(last.end(), last.validated[1]);
}

TEST(WeightAveraging, FrozenWeightsStayToTheLastBit) {
  FitOptions options = test::eventful(2);
  options.groups = {{.prefix = "lstm", .frozen = true}};
  Watched run({WeightAveraging{.decay = 0.3F}}, options);
  TinyModel untrained;
  const Tensor now = run.model.parameters().get("lstm.weight_hh_l0");
  const Tensor fresh = untrained.parameters().get("lstm.weight_hh_l0");
  EXPECT_TRUE(std::equal(now.data<float>().begin(), now.data<float>().end(), fresh.data<float>().begin()));
}

TEST(WeightAveraging, SameBytesForAnyNumberOfThreads) {
  std::vector<std::vector<float>> ends;
  for (const int threads : {1, 3}) {
    Runtime runtime({.threads = threads});
    const Runtime::Use use(runtime);
    ends.push_back(Watched({WeightAveraging{.decay = 0.9F}}).end());
  }
  EXPECT_EQ(ends[0], ends[1]);
}

TEST(WeightAveraging, AnInterruptedFitHasItsLastWeights) {
  FitOptions options = test::eventful(2);
  int asked = 0;
  options.stop = [&] { return ++asked == 3; };
  const Watched run({WeightAveraging{.decay = 0}}, options);
  EXPECT_EQ(run.end(), run.trained.back());
}

TEST(WeightAveraging, ManyNumbersInPieces) {
  auto store = std::make_shared<ParameterStore>(1);
  Scope(store).parameter("table", {40'000, 2});
  Leaf& leaf = *store->parameters()[0].leaf;
  WeightAverage average(*store);
  EXPECT_FALSE(average.any());
  for (const float value : {1.0F, 3.0F}) {
    std::fill_n(leaf.value.data<float>().begin(), 80'000, value);
    average.update(0.5);
  }
  const std::vector<Tensor> averages = average.weights();
  for (std::int64_t i = 0; i < 80'000; ++i)
    ASSERT_EQ(averages[0].at(i), 2) << i;
  {
    const WeightAverage::Use use(average);
    EXPECT_EQ(leaf.value.at(7), 2);
  }
  EXPECT_EQ(leaf.value.at(7), 3);
  WeightAverage again(*store);
  again.restore(average.state());
  EXPECT_EQ(again.weights()[0].at(79'999), 2);
  test::expect_error(
      ErrorKind::format,
      [&] {
        again.restore({{"tabel", Tensor::zeros({2})}});
      },
      "'tabel'");
}

TEST(WeightAveraging, OptionsAreChecked) {
  TinyModel model;
  test::expect_error(
      ErrorKind::option, [&] { Trainer().fit(model, {.callbacks = {WeightAveraging{.decay = 1}}}); },
      "weight_averaging.decay");
}

}  // namespace
}  // namespace rondo

// Focal loss as the loss of a Sequential.
#include <cmath>

#include <gtest/gtest.h>

#include <rondo/model.h>

#include "base/files.h"
#include "base/json.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using namespace layers;
using test::expect_error;
namespace support = testing_support;

Sequential focal_model(int outputs, Activation last, double gamma = 2) {
  Sequential model{Input{.features = 3}, GRU{.units = 8}, Dense{.units = outputs, .activation = last}};
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.03F},
                 .loss = last == Activation::softmax ? Loss::focal : Loss::binary_focal,
                 .metrics = {Metric::accuracy},
                 .focal_gamma = gamma});
  return model;
}

/// The mean of -(1 - p)^γ log p from the probabilities that the model says.
double from_probabilities(const Sequential& model, const Dataset& data, double gamma) {
  double total = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const Prediction said = model.predict(data.features(i));
    const double p = static_cast<double>(said.probabilities[static_cast<std::size_t>(data.label(i))]);
    total -= std::pow(1 - p, gamma) * std::log(p);
  }
  return total / static_cast<double>(data.size());
}

TEST(FocalLoss, LearnsAndIsTheMeanOfItsFormula) {
  const Dataset train = support::small_signals();
  for (const auto& [outputs, last] : {std::pair(2, Activation::softmax), std::pair(1, Activation::sigmoid)}) {
    Sequential model = focal_model(outputs, last, 1.5);
    model.prepare(train);
    EXPECT_NEAR(static_cast<double>(model.evaluate(train).at("loss")), from_probabilities(model, train, 1.5),
                1e-5);
    model.fit(train, {.epochs = 30, .batch_size = 16});
    EXPECT_GT(model.evaluate(train).at("accuracy"), 0.9F) << name_of(last);
  }
}

TEST(FocalLoss, CountsClassesByTheirWeights) {
  const Dataset train = support::small_signals();
  const std::string rare = train.class_names()[0];
  const auto bias_towards_first = [&](std::map<std::string, float> weights) {
    Sequential model = focal_model(2, Activation::softmax);
    model.fit(train, {.epochs = 3, .class_weights = std::move(weights)});
    double sum = 0;
    for (std::size_t i = 0; i < train.size(); ++i)
      sum += static_cast<double>(model.predict(train.features(i)).probabilities[0]);
    return sum;
  };
  EXPECT_GT(bias_towards_first({{rare, 20.F}}), bias_towards_first({}) + 1);
}

TEST(FocalLoss, StaysInTheFile) {
  const test::TemporaryFolder folder;
  const Dataset train = support::small_signals();
  Sequential model = focal_model(2, Activation::softmax, 0.5);
  model.prepare(train);
  model.save(folder / "m.rondo");
  EXPECT_EQ(load(folder / "m.rondo").evaluate(train).at("loss"), model.evaluate(train).at("loss"));
}

TEST(FocalLoss, GradientsOfAModelAreRight) {
  for (const auto& [outputs, last] : {std::pair(2, Activation::softmax), std::pair(1, Activation::sigmoid)}) {
    Sequential model = focal_model(outputs, last);
    model.prepare(support::small_signals());
    for (const GradientCheck& check : model.check_gradients(support::small_signals()))
      EXPECT_TRUE(check.good()) << check.parameter;
  }
}

TEST(FocalLoss, RefusesWhatDoesNotFit) {
  expect_error(
      ErrorKind::option,
      [] {
        Sequential{Input{.features = 3}, GRU{.units = 2}, Dense{.units = 2}}.compile({.loss = Loss::focal});
      },
      "focal takes a last layer with activation softmax");
  expect_error(
      ErrorKind::option,
      [] {
        Sequential{Input{.features = 3}, GRU{.units = 2},
                   Dense{.units = 2, .activation = Activation::softmax}}
            .compile({.loss = Loss::focal, .label_smoothing = 0.1});
      },
      "label_smoothing is for");
  expect_error(
      ErrorKind::option,
      [] {
        Sequential{Input{.features = 3}, GRU{.units = 2},
                   Dense{.units = 2, .activation = Activation::softmax}}
            .compile({.loss = Loss::focal, .focal_gamma = -1});
      },
      "focal_gamma");
  expect_error(
      ErrorKind::data, [] { focal_model(2, Activation::softmax).fit(support::small_regression()); },
      "focal takes classes");
}

}  // namespace
}  // namespace rondo

// The networks and cells that applications may choose.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/tasks.h>

#include "support/expect_error.h"
#include "tasks/lab/lab.h"
#include "tasks/options/network.h"

namespace rondo {
namespace {

using test::expect_error;
using testing::ElementsAre;

Dataset reviews(std::size_t size) {
  std::vector<std::string> texts, labels;
  for (std::size_t i = 0; i < size; ++i) {
    texts.push_back((i % 2 == 0 ? "a good film " : "a bad film ") + std::to_string(i % 7));
    labels.push_back(i % 2 == 0 ? "good" : "bad");
  }
  return data::labelled_text(texts, labels);
}

ClassifierOptions small(ClassifierNetwork reader) {
  ClassifierOptions options{.network = {.embedding = 8, .units = 6},
                            .training = {.epochs = 6, .learning_rate = 0.02F},
                            .wide = Wide::off};
  options.reader = reader;
  return options;
}

TEST(ClassifierNetwork, PutsAConvolutionBelowAndAttentionAbove) {
  const Dataset data = reviews(80);
  const TextClassifier model =
      TextClassifier::train(data, data, small(ClassifierNetwork::cnn_lstm_attention));
  std::vector<std::string> types;
  for (const AnyLayer& layer : model.model().layers())
    types.emplace_back(type_of(layer));
  EXPECT_THAT(types, ElementsAre("tokens", "embedding", "dropout", "conv1d", "lstm", "attention_pooling",
                                 "dropout", "dense"));
  EXPECT_EQ(model.predict("a good film").label, "good");
  EXPECT_EQ(model.predict("good").label, "good") << "shorter than a window";
  EXPECT_EQ(model.options().reader, ClassifierNetwork::cnn_lstm_attention);
}

TEST(ClassifierNetwork, OfAttentionTakesNoPooling) {
  ClassifierOptions options = small(ClassifierNetwork::cnn_lstm_attention);
  options.pooling = {Pool::max};
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(reviews(20), {}, options); }, "pooling",
      "cnn-lstm-attention");
}

TEST(Cells, OfEveryKindMakeALayer) {
  std::vector<std::string> types;
  for (std::size_t i = 0; i < names_of(RecurrentKind{}).size(); ++i)
    types.emplace_back(type_of(recurrent_layer_of({.cell = static_cast<RecurrentKind>(i), .units = 3})));
  EXPECT_THAT(types, ElementsAre("lstm", "gru", "simple_rnn", "residual_recurrence", "linear_recurrence"));
}

TEST(Cells, WithoutRecurrentWeightsTakeNoDropoutOnThem) {
  for (const NetworkOptions& options :
       {NetworkOptions{.cell = RecurrentKind::linear, .recurrent_dropout = 0.1F},
        NetworkOptions{.cell = RecurrentKind::linear, .weight_dropout = 0.1F}})
    expect_error(
        ErrorKind::option, [&] { recurrent_layer_of(options); }, "_dropout", "cell linear");
  EXPECT_NO_THROW(recurrent_layer_of({.cell = RecurrentKind::residual, .weight_dropout = 0.1F}));
}

/// What the lab shows of each: the norm of d h_T / d h_1 before learning.
double left_at_the_start(lab::Network network) {
  const lab::LabOptions options{.length = 40, .units = 12, .steps = 0};
  return lab::trial_of(options, network).before.last.front();
}

TEST(Lab, AddingToTheStateKeepsGradients) {
  EXPECT_NEAR(left_at_the_start(lab::Network::linear), 1, 1e-9);
  EXPECT_GT(left_at_the_start(lab::Network::residual), 0.1);
  EXPECT_FALSE(lab::has_gates(lab::Network::linear) || lab::has_gates(lab::Network::residual));
  EXPECT_THAT(lab::networks_of({}), testing::IsSupersetOf({lab::Network::linear, lab::Network::residual}));
}

}  // namespace
}  // namespace rondo

// Options of a text classifier's learning: focal loss, zoneout, and what begins to learn when (transfer).
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/tasks.h>

#include "support/expect_error.h"
#include "support/models.h"
#include "support/temporary_folder.h"
#include "tasks/options/training.h"

namespace rondo {
namespace {

using test::expect_error;
namespace support = testing_support;
using test::TemporaryFolder;
using testing::HasSubstr;

ClassifierOptions small_learner() {
  return {.network = {.embedding = 8, .units = 8},
          .training = {.epochs = 12, .batch_size = 8, .learning_rate = 0.02F},
          .wide = Wide::off};
}

TEST(FocalClassifier, LearnsOneLabelOrSeveral) {
  ClassifierOptions options = small_learner();
  options.classes.loss = ClassifierLoss::focal;
  options.classes.focal_gamma = 1;
  const Dataset train = support::small_reviews();
  const TextClassifier model = TextClassifier::train(train, train, options);
  EXPECT_GT(model.evaluate(train).accuracy, 0.9);
  std::vector<std::string> texts;
  std::vector<std::vector<std::string>> sets;
  for (std::size_t i = 0; i < train.size(); ++i) {
    texts.push_back(train.text(i));
    sets.push_back(
        {train.class_names()[static_cast<std::size_t>(train.label(i))], i % 2 == 0 ? "even" : "odd"});
  }
  const Dataset several = data::multi_labelled_text(texts, sets);
  EXPECT_GT(TextClassifier::train(several, several, options).evaluate_labels(several).micro_f1, 0.6);
}

TEST(FocalClassifier, RefusesWhatItCannotJoin) {
  const Dataset train = support::small_reviews();
  ClassifierOptions options = small_learner();
  options.classes.loss = ClassifierLoss::focal;
  options.classes.label_smoothing = 0.1;
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(train, train, options); },
      "label_smoothing is for loss = cross_entropy");
  options.classes.label_smoothing = 0;
  options.wide = Wide::only;
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(train, train, options); },
      "loss = focal is for a network");
}

TEST(Transfer, OptionsReachTheLayers) {
  ClassifierOptions options = small_learner();
  options.network.zoneout = 0.25F;
  const Dataset train = support::small_reviews();
  const Sequential model = TextClassifier::build(TextClassifier::plan(train, train, options), 2);
  EXPECT_EQ(std::get<layers::LSTM>(model.layers()[3]).zoneout, 0.25F);
  EXPECT_GT(TextClassifier::train(train, train, options).evaluate(train).accuracy, 0.9);
}

/// By name: the factor of the rate, and the frozen epochs.
std::map<std::string, std::pair<float, int>> by_name(const TransferOptions& options, const Sequential& model,
                                                     std::string* said = nullptr) {
  std::map<std::string, std::pair<float, int>> groups;
  for (const ParameterGroup& group : transfer_groups(options, model.weights(), [&](const std::string& line) {
         said != nullptr ? void(*said = line) : void();
       }))
    groups[group.prefix] = {group.learning_rate, group.frozen_epochs};
  return groups;
}

TEST(Transfer, PartsAreLayersAndLevels) {
  const Dataset train = support::small_reviews();
  ClassifierOptions options = small_learner();
  options.network.layers = 2;
  Sequential model = TextClassifier::build(TextClassifier::plan(train, train, options), 2);
  model.prepare(train);
  EXPECT_TRUE(by_name({}, model).empty());
  std::string said;
  auto groups =
      by_name({.freeze_epochs = 2, .unfreeze = Unfreeze::gradual, .encoder_rate = 0.5F}, model, &said);
  EXPECT_EQ(groups.at("lstm.weight_hh_l1"), std::pair(0.5F, 2));
  EXPECT_EQ(groups.at("lstm.bias_ih_l1_reverse"), std::pair(0.5F, 2));
  EXPECT_EQ(groups.at("lstm.weight_hh_l0"), std::pair(0.5F, 3));
  EXPECT_EQ(groups.at("embedding.weight"), std::pair(0.5F, 4));
  EXPECT_FALSE(groups.contains("dense.weight"));
  EXPECT_EQ(
      said,
      "dense learns at once, lstm_l1 from epoch 3 on, lstm_l0 from epoch 4 on, embedding from epoch 5 on");
  groups = by_name({.freeze_epochs = 3}, model);
  EXPECT_EQ(groups.at("embedding.weight"), std::pair(1.F, 3));
  EXPECT_EQ(groups.at("lstm.weight_ih_l1"), std::pair(1.F, 3));
  groups = by_name({.unfreeze = Unfreeze::gradual}, model);
  EXPECT_EQ(groups.at("lstm.weight_hh_l1").second, 1);
  EXPECT_EQ(groups.at("embedding.weight").second, 3);
}

TEST(Transfer, WhatIsFrozenStaysAsTheModelHadIt) {
  const TemporaryFolder folder;
  const Dataset train = support::small_reviews();
  TextClassifier::train(train, train, small_learner()).save(folder / "first.rondo");
  const TextClassifier first = TextClassifier::load(folder / "first.rondo");
  ClassifierOptions options = small_learner();
  options.training.init = folder / "first.rondo";
  options.training.seed = 2;
  options.transfer.freeze_epochs = 12;
  const TextClassifier frozen = TextClassifier::train(train, {}, options);
  options.transfer = {.unfreeze = Unfreeze::gradual, .encoder_rate = 0.1F};
  const TextClassifier thawed = TextClassifier::train(train, {}, options);
  for (const std::string name : {"embedding.weight", "lstm.weight_hh_l0", "dense.weight"}) {
    const Tensor was = first.weights().get(name), kept = frozen.weights().get(name),
                 moved = thawed.weights().get(name);
    bool same = true, changed = false;
    for (std::int64_t i = 0; i < was.size(); ++i) {
      same = same && was.at(i) == kept.at(i);
      changed = changed || was.at(i) != moved.at(i);
    }
    EXPECT_EQ(same, name != "dense.weight") << name;
    EXPECT_TRUE(changed) << name;
  }
}

TEST(Transfer, NeedsFirstWeights) {
  const Dataset train = support::small_reviews();
  ClassifierOptions options = small_learner();
  options.transfer.freeze_epochs = 1;
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(train, train, options); }, "freeze_epochs",
      "give init or vectors");
  options.transfer = {.unfreeze = Unfreeze::gradual};
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(train, train, options); }, "unfreeze", "random");
  options.transfer = {.encoder_rate = 0.5F};
  EXPECT_NO_THROW(TextClassifier::plan(train, train, options));
}

}  // namespace
}  // namespace rondo

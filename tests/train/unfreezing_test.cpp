// Parameters that begin to learn in a later epoch (ParameterGroup::frozen_epochs).
#include <map>
#include <string>

#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/tiny_model.h"

namespace rondo {
namespace {

using test::TemporaryFolder;
using test::TinyModel;

/// The weights after each epoch, by name.
struct Epochs final : Callback {
  Epochs(TinyModel& a_model, std::vector<std::map<std::string, Tensor>>& all) : model(a_model), seen(all) {}
  void on_epoch(const EpochReport&) override {
    seen.emplace_back();
    for (const Parameter& p : model.parameters().parameters())
      seen.back()[p.name] = p.leaf->value.clone();
  }
  TinyModel& model;
  std::vector<std::map<std::string, Tensor>>& seen;
};
struct WatchEpochs {
  TinyModel* model;
  std::vector<std::map<std::string, Tensor>>* seen;
  std::unique_ptr<Callback> start() const { return std::make_unique<Epochs>(*model, *seen); }
};

FitOptions thawing(int epochs) {
  return {.epochs = epochs,
          .groups = {{.prefix = "lstm", .learning_rate = 0.5F, .frozen_epochs = 1},
                     {.prefix = "embedding", .frozen_epochs = 2}},
          .seed = 9};
}

bool equal(const Tensor& a, const Tensor& b) {
  for (std::int64_t i = 0; i < a.size(); ++i)
    if (a.at(i) != b.at(i)) return false;
  return true;
}

TEST(Unfreezing, PartsBeginToLearnEpochByEpoch) {
  TinyModel model;
  std::map<std::string, Tensor> first;
  for (const Parameter& p : model.parameters().parameters())
    first[p.name] = p.leaf->value.clone();
  std::vector<std::map<std::string, Tensor>> seen;
  FitOptions options = thawing(3);
  options.callbacks = {WatchEpochs{&model, &seen}};
  Trainer trainer(optim::Adam{.learning_rate = 0.01F});
  trainer.fit(model, options);
  ASSERT_EQ(seen.size(), 3U);
  const auto changed = [&](const std::string& name, std::size_t epoch) {
    return !equal(seen[epoch].at(name), epoch == 0 ? first.at(name) : seen[epoch - 1].at(name));
  };
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    EXPECT_TRUE(changed("dense.weight", epoch)) << epoch;
    EXPECT_EQ(changed("lstm.weight_hh_l0", epoch), epoch >= 1) << epoch;
    EXPECT_EQ(changed("embedding.weight", epoch), epoch >= 2) << epoch;
  }
  for (const Parameter& p : model.parameters().parameters())
    EXPECT_TRUE(p.leaf->trainable) << p.name << " is frozen after the fit";
}

/// The first update of Adam is the learning rate in each number, whenever it comes.
TEST(Unfreezing, ALateParameterBeginsAsIfItWereTheFirstStep) {
  TinyModel model(1);
  FitOptions options = thawing(1);
  options.groups = {{.prefix = "dense.bias", .frozen_epochs = 3}};
  options.epochs = 4;
  std::vector<std::map<std::string, Tensor>> seen;
  options.callbacks = {WatchEpochs{&model, &seen}};
  Trainer trainer(optim::Adam{.learning_rate = 0.01F});
  trainer.fit(model, options);
  for (std::int64_t i = 0; i < 3; ++i)
    EXPECT_NEAR(std::abs(seen[3].at("dense.bias").at(i) - seen[2].at("dense.bias").at(i)), 0.01, 1e-5);
}

TEST(Unfreezing, AResumedFitEndsInTheSameBytes) {
  for (const int until : {1, 2, 3}) {
    TinyModel whole;
    Trainer(optim::Adam{.learning_rate = 0.01F}).fit(whole, thawing(4));
    const TemporaryFolder folder;
    FitOptions options = thawing(4);
    options.callbacks = {callbacks::Checkpoint{.folder = folder.path()}};
    options.resume = folder.path();
    int steps = 0;
    options.stop = [&] { return ++steps >= until * 4 + 2; };
    TinyModel first;
    Trainer(optim::Adam{.learning_rate = 0.01F}).fit(first, options);
    EXPECT_NE(first.bytes(), whole.bytes());
    TinyModel second;
    options.stop = {};
    Trainer(optim::Adam{.learning_rate = 0.01F}).fit(second, options);
    EXPECT_EQ(second.bytes(), whole.bytes()) << until;
  }
}

}  // namespace
}  // namespace rondo

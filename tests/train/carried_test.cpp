// What a Trainable carries from batch to batch besides its weights survives a broken fit.
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include <rondo/ops.h>
#include <rondo/train.h>

#include "support/temporary_folder.h"

namespace rondo {
namespace {

using test::TemporaryFolder;

/// h = tanh(w · h + u), h carried over the batches of an epoch and the gradient cut between them; what it
/// gives is to be 0.5.
class Carrying final : public Trainable {
 public:
  explicit Carrying(bool forgetful = false) : forgetful_(forgetful) {
    w_ = Scope(store_).parameter("w", {1});
    u_ = Scope(store_).parameter("u", {1});
  }
  ParameterStore& parameters() override { return *store_; }
  std::uint64_t fingerprint() const override { return 0; }
  std::size_t begin_epoch(std::int64_t, std::size_t first) override {
    h_ = Tensor::full({1}, first == 0 ? 0.1 : -5);  // a wrong one until carry() says which
    return 5;
  }
  BatchLoss next() override {
    const Var h = tanh(w_ * Var(h_) + u_);
    h_ = h.value().clone();
    return {.loss = mse(h, Tensor::full({1}, 0.5)), .weight = 1, .rows = 1};
  }
  NamedTensors carried() const override {
    if (forgetful_) return {};
    return {{"h", h_}};
  }
  void carry(const NamedTensors& carried) override {
    for (const auto& tensor : carried)
      if (tensor.first == "h") h_ = tensor.second.clone();
  }
  std::pair<float, float> weights() const {
    return {w_.value().data<float>()[0], u_.value().data<float>()[0]};
  }

 private:
  std::shared_ptr<ParameterStore> store_ = std::make_shared<ParameterStore>(3);
  Var w_, u_;
  Tensor h_;
  bool forgetful_;
};

/// Fits in pieces of some steps, each in a new model that resumes.
std::pair<float, float> in_pieces(int steps, bool forgetful = false) {
  // In memory where that is possible: what is waited for on a disk here is fsync.
  const TemporaryFolder folder(::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "");
  for (int round = 0; round < 100; ++round) {
    Carrying model(forgetful);
    Trainer trainer(optim::Adam{.learning_rate = 0.05F});
    int done = 0;
    const History& history =
        trainer.fit(model, {.epochs = 3,
                            .resume = folder.path(),
                            .stop = [&] { return steps > 0 && ++done == steps; },
                            .callbacks = {callbacks::Checkpoint{.folder = folder.path()}}});
    if (!history.interrupted()) return model.weights();
  }
  ADD_FAILURE() << "it never ends";
  return {};
}

TEST(Carried, SurvivesABrokenEpoch) {
  const auto whole = in_pieces(0);
  for (const int steps : {1, 2, 3, 7})
    EXPECT_EQ(in_pieces(steps), whole) << "in pieces of " << steps << " steps";
  EXPECT_NE(in_pieces(2, true), whole) << "the test would not notice";
}

}  // namespace
}  // namespace rondo

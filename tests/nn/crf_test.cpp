// The module of a conditional random field: its parameters, and that it is the operations of crf.h.
#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/checks.h"

namespace rondo::testing_support {
namespace {

struct Module {
  std::shared_ptr<ParameterStore> store = std::make_shared<ParameterStore>(2, DType::f64);
  nn::CRF crf{Scope(store) / "crf", 4, {.units = 3}, {.transitions = {1, 0, 1, 1, 1, 1, 1, 1, 1}}};
  Sequences x{Var(random_tensor({9, 4}, 1)), Layout::of(std::vector<std::int32_t>{2, 4, 3})};

  Module() {
    std::uint64_t seed = 5;
    for (const Parameter& p : store->parameters())
      store->set(p.name, random_tensor(p.leaf->value.shape(), ++seed));
  }
};

TEST(CRFModule, HasTheParametersOfPyTorchCRF) {
  const Module m;
  std::vector<std::string> names;
  for (const Parameter& p : m.store->parameters())
    names.push_back(p.name + " " + to_string(p.leaf->value.shape()));
  EXPECT_EQ(names, (std::vector<std::string>{"crf.weight [3, 4]", "crf.bias [3]", "crf.transitions [3, 3]",
                                             "crf.start_transitions [3]", "crf.end_transitions [3]"}));
  const auto store = std::make_shared<ParameterStore>();
  nn::CRF(Scope(store) / "crf", 4, {.units = 3, .bias = false});
  EXPECT_EQ(store->find("crf.bias"), nullptr);
}

TEST(CRFModule, IsTheOperationsOnAProjection) {
  const Module m;
  const auto get = [&](const char* name) { return Var(m.store->get(std::string("crf.") + name)); };
  const Sequences scores(linear(m.x.rows(), get("weight"), get("bias")), m.x.layout());
  const CRFWeights chain{get("transitions"), get("start_transitions"), get("end_transitions")};
  expect_same_bits(m.crf.scores(m.x).rows().value(), scores.rows().value(), "scores");
  expect_same_bits(m.crf.marginals(scores), crf_marginals(scores, chain, m.crf.rules()), "marginals");
  const Tensor tags = m.crf.tags(scores);
  expect_same_bits(tags, crf_tags(scores, chain, m.crf.rules()), "tags");
  EXPECT_EQ(m.crf.best(scores, 2)[1][1].tags, crf_best(scores, chain, m.crf.rules(), 2)[1][1].tags);
  expect_same_bits(m.crf.loss(scores, tags).value(), crf_loss(scores, tags, chain, m.crf.rules()).value(),
                   "loss");
}

TEST(CRFModule, GradientsReachAllItsParameters) {
  Module m;
  const Recording recording;
  const Sequences scores = m.crf.scores(m.x);
  m.crf.loss(scores, m.crf.tags(scores)).backward();
  for (const Parameter& p : m.store->parameters())
    EXPECT_TRUE(p.leaf->reached) << p.name;
}

}  // namespace
}  // namespace rondo::testing_support

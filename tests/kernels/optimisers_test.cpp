#include <cmath>

#include "kernels/guarded.h"

namespace rondo::test {
namespace {

/// Three steps of one rule over every size: arrays are w, g and the rule's own memory, which starts positive.
template <class Call>
void check(std::size_t memories, Call call) {
  for (const Index n : sizes()) {
    std::vector<std::vector<float>> rows = {uniform(n, 1), uniform(n, 2)};
    for (unsigned i = 0; i < memories; ++i)
      rows.push_back(uniform(n, 3 + i, 0.1F, 1));
    expect_like_reference(rows, 1e-5, [&](const auto& table, const auto& r) {
      for (int step = 0; step < 3; ++step)
        call(table, n, r);
      return 0.0;
    });
  }
}

TEST(Optimisers, AgreeWithTheReference) {
  check(0, [](const auto& k, Index n, const auto& r) {
    k.sgd(n, r[0], r[1], nullptr, 0.1F, 0, false, 0.01F, 0.5F);
  });
  for (const bool nesterov : {false, true}) {
    check(1, [nesterov](const auto& k, Index n, const auto& r) {
      k.sgd(n, r[0], r[1], r[2], 0.1F, 0.9F, nesterov, 0.01F, 0.5F);
    });
  }
  check(1, [](const auto& k, Index n, const auto& r) {
    k.adagrad(n, r[0], r[1], r[2], 0.1F, 1e-6F, 0.01F, 0.5F);
  });
  check(1, [](const auto& k, Index n, const auto& r) {
    k.rmsprop(n, r[0], r[1], r[2], nullptr, 0.1F, 0.99F, 1e-6F, 0, 0.01F, 0.5F);
  });
  check(2, [](const auto& k, Index n, const auto& r) {
    k.rmsprop(n, r[0], r[1], r[2], r[3], 0.1F, 0.99F, 1e-6F, 0.9F, 0.01F, 0.5F);
  });
  check(2, [](const auto& k, Index n, const auto& r) {
    const AdamStep step{.learning_rate = 0.01F,
                        .beta1 = 0.9F,
                        .beta2 = 0.999F,
                        .epsilon = 1e-8F,
                        .correction1 = 0.271F,
                        .correction2 = 0.002997F,
                        .decoupled_decay = 0.01F,
                        .l2 = 0.1F};
    k.adam(n, r[0], r[1], r[2], r[3], step, 0.5F);
  });
}

TEST(Optimisers, FirstStepsByHand) {
  on_every_isa([](const Kernels<float>& table) {
    float w = 1, g = 0.5F, m = 0, v = 0;
    table.sgd(1, &w, &g, nullptr, 0.1F, 0, false, 0, 1);
    EXPECT_FLOAT_EQ(w, 0.95F);
    w = 1;
    // Adam's first step has the length of the learning rate, whatever the gradient.
    const AdamStep step{.learning_rate = 0.01F,
                        .beta1 = 0.9F,
                        .beta2 = 0.999F,
                        .epsilon = 1e-8F,
                        .correction1 = 0.1F,
                        .correction2 = 0.001F,
                        .decoupled_decay = 0,
                        .l2 = 0};
    table.adam(1, &w, &g, &m, &v, step, 1);
    EXPECT_NEAR(w, 0.99F, 1e-6F);
    w = 1;
    v = 0;
    table.adagrad(1, &w, &g, &v, 0.01F, 0, 0, 1);
    EXPECT_FLOAT_EQ(w, 0.99F);
    EXPECT_FLOAT_EQ(v, 0.25F);
  });
}

}  // namespace
}  // namespace rondo::test

#include "autograd/tape.h"

#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/ops.h>

namespace rondo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Var parameter(const Tensor& value, bool sparse = false) {
  return Var::parameter(std::make_shared<Leaf>(
      Leaf{.value = value, .gradient = Tensor::zeros(value.shape(), value.dtype()), .sparse = sparse}));
}
Var parameter(std::vector<float> values) {
  return parameter(Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values));
}
std::span<const float> gradient(const Var& x) {
  return std::as_const(x.leaf()->gradient).data<float>();
}

std::string refusal(const Var& x) {
  try {
    x.backward();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Tape, SendsGradientsToParameters) {
  const Var w = parameter({1, 2, 3}), frozen = parameter({1, 1, 1});
  frozen.leaf()->trainable = false;
  const Recording step;
  EXPECT_TRUE(w.tracked());
  EXPECT_FALSE(frozen.tracked());
  const Var loss = sum(w * w * frozen);
  EXPECT_TRUE(loss.tracked());
  loss.backward();
  EXPECT_EQ(loss.item(), 14);
  EXPECT_THAT(gradient(w), ElementsAre(2, 4, 6));
  EXPECT_TRUE(w.leaf()->reached);
  EXPECT_THAT(gradient(frozen), ElementsAre(0, 0, 0));
  EXPECT_FALSE(frozen.leaf()->reached);
}

TEST(Tape, AddsUpOverRecordingsUntilZeroed) {
  const Var w = parameter({3});
  for (int i = 0; i < 2; ++i) {
    const Recording step;
    sum(w * w).backward();
  }
  EXPECT_THAT(gradient(w), ElementsAre(12));
  zero_gradient(*w.leaf());
  EXPECT_THAT(gradient(w), ElementsAre(0));
  EXPECT_FALSE(w.leaf()->reached);
}

TEST(Tape, WithoutARecordingNothingIsTracked) {
  const Var w = parameter({1, 2});
  EXPECT_FALSE(w.tracked());
  EXPECT_FALSE((w * w).tracked());
  const Recording step;
  {
    const Paused pause;
    EXPECT_FALSE((w * w).tracked());
    EXPECT_FALSE(recording_options().has_value());
  }
  EXPECT_TRUE((w * w).tracked());
}

TEST(Tape, AVarOfAnEndedRecordingIsAConstant) {
  const Var w = parameter({2});
  Var carried;
  {
    const Recording step;
    carried = w * w;
  }
  const Recording step;
  EXPECT_FALSE(carried.tracked());
  sum(carried * w).backward();
  EXPECT_THAT(gradient(w), ElementsAre(4)) << "d(4 w)/dw, not d(w³)/dw";
}

TEST(Tape, TheInnermostOfNestedRecordingsRecords) {
  const Var w = parameter({3});
  const Recording outer({.seed = 1, .step = 5});
  const Var y = w * w;
  {
    const Recording inner({.seed = 2, .step = 6});
    EXPECT_EQ(recording_options()->step, 6U);
    EXPECT_FALSE(y.tracked()) << "a constant to the inner one";
    EXPECT_THAT(refusal(sum(y)), HasSubstr("depends on no trainable parameter"));
    sum(y * w).backward();
    EXPECT_THAT(gradient(w), ElementsAre(9));
  }
  EXPECT_EQ(recording_options()->step, 5U);
  zero_gradient(*w.leaf());
  sum(y).backward();
  EXPECT_THAT(gradient(w), ElementsAre(6));
}

TEST(Tape, ExplainsMisuse) {
  const Var w = parameter({1, 2});
  EXPECT_THAT(refusal(sum(w)), HasSubstr("make a Recording"));
  EXPECT_THAT(refusal(Var()), HasSubstr("no value"));
  Var old, outer_loss;
  {
    const Recording ended;
    old = sum(w);
  }
  const Recording step;
  EXPECT_THAT(refusal(old), HasSubstr("has ended"));
  EXPECT_THAT(refusal(w * w), HasSubstr("single number, got [2]"));
  EXPECT_THAT(refusal(Var(2.0F)), HasSubstr("no trainable parameter"));
  EXPECT_THAT(refusal(parameter({1})), HasSubstr("a parameter itself"));
  outer_loss = sum(w);
  {
    const Recording inner;
    EXPECT_THAT(refusal(outer_loss), HasSubstr("outer Recording"));
  }
  outer_loss.backward();
  EXPECT_THAT(refusal(outer_loss), HasSubstr("used up"));
  EXPECT_FALSE(w.tracked()) << "a used up tape records no more";
}

TEST(Tape, BelongsToItsThread) {
  const Var w = parameter({2});
  const Recording step;
  const Var y = sum(w * w);
  std::thread([&] {
    EXPECT_FALSE(w.tracked());
    EXPECT_THAT(refusal(y), HasSubstr("same thread"));
  }).join();
  y.backward();
  EXPECT_THAT(gradient(w), ElementsAre(4));
}

TEST(Tape, AChainOf200000NodesNeedsNoStack) {
  const Var w = parameter({1.0F});
  {
    const Recording step;
    Var x = w;
    for (int i = 0; i < 200'000; ++i)
      x = x + 1.0F;
    sum(x).backward();
  }
  EXPECT_THAT(gradient(w), ElementsAre(1));
  const Recording never_walked;
  Var x = w;
  for (int i = 0; i < 200'000; ++i)
    x = x + 1.0F;
}

TEST(Tape, FreesEachClosureOnceWalkedAndSkipsWhatNothingReached) {
  const Var w = parameter({1});
  auto kept = std::make_shared<int>(0);
  const std::weak_ptr<int> watch = kept;
  const Recording step;
  bool freed_before = false, ran_unreached = false;
  const Var first = record(w.value().clone(), {w}, [&, w](Gradients& g) {
    freed_before = watch.expired();
    g.give(w, g.of_result().clone());
  });
  const Var second = record(first.value().clone(), {first},
                            [kept, first](Gradients& g) { g.give(first, g.of_result().clone()); });
  kept.reset();
  (void)record(first.value().clone(), {first}, [&](Gradients&) { ran_unreached = true; });
  sum(second).backward();
  EXPECT_TRUE(freed_before);
  EXPECT_FALSE(ran_unreached);
  EXPECT_THAT(gradient(w), ElementsAre(1));
}

TEST(Tape, AnOperationMayHaveSeveralResults) {
  const Var w = parameter({1});
  const Recording step;
  const auto parts = record({w.value().clone(), w.value().clone()}, std::span(&w, 1), [w](Gradients& g) {
    EXPECT_TRUE(g.of_result(0).empty()) << "nothing arrived for the first";
    EXPECT_EQ(g.of_result(1).at(0), 5);
    EXPECT_THROW((void)g.of_result(2), Bug);
    g.into(w)->data<float>()[0] += 50;
  });
  sum(parts[1] * 5.0F).backward();
  EXPECT_THAT(gradient(w), ElementsAre(50));
}

TEST(Tape, ASparseParameterKnowsItsRows) {
  const Var table = parameter(Tensor::full({4, 2}, 1), true);
  Leaf& leaf = *table.leaf();
  Gradients::touch(leaf, std::vector<std::int32_t>{0, 2});
  Gradients::touch(leaf, std::vector<std::int32_t>{2, 3});
  EXPECT_THAT(leaf.touched, ElementsAre(0, 2, 3));
  leaf.gradient.data<float>()[4] = 9;
  zero_gradient(leaf);
  EXPECT_TRUE(leaf.touched.empty());
  EXPECT_EQ(leaf.gradient.at(4), 0);

  const Recording step;
  sum(table * table).backward();  // a dense use touches every row
  EXPECT_THAT(leaf.touched, ElementsAre(0, 1, 2, 3));
}

TEST(Sequences, PackAndUnpack) {
  const std::vector<Tensor> given = {Tensor::of<float>({1, 2}, {1, 2}),
                                     Tensor::of<float>({3, 2}, {3, 4, 5, 6, 7, 8})};
  const Sequences packed = Sequences::pack(given);
  EXPECT_THAT(packed.rows().values(), ElementsAre(3, 4, 1, 2, 5, 6, 7, 8));
  const auto back = packed.unpack();
  ASSERT_EQ(back.size(), 2U);
  EXPECT_THAT(back[0].data<float>(), ElementsAre(1, 2));
  EXPECT_THAT(back[1].data<float>(), ElementsAre(3, 4, 5, 6, 7, 8));
  EXPECT_THROW(Sequences(Var(Tensor::zeros({3, 2})), packed.layout()), Error);
  EXPECT_THROW((void)Sequences::pack(std::vector<Tensor>{given[0], Tensor::zeros({2, 3})}), Error);
}

}  // namespace
}  // namespace rondo

// What the table of cases cannot say: values known otherwise, refusals, memory.
#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/ops.h>

#include "runtime/buffers.h"
#include "support/checks.h"
#include "support/op_cases.h"
#include "train/metrics.h"

namespace rondo {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing_support::differentiate;
using testing_support::expect_close;
using testing_support::expect_same_bits;
using testing_support::for_each_isa;
using testing_support::Function;
using testing_support::gradient_check;
using testing_support::parameter;
using testing_support::random_tensor;
using testing_support::some_ids;

Tensor f32(Shape shape, const std::vector<float>& values) {
  return Tensor::of<float>(std::move(shape), values);
}
Tensor i32(const std::vector<std::int32_t>& values) {
  return Tensor::of<std::int32_t>({static_cast<std::int64_t>(values.size())}, values);
}

template <class F>
std::string refusal(const F& f, ErrorKind kind = ErrorKind::shape) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Arithmetic, AConstantTakesTheTypeOfItsPartner) {
  const Var x(random_tensor({3}, 1, DType::f64));
  EXPECT_EQ((x * 2.0F).dtype(), DType::f64);
  EXPECT_EQ((1.0F - x).value().at(2), 1 - x.value().at(2));
  const Var other(random_tensor({3}, 1, DType::f32));
  EXPECT_THAT(refusal([&] { (void)(x + other); }), HasSubstr("one type, got f64 [3] and f32 [3]"));
}

TEST(Arithmetic, RefusesShapesThatDoNotMeet) {
  const Var x(Tensor::zeros({2, 3}));
  EXPECT_THAT(refusal([&] { (void)(x * Var(Tensor::zeros({2}))); }), HasSubstr("f32 [2, 3] and f32 [2]"));
  EXPECT_THAT(refusal([&] { (void)(x + Var()); }), HasSubstr("got f32 [2, 3] and nothing"));
  EXPECT_THAT(refusal([&] { (void)matmul(x, x); }), HasSubstr("matmul wanted [M, K] and [K, N]"));
  EXPECT_THAT(refusal([&] {
                (void)linear(x, Var(Tensor::zeros({4, 2})));
              }),
              HasSubstr("linear wanted 'weight' f32 [4, 3], got f32 [4, 2]"));
  EXPECT_THAT(refusal([&] { (void)tanh(Var(i32({1}))); }), HasSubstr("tanh takes f32 or f64"));
}

TEST(Shape, RefusesRangesOutside) {
  const Var x(Tensor::zeros({2, 3}));
  EXPECT_THAT(refusal([&] { (void)slice_rows(x, 1, 3); }), HasSubstr("[1, 3)"));
  EXPECT_THAT(refusal([&] { (void)slice_columns(x, -1, 3); }), HasSubstr("[-1, 3)"));
  EXPECT_THAT(refusal([&] { (void)x[2]; }), HasSubstr("[2, 3)"));
  EXPECT_THAT(refusal([&] { (void)concat({x, Var(Tensor::zeros({3, 3}))}); }), HasSubstr("equal rows"));
  EXPECT_THAT(refusal([&] {
                (void)stack(std::vector<Var>{x, Var(Tensor::zeros({2, 4}))});
              }),
              HasSubstr("equal columns"));
  EXPECT_THAT(refusal([] { (void)concat(std::initializer_list<Var>{}); }), HasSubstr("at least one part"));
}

TEST(State, SelectsRowsOfEveryPart) {
  const State state{Var(f32({3, 1}, {1, 2, 3})), Var(f32({3, 2}, {1, 2, 3, 4, 5, 6}))};
  const State beams = state.select(std::vector<std::int32_t>{2, 0, 2});
  EXPECT_THAT(beams[0].values(), ElementsAre(3, 1, 3));
  EXPECT_THAT(beams[1].values(), ElementsAre(5, 6, 1, 2, 5, 6));
  const auto selected = [&state](std::vector<std::int32_t> rows) { return state.select(rows)[1]; };
  EXPECT_THAT(selected({0, 1, 2}).values(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(selected({0, 1}).values(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(selected({0, 2, 1}).values(), ElementsAre(1, 2, 5, 6, 3, 4));
}

TEST(Softmax, BearsLargeNumbers) {
  const Var x(f32({1, 3}, {1000, 1000, -1000}));
  EXPECT_THAT(softmax(x).values(), ElementsAre(0.5F, 0.5F, 0.0F));
  const auto near = [](float value) { return testing::FloatNear(value, 3e-7F); };
  EXPECT_THAT(log_softmax(x).values(),
              ElementsAre(near(std::log(0.5F)), near(std::log(0.5F)), FloatEq(-2000 + std::log(0.5F))));
}

// Dropout

TEST(Dropout, IsOffWithoutARecording) {
  const Var x(Tensor::full({4, 100}, 1));
  EXPECT_EQ(dropout(x, 0.5F, 1).values().data(), x.values().data()) << "the very tensor";
  const Recording step;
  EXPECT_EQ(dropout(x, 0, 1).values().data(), x.values().data());
  EXPECT_THAT(dropout(x, 1, 1).values(), testing::Each(0.0F));
  EXPECT_THAT(refusal([&] { (void)dropout(x, 1.5F, 1); }, ErrorKind::option), HasSubstr("rate"));
  const Recording without({.dropout = false});
  EXPECT_EQ(dropout(x, 0.5F, 1).values().data(), x.values().data()) << "the innermost says";
}

TEST(Dropout, DropsItsShareAndKeepsTheMean) {
  const Var x(Tensor::full({100, 1000}, 1));
  const Recording step;
  for (const float rate : {0.1F, 0.5F, 0.9F}) {
    std::int64_t dropped = 0;
    const Var thinned = dropout(x, rate, 3);
    for (const float y : thinned.values()) {
      if (y == 0)
        ++dropped;
      else
        EXPECT_FLOAT_EQ(y, 1 / (1 - rate));
    }
    EXPECT_NEAR(static_cast<double>(dropped) / 100'000, static_cast<double>(rate), 0.005);
  }
}

TEST(Dropout, TheMaskIsAFunctionOfSeedStepAndKey) {
  const Var x(Tensor::full({3, 500}, 1));
  const auto mask = [&](std::uint64_t seed, std::uint64_t step, std::uint64_t key) {
    const Recording recording({.seed = seed, .step = step});
    return dropout(x, 0.5F, key).value();
  };
  const auto differs = [](const Tensor& a, const Tensor& b) {
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
      count += a.at(i) != b.at(i);
    return count;
  };
  const Tensor first = mask(1, 2, 3);
  EXPECT_EQ(differs(first, mask(1, 2, 3)), 0);
  for (const Tensor& other : {mask(9, 2, 3), mask(1, 9, 3), mask(1, 2, 9)})
    EXPECT_NEAR(static_cast<double>(differs(first, other)), 750, 100);
}

TEST(DropoutRows, DropsWholeRows) {
  const Var x(Tensor::full({200, 3}, 1));
  const Recording step;
  const Tensor y = dropout_rows(x, 0.5F, 4).value();
  std::int64_t dropped = 0;
  for (std::int64_t row = 0; row < 200; ++row) {
    EXPECT_EQ(y.at(3 * row), y.at(3 * row + 1));
    EXPECT_EQ(y.at(3 * row), y.at(3 * row + 2));
    dropped += y.at(3 * row) == 0;
  }
  EXPECT_NEAR(static_cast<double>(dropped), 100, 30);
}

// Embedding

TEST(Embedding, OfASparseParameterTouchesTheRowsNamed) {
  const auto leaf = std::make_shared<Leaf>(
      Leaf{.value = random_tensor({5, 2}, 1, DType::f32), .gradient = Tensor::zeros({5, 2}), .sparse = true});
  const Recording step;
  sum(embedding(Var::parameter(leaf), i32({3, 1, 3}))).backward();
  EXPECT_THAT(leaf->touched, ElementsAre(1, 3));
  EXPECT_THAT(std::as_const(leaf->gradient).data<float>(), ElementsAre(0, 0, 1, 1, 0, 0, 2, 2, 0, 0));
  EXPECT_TRUE(leaf->reached);
}

TEST(Embedding, RefusesIdsOutsideTheTable) {
  const Var table(Tensor::zeros({5, 2}));
  EXPECT_THAT(refusal([&] {
                (void)embedding(table, i32({4, 5}));
              }),
              HasSubstr("rows within [0, 5), got 5 at place 1"));
  EXPECT_THAT(refusal([&] { (void)embedding(table, i32({-1})); }), HasSubstr("got -1"));
  EXPECT_THAT(refusal([&] { (void)embedding(table, Tensor::zeros({2})); }), HasSubstr("ids i32"));
  EXPECT_EQ(embedding(table, i32({})).shape(), (Shape{0, 2}));
}

// Pooling

TEST(Pool, OverEachSequencesOwnSteps) {
  const Sequences x = Sequences::pack(std::vector<Tensor>{f32({1, 1}, {-5}), f32({3, 1}, {2, 9, 4})});
  EXPECT_THAT(pool(x, Pool::last).values(), ElementsAre(4, -5));
  EXPECT_THAT(pool(x, Pool::mean).values(), ElementsAre(5, -5));
  EXPECT_THAT(pool(x, Pool::max).values(), ElementsAre(9, -5));
}

/// Same bits for a text alone and in a batch.
TEST(Pool, ASequenceAloneHasTheSameBits) {
  std::vector<Tensor> texts;
  for (const std::int64_t length : {3, 40, 1, 17})
    texts.push_back(random_tensor({length, 37}, texts.size(), DType::f32));
  testing_support::for_each_isa([&] {
    for (const Pool over_time : {Pool::last, Pool::mean, Pool::max}) {
      const Sequences batch = Sequences::pack(texts);
      const Tensor all = pool(batch, over_time).value();
      for (std::int64_t i = 0; i < batch.count(); ++i) {
        const auto given = static_cast<std::size_t>(batch.layout()->order()[static_cast<std::size_t>(i)]);
        testing_support::expect_same_bits(
            pool(Sequences::pack(std::span(&texts[given], 1)), over_time).value(), all.slice_rows(i, i + 1),
            "text " + std::to_string(given));
      }
    }
  });
}

// Losses, against their formulas

/// torch.nn.CrossEntropyLoss(weight=w, label_smoothing=s) by its documentation, times weights of the rows.
double cross_entropy_by_formula(const Tensor& logits, std::span<const std::int32_t> labels, double s,
                                const Tensor& w, const Tensor& of_rows) {
  double total = 0, weight = 0;
  const std::int64_t classes = logits.columns();
  for (std::int64_t row = 0; row < logits.rows(); ++row) {
    double exponentials = 0;
    for (std::int64_t c = 0; c < classes; ++c)
      exponentials += std::exp(logits.at(row * classes + c));
    const std::int64_t label = labels[static_cast<std::size_t>(row)];
    for (std::int64_t c = 0; c < classes; ++c) {
      const double target = (c == label ? 1 - s : 0) + s / static_cast<double>(classes);
      total -= of_rows.at(row) * w.at(c) * target * (logits.at(row * classes + c) - std::log(exponentials));
    }
    weight += of_rows.at(row) * w.at(label);
  }
  return total / weight;
}

TEST(CrossEntropy, IsPyTorchsFormula) {
  const Tensor logits = random_tensor({6, 4}, 1), w = random_tensor({4}, 2, DType::f64, 0.1, 2);
  const Tensor of_rows = random_tensor({6}, 3, DType::f64, 0.1, 2), labels = i32({0, 3, 1, 1, 2, 3});
  const auto got = cross_entropy(Var(logits), labels,
                                 {.label_smoothing = 0.25F, .class_weights = w, .sample_weights = of_rows});
  EXPECT_NEAR(got.value().at(0),
              cross_entropy_by_formula(logits, labels.data<std::int32_t>(), 0.25, w, of_rows), 1e-14);
}

TEST(CrossEntropy, SmoothingHasTheDigitsOfF64) {
  const Tensor logits = random_tensor({6, 4}, 1), ones = Tensor::full({6}, 1, DType::f64);
  const Tensor labels = i32({0, 3, 1, 1, 2, 3});
  const CrossEntropyOptions options{.label_smoothing = 0.1};  // as a float 1.5e-9 larger
  const double wanted = cross_entropy_by_formula(logits, labels.data<std::int32_t>(), 0.1,
                                                 Tensor::full({4}, 1, DType::f64), ones);
  EXPECT_NEAR(cross_entropy(Var(logits), labels, options).value().at(0), wanted, 1e-14);
  EXPECT_NEAR(
      linear_cross_entropy(Var(logits),
                           Var(Tensor::of<double>({4, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1})),
                           {}, labels, options)
          .value()
          .at(0),
      wanted, 1e-14);
  // -t' x + log(1 + exp(x)) with t' = 0.9 t + 0.05
  const double x = 0.7, loss = std::log1p(std::exp(x)) - 0.95 * x;
  EXPECT_NEAR(binary_cross_entropy(Var(Tensor::of<double>({1}, {x})), Tensor::of<double>({1}, {1.0}), options)
                  .value()
                  .at(0),
              loss, 1e-15);
}

TEST(LayerNorm, EpsilonHasTheDigitsOfF64) {
  // Of variance 1e-6: as a float, 1e-5 is 2.5e-13 larger, which is 1.1e-8 of the result.
  const Tensor x = Tensor::of<double>({1, 2}, {-1e-3, 1e-3}), one = Tensor::full({2}, 1, DType::f64);
  const Var y = layer_norm(Var(x), Var(one), Var(Tensor::zeros({2}, DType::f64)), 1e-5);
  EXPECT_NEAR(y.value().at(1), 1e-3 / std::sqrt(1.1e-5), 1e-14);
}

TEST(Huber, DeltaHasTheDigitsOfF64) {
  EXPECT_NEAR(huber(Var(Tensor::of<double>({1}, {3.0})), Tensor::zeros({1}, DType::f64), 0.1).value().at(0),
              0.1 * (3 - 0.05), 1e-15);
}

TEST(CrossEntropy, RefusesLabelsOutsideTheClasses) {
  const Var logits(Tensor::zeros({2, 3}));
  EXPECT_THAT(refusal([&] {
                (void)cross_entropy(logits, i32({0, 3}));
              }),
              HasSubstr("labels within [0, 3), got 3"));
  EXPECT_THAT(refusal([&] { (void)cross_entropy(logits, i32({0})); }), HasSubstr("labels i32 [2]"));
  EXPECT_THAT(refusal([&] {
                (void)cross_entropy(logits, i32({0, 1}), {.class_weights = Tensor::zeros({2})});
              }),
              HasSubstr("'class_weights' [3]"));
  EXPECT_THAT(refusal(
                  [&] {
                    (void)cross_entropy(logits, i32({0, 1}), {.label_smoothing = 2});
                  },
                  ErrorKind::option),
              HasSubstr("label_smoothing"));
}

TEST(CrossEntropy, WeightsThatSumToNothingGiveNoLossAndNoGradient) {
  const Var logits = parameter(random_tensor({2, 3}, 1, DType::f32));
  const Recording step;
  const Var loss = cross_entropy(logits, i32({1, 1}), {.class_weights = f32({3}, {1, 0, 1})});
  EXPECT_EQ(loss.item(), 0);
  loss.backward();
  EXPECT_THAT(std::as_const(logits.leaf()->gradient).data<float>(), testing::Each(0.0F));
}

TEST(LinearCrossEntropy, IsLinearAndCrossEntropy) {
  const std::vector<Tensor> inputs = {random_tensor({131, 20}, 1, DType::f32),
                                      random_tensor({601, 20}, 2, DType::f32),
                                      random_tensor({601}, 3, DType::f32)};
  const CrossEntropyOptions options{.label_smoothing = 0.1F,
                                    .class_weights = random_tensor({601}, 4, DType::f32, 0.1, 2),
                                    .sample_weights = random_tensor({131}, 5, DType::f32, 0, 2)};
  const Tensor labels = some_ids(131, 601);
  // Two losses of the same parameters, one of them times a number, one without a bias.
  const Function whole = [&](std::span<const Var> x) {
    return Var(3) * linear_cross_entropy(x[0], x[1], x[2], labels, options) +
           linear_cross_entropy(x[0], x[1], {}, labels);
  };
  const Function parts = [&](std::span<const Var> x) {
    return Var(3) * cross_entropy(linear(x[0], x[1], x[2]), labels, options) +
           cross_entropy(linear(x[0], x[1]), labels);
  };
  for_each_isa([&] {
    const auto got = differentiate(whole, inputs), wanted = differentiate(parts, inputs);
    expect_same_bits(got.value, wanted.value, "value");
    for (std::size_t i = 0; i < inputs.size(); ++i)
      expect_close(got.gradients[i], wanted.gradients[i], 1e-6, "gradient " + std::to_string(i));
    const std::vector<Var> constants(inputs.begin(), inputs.end());
    expect_same_bits(whole(constants).value(), parts(constants).value(), "without a gradient");
  });
}

TEST(LinearCrossEntropy, SaysTheLikeliestClassOfSoftmax) {
  Tensor x = random_tensor({50, 20}, 1, DType::f32), weight = random_tensor({601, 20}, 2, DType::f32);
  std::copy_n(weight.data<float>().begin() + 20 * 300, 20,
              weight.data<float>().begin() + 20 * 40);  // equal classes
  x.data<float>()[20 * 49] = std::numeric_limits<float>::quiet_NaN();
  const Tensor labels = some_ids(50, 601);
  for_each_isa([&] {
    const std::vector<std::int32_t> wanted = predicted_classes(softmax(linear(Var(x), Var(weight))).value());
    std::vector<std::int32_t> said;
    (void)linear_cross_entropy(Var(x), Var(weight), {}, labels, {}, &said);
    EXPECT_EQ(said, wanted) << "without a gradient";
    const Var parameter_of(parameter(weight));
    const Recording step;
    (void)linear_cross_entropy(Var(x), parameter_of, {}, labels, {}, &said);
    EXPECT_EQ(said, wanted) << "with one";
  });
}

TEST(LinearCrossEntropy, OfResultsThatAreNoParameters) {
  // A weight that is computed: its gradient goes on.
  const Function tied = [](std::span<const Var> x) {
    return linear_cross_entropy(tanh(x[0]), tanh(x[1]), tanh(x[2]), some_ids(9, 5));
  };
  gradient_check(
      tied, std::vector<Tensor>{random_tensor({9, 4}, 1), random_tensor({5, 4}, 2), random_tensor({5}, 3)});
}

TEST(LinearCrossEntropy, RefusesWhatDoesNotFit) {
  const Var x(Tensor::zeros({2, 3})), w(Tensor::zeros({4, 3}));
  EXPECT_THAT(refusal([&] {
                (void)linear_cross_entropy(x, Var(Tensor::zeros({4, 2})), {}, i32({0, 1}));
              }),
              HasSubstr("linear_cross_entropy wanted 'weight' f32 [4, 3], got f32 [4, 2]"));
  EXPECT_THAT(refusal([&] {
                (void)linear_cross_entropy(x, w, x, i32({0, 1}));
              }),
              HasSubstr("'bias' f32 [4]"));
  EXPECT_THAT(refusal([&] {
                (void)linear_cross_entropy(x, w, {}, i32({0, 4}));
              }),
              HasSubstr("labels within [0, 4), got 4"));
}

/// The most that f() has in use at once, in matrices of that many numbers.
template <class F>
double peak_in(std::int64_t numbers, const F& f) {
  restart_buffer_peak();
  const BufferStatistics before = buffer_statistics();
  f();
  return static_cast<double>(buffer_statistics().peak - before.in_use) / static_cast<double>(4 * numbers);
}

TEST(LinearCrossEntropy, KeepsLogitsOnceOrNotAtAll) {
  constexpr std::int64_t rows = 1024, classes = 4096;
  const Var x(random_tensor({rows, 8}, 1, DType::f32)),
      w = parameter(random_tensor({classes, 8}, 2, DType::f32));
  const Tensor labels = some_ids(rows, classes);
  const auto trained = [&](auto loss) {
    return peak_in(rows * classes, [&] {
      const Recording step;
      loss().backward();
    });
  };
  const auto whole = [&] { return linear_cross_entropy(x, w, {}, labels); };
  EXPECT_NEAR(trained(whole), 1, 0.2);
  EXPECT_NEAR(trained([&] { return cross_entropy(linear(x, w), labels); }), 2, 0.2);
  EXPECT_LT(peak_in(rows * classes, [&] { (void)whole(); }), 0.2);
}

TEST(BinaryCrossEntropy, IsStableAtBothEnds) {
  const Var far(f32({4}, {200, -200, 200, -200}));
  EXPECT_FLOAT_EQ(binary_cross_entropy(far, f32({4}, {1, 0, 1, 0})).item(), 0);
  EXPECT_FLOAT_EQ(binary_cross_entropy(far, f32({4}, {0, 1, 0, 1})).item(), 200);
}

TEST(BinaryCrossEntropy, IsItsFormula) {
  const Tensor x = random_tensor({7, 2}, 1), t = random_tensor({7, 2}, 2, DType::f64, 0, 1);
  const Tensor of_rows = random_tensor({7}, 3, DType::f64, 0.1, 2);
  const double w[] = {0.5, 3};
  double total = 0, weight = 0;
  for (std::int64_t i = 0; i < 14; ++i) {
    const double target = t.at(i) * 0.75 + 0.125, p = 1 / (1 + std::exp(-x.at(i)));
    const double of_element = of_rows.at(i / 2) * (w[0] + (w[1] - w[0]) * t.at(i));
    total -= of_element * (target * std::log(p) + (1 - target) * std::log(1 - p));
    weight += of_element;
  }
  const auto got = binary_cross_entropy(
      Var(x), t,
      {.label_smoothing = 0.25F, .class_weights = Tensor::of<double>({2}, w), .sample_weights = of_rows});
  EXPECT_NEAR(got.value().at(0), total / weight, 1e-14);
}

TEST(Losses, OfDifferences) {
  const Var x(f32({2, 2}, {1, 2, 3, 4}));
  const Tensor t = f32({2, 2}, {1, 1, 1, 1}), first_row = f32({2}, {1, 0});
  EXPECT_FLOAT_EQ(mse(x, t).item(), 14.0F / 4);
  EXPECT_FLOAT_EQ(mae(x, t).item(), 6.0F / 4);
  EXPECT_FLOAT_EQ(huber(x, t, 2).item(), (0.5F + 2 + 4) / 4);
  EXPECT_FLOAT_EQ(mse(x, t, first_row).item(), 0.5F);
  EXPECT_THAT(refusal([&] { (void)mse(x, first_row); }),
              HasSubstr("targets like the predictions, f32 [2, 2], got f32 [2]"));
  EXPECT_THAT(refusal([&] { (void)huber(x, t, 0); }, ErrorKind::option), HasSubstr("delta"));
}

}  // namespace
}  // namespace rondo

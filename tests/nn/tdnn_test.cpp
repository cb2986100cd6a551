// Time delays: plain loops over each sequence's own steps in f64, the bits of a causal convolution, and
// stacks.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/tdnn.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;
using Numbers = std::vector<double>;

const std::vector<std::int32_t> lengths = {7, 1, 4, 4, 2};

struct Reference {
  Numbers y, dx, weight, bias;
};

/// One sequence through max(0, W · [x_(t-K·d) ... x_t] + b), and the gradients of Σ slopes · y.
Reference reference(const Numbers& x, std::int64_t input, const Tensor& weight, const Tensor& bias,
                    const layers::TDNN& o, const Numbers& slopes) {
  const std::int64_t steps = static_cast<std::int64_t>(x.size()) / input, units = o.units,
                     taps = o.context + 1;
  Reference r{{},
              Numbers(x.size()),
              Numbers(static_cast<std::size_t>(weight.size())),
              Numbers(static_cast<std::size_t>(units))};
  for (std::int64_t t = 0; t < steps; t += o.stride)
    for (std::int64_t u = 0; u < units; ++u) {
      const auto each = [&](const auto& f) {
        for (std::int64_t k = 0; k < taps; ++k)
          for (std::int64_t i = 0; i < input; ++i)
            if (const std::int64_t step = t - (o.context - k) * o.dilation; step >= 0)
              f(static_cast<std::size_t>((u * input + i) * taps + k),
                static_cast<std::size_t>(step * input + i));
      };
      double sum = bias.at(u);
      each([&](std::size_t w, std::size_t at) { sum += weight.at(static_cast<std::int64_t>(w)) * x[at]; });
      const double slope = sum > 0 ? slopes[r.y.size()] : 0;
      r.y.push_back(std::max(0.0, sum));
      r.bias[static_cast<std::size_t>(u)] += slope;
      each([&](std::size_t w, std::size_t at) {
        r.weight[w] += slope * x[at];
        r.dx[at] += slope * weight.at(static_cast<std::int64_t>(w));
      });
    }
  return r;
}

Numbers numbers(const Tensor& tensor) {
  Numbers all;
  for (std::int64_t i = 0; i < tensor.size(); ++i)
    all.push_back(tensor.at(i));
  return all;
}

void expect_near(const Numbers& got, const Numbers& wanted, const std::string& what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], wanted[i], 1e-12) << what << " " << i;
}

void add(Numbers& to, const Numbers& more) {
  to.resize(more.size());
  for (std::size_t i = 0; i < more.size(); ++i)
    to[i] += more[i];
}

TEST(TDNN, SeesTheLastStepsOfEachSequence) {
  for (const layers::TDNN& options :
       {layers::TDNN{.units = 3}, layers::TDNN{.units = 2, .context = 1, .dilation = 3},
        layers::TDNN{.units = 4, .context = 0},
        layers::TDNN{.units = 3, .context = 2, .stride = 2, .dilation = 2}}) {
    const auto store = std::make_shared<ParameterStore>(5, DType::f64);
    const nn::TDNN layer(Scope(store) / "delay", 2, options);
    store->set("delay.bias", random_tensor({options.units}, 3, DType::f64));
    const auto layout = Layout::of(lengths);
    const Var x = parameter(random_tensor({layout->rows(), 2}, 1, DType::f64));
    const Recording recording;
    const Sequences y = layer({x, layout});
    const Tensor slopes = random_tensor({y.rows().rows(), options.units}, 2, DType::f64);
    sum(y.rows() * Var(slopes)).backward();
    const auto inputs = Sequences(x, layout).unpack(), outputs = y.unpack(),
               asked = Sequences(Var(slopes), y.layout()).unpack(),
               dx = Sequences(Var(x.leaf()->gradient), layout).unpack();
    Numbers weight, bias;
    for (std::size_t s = 0; s < lengths.size(); ++s) {
      const Reference r = reference(numbers(inputs[s]), 2, store->get("delay.weight"),
                                    store->get("delay.bias"), options, numbers(asked[s]));
      expect_near(numbers(outputs[s]), r.y, "outputs");
      expect_near(numbers(dx[s]), r.dx, "d.x");
      add(weight, r.weight);
      add(bias, r.bias);
    }
    expect_near(numbers(store->find("delay.weight")->leaf->gradient), weight, "d.weight");
    expect_near(numbers(store->find("delay.bias")->leaf->gradient), bias, "d.bias");
  }
}

TEST(TDNN, IsACausalConvolutionOnAnyNumberOfThreads) {
  const auto layout = Layout::of(std::vector<std::int32_t>(40, 30));
  const Var x(random_tensor({layout->rows(), 6}, 1, DType::f32));
  const auto store = std::make_shared<ParameterStore>(5);
  const nn::TDNN layer(Scope(store) / "it", 6, {.units = 8, .context = 3, .dilation = 2});
  const nn::Conv1D conv(Scope(std::make_shared<ParameterStore>(5)) / "it", 6,
                        {.filters = 8,
                         .kernel_size = 4,
                         .padding = Padding::causal,
                         .dilation = 2,
                         .activation = Activation::relu});
  const Tensor wanted = conv({x, layout}).rows().value();
  for_each_thread_count([&] { expect_same_bits(layer({x, layout}).rows().value(), wanted, "outputs"); });
}

TEST(TDNN, AStackSeesAsFarAsItIsAsked) {
  const auto seen = [](int context, std::int64_t steps) {
    std::vector<int> dilations;
    for (const layers::TDNN& layer : nn::tdnn_layers(4, context, steps))
      dilations.push_back(layer.dilation);
    return dilations;
  };
  EXPECT_EQ(seen(2, 9), (std::vector<int>{1, 3}));
  EXPECT_EQ(seen(2, 10), (std::vector<int>{1, 3, 9}));
  EXPECT_EQ(seen(1, 8), (std::vector<int>{1, 2, 4}));
  EXPECT_EQ(seen(0, 8), (std::vector<int>{1}));
  EXPECT_EQ(seen(2, 1), (std::vector<int>{1}));
}

TEST(TDNN, RefusesOptionsOutOfRange) {
  expect_error(
      ErrorKind::option,
      [] { nn::TDNN(Scope(std::make_shared<ParameterStore>()) / "it", 2, {.units = 3, .context = -1}); },
      "it.context must be between 0 and 4095", "got -1");
}

}  // namespace
}  // namespace rondo::testing_support

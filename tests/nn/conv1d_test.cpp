// Convolutions over time: PyTorch's numbers (tests/golden/make_conv1d.py), and each sequence for itself.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/checks.h"
#include "support/expect_error.h"
#include "support/golden.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

const Golden& golden() {
  static const Golden data = read_golden("conv1d.safetensors");
  return data;
}

/// "same.3.1.2": padding, size, stride, dilation.
layers::Conv1D options_of(const std::string& name) {
  std::vector<std::string> parts(1);
  for (const char c : name)
    c == '.' ? parts.emplace_back() : parts.back() += c;
  layers::Conv1D options{.filters = 4, .kernel_size = std::stoi(parts[1])};
  for (const Padding padding : {Padding::valid, Padding::same, Padding::causal})
    if (name_of(padding) == parts[0]) options.padding = padding;
  options.stride = std::stoi(parts[2]);
  options.dilation = std::stoi(parts[3]);
  return options;
}

void expect_golden(const std::string& name, DType type, double tolerance) {
  SCOPED_TRACE(name + " in " + std::string(name_of(type)));
  const auto read = [&](const std::string& what) { return golden().at(name + "/" + what).to(type); };
  const auto store = std::make_shared<ParameterStore>(1, type);
  const nn::Conv1D conv(Scope(store) / "conv", 3, options_of(name));
  store->set("conv.weight", read("weight"));
  store->set("conv.bias", read("bias"));
  const Var x = parameter(read("x"));
  const Recording recording;
  const Sequences y = conv({x, Layout::of(std::vector<std::int32_t>{9, 7, 7, 5})});
  expect_close(y.rows().value(), read("outputs"), tolerance, "outputs");
  sum(y.rows() * Var(read("loss"))).backward();
  expect_close(x.leaf()->gradient, read("d.x"), tolerance, "d.x");
  for (const char* const weight : {"weight", "bias"})
    expect_close(store->find("conv." + std::string(weight))->leaf->gradient, read("d." + std::string(weight)),
                 tolerance, weight);
}

TEST(Conv1D, IsPyTorchs) {
  std::size_t compared = 0;
  for (const auto& [key, tensor] : golden()) {
    if (!key.ends_with("/x")) continue;
    ++compared;
    expect_golden(key.substr(0, key.size() - 2), DType::f64, 1e-12);
    for_each_isa([&, name = key.substr(0, key.size() - 2)] { expect_golden(name, DType::f32, 1e-5); });
  }
  EXPECT_EQ(compared, 21U);
}

nn::Conv1D conv_of(layers::Conv1D options, int input = 2) {
  return nn::Conv1D(Scope(std::make_shared<ParameterStore>(3)) / "conv", input, std::move(options));
}

TEST(Conv1D, SequencesOfABatchNeverMeet) {
  const auto layout = Layout::of(std::vector<std::int32_t>{2, 6, 3, 6});
  const Var x(random_tensor({layout->rows(), 2}, 1, DType::f32));
  for (const Padding padding : {Padding::same, Padding::causal}) {
    const nn::Conv1D conv = conv_of({.filters = 5, .kernel_size = 5, .padding = padding, .stride = 2});
    const std::vector<Tensor> together = conv({x, layout}).unpack(), inputs = Sequences(x, layout).unpack();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      expect_same_bits(together[i], conv(Sequences::pack(std::span(&inputs[i], 1))).unpack()[0], "alone");
  }
}

/// Lengths that become equal must not make sequences change places.
TEST(Conv1D, KeepsTheOrderOfSequences) {
  const auto layout = Layout::of(std::vector<std::int32_t>{3, 4, 3, 4});
  const nn::Conv1D conv = conv_of({.filters = 1, .kernel_size = 1, .stride = 2});
  const Sequences y = conv({Var(Tensor::zeros({layout->rows(), 2})), layout});
  EXPECT_TRUE(std::ranges::equal(y.layout()->order(), layout->order()));
  EXPECT_EQ(y.layout()->rows(), 8);
}

TEST(Conv1D, KeepsTheLayoutWhereNothingIsLeftOut) {
  const auto layout = Layout::of(std::vector<std::int32_t>{2, 6});
  const Var x(Tensor::zeros({8, 2}));
  EXPECT_EQ(conv_of({.filters = 2, .kernel_size = 4, .dilation = 3})({x, layout}).layout(), layout);
  EXPECT_EQ(conv_of({.filters = 2, .padding = Padding::causal})({x, layout}).layout(), layout);
  EXPECT_NE(conv_of({.filters = 2, .kernel_size = 2, .padding = Padding::valid})({x, layout}).layout(),
            layout);
}

TEST(Conv1D, FirstValuesAreKeras) {
  const auto store = std::make_shared<ParameterStore>(1);
  nn::Conv1D(Scope(store) / "conv", 30, {.filters = 40, .kernel_size = 5});
  const Tensor weight = store->get("conv.weight");
  EXPECT_EQ(weight.shape(), (Shape{40, 30, 5}));
  double largest = 0;
  for (std::int64_t i = 0; i < weight.size(); ++i)
    largest = std::max(largest, std::abs(weight.at(i)));
  const double limit = std::sqrt(6.0 / (30 * 5 + 40 * 5));
  EXPECT_LE(largest, limit);
  EXPECT_GT(largest, 0.99 * limit);
}

TEST(Conv1D, RefusesASequenceShorterThanItsWindow) {
  const Sequences x(Var(Tensor::zeros({6, 2})), Layout::of(std::vector<std::int32_t>{4, 2}));
  expect_error(
      ErrorKind::shape, [&] { conv_of({.filters = 1, .padding = Padding::valid})(x); },
      "a sequence of 2 steps is shorter than a window over 3", "'same' or 'causal'");
  expect_error(
      ErrorKind::option, [&] { windows(x, {.size = 0}); }, "size must be at least 1, got 0");
}

}  // namespace
}  // namespace rondo::testing_support

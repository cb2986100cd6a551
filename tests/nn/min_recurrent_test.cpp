// minGRU and minLSTM: PyTorch's numbers (tests/golden/make_min_recurrent.py), gradients, steps, equal bits.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/blend_steps.h>
#include <rondo/min_recurrent.h>

#include "support/checks.h"
#include "support/expect_error.h"
#include "support/golden.h"
#include "support/op_cases.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

std::shared_ptr<const Layout> layout_of(std::vector<std::int32_t> lengths = {9, 7, 7, 4}) {
  return Layout::of(lengths);
}

template <class Layer>
void expect_golden(const std::string& kind, const std::vector<std::string>& gates, DType type,
                   double tolerance) {
  static const Golden golden = read_golden("min_recurrent.safetensors");
  SCOPED_TRACE(kind + " in " + std::string(name_of(type)));
  const auto read = [&](const std::string& what) { return golden.at(kind + "/" + what).to(type); };
  const auto store = std::make_shared<ParameterStore>(1, type);
  const Layer layer(Scope(store), 3, {.units = 5});
  std::vector<std::string> names;
  for (const std::string& gate : gates)
    for (const char* const part : {".weight", ".bias"})
      names.push_back(gate + part);
  for (const std::string& name : names)
    store->set(name, read(name));
  const Var x = parameter(read("x")), h0 = parameter(read("h0"));
  const Recording recording;
  const nn::Recurrence run = layer.run({x, layout_of()}, State{h0});
  expect_close(run.outputs.rows().value(), read("outputs"), tolerance, "outputs");
  expect_close(run.state[0].value(), read("h"), tolerance, "h");
  (sum(run.outputs.rows() * Var(read("loss"))) + sum(run.state[0] * Var(read("loss_h")))).backward();
  expect_close(x.leaf()->gradient, read("d.x"), tolerance, "d.x");
  expect_close(h0.leaf()->gradient, read("d.h0"), tolerance, "d.h0");
  for (const std::string& name : names)
    expect_close(store->find(name)->leaf->gradient, read("d." + name), tolerance, name);
}

TEST(MinGRU, IsPyTorchs) {
  const std::vector<std::string> gates = {"linear_z", "linear_h"};
  expect_golden<nn::MinGRU>("min_gru", gates, DType::f64, 1e-12);
  for_each_isa([&] { expect_golden<nn::MinGRU>("min_gru", gates, DType::f32, 1e-5); });
}

TEST(MinLSTM, IsPyTorchs) {
  const std::vector<std::string> gates = {"linear_f", "linear_i", "linear_h"};
  expect_golden<nn::MinLSTM>("min_lstm", gates, DType::f64, 1e-12);
  for_each_isa([&] { expect_golden<nn::MinLSTM>("min_lstm", gates, DType::f32, 1e-5); });
}

/// The definition, step by step: f = sigmoid(W_f x + b), c = f c + (1 - f) W x, h = relu(c).
Var ssru_by_steps(const ParameterStore& store, const Sequences& x, const Var& c0) {
  const auto weight = [&](const char* name) { return Var(store.find(name)->leaf->value); };
  const Layout& layout = *x.layout();
  Var c = c0;
  std::vector<Var> outputs;
  for (std::int64_t t = 0; t < layout.steps(); ++t) {
    const std::int64_t count = layout.rows_at(t);
    if (c.rows() != count) c = slice_rows(c, 0, count);
    const Var at = slice_rows(x.rows(), layout.begin(t), layout.begin(t) + count);
    const Var f = sigmoid(linear(at, weight("linear_f.weight"), weight("linear_f.bias")));
    c = f * c + (Var(Tensor::full({}, 1, f.dtype())) - f) * linear(at, weight("linear_c.weight"));
    outputs.push_back(relu(c));
  }
  return stack(outputs);
}

TEST(SSRU, IsItsDefinition) {
  const auto store = std::make_shared<ParameterStore>(1, DType::f64);
  const nn::SSRU layer(Scope(store), 3, {.units = 5});
  store->set("linear_f.bias", random_tensor({5}, 9));
  const Sequences x(Var(random_tensor({27, 3}, 1)), layout_of());
  const Var c0(random_tensor({4, 5}, 2));
  const nn::Recurrence run = layer.run(x, State{c0});
  expect_close(run.outputs.rows().value(), ssru_by_steps(*store, x, c0).value(), 1e-12, "outputs");
  const nn::Step first = layer.step(slice_rows(x.rows(), 0, 4), State{c0});
  expect_close(first.output.value(), slice_rows(run.outputs.rows(), 0, 4).value(), 0, "one step");
}

TEST(SSRU, HasTheGradientsOfItsValue) {
  const auto store = std::make_shared<ParameterStore>(1, DType::f64);
  const nn::SSRU layer(Scope(store), 3, {.units = 4});
  const auto layout = layout_of({4, 3, 1});
  gradient_check(
      [&](std::span<const Var> x) {
        const nn::Recurrence run = layer.run({x[0], layout}, State{x[1]});
        return joined({run.outputs.rows(), run.state[0]});
      },
      std::vector<Tensor>{random_tensor({8, 3}, 1), random_tensor({3, 4}, 2)});
}

TEST(BlendSteps, HasTheGradientsOfItsValue) {
  const auto layout = layout_of({5, 3, 1});
  const std::vector<Tensor> inputs = {random_tensor({9, 4}, 1, DType::f64, 0.05, 0.95),
                                      random_tensor({9, 4}, 2), random_tensor({3, 4}, 3)};
  gradient_check(
      [&](std::span<const Var> x) {
        const BlendedSteps steps = blend_steps({x[0], layout}, x[1], x[2]);
        return joined({steps.outputs.rows(), steps.h});
      },
      inputs);
  gradient_check(  // from zeros, only the outputs wanted
      [&](std::span<const Var> x) {
        return blend_steps({x[0], layout}, x[1]).outputs.rows();
      },
      std::span(inputs).first(2));
  gradient_check(  // only the final states wanted
      [&](std::span<const Var> x) {
        return blend_steps({x[0], layout}, x[1]).h;
      },
      std::span(inputs).first(2));
}

TEST(BlendSteps, HasTheSameBitsOnAnyNumberOfThreads) {
  const auto layout = layout_of(std::vector<std::int32_t>(40, 37));
  const std::vector<Tensor> inputs = {random_tensor({40 * 37, 67}, 1, DType::f32, 0.05, 0.95),
                                      random_tensor({40 * 37, 67}, 2, DType::f32),
                                      random_tensor({40, 67}, 3, DType::f32)};
  std::vector<Tensor> first;
  for_each_thread_count([&] {
    const Differentiated run = differentiate(
        [&](std::span<const Var> x) {
          const BlendedSteps steps = blend_steps({x[0], layout}, x[1], x[2]);
          return joined({steps.outputs.rows(), steps.h});
        },
        inputs);
    std::vector<Tensor> all = run.gradients;
    all.push_back(run.value);
    if (first.empty()) first = all;
    for (std::size_t i = 0; i < all.size(); ++i)
      expect_same_bits(all[i], first[i], "result " + std::to_string(i));
  });
}

TEST(BlendSteps, RefusesOtherSizes) {
  const Var z(random_tensor({9, 4}, 1)), narrow(random_tensor({9, 3}, 1)), short_h0(random_tensor({2, 4}, 1));
  const auto layout = layout_of({5, 3, 1});
  expect_error(
      ErrorKind::shape,
      [&] {
        blend_steps({z, layout}, narrow);
      },
      "blend_steps", "candidates");
  expect_error(
      ErrorKind::shape,
      [&] {
        blend_steps({z, layout}, z, short_h0);
      },
      "blend_steps", "h0");
}

template <class Layer>
void expect_steps_like_runs() {
  const Layer layer(Scope(std::make_shared<ParameterStore>(3)), 3, {.units = 6});
  const Tensor x = random_tensor({5 * 2, 3}, 4, DType::f32);
  const nn::Recurrence whole = layer.run({Var(x), Layout::uniform(2, 5)});
  State state = layer.start(2);
  std::vector<Var> outputs;
  for (std::int64_t t = 0; t < 5; ++t) {
    const nn::Step step = layer.step(slice_rows(Var(x), 2 * t, 2 * t + 2), state);
    outputs.push_back(step.output);
    state = step.state;
  }
  expect_same_bits(stack(outputs).value(), whole.outputs.rows().value(), "outputs");
  expect_same_bits(state[0].value(), whole.state[0].value(), "h");
}

TEST(MinimalLayers, StepWithTheBitsOfARun) {
  expect_steps_like_runs<nn::MinGRU>();
  expect_steps_like_runs<nn::MinLSTM>();
}

/// A layer over words of a table, with and without being told which rows repeat.
template <class Layer>
void expect_copies_to_change_nothing(DType type, double tolerance) {
  const std::shared_ptr<const Layout> layout = layout_of({40, 31, 31, 5});
  const auto differentiated = [&](bool told) {
    const auto store = std::make_shared<ParameterStore>(3, type);
    const Layer layer(Scope(store), 40, {.units = 6});
    const Var table = parameter(random_tensor({11, 40}, 5, type));
    const Recording recording;
    const Sequences x = embedding(table, Ids(some_ids(layout->rows(), 11), layout));
    EXPECT_NE(x.copies(), nullptr);
    const nn::Recurrence run = layer.run(told ? x : Sequences(x.rows(), layout));
    sum(run.outputs.rows() * run.outputs.rows()).backward();
    std::vector<Tensor> found = {run.outputs.rows().value(), table.leaf()->gradient};
    for (const Parameter& of : store->parameters())
      found.push_back(of.leaf->gradient);
    return found;
  };
  const std::vector<Tensor> told = differentiated(true), wanted = differentiated(false);
  expect_same_bits(told[0], wanted[0], "outputs");
  for (std::size_t i = 1; i < wanted.size(); ++i)
    expect_close(told[i], wanted[i], tolerance, "gradient " + std::to_string(i));
}

TEST(MinimalLayers, MultiplyRowsThatRepeatOnce) {
  for_each_isa([] {
    for (const auto& [type, tolerance] : {std::pair{DType::f32, 1e-4}, {DType::f64, 1e-12}}) {
      expect_copies_to_change_nothing<nn::MinGRU>(type, tolerance);
      expect_copies_to_change_nothing<nn::MinLSTM>(type, tolerance);
      expect_copies_to_change_nothing<nn::SSRU>(type, tolerance);
    }
  });
}

TEST(MinimalLayers, StayFiniteWhereAllGatesAreShut) {
  const auto store = std::make_shared<ParameterStore>(3);
  const nn::MinLSTM layer(Scope(store), 1, {.units = 1});
  for (const char* const gate : {"linear_f.bias", "linear_i.bias"})
    store->set(gate, Tensor::full({1}, -200, DType::f32));
  store->set("linear_h.bias", Tensor::full({1}, 2, DType::f32));
  const Var x(Tensor::zeros({1, 1}, DType::f32));
  const nn::Recurrence run = layer.run({x, Layout::uniform(1, 1)});
  EXPECT_FLOAT_EQ(run.state[0].item(), 1) << "half of the candidate";
}

TEST(MinimalLayers, RefuseOptionsOutOfTheirBounds) {
  const auto store = std::make_shared<ParameterStore>(3);
  expect_error(
      ErrorKind::option, [&] { nn::MinGRU(Scope(store) / "g", 3, {.units = 0}); }, "units", "0");
  expect_error(
      ErrorKind::option, [&] { nn::MinLSTM(Scope(store) / "l", 3, {.units = -1}); }, "units", "-1");
}

}  // namespace
}  // namespace rondo::testing_support

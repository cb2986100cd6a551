// Zoneout: its expectation against cells of plain operations, its masks, its gradients, and its bits.
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

using nn::Recurrence;
using testing_support::expect_close;
using testing_support::expect_same_bits;
using testing_support::random_tensor;

constexpr int units = 4, inputs = 3;
constexpr float rate = 0.375F;  // exact

Sequences ragged(DType type, std::uint64_t seed = 5) {
  const auto layout = Layout::of(std::vector<std::int32_t>{2, 5, 1, 5});
  return {Var(random_tensor({layout->rows(), inputs}, seed, type)), layout};
}

/// Cells of plain operations with the paper's formulas in expectation, on the weights of a layer.
struct PlainZoned {
  std::string kind;
  Var w, u, bw, bu;

  PlainZoned(std::string a_kind, const ParameterStore& store, const std::string& suffix)
      : kind(std::move(a_kind)),
        w(store.get("r.weight_ih_l0" + suffix)),
        u(store.get("r.weight_hh_l0" + suffix)),
        bw(store.get("r.bias_ih_l0" + suffix)),
        bu(store.get("r.bias_hh_l0" + suffix)) {}

  static Var mixed(const Var& old, const Var& fresh) {
    const auto number = [&](double x) { return Var(Tensor::full({}, x, fresh.dtype())); };
    return old * number(static_cast<double>(rate)) + fresh * number(1 - static_cast<double>(rate));
  }
  State start(std::int64_t rows) const {
    const Var zeros(Tensor::zeros({rows, units}, w.dtype()));
    return kind == "lstm" ? State{zeros, zeros} : State{zeros};
  }
  State operator()(const Var& x, const State& s) const {
    const Var a = linear(x, w, bw), b = linear(s[0], u, bu);
    const auto gate = [&](const Var& z, int g) { return slice_columns(z, g * units, (g + 1) * units); };
    if (kind == "simple_rnn") return {mixed(s[0], tanh(a + b))};
    if (kind == "gru") {
      const Var r = sigmoid(gate(a, 0) + gate(b, 0)), z = sigmoid(gate(a, 1) + gate(b, 1));
      const Var n = tanh(gate(a, 2) + r * gate(b, 2));
      return {mixed(s[0], z * s[0] + n - z * n)};
    }
    const Var all = a + b;
    const Var c = sigmoid(gate(all, 1)) * s[1] + sigmoid(gate(all, 0)) * tanh(gate(all, 2));
    return {mixed(s[0], sigmoid(gate(all, 3)) * tanh(c)), mixed(s[1], c)};
  }
};

nn::RecurrentLayers layer_of(const std::string& kind, const std::shared_ptr<ParameterStore>& store,
                             bool bidirectional, float zoneout = rate) {
  const Scope in = Scope(store) / "r";
  if (kind == "gru")
    return {in, inputs, layers::GRU{.units = units, .bidirectional = bidirectional, .zoneout = zoneout}};
  if (kind == "lstm")
    return {in, inputs, layers::LSTM{.units = units, .bidirectional = bidirectional, .zoneout = zoneout}};
  return {in, inputs, layers::SimpleRNN{.units = units, .bidirectional = bidirectional, .zoneout = zoneout}};
}

const std::vector<std::string> kinds = {"lstm", "gru", "simple_rnn"};

std::shared_ptr<ParameterStore> fresh_store(DType type) {
  return std::make_shared<ParameterStore>(3, type);
}

/// The steps of each sequence from its end to its start.
Sequences turned(const Sequences& x) {
  const Layout& layout = *x.layout();
  std::vector<std::int32_t> rows(static_cast<std::size_t>(layout.rows()));
  for (std::int64_t s = 0; s < layout.sequences(); ++s)
    for (std::int64_t t = 0; t < layout.length(s); ++t)
      rows[static_cast<std::size_t>(layout.row(s, t))] =
          static_cast<std::int32_t>(layout.row(s, layout.length(s) - 1 - t));
  return {State{x.rows()}.select(rows)[0], x.layout()};
}

TEST(Zoneout, ExpectsWhatThePlainFormulasExpect) {
  const Sequences x = ragged(DType::f64);
  for (const std::string& kind : kinds) {
    SCOPED_TRACE(kind);
    const auto store = fresh_store(DType::f64);
    const nn::RecurrentLayers layer = layer_of(kind, store, true);
    const Recurrence got = layer.run(x);
    const Recurrence ahead = nn::Recurrent(PlainZoned(kind, *store, ""))(x),
                     back = nn::Recurrent(PlainZoned(kind, *store, "_reverse"))(turned(x));
    expect_close(got.outputs.rows().value(),
                 concat({ahead.outputs.rows(), turned(back.outputs).rows()}).value(), 1e-12, "outputs");
    for (std::size_t i = 0; i < got.state.size(); ++i)
      expect_close(got.state[i].value(), concat({ahead.state[i], back.state[i]}).value(), 1e-12, "state");
  }
}

TEST(Zoneout, WithoutItTheLayerIsTheFusedOne) {
  const Sequences x = ragged(DType::f32);
  for (const std::string& kind : kinds) {
    const auto store = fresh_store(DType::f32);
    const Recurrence plain = layer_of(kind, store, true, 0).run(x);
    const Recurrence hardly = layer_of(kind, store, true, 1e-30F).run(x);
    expect_close(hardly.outputs.rows().value(), plain.outputs.rows().value(), 1e-6, kind);
  }
}

/// Gradients with the masks that a Recording's seed gives, against central differences of the same masks.
TEST(Zoneout, GradientsWithMasksAreCentralDifferences) {
  for (const std::string& kind : kinds) {
    SCOPED_TRACE(kind);
    const auto store = fresh_store(DType::f64);
    const nn::RecurrentLayers layer = layer_of(kind, store, true);
    const Sequences x = ragged(DType::f64);
    const auto loss = [&] {
      const Recurrence r = layer.run(x);
      Var all = sum(r.outputs.rows() * r.outputs.rows());
      for (std::size_t i = 0; i < r.state.size(); ++i)
        all = all + sum(r.state[i]);
      return all;
    };
    store->zero_gradients();
    {
      const Recording step({.seed = 7, .step = 2});
      loss().backward();
    }
    for (const Parameter& p : store->parameters()) {
      const Tensor gradient = p.leaf->gradient.clone();
      for (const std::size_t i : {std::size_t{0}, static_cast<std::size_t>(gradient.size() - 1)}) {
        double sides[2];
        for (const int side : {0, 1}) {
          double& value = p.leaf->value.data<double>()[i];
          const double was = value;
          value += side == 0 ? -1e-6 : 1e-6;
          const Recording step({.seed = 7, .step = 2});
          sides[side] = loss().value().at(0);
          value = was;
        }
        EXPECT_NEAR(gradient.at(static_cast<std::int64_t>(i)), (sides[1] - sides[0]) / 2e-6, 1e-7) << p.name;
      }
    }
  }
}

/// Which units of the steps after the first kept their h, in the order of step, sequence and unit.
std::vector<char> kept(const Sequences& h) {
  const Layout& layout = *h.layout();
  std::vector<char> all;
  for (std::int64_t t = 1; t < layout.steps(); ++t)
    for (std::int64_t s = 0; s < layout.rows_at(t); ++s)
      for (std::int64_t j = 0; j < h.rows().columns(); ++j)
        all.push_back(h.rows().value().at(layout.row(s, t) * h.rows().columns() + j) ==
                              h.rows().value().at(layout.row(s, t - 1) * h.rows().columns() + j)
                          ? 1
                          : 0);
  return all;
}

TEST(Zoneout, KeepsAboutItsShareOfUnitsAtEachStepAnew) {
  const auto store = fresh_store(DType::f32);
  const nn::LSTM layer(Scope(store) / "r", inputs, {.units = 40, .zoneout = rate});
  const auto layout = Layout::uniform(5, 40);
  const Sequences x(Var(random_tensor({layout->rows(), inputs}, 1, DType::f32)), layout);
  const auto run = [&](std::uint64_t seed) {
    const Recording step({.seed = seed, .step = 3});
    return kept(layer.run(x).outputs);
  };
  const std::vector<char> first = run(1);
  double share = 0;
  std::set<std::vector<char>> masks;
  for (std::size_t begin = 0; begin < first.size(); begin += 200) {
    masks.emplace(first.begin() + static_cast<std::ptrdiff_t>(begin),
                  first.begin() + static_cast<std::ptrdiff_t>(begin + 200));
    for (std::size_t i = begin; i < begin + 200; ++i)
      share += static_cast<double>(first[i]) / static_cast<double>(first.size());
  }
  EXPECT_NEAR(share, static_cast<double>(rate), 0.02);
  EXPECT_EQ(masks.size(), 39U) << "steps share a mask";
  EXPECT_EQ(first, run(1));
  EXPECT_NE(first, run(2));
}

TEST(Zoneout, TheMemoryHasAMaskOfItsOwn) {
  const auto store = fresh_store(DType::f32);
  const nn::LSTM layer(Scope(store) / "r", inputs, {.units = 200, .zoneout = 0.5F});
  const Sequences x(Var(random_tensor({1, inputs}, 1, DType::f32)), Layout::uniform(1, 1));
  const Tensor ones = Tensor::full({1, 200}, 1, DType::f32);
  const Recording step({.seed = 1, .step = 0});
  const Recurrence r = layer.run(x, {Var(ones), Var(ones)});
  int counts[2][2] = {};
  for (std::int64_t j = 0; j < 200; ++j)
    ++counts[r.state[0].value().at(j) == 1 ? 1 : 0][r.state[1].value().at(j) == 1 ? 1 : 0];
  for (const auto& row : counts)
    for (const int count : row)
      EXPECT_NEAR(count, 50, 25);
}

TEST(Zoneout, SameBitsOnAnyNumberOfThreads) {
  for (const std::string& kind : kinds) {
    std::vector<Tensor> seen;
    testing_support::for_each_thread_count([&] {
      const auto store = fresh_store(DType::f32);
      const nn::RecurrentLayers layer = layer_of(kind, store, true);
      const Recording step({.seed = 7, .step = 2});
      const Recurrence r = layer.run(ragged(DType::f32));
      sum(r.outputs.rows() * r.outputs.rows()).backward();
      seen.push_back(r.outputs.rows().value());
      seen.push_back(store->find("r.weight_hh_l0")->leaf->gradient.clone());
    });
    for (std::size_t i = 2; i < seen.size(); ++i)
      expect_same_bits(seen[i], seen[i - 2], kind);
  }
}

TEST(Zoneout, SingleStepsHaveTheBitsOfRun) {
  for (const bool training : {false, true}) {
    const auto store = fresh_store(DType::f32);
    const nn::LSTM layer(Scope(store) / "r", inputs, {.units = units, .layers = 2, .zoneout = rate});
    const Sequences x(Var(random_tensor({3 * 6, inputs}, 1, DType::f32)), Layout::uniform(3, 6));
    std::optional<Recording> step;
    if (training) step.emplace(RecordingOptions{.seed = 7, .step = 2});
    const Recurrence whole = layer.run(x);
    State state = layer.start(3);
    for (std::int64_t t = 0; t < 6; ++t)
      state = layer.step(slice_rows(x.rows(), 3 * t, 3 * t + 3), state, static_cast<std::uint64_t>(t)).state;
    for (std::size_t i = 0; i < state.size(); ++i)
      expect_same_bits(state[i].value(), whole.state[i].value(), training ? "training" : "prediction");
  }
}

TEST(Zoneout, RefusesRatesThatKeepEverything) {
  const auto store = fresh_store(DType::f32);
  test::expect_error(
      ErrorKind::option, [&] { nn::LSTM(Scope(store) / "r", 3, {.units = 4, .zoneout = 1}); },
      "r.zoneout must be between 0 and 0.99", "got 1");
  test::expect_error(
      ErrorKind::shape,
      [&] {
        (void)zoneout(Var(Tensor::zeros({2, 3})), Var(Tensor::zeros({2, 2})), 0.5F, 1);
      },
      "'before'");
}

}  // namespace
}  // namespace rondo

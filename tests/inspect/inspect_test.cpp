// Gates, Jacobians, gradients and saliency against plain formulas, finite differences and the tape itself.
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include <rondo/inspect.h>
#include <rondo/nn.h>
#include <rondo/pooling.h>

#include "inspect/plain.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/recurrent.h"

namespace rondo {
namespace {

using Ran = inspect::Run;
using testing_support::all_cells;
using testing_support::Numbers;
using testing_support::PlainCell;
using testing_support::PlainStep;
using testing_support::random_tensor;

/// A layer of each cell over sequences of lengths 7, 4 and 1.
struct Net {
  std::shared_ptr<ParameterStore> store;
  Sequences x;
  std::optional<nn::RecurrentLayers> layer;

  explicit Net(Cell cell, bool bidirectional = true, int units = 5, DType type = DType::f32)
      : store(std::make_shared<ParameterStore>(3, type)),
        x(Sequences::pack(std::vector<Tensor>{random_tensor({7, 3}, 1, type), random_tensor({4, 3}, 2, type),
                                              random_tensor({1, 3}, 3, type)})) {
    const Scope in = Scope(store) / "net";
    if (cell == Cell::lstm)
      layer.emplace(in, 3, layers::LSTM{.units = units, .bidirectional = bidirectional});
    else if (cell == Cell::gru || cell == Cell::gru_reset_before)
      layer.emplace(
          in, 3,
          layers::GRU{.units = units, .bidirectional = bidirectional, .reset_after = cell == Cell::gru});
    else if (cell == Cell::residual)
      layer.emplace(in, 3, layers::ResidualRecurrence{.units = units, .bidirectional = bidirectional});
    else if (cell == Cell::linear)
      layer.emplace(in, 3, layers::LinearRecurrence{.units = units, .bidirectional = bidirectional});
    else
      layer.emplace(
          in, 3,
          layers::SimpleRNN{.units = units,
                            .bidirectional = bidirectional,
                            .activation = cell == Cell::rnn_relu ? Activation::relu : Activation::tanh});
    for (const Parameter& p : store->parameters())  // biases are zeros at first
      if (p.name.find("bias") != std::string::npos)
        store->set(p.name, random_tensor(p.leaf->value.shape(), 9, type, -0.5, 0.5));
  }

  std::vector<Ran> runs(const std::function<Var(const nn::Recurrence&)>& loss = {}) const {
    inspect::Watch watch;
    const Recording recording({.dropout = false});
    const nn::Recurrence result = layer->run(x);
    if (loss) loss(result).backward();
    return {watch.runs().begin(), watch.runs().end()};
  }
};

/// Also the one that has no U.
std::vector<Cell> every_cell() {
  std::vector<Cell> cells(all_cells.begin(), all_cells.end());
  cells.push_back(Cell::linear);
  return cells;
}

Numbers row_of(const Tensor& rows, std::int64_t row) {
  Numbers values;
  for (std::int64_t j = 0; j < rows.columns(); ++j)
    values.push_back(rows.at(row * rows.columns() + j));
  return values;
}

void expect_row(const Tensor& rows, std::int64_t row, const Numbers& wanted, double tolerance,
                const std::string& what) {
  const Numbers got = row_of(rows, row);
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t j = 0; j < got.size(); ++j)
    EXPECT_NEAR(got[j], wanted[j], tolerance) << what << " step " << row << " unit " << j;
}

double norm_of(const Numbers& values) {
  return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

TEST(Inspect, SeesWhereAttentionLooked) {
  const nn::AttentionPooling pool(Scope(std::make_shared<ParameterStore>(3)) / "pool", 3);
  const Sequences x = Sequences::pack(
      std::vector<Tensor>{random_tensor({4, 3}, 1, DType::f32), random_tensor({2, 3}, 2, DType::f32)});
  const inspect::Watch watch;
  const Var y = pool(x);
  ASSERT_EQ(watch.looks().size(), 1u);
  const inspect::Looked& seen = watch.looks().front();
  EXPECT_EQ(seen.name, "pool");
  const std::vector<double> weights = seen.found.of(1), wanted = pool.attended(x).of(1);
  EXPECT_EQ(weights, wanted);
  EXPECT_NEAR(weights[0] + weights[1], 1, 1e-6);
  EXPECT_EQ(y.columns(), 3);
}

/// A variant tells what it reads, and no gates that it has not.
TEST(Inspect, VariantsTellWhatTheyRead) {
  const nn::LSTM layer(Scope(std::make_shared<ParameterStore>(3)) / "net", 3,
                       {.units = 4, .peepholes = true});
  const inspect::Watch watch;
  layer(Sequences::pack(std::vector<Tensor>{random_tensor({4, 3}, 1, DType::f32)}));
  EXPECT_TRUE(watch.runs().empty());
  ASSERT_EQ(watch.inputs().size(), 1u);
  EXPECT_EQ(watch.inputs().front().name, "net.l0");
}

TEST(Inspect, SpectraOfAProjectedLstmAreByGates) {
  const auto store = std::make_shared<ParameterStore>(3);
  const nn::LSTM layer(Scope(store), 3, {.units = 4, .proj_size = 2});
  const std::vector<inspect::WeightSpectrum> all = inspect::spectra(*store);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1].gate, "forget");
  EXPECT_EQ(all[1].singular_values.size(), 2u);
  EXPECT_EQ(all[1].radius, 0);
}

TEST(Inspect, GatesAreThoseOfThePlainFormulas) {
  for (const Cell cell : every_cell()) {
    const std::vector<Ran> runs = Net(cell).runs();
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].name, "net.l0");
    EXPECT_EQ(runs[1].name, "net.l0_reverse");
    for (const Ran& run : runs)
      for (std::int64_t k = 0; k < 3; ++k) {
        SCOPED_TRACE(std::string(names_of(cell)[static_cast<std::size_t>(cell)]) + " " + run.name +
                     " sequence " + std::to_string(k));
        const inspect::Trajectory seen = inspect::trajectory(run, k);
        Numbers h(5, 0), c(5, 0);
        const std::int64_t length = run.layout->length(k);
        for (std::int64_t i = 0; i < length; ++i) {
          const std::int64_t t = run.reverse ? length - 1 - i : i;
          const PlainStep step = PlainCell(run)(row_of(run.x, run.layout->row(k, t)), h, c);
          ASSERT_EQ(seen.gates.size(), step.gates.size());
          for (const auto& [name, values] : step.gates)
            expect_row(*seen.gate(name), t, values, 1e-5, name);
          expect_row(seen.h, t, step.h, 1e-5, "h");
          if (cell == Cell::lstm) expect_row(seen.c, t, step.c, 1e-5, "c");
          h = step.h;
          c = step.c;
        }
      }
  }
}

TEST(Inspect, JacobiansAreCentralDifferences) {
  for (const Cell cell : every_cell()) {
    const std::vector<Ran> runs = Net(cell, true, 4, DType::f64).runs();
    for (const Ran& run : runs) {
      SCOPED_TRACE(std::string(names_of(cell)[static_cast<std::size_t>(cell)]) + " " + run.name);
      const inspect::Trajectory seen = inspect::trajectory(run);
      const std::int64_t t = 3, before = run.reverse ? 4 : 2;
      const Tensor jacobian = inspect::step_jacobian(run, t);
      const std::int64_t size = cell == Cell::lstm ? 8 : 4;
      ASSERT_EQ(jacobian.shape(), (Shape{size, size}));
      const Numbers x = row_of(run.x, run.layout->row(0, t));
      for (std::int64_t j = 0; j < size; ++j) {
        Numbers sides[2];
        for (const int side : {0, 1}) {
          Numbers h = row_of(seen.h, before), c = seen.c.empty() ? h : row_of(seen.c, before);
          (j < 4 ? h : c)[static_cast<std::size_t>(j % 4)] += side == 0 ? -1e-6 : 1e-6;
          const PlainStep step = PlainCell(run)(x, h, c);
          sides[side] = step.h;
          sides[side].insert(sides[side].end(), step.c.begin(), step.c.end());
        }
        for (std::int64_t i = 0; i < size; ++i) {
          const auto at = static_cast<std::size_t>(i);
          EXPECT_NEAR(jacobian.at(i * size + j), (sides[1][at] - sides[0][at]) / 2e-6, 1e-7) << i << " " << j;
        }
      }
    }
  }
}

/// Of expectations, which a layer with zoneout computes while nobody trains.
TEST(Inspect, ZoneoutMixesStatesAndJacobians) {
  const auto store = std::make_shared<ParameterStore>(3, DType::f64);
  const nn::RecurrentLayers all[] = {
      {Scope(store) / "lstm", 3, layers::LSTM{.units = 4, .zoneout = 0.25F}},
      {Scope(store) / "gru", 3, layers::GRU{.units = 4, .zoneout = 0.25F}},
      {Scope(store) / "rnn", 3, layers::SimpleRNN{.units = 4, .zoneout = 0.25F}}};
  const Sequences x = Sequences::pack(std::vector<Tensor>{random_tensor({5, 3}, 1)});
  for (const nn::RecurrentLayers& layer : all) {
    inspect::Watch watch;
    const nn::Recurrence result = layer.run(x);
    const Ran run = watch.runs().front();
    SCOPED_TRACE(run.name);
    const inspect::Trajectory seen = inspect::trajectory(run);
    const std::size_t parts = result.state.size();
    if (parts == 2) expect_row(seen.c, 4, row_of(result.state[1].value(), 0), 1e-12, "c");
    const Tensor jacobian = inspect::step_jacobian(run, 3);
    const auto size = static_cast<std::int64_t>(4 * parts);
    for (std::int64_t j = 0; j < size; ++j) {
      Numbers sides[2];
      for (const int side : {0, 1}) {
        Tensor before[] = {Tensor::of<double>({1, 4}, row_of(seen.h, 2)),
                           parts == 2 ? Tensor::of<double>({1, 4}, row_of(seen.c, 2)) : Tensor()};
        before[j / 4].data<double>()[static_cast<std::size_t>(j % 4)] += side == 0 ? -1e-6 : 1e-6;
        const State state = parts == 2 ? State{Var(before[0]), Var(before[1])} : State{Var(before[0])};
        const State after = layer.step(slice_rows(x.rows(), 3, 4), state).state;
        for (std::size_t part = 0; part < parts; ++part)
          for (const double value : row_of(after[part].value(), 0))
            sides[side].push_back(value);
      }
      for (std::int64_t i = 0; i < size; ++i) {
        const auto at = static_cast<std::size_t>(i);
        EXPECT_NEAR(jacobian.at(i * size + j), (sides[1][at] - sides[0][at]) / 2e-6, 1e-7) << i << " " << j;
      }
    }
  }
}

struct ByTheTape {
  Numbers dh;  ///< d L / d h_t
  Numbers dc;  ///< of c_t as the next step reads it, without what h_t makes of it
};

/// Stepping by hand. L is the sum of the squares of all h.
std::vector<ByTheTape> by_the_tape(const Net& net, std::int64_t sequence) {
  const Recording recording({.dropout = false});
  std::vector<ByTheTape> all(static_cast<std::size_t>(net.x.layout()->length(sequence)));
  const auto kept_in = [](const Var& x, Numbers& to) {
    return custom_op("keep", x.value(), {x}, [&to](const Tensor& dy) {
      to = row_of(dy, 0);
      return std::vector<Tensor>{dy};
    });
  };
  State state = net.layer->start(1);
  Var loss(Tensor::zeros({}, DType::f64));
  for (std::size_t t = 0; t < all.size(); ++t) {
    const std::int64_t row = net.x.layout()->row(sequence, static_cast<std::int64_t>(t));
    const nn::Step step = net.layer->step(slice_rows(net.x.rows(), row, row + 1), state);
    const Var h = kept_in(step.state[0], all[t].dh);
    state = step.state.size() == 2 ? State{h, kept_in(step.state[1], all[t].dc)} : State{h};
    loss = loss + sum(h * h);
  }
  loss.backward();
  return all;
}

TEST(Inspect, GradientsAlongTheStepsAreTheTapes) {
  for (const Cell cell : every_cell()) {
    SCOPED_TRACE(std::string(names_of(cell)[static_cast<std::size_t>(cell)]));
    const Net net(cell, false, 5, DType::f64);
    const std::vector<Ran> runs = net.runs(
        [](const nn::Recurrence& result) { return sum(result.outputs.rows() * result.outputs.rows()); });
    for (std::int64_t k = 0; k < 3; ++k) {
      const inspect::Flow flow = inspect::flow(runs.front(), k);
      const inspect::Trajectory seen = inspect::trajectory(runs.front(), k);
      const std::vector<ByTheTape> wanted = by_the_tape(net, k);
      ASSERT_EQ(flow.loss.size(), wanted.size());
      for (std::size_t t = 0; t < wanted.size(); ++t) {
        EXPECT_NEAR(flow.loss[t], norm_of(wanted[t].dh), 1e-9) << t;
        if (cell != Cell::lstm) continue;
        const auto row = static_cast<std::int64_t>(t);
        const Numbers o = row_of(*seen.gate("output"), row), c = row_of(seen.c, row);
        Numbers whole = wanted[t].dc;
        whole.resize(o.size());  // nothing reads the last c
        for (std::size_t j = 0; j < o.size(); ++j)
          whole[j] += wanted[t].dh[j] * o[j] * (1 - std::tanh(c[j]) * std::tanh(c[j]));
        EXPECT_NEAR(flow.memory[t], norm_of(whole), 1e-9) << t;
      }
    }
  }
}

TEST(Inspect, TheLastStateDependsOnAnEarlierOneByTheProductOfJacobians) {
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh}) {
    SCOPED_TRACE(std::string(names_of(cell)[static_cast<std::size_t>(cell)]));
    const Ran run = Net(cell, true, 1, DType::f64).runs().back();  // one unit, from the end
    const inspect::Flow flow = inspect::flow(run);
    EXPECT_NEAR(flow.last[0], 1, 1e-9);  // read last
    const Tensor first = inspect::step_jacobian(run, 0), second = inspect::step_jacobian(run, 1);
    const std::int64_t size = first.columns();
    double squares = 0;
    for (std::int64_t j = 0; j < size; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < size; ++k)
        sum += first.at(k) * second.at(k * size + j);
      squares += sum * sum;
    }
    EXPECT_NEAR(flow.last[2], std::sqrt(squares), 1e-9);
    EXPECT_TRUE(std::isnan(flow.loss[0])) << "nothing was learned";
    EXPECT_TRUE(std::isnan(inspect::flow(run, 0, {.steps = 2}).last[2]));
    EXPECT_TRUE(std::isnan(inspect::flow(run, 0, {.jacobians = false}).norm[0]));
  }
}

/// A ReLU network that stays positive: its Jacobian is U.
Ran linear_run(const Tensor& u) {
  const std::int64_t units = u.rows();
  return {.name = "u",
          .cell = Cell::rnn_relu,
          .layout = Layout::uniform(1, 1),
          .weight_ih = Tensor::zeros({units, 1}),
          .weight_hh = u,
          .x = Tensor::zeros({1, 1}),
          .h = Tensor::full({1, units}, 1)};
}

TEST(Inspect, SpectraOfKnownMatrices) {
  const float cos = 0.9F * std::cos(1.0F), sin = 0.9F * std::sin(1.0F);
  const auto turn =
      inspect::flow(linear_run(Tensor::of<float>({2, 2}, std::vector<float>{cos, -sin, sin, cos})));
  EXPECT_NEAR(turn.norm[0], 0.9, 1e-6);
  EXPECT_NEAR(turn.radius[0], 0.9, 1e-6);
  const auto shift = inspect::flow(linear_run(Tensor::of<float>({2, 2}, std::vector<float>{0, 2, 0, 0})));
  EXPECT_NEAR(shift.norm[0], 2, 1e-6);
  EXPECT_NEAR(shift.radius[0], 0, 1e-6);

  constexpr std::int64_t large = 120;  // more than is computed exactly
  Tensor u = random_tensor({large, large}, 5, DType::f32, -0.02, 0.02);
  u.data<float>()[0] = u.data<float>()[large + 1] = 1.2F * std::cos(0.3F);
  u.data<float>()[1] = -1.2F * std::sin(0.3F);
  u.data<float>()[large] = 1.2F * std::sin(0.3F);
  EXPECT_NEAR(inspect::flow(linear_run(u)).radius[0], 1.2, 0.02);
}

TEST(Inspect, WeightsByGates) {
  const Net net(Cell::lstm, false, 4);
  const std::vector<inspect::WeightSpectrum> all = inspect::spectra(*net.store);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1].gate, "forget");
  for (const inspect::WeightSpectrum& one : all) {  // orthogonal at first
    EXPECT_NEAR(one.singular_values.front(), 1, 1e-5);
    EXPECT_NEAR(one.singular_values.back(), 1, 1e-5);
    EXPECT_NEAR(one.norm, 2, 1e-5);
    EXPECT_NEAR(one.radius, 1, 1e-5);
  }
}

TEST(Inspect, SaturationAndTimeConstants) {
  inspect::Trajectory seen;
  seen.gates = {{"forget", Tensor::of<double>({2, 2}, std::vector<double>{0.95, 0.5, 0.85, 0.05})},
                {"candidate", Tensor::of<double>({2, 2}, std::vector<double>{-0.95, 0.95, 0, 0.05})}};
  seen.h = Tensor::zeros({2, 2}, DType::f64);
  const std::vector<double> constants = inspect::time_constants(seen);
  EXPECT_NEAR(constants[0], 10, 1e-9);
  EXPECT_NEAR(constants[1], 1 / (1 - 0.275), 1e-9);
  const std::vector<inspect::Saturation> shares = inspect::saturation(seen);
  EXPECT_EQ(shares[0].low, 0.25);
  EXPECT_EQ(shares[0].high, 0.25);
  EXPECT_EQ(shares[1].low, 0.25);
  EXPECT_EQ(shares[1].high, 0.25);
}

TEST(Inspect, WatchingChangesNoBitAndNoParameter) {
  const Net net(Cell::gru);
  const Tensor alone = net.layer->run(net.x).outputs.rows().value();
  net.store->zero_gradients();
  inspect::Watch outer;
  {
    inspect::Watch inner;
    const Recording recording({.dropout = false});
    const Var outputs = net.layer->run(net.x).outputs.rows();
    testing_support::expect_same_bits(outputs.value(), alone, "outputs");
    sum(outputs).backward();
    EXPECT_FALSE(inner.runs().front().dh.empty());
    EXPECT_FALSE(inner.inputs().front().gradient.empty());
  }
  EXPECT_TRUE(outer.runs().empty());
  for (const Parameter& p : net.store->parameters())
    EXPECT_FALSE(p.leaf->reached) << p.name;
}

TEST(Inspect, LearningGoesOnAfterAWatch) {
  const Net net(Cell::lstm);
  { const inspect::Watch watch; }
  const Recording recording;
  sum(net.layer->run(net.x).outputs.rows()).backward();
  for (const Parameter& p : net.store->parameters())
    EXPECT_TRUE(p.leaf->reached) << p.name;
}

TEST(Inspect, IntegratedGradientsShareOutTheDifference) {
  const Net net(Cell::lstm, true, 5, DType::f64);
  const Sequences one(slice_rows(Sequences::pack({{random_tensor({6, 3}, 4)}}).rows(), 0, 6),
                      Layout::uniform(1, 6));
  const auto value = [&] { return sum(tanh(net.layer->run(one).outputs.rows())); };
  const inspect::Saliency seen = inspect::saliency(value, "net.l0", 32);
  EXPECT_NEAR(seen.missing(), 0, 1e-8);
  EXPECT_NEAR(seen.value, value().value().at(0), 1e-12);
  EXPECT_GT(std::abs(seen.integrated[0] - seen.gradient_input[0]), 1e-6) << "it is not linear";
  EXPECT_TRUE(inspect::saliency(value, "", 0).integrated.empty());

  test::expect_error(
      ErrorKind::usage, [&] { inspect::saliency(value, "nothing"); }, "no input 'nothing'");
  test::expect_error(
      ErrorKind::option, [&] { inspect::saliency(value, "", 65); }, "0 to 64", "65");
  test::expect_error(
      ErrorKind::usage, [&] { inspect::saliency([] { return Var(1.0F); }); }, "no embedding");
}

TEST(Inspect, BadPlaces) {
  const Ran run = Net(Cell::gru).runs().front();
  for (const std::int64_t k : {-1, 3})
    test::expect_error(
        ErrorKind::option, [&] { inspect::trajectory(run, k); }, "0 to 2");
  for (const std::int64_t t : {-1, 7})
    test::expect_error(
        ErrorKind::option, [&] { inspect::step_jacobian(run, t); }, "0 to 6");
}

TEST(Inspect, ATextThroughASequential) {
  Sequential model = testing_support::small_classifier();
  model.prepare(testing_support::small_reviews());
  const std::vector<Ran> runs = inspect::runs(model, "this was a good one");
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].layout->rows(), 5);
  const inspect::Flow flow = inspect::flow(runs[0]);
  EXPECT_GT(flow.loss[0], 0);
  EXPECT_GT(flow.loss[4], 0);
  EXPECT_EQ(inspect::gates(model, "this was a good one").h.rows(), 5);

  Sequential features{layers::Input{.features = 2}, layers::LSTM{.units = 2}, layers::Dense{.units = 1}};
  features.prepare(testing_support::small_regression(4, 2));
  test::expect_error(
      ErrorKind::usage, [&] { inspect::gates(features, "x"); }, "takes features");
}

}  // namespace
}  // namespace rondo

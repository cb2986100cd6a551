#include "nn/recurrent_stack.h"

#include <rondo/error.h>

#include "base/random.h"
#include "nn/watch.h"
#include "nn/zoneout.h"

namespace rondo::nn {
namespace {

/// Merges the columns of two directions, [N, 2H]; those of the forward direction come first.
Var merge_directions(const Var& both, Merge merge) {
  if (merge == Merge::concat) return both;
  const std::int64_t units = both.columns() / 2;
  const Var forward = slice_columns(both, 0, units), reverse = slice_columns(both, units, 2 * units);
  if (merge == Merge::product) return forward * reverse;
  const Var sum = forward + reverse;
  return merge == Merge::sum ? sum : sum * Var(Tensor::full({}, 0.5, sum.dtype()));
}

}  // namespace

Cell RecurrentStack::kind_of(const layers::LSTM&) {
  return Cell::lstm;
}
Cell RecurrentStack::kind_of(const layers::GRU& options) {
  return options.reset_after ? Cell::gru : Cell::gru_reset_before;
}
Cell RecurrentStack::kind_of(const layers::SimpleRNN& options) {
  if (options.activation == Activation::tanh) return Cell::rnn_tanh;
  if (options.activation == Activation::relu) return Cell::rnn_relu;
  fail(ErrorKind::option,
       "simple_rnn.activation is tanh or relu, got '" + std::string(name_of(options.activation)) + "'");
}

Cell RecurrentStack::kind_of(const layers::ResidualRecurrence&) {
  return Cell::residual;
}
Cell RecurrentStack::kind_of(const layers::LinearRecurrence&) {
  return Cell::linear;
}

Var RecurrentStack::merged(const Var& both) const {
  return bidirectional_ ? merge_directions(both, merge_) : both;
}

/// U with dropout on its weights (DropConnect; Merity et al. 2018).
std::vector<RecurrentWeights> RecurrentStack::dropped(const Level& level) const {
  std::vector<RecurrentWeights> weights = level.directions;
  for (std::size_t d = 0; d < weights.size(); ++d)
    weights[d].weight_hh = dropout(weights[d].weight_hh, weight_dropout_, level.weight_dropout_keys[d]);
  return weights;
}

void RecurrentStack::check_parts(const State& state) const {
  const std::size_t wanted = parts_a_level() * levels_.size();
  if (state.size() != wanted)
    fail(ErrorKind::shape, "a recurrent layer of " + std::to_string(levels_.size()) + " takes " +
                               std::to_string(wanted) + " states, got " + std::to_string(state.size()));
}

RecurrentResult RecurrentStack::compute(const Level& level, const Sequences& x, const Var& h0, const Var& c0,
                                        std::uint64_t time, bool outputs) const {
  const RecurrentOptions options{.recurrent_dropout = recurrent_dropout_,
                                 .dropout_key = level.recurrent_dropout_key,
                                 .reverse = backwards_,
                                 .outputs = outputs || zoneout_ > 0 || !variant_.none()};
  const auto with = [&](std::span<const RecurrentWeights> weights) {
    if (zoneout_ > 0) return zoned(kind_, x, weights, h0, c0, options, {zoneout_, level.zoneout_key, time});
    if (variant_.none()) return recurrent(kind_, x, weights, h0, c0, options);
    return run_variant(kind_, variant_, x, weights, level.beside, h0, c0, options);
  };
  return weight_dropout_ > 0 ? with(dropped(level)) : with(level.directions);
}

RecurrentResult RecurrentStack::run_level(std::size_t number, const Sequences& x, const Var& h0,
                                          const Var& c0, std::uint64_t time, bool outputs) const {
  const Level& level = levels_[number];
  Watcher* const watching = watcher();
  if (watching == nullptr) return compute(level, x, h0, c0, time, outputs);
  const std::string name = name_ + ".l" + std::to_string(number);
  const Sequences rows = watching->read(name, x);
  RecurrentResult result = compute(level, rows, h0, c0, time, true);
  if (!variant_.none()) return result;  // a Watcher computes gates as fused cells do
  return watching->ran(
      {name, kind_, level.directions, rows, h0, c0, backwards_, static_cast<double>(zoneout_)},
      std::move(result));
}

Recurrence RecurrentStack::run(const Sequences& x, const State& initial, std::uint64_t time,
                               bool outputs) const {
  if (initial.size() != 0) check_parts(initial);
  const std::size_t parts = parts_a_level();
  Sequences rows = x;
  std::vector<Var> states;
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    const Level& level = levels_[l];
    if (l > 0 && dropout_ > 0)
      rows = {dropout(rows.rows(), dropout_, time == 0 ? level.dropout_key : mix(level.dropout_key, time)),
              rows.layout()};
    Var h0, c0;
    if (initial.size() != 0) {
      h0 = initial[parts * l];
      if (parts == 2) c0 = initial[parts * l + 1];
    }
    const bool read = outputs || l + 1 < levels_.size();
    const RecurrentResult result = run_level(l, rows, h0, c0, time, read);
    rows = read ? Sequences(merged(result.outputs.rows()), result.outputs.layout()) : Sequences();
    states.push_back(result.h);
    if (parts == 2) states.push_back(result.c);
  }
  return {rows, State(std::move(states))};
}

State RecurrentStack::start(std::int64_t rows) const {
  const int directions = bidirectional_ ? 2 : 1;
  std::vector<Var> states;
  for (std::size_t i = 0; i < parts_a_level() * levels_.size(); ++i) {
    const bool is_h = i % parts_a_level() == 0;
    states.emplace_back(Tensor::zeros({rows, std::int64_t{directions} * (is_h ? state() : units_)},
                                      levels_.front().directions.front().weight_ih.dtype()));
  }
  return State(std::move(states));
}

Step RecurrentStack::step(const Var& x, const State& state, std::uint64_t time) const {
  if (bidirectional_)
    fail(ErrorKind::usage,
         "step(): a bidirectional layer reads each sequence from its end, too; give it whole sequences "
         "(run()), or make it with bidirectional = false");
  if (backwards_)
    fail(ErrorKind::usage,
         "step(): a layer with go_backwards reads each sequence from its end; give it whole sequences "
         "(run())");
  check_parts(state);
  const Recurrence one = run({x, Layout::uniform(x.rows(), 1)}, state, time);
  return {one.outputs.rows(), one.state};
}

Var RecurrentStack::last(const State& state) const {
  return merged(state[state.size() - parts_a_level()]);
}

}  // namespace rondo::nn

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

RecurrentResult RecurrentStack::run_level(std::size_t number, const Sequences& x, const Var& h0,
                                          const Var& c0, std::uint64_t time) const {
  const Level& level = levels_[number];
  const RecurrentOptions options{.recurrent_dropout = recurrent_dropout_,
                                 .dropout_key = level.recurrent_dropout_key};
  const auto on = [&](const Sequences& rows) {
    if (zoneout_ > 0)
      return zoned(kind_, rows, weight_dropout_ > 0 ? dropped(level) : level.directions, h0, c0, options,
                   {zoneout_, level.zoneout_key, time});
    return weight_dropout_ > 0 ? recurrent(kind_, rows, dropped(level), h0, c0, options)
                               : recurrent(kind_, rows, level.directions, h0, c0, options);
  };
  Watcher* const watching = watcher();
  if (watching == nullptr) return on(x);
  const std::string name = name_ + ".l" + std::to_string(number);
  const Sequences rows = watching->read(name, x);
  return watching->ran({name, kind_, level.directions, rows, h0, c0, static_cast<double>(zoneout_)},
                       on(rows));
}

Recurrence RecurrentStack::run(const Sequences& x, const State& initial, std::uint64_t time) const {
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
    const RecurrentResult result = run_level(l, rows, h0, c0, time);
    rows = {merged(result.outputs.rows()), result.outputs.layout()};
    states.push_back(result.h);
    if (parts == 2) states.push_back(result.c);
  }
  return {rows, State(std::move(states))};
}

State RecurrentStack::start(std::int64_t rows) const {
  const std::int64_t columns = bidirectional_ ? 2 * units_ : units_;
  std::vector<Var> states;
  for (std::size_t i = 0; i < parts_a_level() * levels_.size(); ++i)
    states.emplace_back(Tensor::zeros({rows, columns}, levels_.front().directions.front().weight_hh.dtype()));
  return State(std::move(states));
}

Step RecurrentStack::step(const Var& x, const State& state, std::uint64_t time) const {
  if (bidirectional_)
    fail(ErrorKind::usage,
         "step(): a bidirectional layer reads each sequence from its end, too; give it whole sequences "
         "(run()), or make it with bidirectional = false");
  check_parts(state);
  const Recurrence one = run({x, Layout::uniform(x.rows(), 1)}, state, time);
  return {one.outputs.rows(), one.state};
}

Var RecurrentStack::last(const State& state) const {
  return merged(state[state.size() - parts_a_level()]);
}

}  // namespace rondo::nn

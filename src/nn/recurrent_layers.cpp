#include <array>

#include <rondo/error.h>
#include <rondo/nn.h>

#include "base/message.h"
#include "nn/recurrent_weights.h"

namespace rondo::nn {
namespace {

Cell kind_of(const layers::LSTM&) {
  return Cell::lstm;
}
Cell kind_of(const layers::GRU& options) {
  return options.reset_after ? Cell::gru : Cell::gru_reset_before;
}
Cell kind_of(const layers::SimpleRNN& options) {
  if (options.activation == Activation::tanh) return Cell::rnn_tanh;
  if (options.activation == Activation::relu) return Cell::rnn_relu;
  fail(ErrorKind::option,
       "simple_rnn.activation is tanh or relu, got '" + std::string(name_of(options.activation)) + "'");
}

/// Columns of two directions, [N, 2H], to one: forward's first.
Var merge_directions(const Var& both, Merge merge) {
  if (merge == Merge::concat) return both;
  const std::int64_t units = both.columns() / 2;
  const Var forward = slice_columns(both, 0, units), reverse = slice_columns(both, units, 2 * units);
  if (merge == Merge::product) return forward * reverse;
  const Var sum = forward + reverse;
  return merge == Merge::sum ? sum : sum * Var(Tensor::full({}, 0.5, sum.dtype()));
}

}  // namespace

/// What the three kinds of layer have in common; immutable once built, so copies share it.
struct RecurrentLayers::Stack {
  struct Level {
    std::vector<RecurrentWeights> directions;
    std::vector<std::uint64_t> weight_dropout_keys;
    std::uint64_t dropout_key = 0, recurrent_dropout_key = 0;
  };

  Cell kind;
  int units;
  Merge merge;
  bool bidirectional;
  float dropout, recurrent_dropout, weight_dropout;
  std::vector<Level> levels;

  template <class Options>
  Stack(const Scope& in, int input, const Options& o)
      : kind(kind_of(o)),
        units(o.units),
        merge(o.merge),
        bidirectional(o.bidirectional),
        dropout(o.dropout),
        recurrent_dropout(o.recurrent_dropout),
        weight_dropout(o.weight_dropout) {
    for (int l = 0; l < o.layers; ++l) {
      Level level;
      for (int d = 0; d < (bidirectional ? 2 : 1); ++d) {
        const std::string suffix = "_l" + std::to_string(l) + (d == 1 ? "_reverse" : "");
        level.directions.push_back(recurrent_weights(in, l == 0 ? input : features(), kind, o, suffix));
        level.weight_dropout_keys.push_back(in.key("weight_dropout" + suffix));
      }
      level.dropout_key = in.key("dropout_l" + std::to_string(l));
      level.recurrent_dropout_key = in.key("recurrent_dropout_l" + std::to_string(l));
      levels.push_back(std::move(level));
    }
  }

  int directions() const { return bidirectional ? 2 : 1; }
  int features() const { return bidirectional && merge == Merge::concat ? 2 * units : units; }
  std::size_t states_a_level() const { return kind == Cell::lstm ? 2 : 1; }

  Var merged(const Var& x) const { return bidirectional ? merge_directions(x, merge) : x; }

  /// The weights of a level with some of U dropped (DropConnect; Merity et al. 2018).
  std::vector<RecurrentWeights> dropped(const Level& level) const {
    std::vector<RecurrentWeights> weights = level.directions;
    if (weight_dropout > 0)
      for (std::size_t d = 0; d < weights.size(); ++d)
        weights[d].weight_hh =
            rondo::dropout(weights[d].weight_hh, weight_dropout, level.weight_dropout_keys[d]);
    return weights;
  }

  void check(const State& initial) const {
    const std::size_t wanted = states_a_level() * levels.size();
    if (initial.size() != 0 && initial.size() != wanted)
      fail(ErrorKind::shape, "a recurrent layer of " + std::to_string(levels.size()) + " takes " +
                                 std::to_string(wanted) + " initial states, got " +
                                 std::to_string(initial.size()));
  }
};

RecurrentLayers::RecurrentLayers(const Scope& in, int input, const layers::LSTM& options)
    : stack_(std::make_shared<Stack>(in, input, options)) {}
RecurrentLayers::RecurrentLayers(const Scope& in, int input, const layers::GRU& options)
    : stack_(std::make_shared<Stack>(in, input, options)) {}
RecurrentLayers::RecurrentLayers(const Scope& in, int input, const layers::SimpleRNN& options)
    : stack_(std::make_shared<Stack>(in, input, options)) {}

Recurrence RecurrentLayers::run(const Sequences& x, const State& initial) const {
  const Stack& stack = *stack_;
  stack.check(initial);
  const std::size_t parts = stack.states_a_level();
  Sequences rows = x;
  std::vector<Var> states;
  for (std::size_t l = 0; l < stack.levels.size(); ++l) {
    const Stack::Level& level = stack.levels[l];
    if (l > 0 && stack.dropout > 0)
      rows = {rondo::dropout(rows.rows(), stack.dropout, level.dropout_key), rows.layout()};
    Var h0, c0;
    if (initial.size() != 0) {
      h0 = initial[parts * l];
      if (parts == 2) c0 = initial[parts * l + 1];
    }
    const RecurrentResult result =
        recurrent(stack.kind, rows, stack.dropped(level), h0, c0,
                  {.recurrent_dropout = stack.recurrent_dropout, .dropout_key = level.recurrent_dropout_key});
    rows = {stack.merged(result.outputs.rows()), result.outputs.layout()};
    states.push_back(result.h);
    if (parts == 2) states.push_back(result.c);
  }
  return {rows, State(std::move(states))};
}

Sequences RecurrentLayers::operator()(const Sequences& x) const {
  return run(x).outputs;
}

Var RecurrentLayers::last(const Sequences& x) const {
  const State state = run(x).state;
  return stack_->merged(state[state.size() - stack_->states_a_level()]);
}

int RecurrentLayers::features() const noexcept {
  return stack_->features();
}

}  // namespace rondo::nn

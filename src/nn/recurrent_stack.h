/// The parts of recurrent layers and cells: stacked levels of weights with PyTorch's names, their options,
/// and how to run a level.
#pragma once
#include <array>
#include <string>
#include <vector>

#include <rondo/nn.h>

#include "base/message.h"
#include "nn/checked.h"
#include "nn/variant_cell.h"

namespace rondo::nn {

/// The weights of one direction: weight_ih [gates · units, input], weight_hh [gates · units, state], bias_ih,
/// bias_hh [gates · units], each name followed by `suffix` ("_l0_reverse"; a cell's have none). W and U are
/// initialised gate by gate. The initial forget bias is in bias_ih only, because the two biases are added. A
/// cell without recurrent weights has neither weight_hh nor bias_hh. `state`: the width of h.
template <class Options>
RecurrentWeights recurrent_weights(const Scope& in, int input, int state, Cell kind, const Options& options,
                                   const std::string& suffix) {
  const int gates = gates_of(kind), units = options.units;
  const std::int64_t rows = std::int64_t{gates} * units;
  RecurrentWeights weights;
  weights.weight_ih =
      in.parameter("weight_ih" + suffix, {rows, input}, {.kind = options.kernel_init, .blocks = gates});
  if constexpr (requires { options.recurrent_init; })
    weights.weight_hh =
        in.parameter("weight_hh" + suffix, {rows, state}, {.kind = options.recurrent_init, .blocks = gates});
  if (!options.bias) return weights;
  Initial bias{.kind = Initializer::zeros};
  if constexpr (requires { options.forget_bias; })
    bias = {.kind = Initializer::ones, .scale = options.forget_bias, .blocks = gates, .only_block = 1};
  weights.bias_ih = in.parameter("bias_ih" + suffix, {rows}, bias);
  if constexpr (requires { options.recurrent_init; })
    weights.bias_hh = in.parameter("bias_hh" + suffix, {rows}, {.kind = Initializer::zeros});
  return weights;
}

/// Error(option) for a layer that would read in both directions and backwards.
template <class Options>
void check_directions(const std::string& where, const Options& o) {
  if (o.bidirectional && o.go_backwards)
    fail(ErrorKind::option,
         where + ": a bidirectional layer reads backwards, too; leave out bidirectional or go_backwards");
}

class RecurrentStack {
 public:
  /// numbered: whether names end in "_l0", ...; a cell, with one level and direction, has no such suffix.
  template <class Options>
  RecurrentStack(const Scope& in, int input, const Options& unchecked, bool numbered = true)
      : RecurrentStack(kind_of(unchecked), checked(in.path(), unchecked)) {
    const Options& o = unchecked;
    name_ = in.path();
    const std::string where = name_.empty() ? std::string(Options::type) : name_;
    check_directions(where, o);
    if constexpr (requires { o.recurrent_activation; }) variant_ = variant_of(where, o);
    if (zoneout_ > 0 && !variant_.none())
      fail(ErrorKind::option,
           where +
               ": zoneout goes with the usual gates alone; leave out zoneout, or proj_size, "
               "peepholes, layer_norm and other activations");
    for (int l = 0; l < o.layers; ++l) {
      const std::string number = numbered ? "_l" + std::to_string(l) : "";
      Level level;
      for (int d = 0; d < (bidirectional_ ? 2 : 1); ++d) {
        const std::string suffix = number + (d == 1 ? "_reverse" : "");
        level.directions.push_back(
            recurrent_weights(in, l == 0 ? input : features(), state(), kind_, o, suffix));
        level.beside.push_back(variant_weights(in, variant_, units_, suffix));
        level.weight_dropout_keys.push_back(in.key("weight_dropout" + suffix));
      }
      level.dropout_key = in.key("dropout" + number);
      level.recurrent_dropout_key = in.key("recurrent_dropout" + number);
      level.zoneout_key = in.key("zoneout" + number);
      levels_.push_back(std::move(level));
    }
  }

  /// time: see RecurrentLayers::step; 0 for whole sequences. outputs: whether the last level's are asked for.
  Recurrence run(const Sequences& x, const State& initial, std::uint64_t time = 0, bool outputs = true) const;
  State start(std::int64_t rows) const;
  Step step(const Var& x, const State& state, std::uint64_t time) const;
  /// The last level's final h, directions merged.
  Var last(const State& state) const;
  int features() const noexcept { return bidirectional_ && merge_ == Merge::concat ? 2 * state() : state(); }

 private:
  struct Level {
    std::vector<RecurrentWeights> directions;
    std::vector<VariantWeights> beside;
    std::vector<std::uint64_t> weight_dropout_keys;
    std::uint64_t dropout_key = 0, recurrent_dropout_key = 0, zoneout_key = 0;
  };

  template <class Options>
  RecurrentStack(Cell kind, const Options& o)
      : kind_(kind),
        units_(o.units),
        merge_(o.merge),
        bidirectional_(o.bidirectional),
        backwards_(o.go_backwards),
        dropout_(o.dropout) {
    if constexpr (requires { o.weight_dropout; }) {
      recurrent_dropout_ = o.recurrent_dropout;
      weight_dropout_ = o.weight_dropout;
      zoneout_ = o.zoneout;
    }
  }

  static Cell kind_of(const layers::LSTM& options);
  static Cell kind_of(const layers::GRU& options);
  static Cell kind_of(const layers::SimpleRNN& options);
  static Cell kind_of(const layers::ResidualRecurrence& options);
  static Cell kind_of(const layers::LinearRecurrence& options);

  /// The width of h in one direction.
  int state() const noexcept { return variant_.proj_size > 0 ? variant_.proj_size : units_; }
  std::size_t parts_a_level() const { return kind_ == Cell::lstm ? 2 : 1; }
  Var merged(const Var& both) const;
  std::vector<RecurrentWeights> dropped(const Level& level) const;
  void check_parts(const State& state) const;
  /// One level over a batch; tells a Watcher of it.
  RecurrentResult run_level(std::size_t number, const Sequences& x, const Var& h0, const Var& c0,
                            std::uint64_t time, bool outputs) const;
  RecurrentResult compute(const Level& level, const Sequences& x, const Var& h0, const Var& c0,
                          std::uint64_t time, bool outputs) const;

  std::string name_;  ///< its place in the parameter tree
  Cell kind_;
  int units_;
  Merge merge_;
  bool bidirectional_, backwards_;
  float dropout_, recurrent_dropout_ = 0, weight_dropout_ = 0, zoneout_ = 0;
  Variant variant_;
  std::vector<Level> levels_;
};

}  // namespace rondo::nn

#include "nn/variant_cell.h"

#include <utility>

#include <rondo/error.h>

#include "base/message.h"
#include "nn/directions.h"

namespace rondo::nn {
namespace {

void check_functions(const std::string& where, Activation activation, Activation recurrent) {
  for (const auto& [name, function] :
       {std::pair("activation", activation), std::pair("recurrent_activation", recurrent)})
    if (function == Activation::softmax)
      fail(ErrorKind::option, where + "." + name + " is tanh, sigmoid, hard_sigmoid, relu or linear, got '" +
                                  std::string(name_of(function)) + "'");
}

/// Each sequence from its end to its start.
Sequences reversed(const Sequences& x) {
  const Layout& layout = *x.layout();
  std::vector<std::int32_t> from(static_cast<std::size_t>(layout.rows()));
  for (std::int64_t t = 0; t < layout.steps(); ++t)
    for (std::int64_t k = 0; k < layout.rows_at(t); ++k)
      from[static_cast<std::size_t>(layout.row(k, t))] =
          static_cast<std::int32_t>(layout.row(k, layout.length(k) - 1 - t));
  return {select_rows(x.rows(), from), x.layout()};
}

/// What a step of one direction needs.
struct Direction {
  const Variant& variant;
  const RecurrentWeights& weights;
  const VariantWeights& beside;
  Var mask;  ///< of recurrent dropout, [count, H]; undefined: none

  Var gate(const Var& x) const { return activate(x, variant.recurrent_activation); }
  Var squash(const Var& x) const { return activate(x, variant.activation); }
  /// h as U takes it, of the first rows of the batch.
  Var fed(const Var& h) const { return mask.defined() ? h * slice_rows(mask, 0, h.rows()) : h; }
};

Var normalised(const Var& x, const Var& gain, const Var& bias) {
  return layer_norm(x, gain, bias.defined() ? bias : Var(Tensor::zeros(gain.shape(), gain.dtype())));
}

/// The input's part of all steps at once.
Var input_part(const Direction& d, const Var& x) {
  if (!d.variant.layer_norm) return linear(x, d.weights.weight_ih, d.weights.bias_ih);
  return normalised(linear(x, d.weights.weight_ih), d.beside.norm_ih, d.weights.bias_ih);
}

State lstm_step(const Direction& d, const Var& from_x, const State& state) {
  const Var& c = state[1];
  const std::int64_t units = c.columns();
  Var from_h;
  if (d.variant.layer_norm)
    from_h = normalised(linear(d.fed(state[0]), d.weights.weight_hh), d.beside.norm_hh, d.weights.bias_hh);
  else
    from_h = linear(d.fed(state[0]), d.weights.weight_hh, d.weights.bias_hh);
  const Var all = from_x + from_h;
  const auto part = [&](std::int64_t g) { return slice_columns(all, g * units, (g + 1) * units); };
  const auto peeped = [&](std::int64_t g, const Var& weight, const Var& at) {
    return d.variant.peepholes ? part(g) + at * weight : part(g);
  };
  const Var i = d.gate(peeped(0, d.beside.peephole_i, c)), f = d.gate(peeped(1, d.beside.peephole_f, c));
  const Var next = f * c + i * d.squash(part(2));
  const Var o = d.gate(peeped(3, d.beside.peephole_o, next));
  const Var seen = d.variant.layer_norm ? normalised(next, d.beside.norm_c, d.beside.norm_c_bias) : next;
  const Var h = o * d.squash(seen);
  return {d.variant.proj_size > 0 ? linear(h, d.beside.projection) : h, next};
}

State gru_step(const Direction& d, bool reset_after, const Var& from_x, const State& state) {
  const Var& h = state[0];
  const std::int64_t units = h.columns();
  const auto part = [units](const Var& x, std::int64_t g) {
    return slice_columns(x, g * units, (g + 1) * units);
  };
  const auto times_u = [&](const Var& x, std::int64_t first, std::int64_t last) {
    const Var& bias = d.weights.bias_hh;
    return linear(x, slice_rows(d.weights.weight_hh, first * units, last * units),
                  bias.defined() ? slice_rows(bias, first * units, last * units) : bias);
  };
  const Var fed = d.fed(h), gates = times_u(fed, 0, 2);
  const Var r = d.gate(part(from_x, 0) + part(gates, 0)), z = d.gate(part(from_x, 1) + part(gates, 1));
  const Var from_h = reset_after ? r * times_u(fed, 2, 3) : times_u(r * fed, 2, 3);
  const Var n = d.squash(part(from_x, 2) + from_h);
  return {n + z * (h - n)};
}

Recurrence run_direction(Cell kind, const Direction& d, const Sequences& x, bool reverse,
                         const State& start) {
  const Sequences read = reverse ? reversed(x) : x;
  Recurrence run =
      drive({input_part(d, read.rows()), x.layout()}, start, [&](const Var& from_x, const State& state) {
        return kind == Cell::lstm ? lstm_step(d, from_x, state)
                                  : gru_step(d, kind == Cell::gru, from_x, state);
      });
  if (reverse) run.outputs = reversed(run.outputs);
  return run;
}

}  // namespace

template <>
Variant variant_of(const std::string& where, const layers::LSTM& o) {
  check_functions(where, o.activation, o.recurrent_activation);
  return {o.activation, o.recurrent_activation, o.proj_size, o.peepholes, o.layer_norm};
}

template <>
Variant variant_of(const std::string& where, const layers::GRU& o) {
  check_functions(where, o.activation, o.recurrent_activation);
  return {o.activation, o.recurrent_activation};
}

VariantWeights variant_weights(const Scope& in, const Variant& variant, int units,
                               const std::string& suffix) {
  VariantWeights weights;
  const Initial ones{.kind = Initializer::ones}, zeros{.kind = Initializer::zeros};
  if (variant.proj_size > 0)
    weights.projection = in.parameter("weight_hr" + suffix, {variant.proj_size, units});
  if (variant.peepholes) {
    weights.peephole_i = in.parameter("weight_ci" + suffix, {units}, zeros);
    weights.peephole_f = in.parameter("weight_cf" + suffix, {units}, zeros);
    weights.peephole_o = in.parameter("weight_co" + suffix, {units}, zeros);
  }
  if (variant.layer_norm) {
    weights.norm_ih = in.parameter("norm_ih" + suffix, {std::int64_t{4} * units}, ones);
    weights.norm_hh = in.parameter("norm_hh" + suffix, {std::int64_t{4} * units}, ones);
    weights.norm_c = in.parameter("norm_c" + suffix, {units}, ones);
    weights.norm_c_bias = in.parameter("norm_c_bias" + suffix, {units}, zeros);
  }
  return weights;
}

RecurrentResult run_variant(Cell kind, const Variant& variant, const Sequences& x,
                            std::span<const RecurrentWeights> directions,
                            std::span<const VariantWeights> beside, const Var& h0, const Var& c0,
                            const RecurrentOptions& options) {
  const std::size_t count = directions.size();
  const auto many = static_cast<std::int64_t>(count);
  const DType type = x.rows().dtype();
  const std::int64_t outputs = directions.front().weight_hh.columns(),
                     units = directions.front().weight_ih.rows() / gates_of(kind);
  const auto or_zeros = [&](const Var& state, std::int64_t width) {
    return state.defined() ? state : Var(Tensor::zeros({x.count(), many * width}, type));
  };
  const Var first_h = or_zeros(h0, outputs), first_c = kind == Cell::lstm ? or_zeros(c0, units) : Var();
  Var mask;
  if (options.recurrent_dropout > 0)
    mask = dropout(Var(Tensor::full({x.count(), many * outputs}, 1, type)), options.recurrent_dropout,
                   options.dropout_key);
  std::vector<Var> all, h, c;
  for (std::size_t d = 0; d < count; ++d) {
    State start{part_of(first_h, d, count)};
    if (kind == Cell::lstm) start = {start[0], part_of(first_c, d, count)};
    const Direction direction{variant, directions[d], beside[d],
                              mask.defined() ? part_of(mask, d, count) : mask};
    const Recurrence run = run_direction(kind, direction, x, d == 1 || options.reverse, start);
    all.push_back(run.outputs.rows());
    h.push_back(run.state[0]);
    if (kind == Cell::lstm) c.push_back(run.state[1]);
  }
  return {Sequences(side_by_side(all), x.layout()), side_by_side(h), c.empty() ? Var() : side_by_side(c)};
}

}  // namespace rondo::nn

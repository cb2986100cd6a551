#include <string>

#include <rondo/blend_steps.h>
#include <rondo/error.h>
#include <rondo/min_recurrent.h>

#include "base/message.h"
#include "nn/checked.h"
#include "runtime/function_ref.h"

namespace rondo::nn {
namespace {

template <class Options>
MinimalGate gate_of(const Scope& in, int input, const Options& o) {
  MinimalGate gate{in.parameter("weight", {o.units, input}, {.kind = o.kernel_init}), {}};
  if (o.bias) gate.bias = in.parameter("bias", {o.units}, {.kind = Initializer::zeros});
  return gate;
}

Var through(const MinimalGate& gate, const Var& rows) {
  return linear(rows, gate.weight, gate.bias);
}

/// `made_of` the rows of x, which must make each row of itself alone. Where x repeats, it is made of the
/// distinct rows and then copied: a layer over embedded tokens has few of them, and no product of its state.
Sequences of_each_row(const Sequences& x, FunctionRef<Var(const Var&)> made_of) {
  if (x.copies() == nullptr) return {made_of(x.rows()), x.layout()};
  return {select_rows(made_of(x.copies()->distinct), x.copies()->of.data<std::int32_t>()), x.layout()};
}

Sequences candidates_of(const MinimalGate& gate, const Sequences& x) {
  return of_each_row(x, [&gate](const Var& rows) { return through(gate, rows); });
}

Recurrence blended(const Sequences& z, const Sequences& candidates, const State& initial) {
  if (initial.size() > 1)
    fail(ErrorKind::shape,
         "a minimal recurrent layer takes one state, got " + std::to_string(initial.size()));
  const BlendedSteps steps = blend_steps(z, candidates.rows(), initial.size() == 0 ? Var() : initial[0]);
  return {steps.outputs, State{steps.h}};
}

}  // namespace

MinGRU::MinGRU(const Scope& in, int input, const layers::MinGRU& options)
    : OneState(options.units, gate_of(in / "linear_z", input, checked(in.path(), options))),
      candidate_(gate_of(in / "linear_h", input, options)) {}

Recurrence MinGRU::run(const Sequences& x, const State& initial) const {
  return blended(of_each_row(x, [this](const Var& rows) { return sigmoid(through(gate(), rows)); }),
                 candidates_of(candidate_, x), initial);
}

MinLSTM::MinLSTM(const Scope& in, int input, const layers::MinLSTM& options)
    : OneState(options.units, gate_of(in / "linear_f", input, checked(in.path(), options))),
      input_(gate_of(in / "linear_i", input, options)),
      candidate_(gate_of(in / "linear_h", input, options)) {}

Recurrence MinLSTM::run(const Sequences& x, const State& initial) const {
  const auto share = [this](const Var& rows) {
    const Var forget = sigmoid(through(gate(), rows)), input = sigmoid(through(input_, rows));
    // Where both gates are shut, neither wins: without this, the share would be 0 / 0.
    const Var little(Tensor::full({}, 1e-30, input.dtype()));
    const Var open = input + little;
    return open / (open + forget + little);
  };
  return blended(of_each_row(x, share), candidates_of(candidate_, x), initial);
}

SSRU::SSRU(const Scope& in, int input, const layers::SSRU& options)
    : OneState(options.units, gate_of(in / "linear_f", input, checked(in.path(), options))),
      candidate_(
          gate_of(in / "linear_c", input,
                  layers::SSRU{.units = options.units, .bias = false, .kernel_init = options.kernel_init})) {}

Recurrence SSRU::run(const Sequences& x, const State& initial) const {
  const auto open = [this](const Var& rows) {
    // 1 - sigmoid(a) is sigmoid(-a): what is taken of the new.
    const Var shut = through(gate(), rows);
    return sigmoid(shut * Var(Tensor::full({}, -1, shut.dtype())));
  };
  Recurrence run = blended(of_each_row(x, open), candidates_of(candidate_, x), initial);
  run.outputs = {relu(run.outputs.rows()), run.outputs.layout()};
  return run;
}

}  // namespace rondo::nn

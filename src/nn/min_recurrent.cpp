#include <string>

#include <rondo/blend_steps.h>
#include <rondo/error.h>
#include <rondo/min_recurrent.h>

#include "base/message.h"
#include "nn/checked.h"

namespace rondo::nn {
namespace {

template <class Options>
MinimalGate gate_of(const Scope& in, int input, const Options& o) {
  MinimalGate gate{in.parameter("weight", {o.units, input}, {.kind = o.kernel_init}), {}};
  if (o.bias) gate.bias = in.parameter("bias", {o.units}, {.kind = Initializer::zeros});
  return gate;
}

Sequences through(const MinimalGate& gate, const Sequences& x) {
  return {linear(x.rows(), gate.weight, gate.bias), x.layout()};
}

Recurrence blended(const Var& z, const Sequences& candidates, const State& initial) {
  if (initial.size() > 1)
    fail(ErrorKind::shape,
         "a minimal recurrent layer takes one state, got " + std::to_string(initial.size()));
  const BlendedSteps steps =
      blend_steps({z, candidates.layout()}, candidates.rows(), initial.size() == 0 ? Var() : initial[0]);
  return {steps.outputs, State{steps.h}};
}

}  // namespace

MinGRU::MinGRU(const Scope& in, int input, const layers::MinGRU& options)
    : OneState(options.units, gate_of(in / "linear_z", input, checked(in.path(), options))),
      candidate_(gate_of(in / "linear_h", input, options)) {}

Recurrence MinGRU::run(const Sequences& x, const State& initial) const {
  return blended(sigmoid(through(gate(), x).rows()), through(candidate_, x), initial);
}

MinLSTM::MinLSTM(const Scope& in, int input, const layers::MinLSTM& options)
    : OneState(options.units, gate_of(in / "linear_f", input, checked(in.path(), options))),
      input_(gate_of(in / "linear_i", input, options)),
      candidate_(gate_of(in / "linear_h", input, options)) {}

Recurrence MinLSTM::run(const Sequences& x, const State& initial) const {
  const Var forget = sigmoid(through(gate(), x).rows()), input = sigmoid(through(input_, x).rows());
  // Where both gates are shut, neither wins: without this, the share would be 0 / 0.
  const Var little(Tensor::full({}, 1e-30, input.dtype()));
  const Var open = input + little;
  return blended(open / (open + forget + little), through(candidate_, x), initial);
}

SSRU::SSRU(const Scope& in, int input, const layers::SSRU& options)
    : OneState(options.units, gate_of(in / "linear_f", input, checked(in.path(), options))),
      candidate_(
          gate_of(in / "linear_c", input,
                  layers::SSRU{.units = options.units, .bias = false, .kernel_init = options.kernel_init})) {}

Recurrence SSRU::run(const Sequences& x, const State& initial) const {
  // 1 - sigmoid(a) is sigmoid(-a): what is taken of the new.
  const Var shut = through(gate(), x).rows();
  const Var open = sigmoid(shut * Var(Tensor::full({}, -1, shut.dtype())));
  Recurrence run = blended(open, through(candidate_, x), initial);
  run.outputs = {relu(run.outputs.rows()), run.outputs.layout()};
  return run;
}

}  // namespace rondo::nn

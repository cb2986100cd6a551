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

State zeros(std::int64_t rows, int units, DType type) {
  return State{Var(Tensor::zeros({rows, units}, type))};
}

template <class Layer>
Step one_step(const Layer& layer, const Var& x, const State& state) {
  const Recurrence one = layer.run({x, Layout::uniform(x.rows(), 1)}, state);
  return {one.outputs.rows(), one.state};
}

}  // namespace

MinGRU::MinGRU(const Scope& in, int input, const layers::MinGRU& options)
    : units_(checked(in.path(), options).units),
      update_(gate_of(in / "linear_z", input, options)),
      candidate_(gate_of(in / "linear_h", input, options)) {}

Recurrence MinGRU::run(const Sequences& x, const State& initial) const {
  return blended(sigmoid(through(update_, x).rows()), through(candidate_, x), initial);
}
State MinGRU::start(std::int64_t rows) const {
  return zeros(rows, units_, update_.weight.dtype());
}
Step MinGRU::step(const Var& x, const State& state) const {
  return one_step(*this, x, state);
}
Sequences MinGRU::operator()(const Sequences& x) const {
  return run(x).outputs;
}
int MinGRU::features() const noexcept {
  return units_;
}

MinLSTM::MinLSTM(const Scope& in, int input, const layers::MinLSTM& options)
    : units_(checked(in.path(), options).units),
      forget_(gate_of(in / "linear_f", input, options)),
      input_(gate_of(in / "linear_i", input, options)),
      candidate_(gate_of(in / "linear_h", input, options)) {}

Recurrence MinLSTM::run(const Sequences& x, const State& initial) const {
  const Var forget = sigmoid(through(forget_, x).rows()), input = sigmoid(through(input_, x).rows());
  // Where both gates are shut, neither wins: without this, the share would be 0 / 0.
  const Var little(Tensor::full({}, 1e-30, input.dtype()));
  const Var open = input + little;
  return blended(open / (open + forget + little), through(candidate_, x), initial);
}
State MinLSTM::start(std::int64_t rows) const {
  return zeros(rows, units_, forget_.weight.dtype());
}
Step MinLSTM::step(const Var& x, const State& state) const {
  return one_step(*this, x, state);
}
Sequences MinLSTM::operator()(const Sequences& x) const {
  return run(x).outputs;
}
int MinLSTM::features() const noexcept {
  return units_;
}

SSRU::SSRU(const Scope& in, int input, const layers::SSRU& options)
    : units_(checked(in.path(), options).units),
      forget_(gate_of(in / "linear_f", input, options)),
      candidate_(
          gate_of(in / "linear_c", input,
                  layers::SSRU{.units = options.units, .bias = false, .kernel_init = options.kernel_init})) {}

Recurrence SSRU::run(const Sequences& x, const State& initial) const {
  // 1 - sigmoid(a) is sigmoid(-a): what is taken of the new.
  const Var gate = through(forget_, x).rows();
  const Var open = sigmoid(gate * Var(Tensor::full({}, -1, gate.dtype())));
  Recurrence run = blended(open, through(candidate_, x), initial);
  run.outputs = {relu(run.outputs.rows()), run.outputs.layout()};
  return run;
}
State SSRU::start(std::int64_t rows) const {
  return zeros(rows, units_, forget_.weight.dtype());
}
Step SSRU::step(const Var& x, const State& state) const {
  return one_step(*this, x, state);
}
Sequences SSRU::operator()(const Sequences& x) const {
  return run(x).outputs;
}
int SSRU::features() const noexcept {
  return units_;
}

}  // namespace rondo::nn

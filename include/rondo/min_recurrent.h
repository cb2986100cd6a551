/// The live modules of minimal recurrent layers, which are one operation over all steps (blend_steps.h).
///
///     const nn::MinGRU layer(in / "rnn", 64, {.units = 512});
///     const nn::Recurrence run = layer.run(sequences);
#pragma once
#include <cstdint>
#include <utility>

#include <rondo/layers/min_recurrent.h>
#include <rondo/nn.h>

namespace [[gnu::visibility("default")]] rondo {

namespace nn {

/// The weights of one gate: `weight` [units, input] and `bias` [units].
struct MinimalGate {
  Var weight, bias;
};

/// What the layers below have in common: one state of [rows, units]. `Layer` has run().
template <class Layer>
class OneState {
 public:
  /// Zeros: {h}, of an SSRU {c}, of [rows, units].
  State start(std::int64_t rows) const {
    return State{Var(Tensor::zeros({rows, units_}, gate_.weight.dtype()))};
  }
  /// One step on x [rows, input], with the bits of run().
  Step step(const Var& x, const State& state) const {
    const Recurrence one = layer().run({x, Layout::uniform(x.rows(), 1)}, state);
    return {one.outputs.rows(), one.state};
  }
  Sequences operator()(const Sequences& x) const { return layer().run(x).outputs; }
  int features() const noexcept { return units_; }

 protected:
  /// `gate`: any of the layer's gates.
  OneState(int units, MinimalGate gate) : units_(units), gate_(std::move(gate)) {}
  const MinimalGate& gate() const noexcept { return gate_; }

 private:
  const Layer& layer() const { return static_cast<const Layer&>(*this); }
  int units_;
  MinimalGate gate_;
};

/// Parameters `linear_z` and `linear_h`, each `weight` [units, input] and `bias` [units].
class MinGRU : public OneState<MinGRU> {
 public:
  MinGRU(const Scope& in, int input, const layers::MinGRU& options);
  /// `initial` is {h} of [count, units]; if it is empty, the states start at zero.
  Recurrence run(const Sequences& x, const State& initial = {}) const;

 private:
  MinimalGate candidate_;
};

/// Parameters `linear_f`, `linear_i` and `linear_h`, each `weight` [units, input] and `bias` [units].
class MinLSTM : public OneState<MinLSTM> {
 public:
  MinLSTM(const Scope& in, int input, const layers::MinLSTM& options);
  /// As of MinGRU; there is no c.
  Recurrence run(const Sequences& x, const State& initial = {}) const;

 private:
  MinimalGate input_, candidate_;
};

/// Parameters `linear_f` (`weight` [units, input], `bias` [units]) and `linear_c` (`weight`).
class SSRU : public OneState<SSRU> {
 public:
  SSRU(const Scope& in, int input, const layers::SSRU& options);
  /// Outputs h; `initial` and the state are {c} of [count, units].
  Recurrence run(const Sequences& x, const State& initial = {}) const;

 private:
  MinimalGate candidate_;
};

}  // namespace nn
}  // namespace rondo

/// The live modules of minimal recurrent layers, which are one operation over all steps (blend_steps.h).
///
///     const nn::MinGRU layer(in / "rnn", 64, {.units = 512});
///     const nn::Recurrence run = layer.run(sequences);
#pragma once
#include <cstdint>

#include <rondo/layers/min_recurrent.h>
#include <rondo/nn.h>

namespace [[gnu::visibility("default")]] rondo {

namespace nn {

/// The weights of one gate: `weight` [units, input] and `bias` [units].
struct MinimalGate {
  Var weight, bias;
};

/// Parameters `linear_z` and `linear_h`, each `weight` [units, input] and `bias` [units].
class MinGRU {
 public:
  MinGRU(const Scope& in, int input, const layers::MinGRU& options);
  /// `initial` is {h} of [count, units]; if it is empty, the states start at zero.
  Recurrence run(const Sequences& x, const State& initial = {}) const;
  /// Zeros: {h} of [rows, units].
  State start(std::int64_t rows) const;
  /// One step on x [rows, input], with the bits of run().
  Step step(const Var& x, const State& state) const;
  Sequences operator()(const Sequences& x) const;
  int features() const noexcept;

 private:
  int units_;
  MinimalGate update_, candidate_;
};

/// Parameters `linear_f`, `linear_i` and `linear_h`, each `weight` [units, input] and `bias` [units].
class MinLSTM {
 public:
  MinLSTM(const Scope& in, int input, const layers::MinLSTM& options);
  /// As of MinGRU; there is no c.
  Recurrence run(const Sequences& x, const State& initial = {}) const;
  State start(std::int64_t rows) const;
  Step step(const Var& x, const State& state) const;
  Sequences operator()(const Sequences& x) const;
  int features() const noexcept;

 private:
  int units_;
  MinimalGate forget_, input_, candidate_;
};

/// Parameters `linear_f` (`weight` [units, input], `bias` [units]) and `linear_c` (`weight`).
class SSRU {
 public:
  SSRU(const Scope& in, int input, const layers::SSRU& options);
  /// Outputs h; `initial` and the state are {c} of [count, units].
  Recurrence run(const Sequences& x, const State& initial = {}) const;
  State start(std::int64_t rows) const;
  Step step(const Var& x, const State& state) const;
  Sequences operator()(const Sequences& x) const;
  int features() const noexcept;

 private:
  int units_;
  MinimalGate forget_, candidate_;
};

}  // namespace nn
}  // namespace rondo

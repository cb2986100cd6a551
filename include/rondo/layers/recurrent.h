/// Recurrent layers: LSTM, GRU, SimpleRNN.
#pragma once
#include <array>
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {

/// How the outputs of two directions are combined.
enum class Merge { concat, sum, average, product };
constexpr std::array<std::string_view, 4> names_of(Merge) {
  return {"concat", "sum", "average", "product"};
}

namespace detail {
/// The fields that LSTM, GRU and SimpleRNN share. `own` is the one that differs, in its member's place.
template <class L, class Own>
constexpr auto recurrent_fields(Own own) {
  return std::tuple{
      field("units", &L::units, "size of the hidden state", 1, 1 << 20),
      field("layers", &L::layers, "number of stacked layers", 1, 64),
      field("bidirectional", &L::bidirectional, "also read from the end to the start"),
      field("merge", &L::merge, "how the outputs of two directions are combined"),
      field("return_sequences", &L::return_sequences, "output every step instead of the final state"),
      field("dropout", &L::dropout, "dropout between stacked layers", 0, 1),
      field("recurrent_dropout", &L::recurrent_dropout, "dropout on h, one mask per sequence (variational)",
            0, 1),
      field("weight_dropout", &L::weight_dropout, "dropout on the recurrent weights U (DropConnect)", 0, 1),
      field("zoneout", &L::zoneout,
            "probability that a unit keeps its state of the step before (Krueger et al. 2017)", 0, 0.99),
      field("bias", &L::bias, "add bias vectors"),
      own,
      field("kernel_init", &L::kernel_init, "initial values of the input weights W"),
      field("recurrent_init", &L::recurrent_init, "initial values of the recurrent weights U, gate by gate")};
}
}  // namespace detail

namespace layers {

/// Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000). The
/// equations and the order of the gates are in docs/gates.md.
struct LSTM {
  Required<int> units;
  int layers = 1;
  bool bidirectional = false;
  Merge merge = Merge::concat;
  bool return_sequences = false;
  float dropout = 0;
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  float zoneout = 0;
  bool bias = true;
  float forget_bias = 1;
  Initializer kernel_init = Initializer::glorot_uniform;
  Initializer recurrent_init = Initializer::orthogonal;

  static constexpr std::string_view type = "lstm";
  static constexpr auto fields() {
    return detail::recurrent_fields<LSTM>(
        field("forget_bias", &LSTM::forget_bias, "initial value of the forget gate's bias", -100, 100));
  }
};

/// Gated recurrent unit (Cho et al. 2014). By default it resets after the recurrent product, as in PyTorch,
/// Keras and cuDNN. The equations are in docs/gates.md.
struct GRU {
  Required<int> units;
  int layers = 1;
  bool bidirectional = false;
  Merge merge = Merge::concat;
  bool return_sequences = false;
  float dropout = 0;
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  float zoneout = 0;
  bool bias = true;
  bool reset_after = true;
  Initializer kernel_init = Initializer::glorot_uniform;
  Initializer recurrent_init = Initializer::orthogonal;

  static constexpr std::string_view type = "gru";
  static constexpr auto fields() {
    return detail::recurrent_fields<GRU>(
        field("reset_after", &GRU::reset_after,
              "apply the reset gate after the recurrent product instead of before it"));
  }
};

/// Elman's network (1990): h = f(W x + U h + b), where f is tanh or relu.
struct SimpleRNN {
  Required<int> units;
  int layers = 1;
  bool bidirectional = false;
  Merge merge = Merge::concat;
  bool return_sequences = false;
  float dropout = 0;
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  float zoneout = 0;
  bool bias = true;
  Activation activation = Activation::tanh;
  Initializer kernel_init = Initializer::glorot_uniform;
  Initializer recurrent_init = Initializer::orthogonal;

  static constexpr std::string_view type = "simple_rnn";
  static constexpr auto fields() {
    return detail::recurrent_fields<SimpleRNN>(
        field("activation", &SimpleRNN::activation, "function f: tanh or relu"));
  }
};

static_assert(all_fields_listed<LSTM>);
static_assert(all_fields_listed<GRU>);
static_assert(all_fields_listed<SimpleRNN>);

}  // namespace layers
}  // namespace rondo

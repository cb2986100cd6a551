/// Recurrent layers: LSTM, GRU, SimpleRNN, ResidualRecurrence, LinearRecurrence.
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
/// The fields that layers with recurrent weights share. `own` are those of one kind alone.
template <class L, class... Own>
constexpr auto recurrent_fields(Own... own) {
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
      own...,
      field("kernel_init", &L::kernel_init, "initial values of the input weights W"),
      field("recurrent_init", &L::recurrent_init, "initial values of the recurrent weights U, gate by gate"),
      field("go_backwards", &L::go_backwards, "read from the end to the start only")};
}

/// The functions of a layer with gates, as Keras names them.
template <class L>
constexpr auto gated_fields() {
  return std::tuple{
      field("activation", &L::activation, "function of the candidate, and of c where it leaves"),
      field("recurrent_activation", &L::recurrent_activation, "function of the gates")};
}
}  // namespace detail

namespace layers {

/// Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000). The
/// equations and the order of the gates are in docs/gates.md, those of the variants too. A variant (another
/// activation, peepholes, layer_norm or a proj_size) is computed by operations, step by step: several times
/// as slow, without a stream, and Watch sees what it reads, not its gates.
///
/// `proj_size`: h = W_hr (o tanh c) of that size, as in PyTorch (Sak et al. 2014). `peepholes`: the gates
/// also see c (Gers et al. 2002). `layer_norm`: as Ba et al. 2016, equations 20 to 22.
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
  bool go_backwards = false;
  Activation activation = Activation::tanh;
  Activation recurrent_activation = Activation::sigmoid;
  int proj_size = 0;
  bool peepholes = false;
  bool layer_norm = false;

  static constexpr std::string_view type = "lstm";
  static constexpr auto fields() {
    return std::tuple_cat(
        detail::recurrent_fields<LSTM>(
            field("forget_bias", &LSTM::forget_bias, "initial value of the forget gate's bias", -100, 100)),
        detail::gated_fields<LSTM>(),
        std::tuple{
            field("proj_size", &LSTM::proj_size, "size to which h is projected; 0: it is not", 0, 1 << 20),
            field("peepholes", &LSTM::peepholes, "let the gates see c"),
            field("layer_norm", &LSTM::layer_norm, "normalise what goes into the gates, and c")});
  }
};

/// Gated recurrent unit (Cho et al. 2014). By default it resets after the recurrent product, as in PyTorch,
/// Keras and cuDNN. The equations are in docs/gates.md. With other activations it is computed as LSTM's
/// variants are.
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
  bool go_backwards = false;
  Activation activation = Activation::tanh;
  Activation recurrent_activation = Activation::sigmoid;

  static constexpr std::string_view type = "gru";
  static constexpr auto fields() {
    return std::tuple_cat(detail::recurrent_fields<GRU>(
                              field("reset_after", &GRU::reset_after,
                                    "apply the reset gate after the recurrent product instead of before it")),
                          detail::gated_fields<GRU>());
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
  bool go_backwards = false;

  static constexpr std::string_view type = "simple_rnn";
  static constexpr auto fields() {
    return detail::recurrent_fields<SimpleRNN>(
        field("activation", &SimpleRNN::activation, "function f: tanh or relu"));
  }
};

/// Residual recurrence: h_t = h_{t-1} + tanh(W x_t + U h_{t-1} + b). A step adds a bounded change to the
/// state, so gradients also take the way past U: the second of the two steps that lead from the simple RNN to
/// gates.
struct ResidualRecurrence {
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
  Initializer kernel_init = Initializer::glorot_uniform;
  Initializer recurrent_init = Initializer::orthogonal;
  bool go_backwards = false;

  static constexpr std::string_view type = "residual_recurrence";
  static constexpr auto fields() { return detail::recurrent_fields<ResidualRecurrence>(); }
};

/// Linear recurrence: h_t = h_{t-1} + tanh(W x_t + b). The recurrent edge is linear with weight 1, so the
/// gradient of h_T with respect to each h_t is the identity: nothing vanishes, and nothing is ever forgotten.
/// It has no recurrent weights.
struct LinearRecurrence {
  Required<int> units;
  int layers = 1;
  bool bidirectional = false;
  Merge merge = Merge::concat;
  bool return_sequences = false;
  float dropout = 0;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;
  bool go_backwards = false;

  static constexpr std::string_view type = "linear_recurrence";
  static constexpr auto fields() {
    using L = LinearRecurrence;
    return std::tuple{
        field("units", &L::units, "size of the hidden state", 1, 1 << 20),
        field("layers", &L::layers, "number of stacked layers", 1, 64),
        field("bidirectional", &L::bidirectional, "also read from the end to the start"),
        field("merge", &L::merge, "how the outputs of two directions are combined"),
        field("return_sequences", &L::return_sequences, "output every step instead of the final state"),
        field("dropout", &L::dropout, "dropout between stacked layers", 0, 1),
        field("bias", &L::bias, "add a bias vector"),
        field("kernel_init", &L::kernel_init, "initial values of the input weights W"),
        field("go_backwards", &L::go_backwards, "read from the end to the start only")};
  }
};

/// A recurrent layer in both directions, as Keras writes it: Bidirectional{LSTM{.units = 64}} is
/// LSTM{.units = 64, .bidirectional = true}, and stands wherever that does.
template <class L>
struct Bidirectional {
  L layer;
  Merge merge = Merge::concat;

  constexpr operator L() const {
    L both = layer;
    both.bidirectional = true;
    both.merge = merge;
    return both;
  }
};
template <class L>
Bidirectional(L) -> Bidirectional<L>;
template <class L>
Bidirectional(L, Merge) -> Bidirectional<L>;

static_assert(all_fields_listed<LSTM>);
static_assert(all_fields_listed<GRU>);
static_assert(all_fields_listed<SimpleRNN>);
static_assert(all_fields_listed<ResidualRecurrence>);
static_assert(all_fields_listed<LinearRecurrence>);

}  // namespace layers
}  // namespace rondo

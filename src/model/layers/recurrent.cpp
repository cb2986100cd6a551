#include <concepts>

#include "base/message.h"
#include "model/layers/kind.h"
#include "nn/recurrent_stack.h"

namespace rondo {
namespace {

Cell cell_of(const layers::LSTM&) {
  return Cell::lstm;
}
Cell cell_of(const layers::GRU& layer) {
  return layer.reset_after ? Cell::gru : Cell::gru_reset_before;
}
Cell cell_of(const layers::SimpleRNN& layer) {
  return layer.activation == Activation::tanh ? Cell::rnn_tanh : Cell::rnn_relu;
}

Cell cell_of(const layers::ResidualRecurrence&) {
  return Cell::residual;
}
Cell cell_of(const layers::LinearRecurrence&) {
  return Cell::linear;
}

/// The width of h.
template <class L>
int state_of(const L& layer) {
  if constexpr (requires { layer.proj_size; })
    if (layer.proj_size > 0) return layer.proj_size;
  return layer.units;
}

/// Why the layer has no step in a stream; empty if it has one.
template <class L>
std::string no_stream(const L& layer, const std::string& name) {
  if (layer.bidirectional)
    return "is bidirectional and reads every sequence from its end, too; train it with bidirectional = false";
  if (layer.go_backwards) return "reads every sequence from its end; train it with go_backwards = false";
  if constexpr (requires { layer.recurrent_activation; })
    if (!nn::variant_of(name, layer).none())
      return "has activations, peepholes, layer_norm or a proj_size of its own, which have no fused step; "
             "train it without them";
  return {};
}

/// All recurrent layers.
template <class L>
class RecurrentKind final : public HeadlessKind<L> {
 public:
  Signature output(const L& layer, const Place& place) const override {
    takes_steps(place, layer);
    if constexpr (std::same_as<L, layers::SimpleRNN>)
      if (layer.activation != Activation::tanh && layer.activation != Activation::relu)
        fail(ErrorKind::option, giver(place, layer) + " takes activation tanh or relu, got " +
                                    std::string(name_of(layer.activation)));
    nn::check_directions(giver(place, layer), layer);
    if constexpr (requires { layer.recurrent_activation; }) nn::variant_of(place.name, layer);
    const bool doubled = layer.bidirectional && layer.merge == Merge::concat;
    return {layer.return_sequences ? Signature::Kind::steps : Signature::Kind::rows,
            (doubled ? 2 : 1) * state_of(layer), false,
            giver(place, layer, doubled ? "bidirectional doubles " + std::to_string(state_of(layer)) : "")};
  }

  Transform live(const L& layer, const Place& place, const Scope& scope) const override {
    const nn::RecurrentLayers module(scope, place.in.width, layer);
    if (layer.return_sequences)
      return [module](const Flow& in) -> Flow { return module(std::get<Sequences>(in)); };
    return [module](const Flow& in) -> Flow { return module.last(std::get<Sequences>(in)); };
  }

  void add_steps(const L& layer, streaming::Builder& stream) const override {
    if (const std::string why = no_stream(layer, stream.name()); !why.empty())
      fail(ErrorKind::usage, "this model cannot have a stream: " + quote(stream.name()) + " (" +
                                 std::string(L::type) + ") " + why);
    float zoneout = 0;
    if constexpr (requires { layer.zoneout; }) zoneout = layer.zoneout;
    for (int level = 0; level < layer.layers; ++level) {
      const std::string suffix = "_l" + std::to_string(level);
      stream.push(streaming::recurrent_step(
          stream.setting(),
          {cell_of(layer), level == 0 ? stream.input() : Index{layer.units}, layer.units,
           stream.numbers("weight_ih" + suffix), stream.numbers("weight_hh" + suffix),
           stream.numbers("bias_ih" + suffix), stream.numbers("bias_hh" + suffix), zoneout}));
    }
  }
};

}  // namespace

const LayerKind<layers::LSTM>& kind_of(const layers::LSTM&) {
  static const RecurrentKind<layers::LSTM> kind;
  return kind;
}
const LayerKind<layers::GRU>& kind_of(const layers::GRU&) {
  static const RecurrentKind<layers::GRU> kind;
  return kind;
}
const LayerKind<layers::SimpleRNN>& kind_of(const layers::SimpleRNN&) {
  static const RecurrentKind<layers::SimpleRNN> kind;
  return kind;
}
const LayerKind<layers::ResidualRecurrence>& kind_of(const layers::ResidualRecurrence&) {
  static const RecurrentKind<layers::ResidualRecurrence> kind;
  return kind;
}
const LayerKind<layers::LinearRecurrence>& kind_of(const layers::LinearRecurrence&) {
  static const RecurrentKind<layers::LinearRecurrence> kind;
  return kind;
}

}  // namespace rondo

#include <concepts>

#include "base/message.h"
#include "model/layers/kind.h"

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

/// LSTM, GRU and SimpleRNN.
template <class L>
class RecurrentKind final : public HeadlessKind<L> {
 public:
  Signature output(const L& layer, const Place& place) const override {
    takes_steps(place, layer);
    if constexpr (std::same_as<L, layers::SimpleRNN>)
      if (layer.activation != Activation::tanh && layer.activation != Activation::relu)
        fail(ErrorKind::option, giver(place, layer) + " takes activation tanh or relu, got " +
                                    std::string(name_of(layer.activation)));
    const bool doubled = layer.bidirectional && layer.merge == Merge::concat;
    return {layer.return_sequences ? Signature::Kind::steps : Signature::Kind::rows,
            (doubled ? 2 : 1) * layer.units, false,
            giver(place, layer, doubled ? "bidirectional doubles " + std::to_string(int{layer.units}) : "")};
  }

  Transform live(const L& layer, const Place& place, const Scope& scope) const override {
    const nn::RecurrentLayers module(scope, place.in.width, layer);
    if (layer.return_sequences)
      return [module](const Flow& in) -> Flow { return module(std::get<Sequences>(in)); };
    return [module](const Flow& in) -> Flow { return module.last(std::get<Sequences>(in)); };
  }

  void add_steps(const L& layer, streaming::Builder& stream) const override {
    if (layer.bidirectional)
      fail(ErrorKind::usage, "this model cannot have a stream: " + quote(stream.name()) + " (" +
                                 std::string(L::type) +
                                 ") is bidirectional and reads every sequence from its end, too; train it "
                                 "with bidirectional = false");
    for (int level = 0; level < layer.layers; ++level) {
      const std::string suffix = "_l" + std::to_string(level);
      stream.push(streaming::recurrent_step(
          stream.setting(),
          {cell_of(layer), level == 0 ? stream.input() : Index{layer.units}, layer.units,
           stream.numbers("weight_ih" + suffix), stream.numbers("weight_hh" + suffix),
           stream.numbers("bias_ih" + suffix), stream.numbers("bias_hh" + suffix), layer.zoneout}));
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

}  // namespace rondo

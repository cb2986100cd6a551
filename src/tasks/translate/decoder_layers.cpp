#include "tasks/translate/decoder_layers.h"

#include <string>
#include <utility>

namespace rondo::translate {
namespace {

template <class L>
L layer_of(int units, int count, bool both, float dropout) {
  L layer{.units = units};
  layer.layers = count;
  layer.bidirectional = both;
  layer.return_sequences = true;
  if (count > 1) layer.dropout = dropout;
  return layer;
}

using Layers = std::variant<nn::RecurrentLayers, std::vector<nn::SSRU>>;

Layers layers_for(const Scope& in, int input, const TranslationNetworkOptions& o, int count) {
  if (o.decoder_cell == DecoderCell::as_encoder) return recurrent(in, input, o, count, false);
  std::vector<nn::SSRU> layers;
  for (int l = 0; l < count; ++l)
    layers.emplace_back(in / ("layer" + std::to_string(l)), l == 0 ? input : o.units,
                        layers::SSRU{.units = o.units});
  return layers;
}

State of_layer(const State& all, std::size_t layer) {
  return all.size() == 0 ? State() : State{all[layer]};
}

}  // namespace

bool has_cell_state(const TranslationNetworkOptions& o) {
  return o.decoder_cell == DecoderCell::as_encoder && o.cell == TranslationCell::lstm;
}

nn::RecurrentLayers recurrent(const Scope& in, int input, const TranslationNetworkOptions& o, int count,
                              bool both) {
  const int units = both ? o.units / 2 : o.units;
  switch (o.cell) {
    case TranslationCell::lstm:
      return {in, input, layer_of<layers::LSTM>(units, count, both, o.dropout)};
    case TranslationCell::gru:
      return {in, input, layer_of<layers::GRU>(units, count, both, o.dropout)};
    case TranslationCell::residual:
      return {in, input, layer_of<layers::ResidualRecurrence>(units, count, both, o.dropout)};
    case TranslationCell::linear:
      return {in, input, layer_of<layers::LinearRecurrence>(units, count, both, o.dropout)};
  }
  throw Bug("translate: unknown cell");
}

DecoderLayers::DecoderLayers(const Scope& in, int input, const TranslationNetworkOptions& options, int count)
    : layers_(layers_for(in, input, options, count)) {}

nn::Recurrence DecoderLayers::run(const Sequences& x, const State& initial) const {
  if (const auto* const fused = std::get_if<nn::RecurrentLayers>(&layers_)) return fused->run(x, initial);
  nn::Recurrence all{.outputs = x};
  std::vector<Var> states;
  const auto& layers = std::get<std::vector<nn::SSRU>>(layers_);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    nn::Recurrence one = layers[l].run(all.outputs, of_layer(initial, l));
    all.outputs = std::move(one.outputs);
    states.push_back(one.state[0]);
  }
  all.state = State(std::move(states));
  return all;
}

nn::Step DecoderLayers::step(const Var& x, const State& state, std::uint64_t time) const {
  if (const auto* const fused = std::get_if<nn::RecurrentLayers>(&layers_))
    return fused->step(x, state, time);
  nn::Step all{.output = x};
  std::vector<Var> states;
  const auto& layers = std::get<std::vector<nn::SSRU>>(layers_);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    nn::Step one = layers[l].step(all.output, of_layer(state, l));
    all.output = std::move(one.output);
    states.push_back(one.state[0]);
  }
  all.state = State(std::move(states));
  return all;
}

}  // namespace rondo::translate

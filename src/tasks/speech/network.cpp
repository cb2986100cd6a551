#include "tasks/speech/network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <rondo/ctc.h>

#include "base/message.h"

namespace rondo::speech {
namespace {

template <class L>
L layer_of(const SpeechNetworkOptions& o) {
  L layer{.units = o.units};
  layer.layers = o.layers;
  layer.bidirectional = !o.streaming;
  layer.return_sequences = true;
  if (o.layers > 1) layer.dropout = o.dropout;
  return layer;
}

nn::RecurrentLayers recurrent(const Scope& in, int input, const SpeechNetworkOptions& o) {
  switch (o.cell) {
    case SpeechCell::lstm:
      return {in, input, layer_of<layers::LSTM>(o)};
    case SpeechCell::gru:
      return {in, input, layer_of<layers::GRU>(o)};
    case SpeechCell::residual:
      return {in, input, layer_of<layers::ResidualRecurrence>(o)};
    case SpeechCell::linear:
      return {in, input, layer_of<layers::LinearRecurrence>(o)};
  }
  throw Bug("speech: unknown cell");
}

layers::Conv1D front_of(const SpeechNetworkOptions& o, Padding padding, int stride) {
  return {.filters = o.filters,
          .kernel_size = o.kernel,
          .padding = padding,
          .stride = stride,
          .activation = Activation::relu};
}

}  // namespace

SpeechNet::SpeechNet(const Scope& in, const SpeechInput& input, const SpeechOptions& options)
    : options_(options.network), mels_(input.mel.mels), ctc_(input.ctc) {
  int width = mels_;
  if (options_.filters > 0) {
    front_.emplace(in / "front", width,
                   front_of(options_, options_.streaming ? Padding::causal : Padding::same, options_.stride));
    front_window_.emplace(in / "front", width, front_of(options_, Padding::valid, options_.stride));
    width = options_.filters;
  }
  recurrent_.emplace(recurrent(in / "recurrent", width, options_));
  const auto symbols = static_cast<int>(input.symbols.size());
  const int features = recurrent_->features();
  last_.emplace(in / "last", ctc_ ? features : 2 * features,
                layers::Dense{.units = ctc_ ? symbols + 1 : symbols});
  for (int i = 0; i < 2; ++i)
    keys_.push_back(in.key("dropout" + std::to_string(i)));
}

Var SpeechNet::dropped(const Var& x, std::size_t place) const {
  return options_.dropout > 0 ? dropout(x, options_.dropout, keys_[place]) : x;
}

Sequences SpeechNet::states(const SpeechBatch& batch) const {
  Sequences x(Var(batch.features), batch.layout);
  if (front_) x = (*front_)(x);
  x = Sequences(dropped(x.rows(), 0), x.layout());
  const Sequences y = recurrent_->run(x).outputs;
  return Sequences(dropped(y.rows(), 1), y.layout());
}

Var SpeechNet::class_scores(const Sequences& states) const {
  return last_->logits(concat({pool(states, Pool::mean), pool(states, Pool::max)}));
}

Sequences SpeechNet::symbol_scores(const Sequences& states) const {
  return Sequences(last_->logits(states.rows()), states.layout());
}

BatchLoss SpeechNet::loss(const SpeechBatch& batch) const {
  const Sequences x = states(batch);
  if (!ctc_)
    return {.loss = cross_entropy(class_scores(x), batch.labels),
            .weight = static_cast<double>(batch.layout->sequences()),
            .rows = batch.layout->rows()};
  CTCLoss found = ctc_loss(symbol_scores(x), batch.targets);
  return {.loss = found.loss, .weight = found.weight, .rows = batch.layout->rows()};
}

Var SpeechNet::step(std::span<const float> frames, Place& place) const {
  const auto count = static_cast<std::int64_t>(frames.size()) / mels_;
  if (count == 0) return {};
  std::vector<float> window;
  if (front_) {
    // Windows end at frames 0, stride, 2 · stride, ...; before the first frame there are zeros.
    const auto needed = static_cast<std::size_t>((options_.kernel - 1) * mels_);
    if (place.frames == 0) place.seen.assign(needed, 0.0F);
    const std::int64_t first = (options_.stride - place.frames % options_.stride) % options_.stride;
    window = place.seen;
    window.insert(window.end(), frames.begin(), frames.end());
    place.seen.assign(window.end() - static_cast<std::ptrdiff_t>(needed), window.end());
    place.frames += count;
    if (first >= count) return {};
    window.erase(window.begin(), window.begin() + first * mels_);
  } else {
    window.assign(frames.begin(), frames.end());
    place.frames += count;
  }
  const auto rows = static_cast<std::int64_t>(window.size()) / mels_;
  Sequences x(Var(Tensor::of({rows, mels_}, window)), Layout::uniform(1, rows));
  if (front_window_) x = (*front_window_)(x);
  if (place.state.size() == 0) place.state = recurrent_->start(1);
  nn::Recurrence result = recurrent_->run(x, place.state);
  place.state = std::move(result.state);
  const Var states = result.outputs.rows();
  const auto width = static_cast<std::size_t>(states.columns());
  if (place.rows == 0) {
    place.sum.assign(width, 0);
    place.largest.assign(width, -INFINITY);
  }
  for (std::int64_t t = 0; t < states.rows(); ++t)
    for (std::size_t k = 0; k < width; ++k) {
      const float value = states.values()[static_cast<std::size_t>(t) * width + k];
      place.sum[k] += value;
      place.largest[k] = std::max(place.largest[k], value);
    }
  place.rows += states.rows();
  return states;
}

Var SpeechNet::class_scores_so_far(const Place& place) const {
  std::vector<float> pooled;
  const float share = 1 / static_cast<float>(place.rows);  // as pool() has it
  for (const float sum : place.sum)
    pooled.push_back(sum * share);
  pooled.insert(pooled.end(), place.largest.begin(), place.largest.end());
  const auto width = static_cast<std::int64_t>(pooled.size());
  return last_->logits(Var(Tensor::of({1, width}, pooled)));
}

}  // namespace rondo::speech

// TextStream: what a classifier says of a text that arrives token by token.
#include <utility>

#include <rondo/tasks/classify.h>

#include "wide/mixture.h"

namespace rondo {

TextStream::TextStream(TextEncoder encoder, std::optional<Stream> network, std::optional<WideStream> wide,
                       MixtureWeights weights, std::size_t classes)
    : encoder_(std::move(encoder)),
      network_(std::move(network)),
      wide_(std::move(wide)),
      weights_(weights),
      probabilities_(classes) {}

std::span<const float> TextStream::push(std::string_view token) {
  return push_id(encoder_.vocab().find(token));
}

std::span<const float> TextStream::push_id(std::int32_t token) {
  std::span<const float> of_network;
  if (network_) of_network = network_->push_id(token);
  if (wide_) wide::mix(of_network, wide_->push_id(token), weights_, probabilities_);
  ++steps_;
  return wide_ ? std::span<const float>(probabilities_) : of_network;
}

int TextStream::max_length() const noexcept {
  return encoder_.options().max_length;
}

void TextStream::reset() noexcept {
  if (network_) network_->reset();
  if (wide_) wide_->reset();
  steps_ = 0;
}

TextStream::State TextStream::state() const {
  return {.network = network_ ? network_->state() : StreamState{},
          .wide = wide_ ? wide_->state() : WideStream::State{},
          .steps = steps_};
}

void TextStream::set_state(const State& state) {
  TextStream other = *this;  // of a state that does not fit, nothing is taken
  if (network_) other.network_->set_state(state.network);
  if (wide_) other.wide_->set_state(state.wide);
  other.steps_ = state.steps;
  *this = std::move(other);
}

}  // namespace rondo

#include "sound/channels.h"

#include <algorithm>

namespace rondo::sound {
namespace {
constexpr std::size_t enough = 4096;
}  // namespace

void ChannelMixer::mix(const std::vector<float>& from, std::vector<float>& to) const {
  const auto channels = static_cast<std::size_t>(channels_);
  const bool first = cancelled_ || channels_ == 1 || channel_ == SoundChannel::left;
  for (std::size_t at = 0; at < from.size(); at += channels) {
    if (first) {
      to.push_back(from[at]);
    } else if (channel_ == SoundChannel::right) {
      to.push_back(from[at + 1]);
    } else {
      double sum = 0;
      for (std::size_t k = 0; k < channels; ++k)
        sum += static_cast<double>(from[at + k]);
      to.push_back(static_cast<float>(sum / channels_));
    }
  }
}

void ChannelMixer::settle(std::vector<float>& to) {
  settled_ = true;
  std::vector<float> mean;
  const std::vector<float> heard(
      waiting_.begin(),
      waiting_.begin() + static_cast<std::ptrdiff_t>(
                             std::min(waiting_.size(), enough * static_cast<std::size_t>(channels_))));
  mix(heard, mean);
  const auto some = [](float x) { return x != 0; };
  cancelled_ = std::any_of(heard.begin(), heard.end(), some) && std::none_of(mean.begin(), mean.end(), some);
  mix(waiting_, to);
  waiting_ = {};
}

void ChannelMixer::push(const std::vector<float>& interleaved, std::vector<float>& to) {
  if (decided()) return mix(interleaved, to);
  auto begin = interleaved.begin();
  if (waiting_.empty()) {  // silence says nothing about channels, and need not wait
    const auto first = std::find_if(begin, interleaved.end(), [](float x) { return x != 0; });
    begin += (first - begin) / channels_ * channels_;
    mix({interleaved.begin(), begin}, to);
  }
  waiting_.insert(waiting_.end(), begin, interleaved.end());
  if (waiting_.size() >= enough * static_cast<std::size_t>(channels_)) settle(to);
}

void ChannelMixer::finish(std::vector<float>& to) {
  if (!decided()) settle(to);
}

}  // namespace rondo::sound

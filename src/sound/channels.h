/// One channel of several, as samples come.
#pragma once
#include <string>
#include <vector>

#include <rondo/sound.h>

namespace rondo::sound {

/// Channels that cancel each other are noticed in the first 4 096 frames that are not silent, which wait for
/// that.
class ChannelMixer {
 public:
  ChannelMixer(SoundChannel channel, int channels) : channel_(channel), channels_(channels) {}
  /// Samples, channels side by side; whole frames. Appends one channel.
  void push(const std::vector<float>& interleaved, std::vector<float>& to);
  void finish(std::vector<float>& to);
  /// Whether the first channel stands in for a mean of nothing.
  bool cancelled() const noexcept { return cancelled_; }

 private:
  void settle(std::vector<float>& to);
  void mix(const std::vector<float>& interleaved, std::vector<float>& to) const;
  bool decided() const noexcept { return settled_ || channels_ == 1 || channel_ != SoundChannel::mean; }

  SoundChannel channel_;
  int channels_;
  bool settled_ = false, cancelled_ = false;
  std::vector<float> waiting_;
};

}  // namespace rondo::sound

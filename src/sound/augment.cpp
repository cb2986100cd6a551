// Changes of training examples, drawn by a counter-based generator: the same on any machine and in any order.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <rondo/sound.h>

#include "base/random.h"

namespace rondo {
namespace {

/// Numbers of one example, one after another.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}
  /// Within [0, 1).
  double next() {
    if (at_ == 4) {
      block_ = random_block(seed_, stream_, count_++);
      at_ = 0;
    }
    return static_cast<double>(to_uniform(block_[at_++]));
  }
  double within(double low, double high) { return low + (high - low) * next(); }
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() * static_cast<double>(bound));
  }
  /// Of the normal distribution (Box & Muller 1958).
  double normal() {
    const double a = next(), b = next();
    return std::sqrt(-2 * std::log(1 - a)) * std::cos(2 * std::numbers::pi * b);
  }

 private:
  std::uint64_t seed_, stream_, count_ = 0;
  RandomBlock block_{};
  std::size_t at_ = 4;
};

/// Read at `speed` samples a sample, between neighbours in a straight line.
std::vector<float> faster(const std::vector<float>& samples, double speed) {
  std::vector<float> result;
  for (double at = 0; at <= static_cast<double>(samples.size()) - 1; at += speed) {
    const auto left = static_cast<std::size_t>(at);
    const double share = at - static_cast<double>(left);
    const std::size_t right = std::min(left + 1, samples.size() - 1);
    result.push_back(static_cast<float>((1 - share) * static_cast<double>(samples[left]) +
                                        share * static_cast<double>(samples[right])));
  }
  return result;
}

void move_by(std::vector<float>& samples, std::int64_t by) {
  if (by > 0) samples.insert(samples.begin(), static_cast<std::size_t>(by), 0.0F);
  if (by < 0 && static_cast<std::int64_t>(samples.size()) + by > 0)
    samples.erase(samples.begin(), samples.begin() - by);
}

}  // namespace

Sound augmented(const Sound& sound, const AugmentOptions& o, std::uint64_t seed, std::uint64_t stream) {
  Draws draws(seed, stream);
  Sound changed = sound;
  if (changed.samples.empty()) return changed;
  if (o.speed > 0)
    changed.samples = faster(changed.samples, 1 + draws.within(-1, 1) * static_cast<double>(o.speed));
  if (o.shift > 0)
    move_by(changed.samples, static_cast<std::int64_t>(draws.within(-1, 1) * static_cast<double>(o.shift) *
                                                       sound.rate / 1000));
  if (o.noise > 0) {
    double power = 0;
    for (const float x : changed.samples)
      power += static_cast<double>(x) * static_cast<double>(x);
    const double level = std::sqrt(power / static_cast<double>(changed.samples.size())) * draws.next() *
                         static_cast<double>(o.noise);
    for (float& x : changed.samples)
      x = static_cast<float>(static_cast<double>(x) + level * draws.normal());
  }
  return changed;
}

void mask_features(std::span<float> features, int mels, const AugmentOptions& o, float fill,
                   std::uint64_t seed, std::uint64_t stream) {
  Draws draws(seed, stream);
  const auto frames = static_cast<std::int64_t>(features.size()) / mels;
  const auto at = [&](std::int64_t frame, std::int64_t mel) -> float& {
    return features[static_cast<std::size_t>(frame * mels + mel)];
  };
  for (int k = 0; k < o.time_masks; ++k) {
    // At most a fifth of the frames at once: of a short word something must be left.
    const std::int64_t width = draws.below(std::min<std::int64_t>(o.time_width, frames / 5) + 1);
    const std::int64_t begin = draws.below(frames - width + 1);
    for (std::int64_t t = begin; t < begin + width; ++t)
      for (std::int64_t m = 0; m < mels; ++m)
        at(t, m) = fill;
  }
  for (int k = 0; k < o.mel_masks; ++k) {
    const std::int64_t width = draws.below(std::min(o.mel_width, mels) + 1);
    const std::int64_t begin = draws.below(mels - width + 1);
    for (std::int64_t t = 0; t < frames; ++t)
      for (std::int64_t m = begin; m < begin + width; ++m)
        at(t, m) = fill;
  }
}

}  // namespace rondo

// Log-mel features against numpy (tests/golden/make_mel.py), frame counts, and changes of training examples.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/sound.h>

#include "support/checks.h"
#include "support/golden.h"
#include "support/sounds.h"

namespace rondo::testing_support {
namespace {

Sound sound_of(const Tensor& samples, int rate) {
  Sound sound{.samples = {}, .rate = rate};
  for (std::int64_t i = 0; i < samples.size(); ++i)
    sound.samples.push_back(static_cast<float>(samples.at(i)));
  return sound;
}

TEST(LogMel, LikeNumpy) {
  const Golden golden = read_golden("mel.safetensors");
  const std::pair<std::string, MelOptions> cases[] = {
      {"htk16", {}},
      {"slaney16", {.scale = MelScale::slaney, .low = 0}},
      {"htk8", {.rate = 8000, .mels = 30, .preemphasis = 0.97F}},
      {"short", {.mels = 20, .low = 50, .high = 7600, .floor = 1e-6F}},
      {"edge", {.mels = 23, .scale = MelScale::slaney, .high = 7600, .floor = 1e-8F, .preemphasis = 0.5F}}};
  for (const auto& [name, options] : cases) {
    SCOPED_TRACE(name);
    const Tensor got = log_mel(sound_of(golden.at(name + "/samples"), options.rate), options);
    expect_close(got, golden.at(name + "/features"), 1e-4, "features");
  }
}

TEST(LogMel, NumberOfFrames) {
  for (const auto& [samples, frames] :
       {std::pair{1, 1}, {399, 1}, {400, 1}, {401, 1}, {559, 1}, {560, 2}, {16'000, 98}}) {
    const Sound sound{.samples = std::vector<float>(static_cast<std::size_t>(samples), 0.1F), .rate = 16'000};
    EXPECT_EQ(log_mel(sound, {}).rows(), frames) << samples;
  }
}

TEST(LogMel, SilenceIsTheFloor) {
  const Tensor features = log_mel({.samples = std::vector<float>(1600), .rate = 16'000}, {});
  for (const float x : features.data<float>())
    EXPECT_EQ(x, static_cast<float>(std::log(static_cast<double>(1e-10F))));
}

TEST(LogMel, PiecesOfAnySizeAndHopsOfAnyLength) {
  const Sound sound = spoken(2, 5, 16'000);
  for (const MelOptions& options :
       {MelOptions{}, MelOptions{.window = 10, .hop = 30}, MelOptions{.preemphasis = 0.9F}}) {
    const Tensor whole = log_mel(sound, options);
    for (const std::size_t piece : {1, 7, 159, 4000}) {
      LogMel mel(options);
      std::vector<float> frames;
      for (std::size_t at = 0; at < sound.samples.size(); at += piece)
        mel.push(std::span(sound.samples).subspan(at, std::min(piece, sound.samples.size() - at)), frames);
      mel.finish(frames);
      ASSERT_EQ(static_cast<std::int64_t>(frames.size()), whole.size());
      EXPECT_TRUE(std::equal(frames.begin(), frames.end(), whole.data<float>().begin())) << piece;
    }
  }
}

TEST(LogMel, BeginsAnew) {
  const Sound sound = spoken(1, 5, 16'000);
  LogMel mel({});
  std::vector<float> first, second;
  for (std::vector<float>* to : {&first, &second}) {
    mel.push(sound.samples, *to);
    mel.finish(*to);
  }
  EXPECT_EQ(first, second);
}

TEST(LogMel, WrongOptions) {
  EXPECT_THROW(LogMel({.window = 10, .mels = 200}), Error);
  EXPECT_THROW(LogMel({.low = 4000, .high = 3000}), Error);
  EXPECT_THROW(LogMel({.high = 9000}), Error);
  EXPECT_THROW(LogMel({.rate = 0}), Error);
  EXPECT_THROW(LogMel({.mels = 0}), Error);
  EXPECT_THROW(log_mel({.samples = {0.1F}, .rate = 8000}, {}), Error);
  EXPECT_THROW(log_mel({.samples = {}, .rate = 16'000}, {}), Error);
}

TEST(Augment, DrawnBySeedAndStream) {
  const Sound sound = spoken(0, 1);
  const AugmentOptions options{.noise = 0.5F, .shift = 50, .speed = 0.1F};
  EXPECT_EQ(augmented(sound, options, 1, 2).samples, augmented(sound, options, 1, 2).samples);
  EXPECT_NE(augmented(sound, options, 1, 2).samples, augmented(sound, options, 1, 3).samples);
  EXPECT_NE(augmented(sound, options, 1, 2).samples, augmented(sound, options, 2, 2).samples);
  EXPECT_EQ(augmented(sound, {}, 1, 2).samples, sound.samples);
}

TEST(Augment, WithinItsBounds) {
  const Sound sound = spoken(0, 1);
  for (std::uint64_t stream = 0; stream < 50; ++stream) {
    const auto faster = static_cast<double>(augmented(sound, {.speed = 0.1F}, 1, stream).samples.size());
    EXPECT_GE(faster, 3200 / 1.1 - 1);
    EXPECT_LE(faster, 3200 / 0.9 + 1);
    const auto moved = static_cast<std::int64_t>(augmented(sound, {.shift = 50}, 1, stream).samples.size());
    EXPECT_LE(std::abs(moved - 3200), 400);
  }
}

TEST(Augment, MasksHideSomeOfTheFeatures) {
  std::vector<float> features(40 * 20, 1.0F);
  mask_features(features, 20, {.time_masks = 2, .time_width = 5, .mel_masks = 1, .mel_width = 4}, 0, 3, 4);
  const auto hidden = std::count(features.begin(), features.end(), 0.0F);
  EXPECT_LE(hidden, 2 * 5 * 20 + 4 * 40);
  std::int64_t all = 0;
  for (std::uint64_t stream = 0; stream < 20; ++stream) {
    std::vector<float> other(40 * 20, 1.0F);
    mask_features(other, 20, {.time_masks = 2, .mel_masks = 1}, 0, 3, stream);
    all += std::count(other.begin(), other.end(), 0.0F);
  }
  EXPECT_GT(all, 0);
  std::vector<float> one(20, 1.0F);  // a single frame is never hidden whole
  mask_features(one, 20, {.time_masks = 5}, 0, 1, 1);
  EXPECT_EQ(std::count(one.begin(), one.end(), 1.0F), 20);
}

}  // namespace
}  // namespace rondo::testing_support

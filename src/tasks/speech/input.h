/// Clips as numbers: what a recogniser learns of its data before it learns to hear.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/network.h>
#include <rondo/tasks/speech.h>

#include "tasks/planned_batches.h"

namespace rondo::speech {

struct SpeechBatch {
  std::shared_ptr<const Layout> layout = {};            ///< of the frames
  Tensor features = {};                                 ///< [rows, mels], normalised
  Tensor labels = {};                                   ///< i32 [sequences], of classes
  std::vector<std::vector<std::int32_t>> targets = {};  ///< of CTC, in packed order
  std::vector<std::size_t> examples = {};               ///< in packed order

  SpeechBatch to(DType type) const {
    SpeechBatch other = *this;
    other.features = features.to(type);
    return other;
  }
};

struct PreparedClips;

/// The preprocessing of a recogniser, as Model<Net> asks for it.
struct SpeechInput {
  using Batch = SpeechBatch;

  MelOptions mel = {};
  SpeechNormalization normalize = SpeechNormalization::clip;
  /// Of older models that write text: silence counts in a clip's mean and deviation.
  bool pauses = false;
  std::vector<float> means = {}, deviations = {};  ///< of each feature, where they are learned
  bool ctc = false;
  bool words = true;  ///< CTC writes words; else characters
  bool lowercase = true;
  std::vector<std::string> symbols = {};  ///< classes; or what CTC writes, from symbol 1 on
  AugmentOptions augment = {};

  static SpeechInput learn(const Dataset& train, const SpeechOptions& planned);

  /// What a text is compared by.
  std::string normal(std::string_view text) const;
  /// The class, or the symbols of CTC. Error(data) naming the clip for what was not learned.
  std::vector<std::int32_t> numbers(const SpeechClip& clip) const;
  /// The words or characters of a text, whether they are known or not.
  std::vector<std::string> tokens(std::string_view text) const;
  /// CTC's symbols as text.
  std::string spelled(std::span<const std::int32_t> symbols) const;
  /// Normalised features of a sound of any rate.
  std::vector<float> features(const Sound& sound) const;
  /// Brings frames to mean 0 and deviation 1; `clip` needs all frames at once.
  void normalise(std::span<float> frames) const;
  std::int64_t frames_of(std::int64_t samples, int rate) const;

  PlannedBatches<PreparedClips> batches(const Dataset& clips, data::BatchOptions options,
                                        std::uint64_t seed) const;
  std::string to_json() const;
  /// Error(format) for anything that to_json() cannot have written.
  static SpeechInput from_json(std::string_view json);
};

/// Packs frames of several clips; `targets` are those of input.numbers().
SpeechBatch pack(const SpeechInput& input, std::span<const std::vector<float>* const> frames,
                 std::span<const std::vector<std::int32_t>> targets);

/// What batches of sounds are packed from. An epoch of training hears each clip a little changed.
struct PreparedClips {
  SpeechInput input;
  std::vector<const SpeechClip*> clips;
  std::vector<std::vector<std::int32_t>> numbers;
  std::vector<std::vector<float>> frames;  ///< of each clip as it is; empty: not kept
  Dataset keep_alive;
  std::uint64_t seed;

  std::vector<float> frames_of(std::size_t clip, std::int64_t epoch) const;
  SpeechBatch batch(std::span<const std::size_t> examples, std::int64_t epoch) const;
};

}  // namespace rondo::speech

#include "tasks/speech/input.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <rondo/options.h>

#include "base/json.h"
#include "base/message.h"
#include "base/random.h"
#include "base/utf8.h"
#include "data/normalize.h"
#include "runtime/parallel.h"
#include "tasks/speech/clips.h"

namespace rondo::speech {
namespace {

/// A feature that hardly changes is only brought to 0.
constexpr double least_deviation = 1e-3;
/// Frames this many decibels below a clip's loudest are silence around and between words: how much of it
/// there is tells nothing about what is said, so mean and deviation leave them out. With digital silence in
/// them, the differences between sounds would nearly vanish.
constexpr double silence_decibels = 40;
/// Deviations below the mean that silence is set to: digital silence and a quiet room are the same to the
/// network.
constexpr float silence_floor = -4;

/// Sums of each feature and of its square, in f64.
struct Sums {
  explicit Sums(std::size_t mels) : sums(mels), squares(mels) {}
  void add(std::span<const float> frames) {
    const std::size_t mels = sums.size();
    for (std::size_t at = 0; at < frames.size(); at += mels)
      for (std::size_t m = 0; m < mels; ++m) {
        const auto x = static_cast<double>(frames[at + m]);
        sums[m] += x;
        squares[m] += x * x;
      }
    count += static_cast<double>(frames.size() / mels);
  }
  void add(const Sums& other) {
    for (std::size_t m = 0; m < sums.size(); ++m) {
      sums[m] += other.sums[m];
      squares[m] += other.squares[m];
    }
    count += other.count;
  }
  float mean(std::size_t m) const { return static_cast<float>(sums[m] / count); }
  float deviation(std::size_t m) const {
    const double mean = sums[m] / count;
    const double deviation = std::sqrt(std::max(0.0, squares[m] / count - mean * mean));
    return deviation > least_deviation ? static_cast<float>(deviation) : 1.0F;
  }
  std::vector<double> sums, squares;
  double count = 0;
};

std::vector<float> plain_features(const Sound& sound, const MelOptions& mel) {
  LogMel extractor(mel);
  std::vector<float> frames;
  extractor.push(sound.rate == mel.rate ? sound.samples : resampled(sound, mel.rate).samples, frames);
  extractor.finish(frames);
  return frames;
}

Sums sums_of(std::span<const float> frames, std::size_t mels) {
  Sums sums(mels);
  sums.add(frames);
  return sums;
}

/// Sums over the frames of a clip that are not silence.
Sums sums_of_speech(std::span<const float> frames, std::size_t mels) {
  std::vector<double> powers;
  for (std::size_t at = 0; at < frames.size(); at += mels) {
    double power = 0;
    for (const float x : frames.subspan(at, mels))
      power += std::exp(static_cast<double>(x));
    powers.push_back(power);
  }
  const double least = *std::max_element(powers.begin(), powers.end()) * std::pow(10, -silence_decibels / 10);
  Sums sums(mels);
  for (std::size_t i = 0; i < powers.size(); ++i)
    if (powers[i] >= least) sums.add(frames.subspan(i * mels, mels));
  return sums;
}

bool changes_sound(const AugmentOptions& a) {
  return a.noise > 0 || a.shift > 0 || a.speed > 0;
}

}  // namespace

std::vector<float> PreparedClips::frames_of(std::size_t clip, std::int64_t epoch) const {
  const AugmentOptions& augment = input.augment;
  if (epoch < 0) return frames[clip].empty() ? input.features(sound_of(*clips[clip])) : frames[clip];
  const std::uint64_t stream = mix(mix(hash_of("speech"), static_cast<std::uint64_t>(epoch)), clip);
  std::vector<float> changed = changes_sound(augment)
                                   ? input.features(augmented(sound_of(*clips[clip]), augment, seed, stream))
                               : frames[clip].empty() ? input.features(sound_of(*clips[clip]))
                                                      : frames[clip];
  mask_features(changed, input.mel.mels, augment, 0, seed, mix(stream, 1));
  return changed;
}

SpeechBatch pack(const SpeechInput& input, std::span<const std::vector<float>* const> frames,
                 std::span<const std::vector<std::int32_t>> targets) {
  const auto mels = static_cast<std::size_t>(input.mel.mels);
  std::vector<std::int32_t> lengths;
  for (const std::vector<float>* const clip : frames)
    lengths.push_back(static_cast<std::int32_t>(clip->size() / mels));
  SpeechBatch batch{.layout = Layout::of(lengths)};
  const Layout& layout = *batch.layout;
  batch.features = Tensor::uninitialised({layout.rows(), input.mel.mels});
  float* const to = batch.features.data<float>().data();
  for (std::int64_t i = 0; i < layout.sequences(); ++i) {
    const std::vector<float>& from =
        *frames[static_cast<std::size_t>(layout.order()[static_cast<std::size_t>(i)])];
    for (std::int64_t t = 0; t < layout.length(i); ++t)
      std::copy_n(from.data() + t * input.mel.mels, mels, to + layout.row(i, t) * input.mel.mels);
  }
  if (targets.empty()) return batch;
  std::vector<std::int32_t> labels;
  for (const std::int32_t i : layout.order()) {
    const std::vector<std::int32_t>& target = targets[static_cast<std::size_t>(i)];
    if (input.ctc)
      batch.targets.push_back(target);
    else
      labels.push_back(target.front());
  }
  if (!input.ctc) batch.labels = Tensor::of({layout.sequences()}, labels);
  return batch;
}

SpeechBatch PreparedClips::batch(std::span<const std::size_t> examples, std::int64_t epoch) const {
  std::vector<std::vector<float>> heard(examples.size());
  parallel_for(static_cast<std::int64_t>(examples.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      heard[i] = frames_of(examples[i], epoch);
  });
  std::vector<const std::vector<float>*> pointers;
  std::vector<std::vector<std::int32_t>> targets;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    pointers.push_back(&heard[i]);
    targets.push_back(numbers[examples[i]]);
  }
  SpeechBatch batch = pack(input, pointers, targets);
  for (const std::int32_t k : batch.layout->order())
    batch.examples.push_back(examples[static_cast<std::size_t>(k)]);
  return batch;
}

SpeechInput SpeechInput::learn(const Dataset& train, const SpeechOptions& planned) {
  SpeechInput input{.mel = planned.features,
                    .normalize = planned.network.normalize,
                    .ctc = planned.network.answer == SpeechAnswer::ctc,
                    .words = planned.network.tokens != SpeechToken::characters,
                    .lowercase = planned.network.lowercase,
                    .augment = planned.augment};
  std::set<std::string> symbols;
  Sums sums(static_cast<std::size_t>(input.mel.mels));
  for (const SpeechClip* const clip : clips_in(train)) {
    if (input.ctc)
      for (std::string& token : input.tokens(clip->text))
        symbols.insert(std::move(token));
    else
      symbols.insert(input.normal(clip->text));
    if (input.normalize == SpeechNormalization::learned)
      sums.add(sums_of_speech(plain_features(sound_of(*clip), input.mel), sums.sums.size()));
  }
  input.symbols.assign(symbols.begin(), symbols.end());
  if (input.normalize == SpeechNormalization::learned)
    for (std::size_t m = 0; m < sums.sums.size(); ++m) {
      input.means.push_back(sums.mean(m));
      input.deviations.push_back(sums.deviation(m));
    }
  return input;
}

std::string SpeechInput::normal(std::string_view text) const {
  const Normalizer normalizer{.form = Normalization::nfc, .lowercase = lowercase};
  return std::string(trim_unseen(normalizer(text)));
}

std::vector<std::string> SpeechInput::tokens(std::string_view text) const {
  const std::string normalised = normal(text);
  std::vector<std::string> all;
  if (!words) {
    for (const char32_t point : CodePoints(normalised))
      append_utf8(all.emplace_back(), point);
    return all;
  }
  bool inside = false;
  for (const char32_t point : CodePoints(normalised)) {
    const bool blank = is_white_space(point);
    if (!blank && !inside) all.emplace_back();
    inside = !blank;
    if (inside) append_utf8(all.back(), point);
  }
  return all;
}

std::vector<std::int32_t> SpeechInput::numbers(const SpeechClip& clip) const {
  const auto number = [&](const std::string& symbol) {
    const auto at = std::lower_bound(symbols.begin(), symbols.end(), symbol);
    if (at == symbols.end() || *at != symbol)
      fail(ErrorKind::data,
           quote(clip.name) + ": " + quote(symbol) +
               (ctc ? " is written nowhere in the training data" : " is none of the classes"));
    return static_cast<std::int32_t>(at - symbols.begin());
  };
  if (!ctc) return {number(normal(clip.text))};
  std::vector<std::int32_t> all;
  for (const std::string& token : tokens(clip.text))
    all.push_back(number(token) + 1);
  return all;
}

std::string SpeechInput::spelled(std::span<const std::int32_t> numbers) const {
  std::string text;
  for (const std::int32_t number : numbers) {
    if (words && !text.empty()) text += ' ';
    text += symbols[static_cast<std::size_t>(number - 1)];
  }
  return text;
}

std::vector<float> SpeechInput::features(const Sound& sound) const {
  std::vector<float> frames = plain_features(sound, mel);
  normalise(frames);
  return frames;
}

void SpeechInput::normalise(std::span<float> frames) const {
  if (normalize == SpeechNormalization::none) return;
  const auto mels = static_cast<std::size_t>(mel.mels);
  std::vector<float> mean = means, deviation = deviations;
  if (normalize == SpeechNormalization::clip && !frames.empty()) {
    const Sums sums = pauses ? sums_of(frames, mels) : sums_of_speech(frames, mels);
    for (std::size_t m = 0; m < mels; ++m) {
      mean.push_back(sums.mean(m));
      deviation.push_back(sums.deviation(m));
    }
  }
  for (std::size_t at = 0; at < frames.size(); at += mels)
    for (std::size_t m = 0; m < mels; ++m)
      frames[at + m] = std::max((frames[at + m] - mean[m]) / deviation[m], silence_floor);
}

std::int64_t SpeechInput::frames_of(std::int64_t samples, int rate) const {
  const auto in = [&](float milliseconds) {
    return std::max<std::int64_t>(1, std::lround(static_cast<double>(milliseconds) * mel.rate / 1000));
  };
  const std::int64_t own =
      rate == mel.rate ? samples : std::lround(static_cast<double>(samples) * mel.rate / rate);
  return own <= in(mel.window) ? 1 : 1 + (own - in(mel.window)) / in(mel.hop);
}

PlannedBatches<PreparedClips> SpeechInput::batches(const Dataset& clips, data::BatchOptions options,
                                                   std::uint64_t seed) const {
  auto all = std::make_shared<PreparedClips>(PreparedClips{.input = *this,
                                                           .clips = clips_in(clips),
                                                           .numbers = {},
                                                           .frames = {},
                                                           .keep_alive = clips,
                                                           .seed = seed});
  std::vector<std::int32_t> lengths;
  for (const SpeechClip* const clip : all->clips) {
    all->numbers.push_back(numbers(*clip));
    lengths.push_back(static_cast<std::int32_t>(frames_of(clip->samples, clip->sound.rate)));
  }
  all->frames.resize(all->clips.size());
  parallel_for(static_cast<std::int64_t>(all->clips.size()), 8, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      if (!all->clips[i]->sound.samples.empty()) all->frames[i] = features(all->clips[i]->sound);
  });
  return {std::move(all), data::BatchPlan(std::move(lengths), options, seed)};
}

std::string SpeechInput::to_json() const {
  const auto tree = [](const auto& options) {
    return parse_json(OptionTable::of(options).to_json(), {.name = "options"});
  };
  Json json = {{"features", tree(mel)}, {"normalize", std::string(name_of(normalize))},
               {"pauses", pauses},      {"ctc", ctc},
               {"words", words},        {"lowercase", lowercase},
               {"symbols", symbols},    {"augment", tree(augment)}};
  for (const auto& [name, numbers] : {std::pair("means", &means), std::pair("deviations", &deviations)}) {
    json[name] = Json::array();
    for (const float x : *numbers)
      json[name].push_back(shortest_double(x));
  }
  return dump_json(json);
}

}  // namespace rondo::speech

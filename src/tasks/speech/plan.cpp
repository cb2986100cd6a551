// What a recogniser's open options become.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include <rondo/ctc.h>
#include <rondo/tasks/speech.h>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/options/training.h"
#include "tasks/speech/clips.h"
#include "tasks/speech/input.h"

namespace rondo {
namespace {

using Because = std::function<void(const std::string&)>;
using Clips = std::vector<const SpeechClip*>;

/// The rate of most clips, of equal counts the lower.
int usual_rate(const Clips& clips) {
  std::map<int, std::size_t> counts;
  for (const SpeechClip* const clip : clips)
    ++counts[clip->sound.rate];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

void plan_answer(SpeechNetworkOptions& o, const Clips& clips, const Because& because) {
  std::vector<std::string> texts;
  for (const SpeechClip* const clip : clips)
    texts.push_back(clip->text);
  const std::set<std::string> different(texts.begin(), texts.end());
  const std::string counts = grouped(static_cast<std::int64_t>(different.size())) + " texts in " +
                             grouped(static_cast<std::int64_t>(texts.size())) + " clips";
  if (o.answer == SpeechAnswer::automatic) {
    o.answer = speech::answer_of(texts);
    because("answer = " + std::string(name_of(o.answer)) + ": " + counts);
  }
  if (o.answer == SpeechAnswer::classes) {
    const auto silent = std::count(texts.begin(), texts.end(), "");
    if (silent > 0)
      fail(ErrorKind::data, grouped(silent) +
                                " clips have no text, and a class needs a name; leave them out with "
                                "--skip-missing, give them a word, or train with --answer ctc");
    if (different.size() < 2)
      fail(ErrorKind::data, "all clips have the text " + quote(*different.begin()) +
                                "; classes are told apart where there are two or more");
    return;
  }
  if (o.tokens != SpeechToken::automatic) return;
  std::map<std::string, int> words;
  std::int64_t all = 0;
  const speech::SpeechInput input{.ctc = true, .words = true, .lowercase = o.lowercase};
  for (const std::string& text : texts)
    for (const std::string& word : input.tokens(text)) {
      ++words[word];
      ++all;
    }
  if (words.empty()) fail(ErrorKind::data, "no clip has a text: there is nothing to learn");
  const bool few = words.size() <= 200 && all >= 10 * static_cast<std::int64_t>(words.size());
  o.tokens = few ? SpeechToken::words : SpeechToken::characters;
  because("tokens = " + std::string(name_of(o.tokens)) + ": " +
          grouped(static_cast<std::int64_t>(words.size())) + " words, " + grouped(all) + " times");
}

/// Clips with too few frames for their text: how many, and the first of them in words.
struct Short {
  std::size_t count = 0;
  std::string first = {};
};

Short too_short(const SpeechOptions& o, const Clips& clips, int stride) {
  const speech::SpeechInput input{.mel = o.features,
                                  .ctc = true,
                                  .words = o.network.tokens == SpeechToken::words,
                                  .lowercase = o.network.lowercase};
  Short found;
  for (const SpeechClip* const clip : clips) {
    std::map<std::string, std::int32_t> numbers;
    std::vector<std::int32_t> labels;
    for (const std::string& token : input.tokens(clip->text))
      labels.push_back(numbers.try_emplace(token, static_cast<std::int32_t>(numbers.size())).first->second);
    const std::int64_t frames = (input.frames_of(clip->samples, clip->sound.rate) - 1) / stride + 1;
    if (frames >= ctc_frames(labels)) continue;
    if (found.count++ == 0)
      found.first = quote(clip->name) + " has " + std::to_string(frames) + " frames, its text needs " +
                    std::to_string(ctc_frames(labels));
  }
  return found;
}

void plan_stride(SpeechOptions& o, const Clips& clips, const Because& because) {
  SpeechNetworkOptions& network = o.network;
  const bool ctc = network.answer == SpeechAnswer::ctc;
  if (network.stride == 0) {
    network.stride = ctc && too_short(o, clips, 2).count * 100 > clips.size() ? 1 : 2;
    if (network.stride == 1) because("stride = 1: texts need more frames than every second one");
  }
  if (!ctc) return;
  const int stride = network.filters > 0 ? network.stride : 1;
  const Short found = too_short(o, clips, stride);
  if (found.count == 0) return;
  const std::string text = grouped(static_cast<std::int64_t>(found.count)) + " of " +
                           grouped(static_cast<std::int64_t>(clips.size())) +
                           " clips are too short for their texts (a frame every " +
                           plain(o.features.hop * static_cast<float>(stride)) + " ms; " + found.first + ")";
  if (2 * found.count > clips.size())
    fail(ErrorKind::data,
         text + "; take a smaller --hop or --stride, or check that texts and sounds belong together");
  because(text + ": they have no part in the loss");
}

void plan_training(TrainingOptions& t, const Dataset& valid, const Clips& clips, const Because& because) {
  if (t.epochs == 0) {
    const double passes = 80'000 / static_cast<double>(clips.size());
    t.epochs = std::clamp(static_cast<int>(std::lround(passes)), 15, 90);
    because("epochs = " + std::to_string(t.epochs) + ": for " +
            grouped(static_cast<std::int64_t>(clips.size())) + " clips");
  }
  if (t.patience < 0) t.patience = 0;
  if (t.monitor.empty()) t.monitor = valid.empty() ? "loss" : "val_loss";
  plan_rate(t, [](const Optimizer& optimizer) {
    return std::holds_alternative<optim::SGD>(optimizer) ? 0.1F : 2e-3F;
  });
}

}  // namespace

SpeechOptions SpeechRecognizer::plan(const Dataset& train, const Dataset& valid, SpeechOptions o,
                                     std::vector<std::string>* reasons) {
  const Because because = [reasons](const std::string& line) {
    if (reasons != nullptr) reasons->push_back(line);
  };
  if (train.empty()) fail(ErrorKind::data, "a recogniser learns from sounds, and there are none");
  const Clips clips = speech::clips_in(train);
  if (o.features.rate == 0) {
    o.features.rate = std::min(16'000, usual_rate(clips));
    because("rate = " + std::to_string(o.features.rate) + ": most clips have " +
            std::to_string(usual_rate(clips)) + " Hz");
  }
  LogMel check_features(o.features);
  plan_answer(o.network, clips, because);
  if (o.network.normalize == SpeechNormalization::automatic)
    o.network.normalize = o.network.streaming ? SpeechNormalization::learned : SpeechNormalization::clip;
  if (o.network.streaming && o.network.normalize == SpeechNormalization::clip)
    fail(ErrorKind::option,
         "normalize: clip needs the whole clip, which a streaming model does not see; "
         "take learned or none");
  plan_stride(o, clips, because);
  plan_training(o.training, valid, clips, because);
  return o;
}

}  // namespace rondo

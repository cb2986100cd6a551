// Hearing a sound as it comes: where words begin and end, and what they are.
#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "tasks/speech/fusion.h"
#include "tasks/speech/model.h"

namespace rondo {

using speech::SpeechInput;
using speech::SpeechModel;

namespace {

/// Frames of quiet that are kept on both sides of speech.
constexpr double margin_seconds = 0.1;
/// Decibels of the summed features: what is taken for the background before any is known (about -45 dB below
/// full scale), and what is told apart from nothing.
constexpr double quiet_room = 0, quietest = -20;

/// Tells speech from quiet by a frame's loudness, against the quietest of the last seconds.
class Loudness {
 public:
  Loudness(const MelOptions& mel, double louder)
      : louder_(louder), kept_(std::max(1.0, 5000.0 / static_cast<double>(mel.hop))) {}

  /// Whether a frame of plain log-mel features is loud.
  bool is_loud(std::span<const float> frame) {
    double power = 0;
    for (const float x : frame)
      power += std::exp(static_cast<double>(x));
    const double decibels = std::max(quietest, 10 * std::log10(power));
    // The background sinks to the quietest frame at once, and rises over some seconds.
    if (decibels < background_)
      background_ = decibels;
    else
      background_ += (decibels - background_) / (decibels > background_ + louder_ ? 20 * kept_ : kept_);
    return decibels > background_ + louder_;
  }

 private:
  double louder_, kept_, background_ = quiet_room;
};

}  // namespace

struct SpeechListener::Impl {
  Impl(const SpeechRecognizer& of, ListenOptions o)
      : recognizer(of),
        options(o),
        model(of.impl().network),
        extractor(model.input().mel),
        loudness(model.input().mel, static_cast<double>(o.louder)),
        language(model->ctc() ? speech::language_model_of(o.recognize, model.input()) : CTCLanguageModel()),
        reading(o.recognize, language) {}

  double hop() const { return static_cast<double>(model.input().mel.hop) / 1000; }
  std::int64_t frames_in(double seconds) const { return std::lround(seconds / hop()); }
  double at(std::int64_t number) const { return static_cast<double>(number) * hop(); }

  std::vector<Heard> take(const std::vector<float>& frames) {
    const auto mels = static_cast<std::size_t>(model.input().mel.mels);
    std::vector<Heard> ended;
    if (options.pause <= 0) {
      hear(frames);
      frame += static_cast<std::int64_t>(frames.size() / mels);
      return ended;
    }
    for (std::size_t i = 0; i < frames.size(); i += mels)
      step(std::span(frames).subspan(i, mels), ended);
    return ended;
  }

  /// One frame, where results end at pauses.
  void step(std::span<const float> one, std::vector<Heard>& ended) {
    const bool loud = loudness.is_loud(one);
    if (loud)
      quiet = 0;
    else
      ++quiet;
    if (!speaking && loud) {
      speaking = true;
      begin = frame - static_cast<std::int64_t>(before.size());
      for (const std::vector<float>& earlier : before)
        hear(earlier);
      before.clear();
    }
    if (speaking) {
      hear(one);
      if (quiet >= frames_in(static_cast<double>(options.pause))) ended.push_back(end());
    } else {
      before.emplace_back(one.begin(), one.end());
      if (static_cast<std::int64_t>(before.size()) > frames_in(margin_seconds)) before.pop_front();
    }
    ++frame;
  }

  /// Frames of the current result.
  void hear(std::span<const float> frames) {
    if (!model->streaming()) {
      segment.insert(segment.end(), frames.begin(), frames.end());
      return;
    }
    const InferenceMode constant;
    std::vector<float> normal(frames.begin(), frames.end());
    model.input().normalise(normal);
    const Var states = model->step(normal, place);
    if (!model->ctc() || !states.defined()) return;
    const Sequences scores = model->symbol_scores(Sequences(states, Layout::uniform(1, states.rows())));
    for (std::int64_t t = 0; t < states.rows(); ++t) {
      const auto columns = static_cast<std::size_t>(scores.features());
      reading.push(scores.rows().values().subspan(static_cast<std::size_t>(t) * columns, columns));
    }
  }

  bool has_frames() const { return model->streaming() ? place.rows > 0 : !segment.empty(); }

  Heard result() const {
    const InferenceMode constant;
    Heard heard;
    if (model->streaming() && model->ctc()) {
      heard = speech::heard_text(model, reading.best(), reading.rows());
    } else if (model->streaming()) {
      heard = speech::heard_class(model.input(), model->class_scores_so_far(place).values());
    } else {
      std::vector<float> normal = segment;
      const auto mels = static_cast<std::size_t>(model.input().mel.mels);
      // Quiet behind the last word is of no use, but for the margin.
      const std::int64_t extra =
          options.pause > 0 ? std::max<std::int64_t>(0, quiet - frames_in(margin_seconds)) : 0;
      normal.resize(
          std::max(mels, normal.size() - std::min(normal.size(), static_cast<std::size_t>(extra) * mels)));
      model.input().normalise(normal);
      const std::vector<float>* const one = &normal;
      heard = speech::recognized(model, std::span(&one, 1), options.recognize).front();
    }
    for (HeardWord& word : heard.words) {
      word.begin += at(begin);
      word.end += at(begin);
    }
    heard.begin = at(begin);
    return heard;
  }

  Heard end() {
    Heard heard = result();
    const std::int64_t behind =
        options.pause > 0 ? std::max<std::int64_t>(0, quiet - frames_in(margin_seconds)) : 0;
    heard.end = options.pause > 0 ? at(frame + 1 - behind) : seconds();
    heard.signal = signal;
    segment.clear();
    place = {};
    reading = speech::Reading(options.recognize, language);
    speaking = false;
    return heard;
  }

  double seconds() const { return static_cast<double>(samples) / model.input().mel.rate; }

  const SpeechRecognizer& recognizer;
  ListenOptions options;
  const SpeechModel& model;
  LogMel extractor;
  Loudness loudness;
  CTCLanguageModel language;
  speech::Reading reading;
  speech::SpeechNet::Place place = {};
  std::vector<float> segment = {};
  std::deque<std::vector<float>> before = {};
  std::int64_t frame = 0, begin = 0, quiet = 0, samples = 0;
  bool speaking = false, signal = false;
};

SpeechListener::SpeechListener(const SpeechRecognizer& recognizer, ListenOptions options)
    : impl_(std::make_unique<Impl>(recognizer, options)) {}
SpeechListener::SpeechListener(SpeechListener&&) noexcept = default;
SpeechListener::~SpeechListener() = default;

std::vector<Heard> SpeechListener::push(std::span<const float> samples) {
  impl_->samples += static_cast<std::int64_t>(samples.size());
  impl_->signal =
      impl_->signal || std::any_of(samples.begin(), samples.end(), [](float x) { return x != 0; });
  std::vector<float> frames;
  impl_->extractor.push(samples, frames);
  return impl_->take(frames);
}

std::vector<Heard> SpeechListener::finish() {
  std::vector<float> frames;
  impl_->extractor.finish(frames);
  std::vector<Heard> ended = impl_->take(frames);
  if (impl_->options.pause > 0 ? impl_->speaking : impl_->has_frames()) ended.push_back(impl_->end());
  return ended;
}

Heard SpeechListener::so_far() const {
  const bool any = impl_->options.pause > 0 ? impl_->speaking : impl_->has_frames();
  return impl_->model->streaming() && any && impl_->has_frames() ? impl_->result() : Heard{};
}

double SpeechListener::seconds() const noexcept {
  return impl_->seconds();
}

}  // namespace rondo

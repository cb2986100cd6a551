// From frames to words.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "tasks/speech/fusion.h"
#include "tasks/speech/model.h"

namespace rondo::speech {
namespace {

/// Clips that are heard together, at most so many.
constexpr std::size_t at_once = 32;

std::span<const float> row_of(const Var& rows, std::int64_t row) {
  const auto columns = static_cast<std::size_t>(rows.columns());
  return rows.values().subspan(static_cast<std::size_t>(row) * columns, columns);
}

/// Where words begin and end among the labels that were read: [first, last).
std::vector<std::pair<std::size_t, std::size_t>> words_among(const SpeechInput& input,
                                                             const std::vector<std::int32_t>& labels) {
  std::vector<std::pair<std::size_t, std::size_t>> words;
  bool inside = false;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool blank = !input.words && input.symbols[static_cast<std::size_t>(labels[i] - 1)] == " ";
    if (blank) {
      inside = false;
      continue;
    }
    if (!inside || input.words) words.emplace_back(i, i);
    words.back().second = i + 1;
    inside = true;
  }
  return words;
}

}  // namespace

std::vector<float> log_softmax_of(std::span<const float> scores) {
  const float largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores)
    sum += std::exp(static_cast<double>(score) - static_cast<double>(largest));
  std::vector<float> logs;
  for (const float score : scores)
    logs.push_back(
        static_cast<float>(static_cast<double>(score) - static_cast<double>(largest) - std::log(sum)));
  return logs;
}

Reading::Reading(const RecognizeOptions& options, CTCLanguageModel model) {
  if (options.beam > 1 || model)
    beam_.emplace(CTCSearchOptions{.beam = options.beam,
                                   .language_model = std::move(model),
                                   .weight = static_cast<double>(options.lm_weight),
                                   .bonus = static_cast<double>(options.bonus)});
}

void Reading::push(std::span<const float> scores) {
  const std::vector<float> logs = log_softmax_of(scores);
  if (beam_)
    beam_->push(logs);
  else
    greedy_.push(logs);
  ++rows_;
}

CTCReading Reading::best() const {
  return beam_ ? beam_->best().front() : greedy_.reading();
}

Heard heard_class(const SpeechInput& input, std::span<const float> scores) {
  const std::vector<float> logs = log_softmax_of(scores);
  std::vector<std::size_t> order(logs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return logs[a] > logs[b]; });
  Heard heard{.text = input.symbols[order[0]], .probability = std::exp(static_cast<double>(logs[order[0]]))};
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 5); ++i)
    heard.classes.emplace_back(input.symbols[order[i]], std::exp(static_cast<double>(logs[order[i]])));
  return heard;
}

Heard heard_text(const SpeechModel& model, const CTCReading& reading, std::int64_t rows) {
  const SpeechInput& input = model.input();
  // A row of states stands for `stride` frames, and is dated by the first of them.
  const double seconds = static_cast<double>(input.mel.hop) / 1000 * model->stride();
  Heard heard{.text = input.spelled(reading.labels), .probability = std::exp(reading.log_probability)};
  for (const auto& [first, last] : words_among(input, reading.labels)) {
    const double begin = static_cast<double>(reading.frames[first]) * seconds;
    const double end = static_cast<double>(reading.frames[last - 1] + 1) * seconds;
    heard.words.push_back(
        {input.spelled(std::span(reading.labels).subspan(first, last - first)), begin, std::max(begin, end)});
  }
  heard.end = static_cast<double>(rows) * seconds;
  return heard;
}

std::vector<Heard> recognized(const SpeechModel& model, std::span<const std::vector<float>* const> frames,
                              const RecognizeOptions& options) {
  const InferenceMode constant;
  const CTCLanguageModel language =
      model->ctc() ? language_model_of(options, model.input()) : CTCLanguageModel();
  std::vector<Heard> all;
  for (std::size_t at = 0; at < frames.size(); at += at_once) {
    const auto some = frames.subspan(at, std::min(at_once, frames.size() - at));
    const SpeechBatch batch = pack(model.input(), some, {});
    const Sequences states = model->states(batch);
    std::vector<Heard> heard(some.size());
    const Var classes = model->ctc() ? Var() : model->class_scores(states);
    const Sequences symbols = model->ctc() ? model->symbol_scores(states) : Sequences();
    for (std::int64_t i = 0; i < batch.layout->sequences(); ++i) {
      Heard& one = heard[static_cast<std::size_t>(batch.layout->order()[static_cast<std::size_t>(i)])];
      if (!model->ctc()) {
        one = heard_class(model.input(), row_of(classes, i));
        continue;
      }
      Reading reading(options, language);
      for (std::int64_t t = 0; t < states.layout()->length(i); ++t)
        reading.push(row_of(symbols.rows(), states.layout()->row(i, t)));
      one = heard_text(model, reading.best(), reading.rows());
    }
    std::move(heard.begin(), heard.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace rondo::speech

/// What a SpeechRecognizer holds, and what is computed with it.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/ctc_search.h>
#include <rondo/network.h>
#include <rondo/tasks/speech.h>

#include "tasks/speech/network.h"

namespace rondo {

struct SpeechRecognizer::Impl {
  Model<speech::SpeechNet> network;
  History history = {};
};

namespace speech {

using SpeechModel = Model<SpeechNet>;

/// What is said in normalised frames; times count from the first.
std::vector<Heard> recognized(const SpeechModel& model, std::span<const std::vector<float>* const> frames,
                              const RecognizeOptions& options);

/// ln softmax of a row of scores.
std::vector<float> log_softmax_of(std::span<const float> scores);
/// An answer of classes from a row of scores.
Heard heard_class(const SpeechInput& input, std::span<const float> scores);
/// An answer of CTC from what was read; `rows` of states were seen.
Heard heard_text(const SpeechModel& model, const CTCReading& reading, std::int64_t rows);

/// CTC's frames so far: the likeliest path, or a beam.
class Reading {
 public:
  /// `model`: language_model_of(options, ...).
  explicit Reading(const RecognizeOptions& options, CTCLanguageModel model = {});
  void push(std::span<const float> scores);
  CTCReading best() const;
  std::int64_t rows() const noexcept { return rows_; }

 private:
  std::optional<CTCBeam> beam_;
  CTCGreedy greedy_;
  std::int64_t rows_ = 0;
};

}  // namespace speech
}  // namespace rondo

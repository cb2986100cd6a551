/// How well a recogniser hears.
#pragma once
#include <vector>

#include "tasks/speech/model.h"

namespace rondo::speech {

/// Clips of a batch whose answer is right, and their number.
std::vector<double> right_answers(const SpeechNet& net, const SpeechBatch& batch);
/// A sound as the network sees it, for a report: its normalised features, the highest frequency on top.
report::Heat spectrogram(const SpeechInput& input, const Sound& sound, Words title);
SpeechEvaluation evaluation_of(const SpeechRecognizer& recognizer, const Dataset& test, int worst);

}  // namespace rondo::speech

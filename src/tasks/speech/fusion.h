/// A language model that has a say in what is heard (shallow fusion; Gulcehre et al. 2015).
#pragma once
#include <rondo/ctc_search.h>
#include <rondo/tasks/speech.h>

#include "tasks/speech/input.h"

namespace rondo::speech {

/// ln P of a symbol behind others as their texts have it; none where the options name no model. `input` must
/// outlive it. Error(io) or Error(format) for a file that is no language model.
CTCLanguageModel language_model_of(const RecognizeOptions& options, const SpeechInput& input);

}  // namespace rondo::speech

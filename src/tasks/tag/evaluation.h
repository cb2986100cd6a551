/// Scores of a tagger's answers.
#pragma once
#include <span>
#include <vector>

#include <rondo/tasks/tag.h>

#include "tasks/tag/input.h"
#include "tasks/tag/scores/phrases.h"

namespace rondo::tag {

/// Phrases as `rondo score conlleval` counts them.
PhraseScores phrase_scores_for(const Tagging& tagging);

TagEvaluation evaluation_of(std::span<const TaggedSentence* const> sentences,
                            std::span<const Strings> answers, const TaggerInput& input, int worst);

/// The names of the scores.
Evaluation no_evaluation();

}  // namespace rondo::tag

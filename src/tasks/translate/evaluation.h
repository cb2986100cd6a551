/// What a translator's translations of a test part are worth.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/translate.h>

namespace rondo::translate {

TranslationEvaluation evaluation_of(const Translator& translator, const Dataset& test, int worst);
/// The attention of a translation: a row a target word, a column a source word.
report::Heat attention_map(const ScoredTranslation& scored);

}  // namespace rondo::translate

/// BLEU and chrF as entries of the list of scorers.
#pragma once
#include <string>

#include <rondo/tasks/score.h>

#include "tasks/translate/scores/bleu.h"

namespace rondo::translate {

/// "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0": what sacreBLEU would say of the same score.
std::string bleu_signature(BleuTokenizer tokenizer, std::size_t references, bool lowercase);

Scorer bleu_scorer();
Scorer chrf_scorer();

}  // namespace rondo::translate

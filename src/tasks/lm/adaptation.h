/// Scores of a language model that adapt to the text as they read it.
#pragma once
#include <rondo/network.h>
#include <rondo/tasks/lm.h>

#include "tasks/lm/chunks.h"
#include "tasks/lm/network.h"

namespace rondo::lm {

/// -ln P of all tokens but the first.
double adapting_nats(const Model<LanguageNet>& network, const TokenList& tokens,
                     const AdaptationOptions& options);

}  // namespace rondo::lm

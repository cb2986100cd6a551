/// The likeliest texts, by beam search.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <rondo/tasks/lm.h>

#include "tasks/lm/network.h"
#include "tasks/lm/rules.h"

namespace rondo::lm {

/// The prompt's state, and the logits of what follows it, of one row.
StepResult read_prompt(const LanguageNet& network, std::span<const std::int32_t> tokens, std::int32_t label);

/// options.samples texts, the likeliest first. Of each step, the options.beam texts of the highest ln P are
/// kept; one that has ended stays until likelier ones have taken its place. Texts go on until all have ended
/// or have the full length.
std::vector<Generated> likeliest(const LanguageNet& network, std::span<const std::int32_t> prompt,
                                 const GenerateOptions& options, const Rules& rules, std::int32_t label);

}  // namespace rondo::lm

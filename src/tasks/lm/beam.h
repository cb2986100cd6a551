/// The likeliest texts, by beam search.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <rondo/tasks/lm.h>

#include "tasks/lm/next_tokens.h"
#include "tasks/lm/rules.h"

namespace rondo::lm {

/// options.samples texts, the likeliest first. Of each step, the options.beam texts of the highest ln P are
/// kept; one that has ended stays until likelier ones have taken its place. Texts go on until all have ended
/// or have the full length.
std::vector<Generated> likeliest(const LanguageNet& network, std::span<const std::int32_t> prompt,
                                 const GenerateOptions& options, const Rules& rules,
                                 const Steering& steering);

}  // namespace rondo::lm

/// How far each token of a text was from what a language model expected.
#pragma once
#include <cstddef>

#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/lm.h>

namespace rondo::lm {

/// A text whose tokens are marked with their bits, at most so many (0: all). Ends of lines and of the text
/// are shown as ¶.
report::Marked surprise(const LanguageModel::Scored& scored, Words title, std::size_t most = 0);

}  // namespace rondo::lm

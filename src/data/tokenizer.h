/// Splits normalised text into tokens. <rondo/text.h> gives the rules at tokenize().
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/layers.h>

#include "data/normalize.h"

namespace rondo {

/// How a text becomes tokens, once the tokenizer is chosen (not automatic, not subwords).
struct TokenRules {
  bool contractions = true;  // don't -> do n't; smileys whole
  bool whole_words = true;   // off: each grapheme by itself
};

TokenRules rules_for(Tokenizer tokenizer, bool whole_words);
Normalizer normalizer_for(const layers::Tokens& options);

/// Replaces typographic apostrophes by straight ones, so that both spellings give the same word.
void straighten_apostrophes(std::string& text);

/// Fills `tokens` with views of `text` (or of constants). `text` is valid UTF-8, normalised, with straight
/// apostrophes.
void cut(std::string_view text, const TokenRules& rules, std::vector<std::string_view>& tokens);

}  // namespace rondo

/// Texts as token numbers.
#pragma once
#include <array>
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {

/// words: letters in runs, punctuation apart. characters: those of scripts written without spaces (Chinese,
/// Japanese, Thai, ...) one by one, words of other scripts and numbers whole unless `whole_words` is off.
/// tokenize() of text.h says all of it.
enum class Tokenizer { automatic, characters, words, subwords };
constexpr std::array<std::string_view, 4> names_of(Tokenizer) {
  return {"auto", "characters", "words", "subwords"};
}

enum class Normalization { none, nfc, nfkc };
constexpr std::array<std::string_view, 3> names_of(Normalization) {
  return {"none", "nfc", "nfkc"};
}

/// Which end of a text over max_length goes; `middle` keeps half from either end.
enum class Truncate { tail, head, middle };
constexpr std::array<std::string_view, 3> names_of(Truncate) {
  return {"tail", "head", "middle"};
}

namespace layers {

/// Text to token numbers. Its vocabulary is learned by the first fit and saved with the model.
struct Tokens {
  Tokenizer tokenizer = Tokenizer::automatic;
  int max_size = 50'000;
  int min_count = 1;
  int max_length = 0;
  Truncate truncate = Truncate::tail;
  Normalization normalization = Normalization::nfkc;
  bool lowercase = true;
  int bigrams = 0;
  bool whole_words = true;

  static constexpr std::string_view type = "tokens";
  static constexpr auto fields() {
    return std::tuple{
        field("tokenizer", &Tokens::tokenizer, "characters, words, subwords, or chosen by script"),
        field("max_size", &Tokens::max_size, "largest vocabulary", 2, 1 << 24),
        field("min_count", &Tokens::min_count, "rarer tokens are unknown", 1, 1 << 20),
        field("max_length", &Tokens::max_length, "longer texts are cut, in tokens; 0: never", 0, 1 << 24),
        field("truncate", &Tokens::truncate, "which part of a long text goes: tail, head or middle"),
        field("normalization", &Tokens::normalization, "Unicode normalisation"),
        field("lowercase", &Tokens::lowercase, "fold upper and lower case together"),
        field("bigrams", &Tokens::bigrams, "pairs of neighbouring tokens kept as a second channel; 0: none",
              0, 1 << 24),
        field("whole_words", &Tokens::whole_words,
              "characters: words of other scripts and numbers stay whole; off: each character and space")};
  }
};

static_assert(all_fields_listed<Tokens>);

}  // namespace layers
}  // namespace rondo

/// The first layer of a model that reads text: text to token numbers.
#pragma once
#include <array>
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {

/// words: runs of letters, with punctuation apart. characters: each character of a script written without
/// spaces (Chinese, Japanese, Thai, ...) is a token; words of other scripts and numbers stay whole, unless
/// `whole_words` is off. tokenize() in text.h has the full rules.
enum class Tokenizer { automatic, characters, words, subwords };
constexpr std::array<std::string_view, 4> names_of(Tokenizer) {
  return {"auto", "characters", "words", "subwords"};
}

enum class Normalization { none, nfc, nfkc };
constexpr std::array<std::string_view, 3> names_of(Normalization) {
  return {"none", "nfc", "nfkc"};
}

/// Which part of a text longer than max_length is cut off. `middle` keeps half from either end.
enum class Truncate { tail, head, middle };
constexpr std::array<std::string_view, 3> names_of(Truncate) {
  return {"tail", "head", "middle"};
}

namespace layers {

/// Text to token numbers. The first fit learns the vocabulary; the model's file holds it.
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
        field("tokenizer", &Tokens::tokenizer, "how a text becomes tokens; auto: by its script"),
        field("max_size", &Tokens::max_size, "largest vocabulary", 2, 1 << 24),
        field("min_count", &Tokens::min_count, "tokens that occur less often are unknown", 1, 1 << 20),
        field("max_length", &Tokens::max_length, "longer texts are cut to this many tokens; 0: no limit", 0,
              1 << 24),
        field("truncate", &Tokens::truncate, "which part of a text longer than max_length is cut off"),
        field("normalization", &Tokens::normalization, "Unicode normalisation"),
        field("lowercase", &Tokens::lowercase, "convert to lower case (case folding)"),
        field("bigrams", &Tokens::bigrams,
              "how many pairs of neighbouring tokens to keep as a second channel; 0: none", 0, 1 << 24),
        field("whole_words", &Tokens::whole_words,
              "for characters: keep words of other scripts and numbers whole; off: split every character")};
  }
};

static_assert(all_fields_listed<Tokens>);

}  // namespace layers
}  // namespace rondo

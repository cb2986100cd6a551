/// Text to token numbers: normalisation, tokenizers, vocabularies, and the TextEncoder that learns all of
/// them from training texts and travels inside the model file. Word vectors from word2vec and GloVe files.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/layers.h>

namespace [[gnu::visibility("default")]] rondo {

/// The Unicode version of the tables in use, e.g. "15.0.0": recorded with every TextEncoder.
std::string unicode_version();

/// `text` in a normal form, lower case if asked (full case folding: "ß" becomes "ss"). Control characters,
/// byte order marks, soft hyphens, direction marks and variation selectors go; each run of white space
/// becomes one space and none stays at the ends. Throws Error(data) for invalid UTF-8.
std::string normalize(std::string_view text, Normalization form = Normalization::nfkc, bool lowercase = true);

/// The tokens of a text as a TextEncoder with these options sees them, before any vocabulary.
/// `automatic` chooses by this text alone; `subwords` need a vocabulary and are an Error(option).
///
/// words: runs of letters with their marks; numbers apart ("3.5", "1,000" whole); each punctuation mark
/// apart, a run of one mark as a token of at most three; "don't" gives do n't, "it's" it 's, "l'homme" l'
/// homme; emoji whole with their joiners; :-) and <3 whole; @user whole; #tag as # tag; URLs as <url>; `<br
/// />` marks as <br>; characters of scripts written without spaces (Chinese, Japanese, Thai, ...) one by one.
/// characters: the same without contractions and smileys; with `whole_words = false` every character
/// (grapheme) by itself, white space included.
std::vector<std::string> tokenize(std::string_view text, const layers::Tokens& options = {});

/// `characters` when at least a fifth of the letters belong to scripts written without spaces, else `words`.
Tokenizer tokenizer_for(std::span<const std::string_view> texts);

/// Tokens and their numbers. Immutable; copies share one table and may be used from several threads.
///
/// Number 0 is "<unk>" and stands for everything unknown; the special tokens asked for follow (1, 2, ...),
/// then the tokens by falling count, equal counts by their bytes.
class Vocab {
 public:
  static constexpr std::int32_t unknown = 0;
  using Counts = std::map<std::string, std::int64_t, std::less<>>;

  /// Only "<unk>".
  Vocab();
  /// Keeps tokens with `min_count` or more, at most `max_size` in all (0: no limit; "<unk>" and special
  /// ones are counted in).
  static Vocab from_counts(const Counts& counts, std::int64_t min_count = 1, std::int64_t max_size = 0,
                           std::span<const std::string> specials = {});
  /// Tokens in the order of their numbers; the first is the unknown one. Throws Error(format) for an empty
  /// list or a token given twice. `counts` is empty or one for each.
  static Vocab of(std::vector<std::string> tokens, std::vector<std::int64_t> counts = {});

  std::int32_t size() const noexcept;
  /// The token's number, or 0.
  std::int32_t find(std::string_view token) const noexcept;
  bool contains(std::string_view token) const noexcept;
  /// Throws Error(option) for a number outside 0 .. size() - 1.
  std::string_view token(std::int32_t number) const;
  /// How often the training texts had it; 0 where that was not recorded.
  std::int64_t count(std::int32_t number) const;

  std::vector<std::int32_t> encode(std::span<const std::string> tokens) const;
  std::string decode(std::span<const std::int32_t> numbers, std::string_view separator = " ") const;

  std::string to_json() const;
  /// Throws Error(format) for anything to_json() cannot have written.
  static Vocab from_json(std::string_view json);

 private:
  struct Table;
  explicit Vocab(std::shared_ptr<const Table> table);
  std::shared_ptr<const Table> table_;
};

/// One text as token numbers; `bigrams` is empty or as long as `tokens`.
struct EncodedText {
  std::vector<std::int32_t> tokens, bigrams;
  std::size_t cut = 0;  ///< tokens left out because of max_length
};

class Dataset;

/// Preprocessing: normalisation, tokenizer, vocabularies, truncation, learned from training texts.
/// Immutable; copies share it, and any number of threads may encode with one.
class TextEncoder {
 public:
  /// Knows no token.
  TextEncoder();

  /// `seed` matters only to subwords from more than 10 MB of text: it chooses the sample they learn from.
  /// Throws Error(data) when there is no text, Error(option) for subwords in a build without them.
  static TextEncoder learn(std::span<const std::string_view> texts, const layers::Tokens& options = {},
                           std::uint64_t seed = 1);
  static TextEncoder learn(std::span<const std::string> texts, const layers::Tokens& options = {},
                           std::uint64_t seed = 1);
  /// From pre-split texts: each word is one token, normalised but never cut. The tokenizer becomes `words`;
  /// another than that or `automatic` is an Error(option).
  static TextEncoder learn(std::span<const std::vector<std::string>> texts,
                           const layers::Tokens& options = {}, std::uint64_t seed = 1);
  /// From a dataset's texts, whole or pre-split.
  static TextEncoder learn(const Dataset& texts, const layers::Tokens& options = {}, std::uint64_t seed = 1);

  /// The options as learned: the tokenizer is never `automatic`.
  const layers::Tokens& options() const noexcept;
  const Vocab& vocab() const noexcept;
  /// Rows that an embedding of bigrams needs: 1 (unknown) + pairs kept. 0: no bigrams were asked for.
  std::int32_t bigram_count() const noexcept;
  /// Pair `number` as (previous token, token); -1 as previous token is the start of the text.
  std::pair<std::int32_t, std::int32_t> bigram(std::int32_t number) const;
  /// Unicode version of the tables at learning time. Other tables may see a new character differently.
  const std::string& unicode() const noexcept;

  /// At least one number: a text that normalises to nothing is one unknown token. Texts longer than
  /// options().max_length are cut (`middle` keeps both ends). Throws Error(data) for invalid UTF-8.
  EncodedText encode(std::string_view text) const;
  /// A pre-split text: one number a word, whatever the tokenizer would cut it into. Error(usage) for an
  /// encoder of subwords.
  EncodedText encode(std::span<const std::string> words) const;
  /// The same vocabulary without bigrams and without a longest length: gives every token of a text.
  TextEncoder uncut() const;
  /// The tokens as text, separated as far as the tokenizer lets us tell.
  std::string decode(std::span<const std::int32_t> numbers) const;

  std::string to_json() const;
  /// Throws Error(format) for anything to_json() cannot have written.
  static TextEncoder from_json(std::string_view json);

 private:
  struct Impl;
  explicit TextEncoder(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

/// Vectors from a file for the tokens of a vocabulary.
struct WordVectors {
  std::int64_t dim = 0;
  std::vector<float> values;        ///< [vocab.size(), dim]; zeros where nothing was found
  std::vector<std::uint8_t> found;  ///< one for each token: 1 where the file has it
  std::int64_t exact = 0;           ///< tokens found as they are
  std::int64_t folded = 0;          ///< tokens found only when upper and lower case are the same
  std::int64_t words = 0;           ///< words in the file
};

/// Reads word2vec's or GloVe's text format, with or without the line "count dim", plain, .gz or .xz. A word
/// that stands twice counts the first time. Throws Error(data) "FILE line N: ..." for a line of another
/// length or a number that is none.
WordVectors read_word_vectors(const std::filesystem::path& file, const Vocab& vocab);

}  // namespace rondo

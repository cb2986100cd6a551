/// Text to token numbers: normalisation, tokenizers, vocabularies, and the TextEncoder, which learns them
/// from training texts and is part of the model file. Also word vectors from word2vec and GloVe files.
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

/// The Unicode version of the tables in use, for example "15.0.0". Every TextEncoder records it.
std::string unicode_version();

/// Converts `text` to a normal form and, with `lowercase`, to lower case (full case folding: "ß" becomes
/// "ss"). Removes control characters, byte order marks, soft hyphens, direction marks and variation
/// selectors. Each run of white space becomes one space, and white space at the ends is removed. Error(data)
/// for invalid UTF-8.
std::string normalize(std::string_view text, Normalization form = Normalization::nfkc, bool lowercase = true);

/// The tokens of a text as a TextEncoder with these options sees them, before any vocabulary. `automatic`
/// chooses by this text alone. `subwords` need a vocabulary and are an Error(option).
///
/// words:
/// - runs of letters with their marks are tokens;
/// - numbers are separate tokens ("3.5" and "1,000" stay whole);
/// - each punctuation mark is a token; a run of the same mark is one token of at most three;
/// - contractions are split: "don't" gives do n't, "it's" gives it 's, "l'homme" gives l' homme;
/// - emoji with their joiners, smileys (:-) and <3) and @user stay whole; #tag gives # tag;
/// - a URL becomes <url>, and a `<br />` becomes <br>;
/// - each character of a script written without spaces (Chinese, Japanese, Thai, ...) is a token.
///
/// characters: the same, without contractions and smileys. With `whole_words = false`, each character
/// (grapheme) is a token, white space included.
std::vector<std::string> tokenize(std::string_view text, const layers::Tokens& options = {});

/// `characters` if at least a fifth of the letters belong to scripts written without spaces, else `words`.
Tokenizer tokenizer_for(std::span<const std::string_view> texts);

/// Tokens and their numbers. Immutable. Copies share one table, and several threads may use it.
///
/// Number 0 is "<unk>" and stands for every unknown token. The requested special tokens follow (1, 2, ...),
/// and then the tokens by descending count; tokens of equal count are ordered by their bytes.
class Vocab {
 public:
  static constexpr std::int32_t unknown = 0;
  using Counts = std::map<std::string, std::int64_t, std::less<>>;

  /// A vocabulary of only "<unk>".
  Vocab();
  /// Keeps tokens that occur at least `min_count` times. The vocabulary has at most `max_size` entries,
  /// including "<unk>" and special tokens (0: no limit).
  static Vocab from_counts(const Counts& counts, std::int64_t min_count = 1, std::int64_t max_size = 0,
                           std::span<const std::string> specials = {});
  /// From tokens in the order of their numbers; the first one stands for unknown tokens. `counts` is empty or
  /// has one entry per token. Error(format) for an empty list or a repeated token.
  static Vocab of(std::vector<std::string> tokens, std::vector<std::int64_t> counts = {});

  std::int32_t size() const noexcept;
  /// The token's number, or 0 if it is unknown.
  std::int32_t find(std::string_view token) const noexcept;
  bool contains(std::string_view token) const noexcept;
  /// Error(option) for a number outside 0 to size() - 1.
  std::string_view token(std::int32_t number) const;
  /// How often the token occurs in the training texts; 0 if that was not recorded.
  std::int64_t count(std::int32_t number) const;

  std::vector<std::int32_t> encode(std::span<const std::string> tokens) const;
  std::string decode(std::span<const std::int32_t> numbers, std::string_view separator = " ") const;

  std::string to_json() const;
  /// Error(format) for anything that to_json() cannot have written.
  static Vocab from_json(std::string_view json);

 private:
  struct Table;
  explicit Vocab(std::shared_ptr<const Table> table);
  std::shared_ptr<const Table> table_;
};

/// One text as token numbers; `bigrams` is empty or as long as `tokens`.
struct EncodedText {
  std::vector<std::int32_t> tokens, bigrams;
  std::size_t cut = 0;  ///< how many tokens max_length cut off
};

class Dataset;

/// Preprocessing that is learned from training texts: normalisation, tokenizer, vocabularies and truncation.
/// Immutable. Copies share it, and any number of threads may encode with it.
class TextEncoder {
 public:
  /// An encoder that knows no token.
  TextEncoder();

  /// Learns from texts. `seed` matters only for subwords from more than 10 MB of text: it chooses the sample
  /// that they are learned from. Error(data) if there is no text; Error(option) for subwords in a build
  /// without them.
  static TextEncoder learn(std::span<const std::string_view> texts, const layers::Tokens& options = {},
                           std::uint64_t seed = 1);
  static TextEncoder learn(std::span<const std::string> texts, const layers::Tokens& options = {},
                           std::uint64_t seed = 1);
  /// Learns from pre-split texts. Each word is one token, which is normalised but never split. The tokenizer
  /// becomes `words`; any option other than `words` or `automatic` is an Error(option).
  static TextEncoder learn(std::span<const std::vector<std::string>> texts,
                           const layers::Tokens& options = {}, std::uint64_t seed = 1);
  /// Learns from a dataset's texts, whole or pre-split.
  static TextEncoder learn(const Dataset& texts, const layers::Tokens& options = {}, std::uint64_t seed = 1);

  /// The resolved options: the tokenizer is never `automatic`.
  const layers::Tokens& options() const noexcept;
  const Vocab& vocab() const noexcept;
  /// The number of rows that a bigram embedding needs: 1 (unknown) + the pairs kept. 0 if there are no
  /// bigrams.
  std::int32_t bigram_count() const noexcept;
  /// Pair `number` as (previous token, token). A previous token of -1 is the start of the text.
  std::pair<std::int32_t, std::int32_t> bigram(std::int32_t number) const;
  /// The Unicode version of the tables at learning time. Other tables may treat a new character differently.
  const std::string& unicode() const noexcept;

  /// Encodes a text. The result has at least one number: a text that is empty after normalisation becomes one
  /// unknown token. A text longer than options().max_length is cut. Error(data) for invalid UTF-8.
  EncodedText encode(std::string_view text) const;
  /// Encodes a pre-split text: one number per word, even if the tokenizer would split the word. Error(usage)
  /// for an encoder of subwords.
  EncodedText encode(std::span<const std::string> words) const;
  /// The same vocabulary without bigrams and without a longest length: gives every token of a text.
  TextEncoder uncut() const;
  /// The tokens as text. Spaces are restored as far as the tokenizer allows.
  std::string decode(std::span<const std::int32_t> numbers) const;

  std::string to_json() const;
  /// Error(format) for anything that to_json() cannot have written.
  static TextEncoder from_json(std::string_view json);

 private:
  friend struct EncoderTree;  // of the library's own use
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
  std::int64_t words = 0;           ///< lines with a word in the file
  std::int64_t announced = 0;       ///< words that the file's first line promises; 0: it has no such line
  std::int64_t repeated = 0;        ///< lines that repeat a token found before, whose vector is not taken
};

/// Reads word2vec's or GloVe's text format, with or without the line "count dim", plain, .gz or .xz, of any
/// size: line by line, in the memory that the vocabulary's vectors take. A word that stands twice counts the
/// first time; a count that is not that of the words is forgiven. Throws Error(data) "FILE line N: ..." for a
/// line of another length or a number that is none.
WordVectors read_word_vectors(const std::filesystem::path& file, const Vocab& vocab);

}  // namespace rondo

/// Text whose tokens carry tags: words and their parts of speech, characters and where words end, names.
/// Readers for the files in which such text is kept.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/description.h>
#include <rondo/layers/crf.h>

namespace [[gnu::visibility("default")]] rondo {

/// A list of short texts in two pieces of memory: a Chinese character takes 7 bytes, not 32.
class Strings {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = std::string_view;

    Iterator() = default;
    Iterator(const Strings* list, std::size_t at) : list_(list), at_(at) {}
    std::string_view operator*() const { return (*list_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return {list_, at_++}; }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    const Strings* list_ = nullptr;
    std::size_t at_ = 0;
  };

  Strings() = default;
  Strings(std::initializer_list<std::string_view> items) {
    for (const std::string_view item : items)
      push_back(item);
  }
  explicit Strings(std::span<const std::string> items) {
    for (const std::string& item : items)
      push_back(item);
  }

  std::size_t size() const noexcept { return ends_.size(); }
  bool empty() const noexcept { return ends_.empty(); }
  std::string_view operator[](std::size_t i) const noexcept {
    return std::string_view(text_).substr(begin_of(i), ends_[i] - begin_of(i));
  }
  Iterator begin() const noexcept { return {this, 0}; }
  Iterator end() const noexcept { return {this, size()}; }

  /// Error(data) when the texts together take 4 GiB or more.
  void push_back(std::string_view item);
  void clear() noexcept {
    text_.clear();
    ends_.clear();
  }
  /// All of them, one after another.
  const std::string& text() const noexcept { return text_; }
  std::vector<std::string> to_vector() const { return {begin(), end()}; }

  bool operator==(const Strings&) const = default;

 private:
  std::size_t begin_of(std::size_t i) const noexcept { return i == 0 ? 0 : ends_[i - 1]; }

  std::string text_;
  std::vector<std::uint32_t> ends_;
};

/// What is known, before anything is tagged, of the place before a token: whether a word begins there.
enum class Border : std::uint8_t { open, forced, forbidden };

/// Tokens, and what is known of them.
struct TaggedSentence {
  Strings tokens = {};
  std::vector<Strings> features = {};  ///< further columns of the file: in each, one text a token
  Strings tags = {};                   ///< one a token; empty: not known
  std::vector<Border> borders = {};    ///< before each token; empty: open
  std::uint64_t line = 0;              ///< of the first token, in its file
};

/// Forms of files.
///
/// conll: a token a line, columns with blanks or tabs between, a blank line after each sentence. conllu:
/// Universal Dependencies' form. segmented: a sentence a line, blanks between its words. slash: the same,
/// with "/TAG" behind each word. jsonl: a JSON object a line, with "text" and "spans" or with "tokens" and
/// "tags". csv: a table with a line of names and a token a row; a column whose name begins with "sentence",
/// or a blank line, says where sentences begin.
enum class TagFormat { automatic, conll, conllu, segmented, slash, jsonl, csv };
constexpr std::array<std::string_view, 7> names_of(TagFormat) {
  return {"auto", "conll", "conllu", "segmented", "slash", "jsonl", "csv"};
}

/// What one token is: a word, a character, or a character with runs of Latin letters and digits whole.
enum class TokenUnit { automatic, words, characters, mixed };
constexpr std::array<std::string_view, 4> names_of(TokenUnit) {
  return {"auto", "words", "characters", "mixed"};
}

enum class SchemeChoice { automatic, none, iob1, iob2, bioes, bmes };
constexpr std::array<std::string_view, 6> names_of(SchemeChoice) {
  return {"auto", "none", "iob1", "iob2", "bioes", "bmes"};
}

/// How to find tokens and tags in a file.
struct TagReading {
  TagFormat format = TagFormat::automatic;
  /// Of the token and of its tag, from 1; negative: from the last. Empty: the first and the last, of CoNLL-U
  /// the second and the fourth, of a table those with the usual names.
  std::vector<int> columns = {};
  std::vector<int> features = {};
  bool comments = false;
  std::string separator = "/";
  TokenUnit unit = TokenUnit::automatic;
  SchemeChoice scheme = SchemeChoice::automatic;

  static constexpr auto fields() {
    using O = TagReading;
    return std::tuple{
        field("format", &O::format, "form of the file; auto: by its content"),
        field("columns", &O::columns,
              "column of the token and column of the tag, from 1, negative from the last; else the first and "
              "the last, of CoNLL-U 2 and 4, of a table by their names"),
        field("features", &O::features, "further columns that the model reads, as given parts of speech"),
        field("comments", &O::comments, "leave out lines that begin with #; of CoNLL-U always"),
        field("separator", &O::separator,
              "what stands between a word and its tag in the form slash; _ is found too"),
        field("unit", &O::unit,
              "what a token of running text is; mixed: a character, but Latin words and numbers whole; auto: "
              "by the data"),
        field("scheme", &O::scheme, "how tags say where a phrase begins and ends; auto: by the tags")};
  }
};
static_assert(all_fields_listed<TagReading>);

/// How running text is cut into words, as the training data has them.
struct WordRules {
  bool hyphens = true;                          ///< "well-known" is one word
  bool clitics = true;                          ///< "don't" is "do" and "n't", "it's" is "it" and "'s"
  std::vector<std::string> abbreviations = {};  ///< words with a full stop of their own, sorted by bytes

  static constexpr auto fields() {
    using O = WordRules;
    return std::tuple{field("hyphens", &O::hyphens, "words with a hyphen inside are one"),
                      field("clitics", &O::clitics, "n't, 's and their like stand apart"),
                      field("abbreviations", &O::abbreviations, "words with a full stop of their own")};
  }
};
static_assert(all_fields_listed<WordRules>);

/// All that texts and files need to know of what is tagged; a model keeps it.
struct Tagging {
  TagReading reading = {};  ///< nothing of it automatic or empty
  TagScheme scheme = TagScheme::none;
  bool words = false;  ///< the phrases are words: each token is in one
  bool types = false;  ///< the phrases have types; of words: tags
  WordRules rules = {};

  static constexpr auto fields() {
    using O = Tagging;
    return std::tuple{field("reading", &O::reading, "how files are read"),
                      field("scheme", &O::scheme, "how tags say where a phrase begins and ends"),
                      field("words", &O::words, "the phrases are words"),
                      field("types", &O::types, "the phrases have types"),
                      field("rules", &O::rules, "how running text is cut")};
  }
};
static_assert(all_fields_listed<Tagging>);

/// What files held.
struct TaggedText {
  std::vector<TaggedSentence> sentences;
  Tagging tagging;
  std::vector<std::string> notices;  ///< what was found, taken or looks odd: one line each
};

/// Reads files of one form, plain, .gz or .xz; what is automatic is found in the first one, and said. With
/// `known` (a trained model's) that is how they are read, and tags are taken as they stand; else scheme and
/// tags are checked. Throws Error(data) "FILE line N: ..." for what cannot be tagged text, Error(io) for what
/// cannot be read, Error(option) for columns that no file can have.
TaggedText read_tagged(std::span<const std::filesystem::path> files, const TagReading& reading = {},
                       const Tagging* known = nullptr);
/// The same from memory; `name` stands for the file in messages.
TaggedText parse_tagged(std::string_view bytes, std::string_view name, const TagReading& reading = {},
                        const Tagging* known = nullptr);

}  // namespace rondo

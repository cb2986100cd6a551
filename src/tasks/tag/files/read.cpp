// Whole files to sentences: form, scheme and unit are found, checked and said.
#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include <rondo/tasks/tagged_text.h>

#include "base/files.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "tasks/tag/files/format.h"
#include "tasks/tag/files/parser.h"
#include "tasks/tag/scheme_finder.h"
#include "tasks/tag/text/cutter.h"

namespace rondo {
namespace tag {
namespace {

/// The next line, without its end; false after the last.
using NextLine = std::function<bool(std::string&)>;

/// Lines in valid UTF-8, the first without its byte order mark.
class CheckedLines {
 public:
  CheckedLines(NextLine next, std::string name) : next_(std::move(next)), name_(std::move(name)) {}

  bool next(std::string& line) {
    if (!next_(line)) return false;
    if (++number_ == 1) line = without_byte_order_mark(line);
    require_utf8(line, name_, number_);
    return true;
  }
  const std::string& name() const noexcept { return name_; }

 private:
  NextLine next_;
  std::string name_;
  std::uint64_t number_ = 0;
};

TagReading with_those_typed(TagReading known, const TagReading& typed) {
  if (typed.format != TagFormat::automatic) known.format = typed.format;
  if (!typed.columns.empty()) known.columns = typed.columns;
  if (!typed.features.empty()) known.features = typed.features;
  known.comments = known.comments || typed.comments;
  if (typed.separator != TagReading{}.separator) known.separator = typed.separator;
  return known;
}

/// Files of one form, one after another.
class Reader {
 public:
  Reader(const TagReading& reading, const Tagging* known) : choice_(reading.scheme), known_(known) {
    text_.tagging.reading = known == nullptr ? reading : with_those_typed(known->reading, reading);
    if (known != nullptr) text_.tagging.scheme = known->scheme;
  }

  void add(CheckedLines lines) {
    std::vector<std::string> first;
    std::size_t bytes = 0;
    constexpr std::size_t enough = 1 << 18;
    for (std::string line; first.size() < lines_to_know_by && bytes < enough && lines.next(line);) {
      bytes += line.size();
      first.push_back(line);
    }
    settle(first);
    const auto parser =
        parser_for(text_.tagging.reading, text_.tagging.scheme, lines.name(), ParseFor::learning);
    const std::size_t before = text_.sentences.size();
    for (const std::string& line : first)
      add(parser->take(line), lines.name());
    for (std::string line; lines.next(line);)
      add(parser->take(line), lines.name());
    add(parser->end(), lines.name());
    check_words(lines.name(), before);
  }

  TaggedText result() && {
    Tagging& tagging = text_.tagging;
    if (known_ != nullptr) {
      tagging = *known_;
      return std::move(text_);
    }
    if (tagging.reading.unit == TokenUnit::automatic) tagging.reading.unit = unit_of(text_.sentences);
    const TagFormat format = tagging.reading.format;
    const bool read = has_columns(format) || format == TagFormat::jsonl;
    if (read) tagging.scheme = finder_.settle(choice_, text_.notices);
    tagging.words = tagging.scheme != TagScheme::none && finder_.covers_all();
    tagging.types = tagging.scheme == TagScheme::none || finder_.has_types();
    if (tagging.reading.unit == TokenUnit::words) tagging.rules = word_rules_of(text_.sentences);
    if (tagging.scheme != TagScheme::none)
      for (TaggedSentence& sentence : text_.sentences)
        sentence.tags = converted(sentence.tags, tagging.scheme, tagging.scheme);
    text_.notices.insert(text_.notices.begin(), in_words());
    return std::move(text_);
  }

 private:
  /// By the first file's first lines: the form, and the scheme where tags are made, not read.
  void settle(std::span<const std::string> first) {
    if (settled_) return;
    settled_ = true;
    Tagging& tagging = text_.tagging;
    if (known_ == nullptr) tagging.reading = settled(tagging.reading, first);
    const TagFormat format = tagging.reading.format;
    if (format == TagFormat::segmented && tagging.reading.unit == TokenUnit::words)
      fail(ErrorKind::option,
           "unit words: the words of a segmented file have no tags; wanted characters or mixed");
    if (known_ == nullptr) tagging.scheme = made_scheme(tagging.reading);
    checked_ = known_ == nullptr;
  }

  /// Of the tags that words of lines and spans of texts become.
  TagScheme made_scheme(const TagReading& reading) const {
    const bool tokens_are_words = reading.format == TagFormat::slash && reading.unit == TokenUnit::words;
    if (has_columns(reading.format) || tokens_are_words) return TagScheme::none;
    if (choice_ == SchemeChoice::automatic)
      return reading.format == TagFormat::jsonl ? TagScheme::bioes : TagScheme::bmes;
    if (choice_ == SchemeChoice::none)
      fail(ErrorKind::option, "scheme none cannot say where words end; leave it out");
    if (choice_ == SchemeChoice::iob1 && reading.format != TagFormat::jsonl)
      fail(ErrorKind::option,
           "scheme iob1 is for phrases with other tokens between; for words take bmes, bioes or iob2");
    return scheme_of(choice_);
  }

  void add(std::optional<SentenceLines> lines, const std::string& name) {
    if (!lines || lines->sentence.tokens.empty()) return;
    if (checked_)
      finder_.add(lines->sentence.tags, [&](std::size_t token) {
        return name + " line " + std::to_string(lines->first + lines->token_lines[token]);
      });
    text_.sentences.push_back(std::move(lines->sentence));
  }

  /// Segmented lines that hold a word each are raw text.
  void check_words(const std::string& name, std::size_t from) const {
    const TagReading& reading = text_.tagging.reading;
    if (from == text_.sentences.size())
      fail(ErrorKind::data, name + ": holds no sentence; wanted tokens and their tags");
    if (reading.format != TagFormat::segmented || known_ != nullptr) return;
    const auto begin = text_.sentences.begin() + static_cast<std::ptrdiff_t>(from);
    const bool words = std::any_of(begin, text_.sentences.end(), [&](const TaggedSentence& sentence) {
      return phrases_of(sentence.tags, text_.tagging.scheme).size() > 1;
    });
    if (!words)
      fail(ErrorKind::data, name + " line " + std::to_string(begin->line) +
                                ": no line has a blank; wanted words with blanks between them, or a tag for "
                                "each token (--format says in which form)");
  }

  /// "conll, token in column 1 and tag in 2; 3 821 sentences, 124 099 tokens; scheme bmes, 8 types"
  std::string in_words() const {
    const Tagging& tagging = text_.tagging;
    std::size_t tokens = 0;
    std::set<std::string, std::less<>> types;
    for (const TaggedSentence& sentence : text_.sentences) {
      tokens += sentence.tokens.size();
      for (const std::string_view tag : sentence.tags) {
        const std::string_view type = tagging.scheme == TagScheme::none ? tag : parts_of(tag).type;
        if (!types.contains(type)) types.emplace(type);
      }
    }
    std::string words = "format " + std::string(name_of(tagging.reading.format));
    if (has_columns(tagging.reading.format))
      words += ", token in column " + std::to_string(tagging.reading.columns[0]) + ", tag in column " +
               std::to_string(tagging.reading.columns[1]);
    if (tagging.reading.format == TagFormat::slash && tagging.reading.separator != TagReading{}.separator)
      words += ", words with " + tagging.reading.separator + " and a tag";
    words += "; " + grouped(static_cast<std::int64_t>(text_.sentences.size())) + " sentences, " +
             grouped(static_cast<std::int64_t>(tokens)) +
             (tagging.reading.unit == TokenUnit::words ? " words" : " characters");
    words += "; scheme " + std::string(name_of(tagging.scheme));
    types.erase("");
    if (!types.empty())
      words += ", " + std::to_string(types.size()) + (tagging.scheme == TagScheme::none ? " tags" : " types");
    return words;
  }

  SchemeChoice choice_;
  const Tagging* known_;
  bool settled_ = false, checked_ = false;
  TaggedText text_;
  SchemeFinder finder_;
};

}  // namespace
}  // namespace tag

TaggedText read_tagged(std::span<const std::filesystem::path> files, const TagReading& reading,
                       const Tagging* known) {
  tag::Reader reader(reading, known);
  for (const std::filesystem::path& file : files) {
    LineReader lines(file);
    reader.add({[&](std::string& line) { return lines.next(line); }, file.string()});
  }
  return std::move(reader).result();
}

TaggedText parse_tagged(std::string_view bytes, std::string_view name, const TagReading& reading,
                        const Tagging* known) {
  tag::Reader reader(reading, known);
  std::size_t at = 0;
  reader.add({[&](std::string& line) {
                if (at >= bytes.size()) return false;
                const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
                line = bytes.substr(at, end - at);
                if (line.ends_with('\r')) line.pop_back();
                at = end + 1;
                return true;
              },
              std::string(name)});
  return std::move(reader).result();
}

}  // namespace rondo

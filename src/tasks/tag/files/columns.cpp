// CoNLL's columns and CoNLL-U: a token a line, a blank line after each sentence.
#include <algorithm>
#include <utility>

#include "base/message.h"
#include "tasks/tag/files/blanks.h"
#include "tasks/tag/files/parser.h"

namespace rondo::tag {
namespace {

std::string columns_in_words(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " column" : " columns");
}

bool is_blank_line(std::string_view line) {
  return line.find_first_not_of(" \t") == line.npos;
}

/// What both forms share: which columns hold what.
class ColumnParser : public SentenceParser {
 public:
  ColumnParser(const TagReading& reading, std::string name, ParseFor purpose, ColumnNames names = {})
      : SentenceParser(std::move(name), purpose), reading_(reading), names_(names) {}

 protected:
  const TagReading& reading() const noexcept { return reading_; }

  /// Adds the token that the columns of a line hold.
  void add_token(const std::vector<std::string_view>& columns) {
    TaggedSentence& sentence = at_hand().sentence;
    const std::string_view token = cell(columns, reading_.columns[0], names_.token);
    if (token.empty()) refuse_empty(names_.token, reading_.columns[0]);
    sentence.tokens.push_back(token);
    sentence.features.resize(reading_.features.size());
    for (std::size_t i = 0; i < reading_.features.size(); ++i)
      sentence.features[i].push_back(cell(columns, reading_.features[i], "feature"));
    if (learning()) {
      const std::string_view tag = without_blanks_around(cell(columns, reading_.columns[1], names_.tag));
      if (tag.empty()) refuse_empty(names_.tag, reading_.columns[1]);
      sentence.tags.push_back(tag);
    }
    token_here();
  }

 private:
  [[noreturn]] void refuse_empty(const std::string& what, int column) const {
    refuse("the " + what + ", column " + std::to_string(column) + ", is empty");
  }

  std::string_view cell(const std::vector<std::string_view>& columns, int number, const char* what) const {
    const auto count = static_cast<int>(columns.size());
    const int at = number > 0 ? number - 1 : count + number;
    if (at < 0 || at >= count)
      refuse(columns_in_words(columns.size()) + "; the " + what + " is wanted in column " +
             std::to_string(number) + " (--columns and --features say which hold what)");
    return columns[static_cast<std::size_t>(at)];
  }

  TagReading reading_;
  ColumnNames names_;
};

class ConllParser final : public ColumnParser {
 public:
  using ColumnParser::ColumnParser;

 private:
  Then read(std::string_view line) override {
    if (is_blank_line(line)) return Then::whole;
    if (line.starts_with("-DOCSTART-"))
      return at_hand().sentence.tokens.empty() ? Then::go_on : Then::whole_before;
    if (reading().comments && line.starts_with('#')) return Then::go_on;
    if (count_ == 0) settle_separator(line);
    split_columns(line, tabs_only_, columns_);
    if (count_ == 0) count_ = columns_.size();
    if (learning() && columns_.size() != count_) refuse_count(line);
    add_token(columns_);
    return Then::go_on;
  }

  /// Tabs alone separate where each piece between them holds something: "New York<TAB>LOC" has two columns.
  void settle_separator(std::string_view line) {
    split_columns(line, true, columns_);
    tabs_only_ = columns_.size() > 1 &&
                 std::none_of(columns_.begin(), columns_.end(), [](std::string_view c) { return c.empty(); });
  }

  [[noreturn]] void refuse_count(std::string_view line) const {
    refuse(columns_in_words(columns_.size()) + ", the lines before have " + std::to_string(count_) +
           (line.starts_with('#') ? "; --comments leaves out lines that begin with #"
                                  : "; each token needs all of them, and a blank line ends a sentence"));
  }

  bool tabs_only_ = false;
  std::size_t count_ = 0;  ///< columns of the first token
  std::vector<std::string_view> columns_;
};

class ConlluParser final : public ColumnParser {
 public:
  using ColumnParser::ColumnParser;

 private:
  Then read(std::string_view line) override {
    if (line.empty()) return Then::whole;
    if (line.starts_with('#')) return Then::go_on;
    split_columns(line, true, columns_);
    constexpr std::size_t wanted = 10;
    if (columns_.size() != wanted)
      refuse(columns_in_words(columns_.size()) + " with tabs between; CoNLL-U has 10" +
             (is_blank_line(line) ? ", and its blank lines are empty" : ""));
    if (is_word()) add_token(columns_);
    return Then::go_on;
  }

  /// Not the range of a multiword token (1-2), nor an empty node (6.1).
  bool is_word() const {
    const std::string_view id = columns_[0];
    const std::size_t end = id.find_first_not_of("0123456789");
    if (end == id.npos && !id.empty()) return true;
    if (end == id.npos || end == 0 || (id[end] != '-' && id[end] != '.') || end + 1 == id.size() ||
        id.find_first_not_of("0123456789", end + 1) != id.npos)
      refuse("the first column must be a number, a range such as 1-2, or 6.1 for an empty node, got " +
             quote(id));
    return false;
  }

  std::vector<std::string_view> columns_;
};

void check_columns(const TagReading& reading, const std::string& name) {
  if (reading.columns.size() != 2)
    fail(ErrorKind::option, "columns must be two numbers, those of token and tag, got " +
                                std::to_string(reading.columns.size()));
  if (reading.columns[0] == 0 || reading.columns[1] == 0 || reading.columns[0] == reading.columns[1])
    fail(ErrorKind::option,
         name + ": columns counts from 1, or from -1 at the end, and token and tag differ");
  for (const int feature : reading.features)
    if (feature < 1 || feature == reading.columns[0] || feature == reading.columns[1])
      fail(ErrorKind::option, name + ": features counts from 1, and holds neither token nor tag, got " +
                                  std::to_string(feature));
}

}  // namespace

std::unique_ptr<SentenceParser> conll_parser(const TagReading& reading, std::string name, ParseFor purpose,
                                             ColumnNames names) {
  check_columns(reading, name);
  return std::make_unique<ConllParser>(reading, std::move(name), purpose, names);
}

std::unique_ptr<SentenceParser> conllu_parser(const TagReading& reading, std::string name, ParseFor purpose) {
  check_columns(reading, name);
  return std::make_unique<ConlluParser>(reading, std::move(name), purpose);
}

}  // namespace rondo::tag

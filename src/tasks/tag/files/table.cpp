// A table with a line of names: a token a row, as spreadsheets have it.
#include "data/table.h"

#include <algorithm>
#include <utility>

#include "base/message.h"
#include "base/utf8.h"
#include "data/cells.h"
#include "tasks/tag/files/format.h"
#include "tasks/tag/files/parser.h"

namespace rondo::tag {
namespace {

class TableParser final : public SentenceParser {
 public:
  TableParser(const TagReading& reading, std::string name, ParseFor purpose)
      : SentenceParser(std::move(name), purpose), reading_(reading) {}

 private:
  Then read(std::string_view line) override {
    if (trim_unseen(line).empty()) return Then::whole;
    if (separator_ == '\0') {
      read_names(line);
      return Then::go_on;
    }
    data::cut_cells(line, separator_, place(), cells_);
    if (cells_.size() != width_)
      refuse("has " + std::to_string(cells_.size()) + " cells, the line of names has " +
             std::to_string(width_));
    if (begins_sentence() && !at_hand().sentence.tokens.empty()) return Then::whole_before;
    if (sentence_ > 0 && !cell(sentence_).empty()) sentence_now_ = cell(sentence_);
    add_token();
    return Then::go_on;
  }

  std::string place() const { return name() + " line " + std::to_string(number()); }

  void read_names(std::string_view line) {
    const std::vector<int> found = named_columns(line, separator_);
    if (separator_ == '\0') separator_ = line.find('\t') != line.npos ? '\t' : ',';
    data::cut_cells(line, separator_, place(), cells_);
    width_ = cells_.size();
    columns_ = reading_.columns.size() == 2 ? reading_.columns : found;
    if (columns_.empty())
      refuse(
          "no column is named word or token, and one tag, label, ner or pos; --columns TOKEN,TAG tells their "
          "numbers");
    for (int& column : columns_)
      column = checked(column < 0 ? static_cast<int>(width_) + 1 + column : column);
    for (const int feature : reading_.features)
      checked(feature);
    for (std::size_t c = 0; c < width_ && sentence_ == 0; ++c) {
      const std::string named = data::lower_ascii(std::string(trim_unseen(cells_[c])));
      if (named.starts_with("sentence") || named.starts_with("sent_") || named == "sent" ||
          named.starts_with("句"))
        sentence_ = static_cast<int>(c) + 1;
    }
  }

  int checked(int column) const {
    if (column < 1 || column > static_cast<int>(width_))
      refuse("no column " + std::to_string(column) + "; the table has " + std::to_string(width_));
    return column;
  }

  std::string_view cell(int column) const {
    return trim_unseen(cells_[static_cast<std::size_t>(column) - 1]);
  }

  /// A cell that is empty continues the sentence above it.
  bool begins_sentence() const {
    return sentence_ > 0 && !cell(sentence_).empty() && cell(sentence_) != sentence_now_;
  }

  void add_token() {
    TaggedSentence& sentence = at_hand().sentence;
    const std::string_view token = cell(columns_[0]), tag = cell(columns_[1]);
    if (token.empty()) refuse("the token, column " + std::to_string(columns_[0]) + ", is empty");
    sentence.tokens.push_back(token);
    sentence.features.resize(reading_.features.size());
    for (std::size_t i = 0; i < reading_.features.size(); ++i)
      sentence.features[i].push_back(cell(reading_.features[i]));
    if (learning()) {
      if (tag.empty()) refuse("the tag, column " + std::to_string(columns_[1]) + ", is empty");
      sentence.tags.push_back(tag);
    }
    token_here();
  }

  TagReading reading_;
  char separator_ = '\0';
  std::size_t width_ = 0;
  std::vector<int> columns_;  ///< of token and tag, from 1
  int sentence_ = 0;          ///< the column that tells sentences apart; 0: none
  std::string sentence_now_;
  std::vector<std::string> cells_;
};

}  // namespace

std::unique_ptr<SentenceParser> csv_parser(const TagReading& reading, std::string name, ParseFor purpose) {
  return std::make_unique<TableParser>(reading, std::move(name), purpose);
}

}  // namespace rondo::tag

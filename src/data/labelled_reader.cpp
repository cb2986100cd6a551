// From tables' rows to a Dataset: what is left out, what is kept, and the notices that say so.
#include "data/labelled_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include <rondo/error.h>

#include "base/message.h"
#include "base/utf8.h"
#include "data/class_names.h"
#include "data/layout.h"
#include "data/multi_hot.h"
#include "data/table.h"

namespace rondo::data {
namespace {

/// What is odd about a row.
enum class Oddity : std::size_t { empty, structured, header, unknown, duplicate, contradiction, unlabelled };
constexpr std::size_t oddities = 7;

/// Counts rows of one kind and remembers the first.
struct Tally {
  std::size_t count = 0;
  std::string file, first;  // "x.tsv", "line 3"
  std::uint64_t first_line = 0;

  void add(const Table& table, std::uint64_t line, std::size_t rows = 1) {
    count += rows;
    if (count > rows && line > first_line) return;
    file = table.name;
    first_line = line;
    first = table.unit + " " + std::to_string(line);
  }
  void add(const Tally& other) {
    if (count == 0)
      *this = other;
    else
      count += other.count;
  }
};

/// "'bad', 'fair', 'good' and 4 more": enough of the names to see what they are.
std::string some_of(std::span<const std::string> names) {
  constexpr std::size_t most = 6;
  std::vector<std::string> shown;
  for (const std::string& name : names.first(std::min(names.size(), most)))
    shown.push_back(quote(name));
  if (names.size() > most) shown.push_back(std::to_string(names.size() - most) + " more");
  return enumerate(shown, "and");
}

/// "3 rows have "
std::string rows_with(const Tally& tally) {
  return std::to_string(tally.count) + (tally.count == 1 ? " row has " : " rows have ");
}

void check_split(const ReadOptions& options) {
  const bool values = !options.test_value.empty() || !options.valid_value.empty();
  if (options.split_column.empty() && values)
    fail(ErrorKind::option, "split_column: is wanted beside test_value and valid_value");
  if (!options.split_column.empty() && !values)
    fail(ErrorKind::option, "split_column: wants test_value, valid_value or both");
}

}  // namespace

class LabelledReader::Impl {
 public:
  /// `separator`: of several labels a text; none: each has one.
  Impl(const ReadOptions& options, const ReadLike& like, std::optional<std::string> separator)
      : options_(options), like_(like), separator_(std::move(separator)), names_(like.classes) {
    check_split(options_);
    if (separator_ && separator_->empty())
      fail(ErrorKind::option, "label_separator: is what stands between two labels, got nothing");
    for (std::size_t i = 0; i < names_.size(); ++i)
      numbers_.emplace(names_[i], static_cast<std::int32_t>(i));
  }

  void add(std::string_view bytes, const std::string& name) {
    Table table = read_table(require_text(bytes, name), name, options_, like_);
    if (table.rows.empty())
      fail(ErrorKind::data, table.place(1) + ": no rows; wanted a label and a text in each");
    settle_header(table, options_, layout_.names());
    const Columns columns =
        files_.empty() ? layout_.settle(table, options_, like_) : layout_.columns_in(table, options_);
    if (files_.empty()) first_line_ = table.rows.front().line;
    files_.push_back(name);
    add_rows(table, columns);
    note_tallies(table, slip_in_words(table, columns));
  }

  LabelledText finish() {
    check_parts();
    require_examples();
    if (like_.classes.empty()) number_by_name();
    return result();
  }

 private:
  enum class Part : std::size_t { train, valid, test };

  Tally& here(Oddity oddity) { return here_[static_cast<std::size_t>(oddity)]; }
  const Tally& all(Oddity oddity) const { return all_[static_cast<std::size_t>(oddity)]; }

  // -- Rows

  void add_rows(Table& table, const Columns& columns) {
    here_ = {};
    if (table.blank_lines > 0) here(Oddity::empty).add(table, table.first_blank_line, table.blank_lines);
    for (Row& row : table.rows) {
      const Part part = part_of(row, columns);
      const std::string_view label = trim_unseen(row.cells[columns.label]);
      const bool bare = label.empty() && (!separator_ || has_structure(table, row, columns));
      if (bare || trim_unseen(row.cells[columns.text]).empty()) {
        here(is_structured(table, row, columns) ? Oddity::structured : Oddity::empty).add(table, row.line);
      } else if (layout_.is_header(row)) {
        here(Oddity::header).add(table, row.line);
      } else if (separator_) {
        check_row(table, row, columns);
        keep_labels(table, row, columns, part);
      } else {
        check_row(table, row, columns);
        const auto number = number_of(label);
        if (is_unknown(number)) note_unknown(table, row.line, std::string(label));
        if (number) keep(table, row, columns, *number, part);
      }
    }
  }

  /// Whether the text or the label of a row is a list or an object.
  static bool is_structured(const Table& table, const Row& row, const Columns& columns) {
    const auto stands = [&](std::size_t column) {
      return std::binary_search(table.structured.begin(), table.structured.end(),
                                std::pair(row.line, column));
    };
    return stands(columns.label) || stands(columns.text);
  }

  /// The same where a list of labels is none.
  static bool has_structure(const Table& table, const Row& row, const Columns& columns) {
    return is_structured(table, row, columns) && !table.lists.contains({row.line, columns.label});
  }

  void check_row(const Table& table, const Row& row, const Columns& columns) const {
    for (const std::size_t column : {columns.label, columns.text})
      if (row.cells[column].find('\0') != std::string::npos)
        fail(ErrorKind::data, table.place(row.line) + ": " + table.column_name(column) +
                                  " has a NUL character (U+0000), which stands in no text; take it out");
    if (row.labels.size() > 1 && !separator_)
      fail(ErrorKind::data, table.place(row.line) + ": has " + std::to_string(row.labels.size()) +
                                " labels, " + some_of(row.labels) +
                                "; wanted one a text; for several, train with --multi-label "
                                "(data::read_multi_label)");
  }

  // -- Several labels a text

  /// Those of the row, in order.
  std::vector<std::string_view> labels_in(const Table& table, const Row& row, const Columns& columns) const {
    std::vector<std::string_view> labels;
    const auto list = table.lists.find({row.line, columns.label});
    for (const std::string& label : list != table.lists.end() ? list->second : row.labels)
      if (!trim_unseen(label).empty()) labels.push_back(trim_unseen(label));
    if (!labels.empty()) return labels;
    const std::string_view cell = row.cells[columns.label];
    for (std::size_t begin = 0; begin <= cell.size();) {
      const std::size_t end = std::min(cell.find(*separator_, begin), cell.size());
      const std::string_view label = trim_unseen(cell.substr(begin, end - begin));
      if (!label.empty()) labels.push_back(label);
      begin = end + separator_->size();
    }
    return labels;
  }

  void keep_labels(const Table& table, Row& row, const Columns& columns, Part part) {
    std::vector<std::int32_t> set;
    std::optional<std::string> stranger;
    const std::vector<std::string_view> labels = labels_in(table, row, columns);
    for (const std::string_view label : labels) {
      const auto number = number_of(label);
      if (is_unknown(number))
        stranger = std::string(label);
      else
        set.push_back(*number);
    }
    if (stranger) note_unknown(table, row.line, *stranger);
    if (labels.empty()) here(Oddity::unlabelled).add(table, row.line);
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    std::size_t hash = set.size();
    for (const std::int32_t label : set)
      hash = hash * 1'000'003 + static_cast<std::size_t>(label);
    note_repetition(table, row, columns, static_cast<std::int32_t>(hash & 0x7FFF'FFFF));
    parts_[static_cast<std::size_t>(part)].push_back(examples_.texts.size());
    sets_.push_back(std::move(set));
    examples_.texts.push_back(std::move(row.cells[columns.text]));
  }

  /// Classes of the files' own are numbered as they come, at first.
  std::optional<std::int32_t> number_of(std::string_view label) {
    if (const auto found = numbers_.find(label); found != numbers_.end()) return found->second;
    if (!like_.classes.empty() && (separator_ || !like_.keep_unknown)) return std::nullopt;
    const auto number = static_cast<std::int32_t>(names_.size());
    names_.emplace_back(label);
    numbers_.emplace(names_.back(), number);
    return number;
  }

  bool is_unknown(std::optional<std::int32_t> number) const {
    return !number || (!like_.classes.empty() && static_cast<std::size_t>(*number) >= like_.classes.size());
  }

  void keep(const Table& table, Row& row, const Columns& columns, std::int32_t number, Part part) {
    note_repetition(table, row, columns, number);
    parts_[static_cast<std::size_t>(part)].push_back(examples_.texts.size());
    examples_.labels.push_back(number);
    examples_.texts.push_back(std::move(row.cells[columns.text]));
  }

  void note_unknown(const Table& table, std::uint64_t line, const std::string& label) {
    constexpr std::size_t enough = 3;
    here(Oddity::unknown).add(table, line);
    if (unknown_labels_.size() < enough &&
        std::find(unknown_labels_.begin(), unknown_labels_.end(), label) == unknown_labels_.end())
      unknown_labels_.push_back(label);
  }

  void note_repetition(const Table& table, const Row& row, const Columns& columns, std::int32_t label) {
    const std::string& text = row.cells[columns.text];
    const auto [before, is_new] = seen_.emplace(std::hash<std::string_view>{}(text), label);
    if (is_new) return;
    here(before->second == label ? Oddity::duplicate : Oddity::contradiction).add(table, row.line);
  }

  Part part_of(const Row& row, const Columns& columns) {
    if (columns.split == Columns::npos) return Part::train;
    const std::string_view value = trim_unseen(row.cells[columns.split]);
    const bool test = !options_.test_value.empty() && value == options_.test_value,
               valid = !options_.valid_value.empty() && value == options_.valid_value;
    test_seen_ = test_seen_ || test;
    valid_seen_ = valid_seen_ || valid;
    return test ? Part::test : valid ? Part::valid : Part::train;
  }

  // -- What is said

  void note_tallies(Table& table, const std::string& slip) {
    const auto note = [&](Oddity oddity, const std::string& what) {
      const Tally& tally = here(oddity);
      if (tally.count == 0) return;
      table.notices.push_back(table.name + ": " + std::to_string(tally.count) +
                              (tally.count == 1 ? " row " : " rows ") + what + " (the first: " + tally.first +
                              ")");
    };
    note(Oddity::empty, "left out: no text or no label" + slip);
    note(Oddity::structured, "left out: a list or an object as text or label");
    note(Oddity::header, "left out because " +
                             std::string(here(Oddity::header).count == 1 ? "it repeats" : "they repeat") +
                             " the names of the columns");
    note(Oddity::unknown, unknown_fate() + unknown_in_words());
    note(Oddity::unlabelled, "kept: a text with none of the labels");
    note(Oddity::duplicate, "kept: the same text and label as an earlier row");
    note(Oddity::contradiction, "kept: the same text as an earlier row, but another label");
    if (all(Oddity::empty).count == 0) slip_ = slip;
    if (inner_.empty()) inner_ = table.inner;
    for (std::size_t i = 0; i < oddities; ++i)
      all_[i].add(here_[i]);
    notices_.insert(notices_.end(), table.notices.begin(), table.notices.end());
  }

  /// ", and 'lable' may be a slip for 'label'" where another column is called nearly so.
  std::string slip_in_words(const Table& table, const Columns& columns) {
    for (const std::size_t column : {columns.label, columns.text}) {
      if (table.columns.empty() || here(Oddity::empty).count == 0) break;
      std::vector<std::string> others;
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (i != columns.label && i != columns.text && i != columns.split) others.push_back(table.columns[i]);
      const std::string near = nearest(table.columns[column], others);
      if (!near.empty()) return ", and " + quote(near) + " may be a slip for " + quote(table.columns[column]);
    }
    return "";
  }

  std::string unknown_fate() const {
    if (separator_) return "kept without some of its labels: ";
    return like_.keep_unknown ? "counted, not scored: " : "left out: ";
  }

  std::string unknown_in_words() const {
    return "a label unknown to " + like_.of + ", such as " + some_of(unknown_labels_) + "; known are " +
           some_of(like_.classes);
  }

  /// "x.tsv line 1", or the names of several files.
  std::string where() const {
    if (files_.size() == 1) return layout_.place(first_line_);
    constexpr std::size_t most = 3;
    std::vector<std::string> shown(
        files_.begin(), files_.begin() + static_cast<std::ptrdiff_t>(std::min(most, files_.size())));
    if (files_.size() > most) shown.push_back(std::to_string(files_.size() - most) + " more files");
    return enumerate(shown, "and");
  }

  /// What notices would say of rows that no class came from.
  std::string left_out_in_words() const {
    std::string text;
    const auto add = [&](const Tally& tally, const std::string& what) {
      if (tally.count > 0)
        text += "; " + rows_with(tally) + what +
                " (the first: " + (files_.size() > 1 ? tally.file + " " : "") + tally.first + ")";
    };
    add(all(Oddity::empty), "no text or no label" + slip_);
    add(all(Oddity::structured), "a list or an object for one" + inner_in_words());
    return text;
  }

  std::string inner_in_words() const {
    return inner_.empty() ? "" : ", in which values are named with dots (--text " + inner_.front() + ")";
  }

  // -- The whole

  void check_parts() const {
    const auto refuse = [&](const std::string& value) {
      fail(ErrorKind::option, "no row of " + (files_.size() == 1 ? files_.front() : where()) + " has " +
                                  quote(value) + " in " + layout_.split_column + ", the split column");
    };
    if (options_.split_column.empty()) return;
    if (!options_.test_value.empty() && !test_seen_) refuse(options_.test_value);
    if (!options_.valid_value.empty() && !valid_seen_) refuse(options_.valid_value);
  }

  void require_examples() const {
    if (examples_.texts.size() == (like_.keep_unknown && !separator_ ? all(Oddity::unknown).count : 0))
      refuse_nothing();
    if (names_.empty())
      fail(ErrorKind::data,
           where() + ": no text has a label in " + layout_.label_column + left_out_in_words());
    if (names_.size() < 2)
      fail(ErrorKind::data, where() + ": one class only, " + quote(names_.front()) + ", in " +
                                layout_.label_column + "; wanted two or more" + left_out_in_words());
  }

  [[noreturn]] void refuse_nothing() const {
    const Tally &empty = all(Oddity::empty), &structured = all(Oddity::structured),
                &unknown = all(Oddity::unknown);
    std::vector<std::string> faults;
    if (empty.count > 0 || (unknown.count == 0 && structured.count == 0))
      faults.push_back(rows_with(empty) + "an empty text or label" + slip_);
    if (structured.count > 0)
      faults.push_back(rows_with(structured) + "a list or an object for one" + inner_in_words());
    if (unknown.count > 0)
      faults.push_back(
          rows_with(unknown) + unknown_in_words() +
          (options_.label.empty() ? "; if another column holds the labels, name it with --label" : ""));
    fail(ErrorKind::data, where() + ": no example; " + enumerate(faults, "and"));
  }

  void number_by_name() {
    std::vector<std::string> sorted = names_;
    sort_classes(sorted);
    const ClassNumbers final_numbers(sorted);
    std::vector<std::int32_t> numbers;
    for (const std::string& name : names_)
      numbers.push_back(*final_numbers.find(name));
    for (std::int32_t& label : examples_.labels)
      label = numbers[static_cast<std::size_t>(label)];
    for (std::vector<std::int32_t>& set : sets_)
      for (std::int32_t& label : set)
        label = numbers[static_cast<std::size_t>(label)];
    names_ = std::move(sorted);
    const std::string alike = alike_in_words(names_);
    if (!alike.empty()) notices_.push_back((files_.size() == 1 ? files_.front() : where()) + ": " + alike);
  }

  LabelledText result() {
    examples_.class_names = names_;
    if (separator_) examples_.values = multi_hot(sets_, names_.size());
    const Dataset every(std::move(examples_));
    LabelledText result;
    result.train = every.select(parts_[0]);
    result.valid = every.select(parts_[1]);
    result.test = every.select(parts_[2]);
    result.text_column = layout_.text_column;
    result.label_column = layout_.label_column;
    result.text = layout_.text;
    result.label = layout_.label;
    result.notices = std::move(notices_);
    return result;
  }

  const ReadOptions options_;
  const ReadLike like_;
  const std::optional<std::string> separator_;
  TableLayout layout_;
  std::vector<std::string> files_, notices_, names_;
  std::uint64_t first_line_ = 1;
  Examples examples_;
  std::vector<std::vector<std::int32_t>> sets_;  // the labels of each text, where there may be several
  std::array<std::vector<std::size_t>, 3> parts_;
  std::unordered_map<std::string, std::int32_t, TokenHash, std::equal_to<>> numbers_;
  std::unordered_map<std::size_t, std::int32_t> seen_;  // hash of a text: its first label
  std::array<Tally, oddities> here_, all_;              // of the file at hand, of all
  std::vector<std::string> unknown_labels_;             // the first few
  std::string slip_;
  std::vector<std::string> inner_;
  bool test_seen_ = false, valid_seen_ = false;
};

LabelledReader::LabelledReader(const ReadOptions& options, const ReadLike& like)
    : impl_(std::make_unique<Impl>(options, like, std::nullopt)) {}
LabelledReader::LabelledReader(const ReadOptions& options, const ReadLike& like, std::string separator)
    : impl_(std::make_unique<Impl>(options, like, std::move(separator))) {}
LabelledReader::~LabelledReader() = default;

void LabelledReader::add(std::string_view bytes, const std::string& name) {
  impl_->add(bytes, name);
}

LabelledText LabelledReader::finish() {
  return impl_->finish();
}

}  // namespace rondo::data

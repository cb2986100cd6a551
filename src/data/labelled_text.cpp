// Makes a Dataset from a table's rows: what is left out, what is kept, and the notices about it.
#include <algorithm>
#include <optional>
#include <unordered_map>

#include <rondo/data/read.h>
#include <rondo/error.h>

#include "base/files.h"
#include "base/message.h"
#include "data/class_names.h"
#include "data/table.h"

namespace rondo {
namespace data {
namespace {

/// Counts rows of one kind and remembers the first.
struct Tally {
  std::size_t count = 0;
  std::uint64_t first = 0;
  void add(std::uint64_t line) {
    if (count++ == 0) first = line;
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

enum class Part : std::size_t { train, valid, test };

class Builder {
 public:
  Builder(Table table, const ReadOptions& options, std::span<const std::string> classes,
          std::string_view known_to)
      : table_(std::move(table)),
        options_(options),
        given_(classes.begin(), classes.end()),
        known_to_(known_to) {
    empty_.count = table_.blank_lines;
    empty_.first = table_.first_blank_line;
  }

  LabelledText build() {
    columns_ = choose_columns(table_, options_, given_);
    check_split_options();
    settle_classes();
    add_rows();
    require_examples();
    note_tallies();
    return result();
  }

 private:
  std::string_view label_of(const Row& row) const { return trimmed(row.cells[columns_.label]); }
  bool is_empty(const Row& row) const {
    return label_of(row).empty() || trimmed(row.cells[columns_.text]).empty();
  }

  /// Whether the text or the label of a row is a list or an object.
  bool is_structured(const Row& row) const {
    const auto stands = [&](std::size_t column) {
      return std::binary_search(table_.structured.begin(), table_.structured.end(),
                                std::pair(row.line, column));
    };
    return stands(columns_.label) || stands(columns_.text);
  }

  void check_split_options() const {
    const bool values = !options_.test_value.empty() || !options_.valid_value.empty();
    if (columns_.split == Columns::npos && values)
      fail(ErrorKind::option, "split_column: is missing; test_value and valid_value need it");
    if (columns_.split == Columns::npos) return;
    if (!values) fail(ErrorKind::option, "split_column: needs test_value, valid_value or both");
    for (const std::string& value : {options_.test_value, options_.valid_value}) {
      if (value.empty()) continue;
      const bool found = std::any_of(table_.rows.begin(), table_.rows.end(), [&](const Row& row) {
        return trimmed(row.cells[columns_.split]) == value;
      });
      if (!found)
        fail(ErrorKind::option, "no row of " + table_.name + " has " + quote(value) + " in " +
                                    table_.column_name(columns_.split) + ", the split column");
    }
  }

  void settle_classes() {
    names_ = given_;
    if (!given_.empty()) return;
    for (const Row& row : table_.rows) {
      if (!is_empty(row)) names_.emplace_back(label_of(row));
    }
    sort_classes(names_);
  }

  void add_rows() {
    const ClassNumbers numbers(names_);
    columns_of_examples_.class_names = names_;
    for (Row& row : table_.rows) {
      if (is_empty(row)) {
        (is_structured(row) ? structured_ : empty_).add(row.line);
        continue;
      }
      const auto number = numbers.find(label_of(row));
      if (!number) {
        unknown_.add(row.line);
        constexpr std::size_t enough = 3;
        const std::string label(label_of(row));
        if (unknown_labels_.size() < enough &&
            std::find(unknown_labels_.begin(), unknown_labels_.end(), label) == unknown_labels_.end())
          unknown_labels_.push_back(label);
        continue;
      }
      note_repetition(row, *number);
      parts_[static_cast<std::size_t>(part_of(row))].push_back(columns_of_examples_.texts.size());
      columns_of_examples_.labels.push_back(*number);
      columns_of_examples_.texts.push_back(std::move(row.cells[columns_.text]));
    }
  }

  void note_repetition(const Row& row, std::int32_t label) {
    const std::string& text = row.cells[columns_.text];
    const auto [before, is_new] = seen_.emplace(std::hash<std::string_view>{}(text), label);
    if (is_new) return;
    if (before->second == label)
      duplicates_.add(row.line);
    else
      contradictions_.add(row.line);
  }

  Part part_of(const Row& row) const {
    if (columns_.split == Columns::npos) return Part::train;
    const std::string_view value = trimmed(row.cells[columns_.split]);
    if (!options_.test_value.empty() && value == options_.test_value) return Part::test;
    return !options_.valid_value.empty() && value == options_.valid_value ? Part::valid : Part::train;
  }

  void require_examples() const {
    const std::uint64_t line = table_.rows.empty() ? 1 : table_.rows.front().line;
    if (columns_of_examples_.texts.empty()) {
      std::vector<std::string> faults;
      if (empty_.count > 0 || (unknown_.count == 0 && structured_.count == 0))
        faults.push_back(rows_of(empty_) + "an empty text or label" + slip_in_words());
      if (structured_.count > 0) faults.push_back(rows_of(structured_) + "a list or an object for one");
      if (unknown_.count > 0)
        faults.push_back(
            rows_of(unknown_) + unknown_in_words() +
            (options_.label.empty() ? "; if another column holds the labels, name it with --label" : ""));
      fail(ErrorKind::data, table_.place(line) + ": no example; " + enumerate(faults, "and"));
    }
    if (names_.size() < 2)
      fail(ErrorKind::data, table_.place(line) + ": one class only, " + quote(names_.front()) + ", in " +
                                table_.column_name(columns_.label) + "; wanted two or more" +
                                left_out_in_words());
  }

  /// "3 rows have "
  static std::string rows_of(const Tally& tally) {
    return std::to_string(tally.count) + (tally.count == 1 ? " row has " : " rows have ");
  }

  /// The notices about rows without a class, for an error message.
  std::string left_out_in_words() const {
    std::string text;
    const auto add = [&](const Tally& tally, const std::string& what) {
      if (tally.count > 0)
        text += "; " + rows_of(tally) + what + " (the first: " + table_.unit + " " +
                std::to_string(tally.first) + ")";
    };
    add(empty_, "no text or no label" + slip_in_words());
    add(structured_, "a list or an object for one");
    return text;
  }

  /// The hint ", and 'lable' may be a slip for 'label'" if another column has nearly that name.
  std::string slip_in_words() const {
    for (const std::size_t column : {columns_.label, columns_.text}) {
      if (table_.columns.empty() || empty_.count == 0) break;
      std::vector<std::string> others;
      for (std::size_t i = 0; i < table_.columns.size(); ++i)
        if (i != columns_.label && i != columns_.text && i != columns_.split)
          others.push_back(table_.columns[i]);
      const std::string near = nearest(table_.columns[column], others);
      if (!near.empty())
        return ", and " + quote(near) + " may be a slip for " + quote(table_.columns[column]);
    }
    return "";
  }

  std::string unknown_in_words() const {
    return "a label unknown to " + known_to_ + ", such as " + some_of(unknown_labels_) + "; known are " +
           some_of(given_);
  }

  void note(const Tally& tally, std::string_view what) {
    if (tally.count == 0) return;
    table_.notices.push_back(table_.name + ": " + std::to_string(tally.count) +
                             (tally.count == 1 ? " row " : " rows ") + std::string(what) +
                             " (the first: " + table_.unit + " " + std::to_string(tally.first) + ")");
  }

  void note_tallies() {
    note(empty_, "left out: no text or no label" + slip_in_words());
    note(structured_, "left out: a list or an object as text or label");
    note(unknown_, "left out: " + unknown_in_words());
    note(duplicates_, "kept: the same text and label as an earlier row");
    note(contradictions_, "kept: the same text as an earlier row, but another label");
  }

  LabelledText result() {
    LabelledText result;
    const Dataset all(std::move(columns_of_examples_));
    result.train = all.select(parts_[0]);
    result.valid = all.select(parts_[1]);
    result.test = all.select(parts_[2]);
    result.text_column = table_.column_name(columns_.text);
    result.label_column = table_.column_name(columns_.label);
    result.notices = std::move(table_.notices);
    return result;
  }

  Table table_;
  const ReadOptions& options_;
  std::vector<std::string> given_, names_;
  Columns columns_;
  Examples columns_of_examples_;
  std::array<std::vector<std::size_t>, 3> parts_;
  std::unordered_map<std::size_t, std::int32_t> seen_;  // hash of a text: its first label
  Tally empty_, structured_, unknown_, duplicates_, contradictions_;
  std::string known_to_;
  std::vector<std::string> unknown_labels_;  // the first few
};

Table read_table(std::string_view text, const std::string& name, FileFormat format) {
  switch (format == FileFormat::automatic ? format_of(name, text) : format) {
    case FileFormat::csv:
      return read_csv(text, name);
    case FileFormat::jsonl:
      return read_jsonl(text, name);
    case FileFormat::json:
      return read_json_array(text, name);
    case FileFormat::automatic:
    case FileFormat::tsv:
      break;
  }
  return read_tsv(text, name);
}

}  // namespace

LabelledText parse(std::string_view bytes, std::string_view name, const ReadOptions& options,
                   std::span<const std::string> classes, std::string_view known_to) {
  const std::string file(name);
  Table table = read_table(require_text(bytes, file), file, options.format);
  if (table.rows.empty())
    fail(ErrorKind::data, table.place(1) + ": no rows; wanted a label and a text in each");
  settle_header(table, options);
  return Builder(std::move(table), options, classes, known_to).build();
}

LabelledText read(const std::filesystem::path& file, const ReadOptions& options,
                  std::span<const std::string> classes, std::string_view known_to) {
  return parse(read_unpacked(file), file.string(), options, classes, known_to);
}

Dataset read_labelled_text(const std::filesystem::path& file, const ReadOptions& options) {
  return read(file, options).train;
}

}  // namespace data
}  // namespace rondo

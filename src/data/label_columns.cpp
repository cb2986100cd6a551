// Tables with several columns of labels.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include <rondo/data/label_columns.h>

#include "base/files.h"
#include "base/message.h"
#include "base/utf8.h"
#include "data/class_names.h"
#include "data/layout.h"
#include "data/table.h"

namespace rondo::data {
namespace {

/// The classes of one column: a model's, or numbered as they come at first.
class ClassesOfColumn {
 public:
  ClassesOfColumn() = default;
  explicit ClassesOfColumn(const std::vector<std::string>& known) : names_(known), fixed_(!known.empty()) {
    for (std::size_t i = 0; i < known.size(); ++i)
      numbers_.emplace(known[i], static_cast<std::int32_t>(i));
  }
  /// -1 for none, or an unknown one.
  std::int32_t number_of(std::string_view label) {
    if (label.empty()) return -1;
    const auto [found, is_new] = numbers_.emplace(label, static_cast<std::int32_t>(names_.size()));
    if (!is_new) return found->second;
    if (fixed_) {
      numbers_.erase(found);
      return -1;
    }
    names_.emplace_back(label);
    return found->second;
  }
  /// The names in their order, and where each number went.
  std::pair<std::vector<std::string>, std::vector<std::int32_t>> in_order() const {
    std::vector<std::string> sorted = names_;
    if (!fixed_) sort_classes(sorted);
    const ClassNumbers numbers(sorted);
    std::vector<std::int32_t> places;
    for (const std::string& name : names_)
      places.push_back(*numbers.find(name));
    return {std::move(sorted), std::move(places)};
  }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> numbers_;
  bool fixed_ = false;
};

/// Rows with something odd: how many, and where the first is.
struct OddRows {
  std::size_t count = 0;
  std::string first;
  void add(std::string place) {
    if (count++ == 0) first = std::move(place);
  }
  void say(std::vector<std::string>& notices, const std::string& what) const {
    if (count > 0)
      notices.push_back(std::to_string(count) + (count == 1 ? " row " : " rows ") + what +
                        " (the first: " + first + ")");
  }
};

class ColumnsReader {
 public:
  ColumnsReader(std::span<const std::string> labels, const ReadOptions& options,
                const std::vector<LabelColumn>& like, const std::string& text)
      : labels_(labels.begin(), labels.end()), options_(options) {
    if (labels_.empty())
      for (const LabelColumn& column : like)
        labels_.push_back(column.name);
    if (labels_.empty()) fail(ErrorKind::option, "labels: wanted the names of columns, got none");
    if (std::set<std::string>(labels_.begin(), labels_.end()).size() != labels_.size())
      fail(ErrorKind::option,
           "labels: wanted different columns, got one twice: " + enumerate(labels_, "and"));
    if (!like.empty() && labels_.size() != like.size())
      fail(ErrorKind::option, "labels: the model has " + std::to_string(like.size()) + " heads, got " +
                                  std::to_string(labels_.size()) + " columns");
    options_.label = labels_.front();
    like_.text = text;
    for (std::size_t k = 0; k < labels_.size(); ++k)
      classes_.emplace_back(like.empty() ? std::vector<std::string>{} : like[k].classes);
    for (const LabelColumn& column : like)
      names_.push_back(column.name);
  }

  void add(std::string_view bytes, const std::string& name) {
    Table table = read_table(require_text(bytes, name), name, options_, like_);
    if (table.rows.empty())
      fail(ErrorKind::data, table.place(1) + ": no rows; wanted a text and labels in each");
    settle_header(table, options_, layout_.names());
    const Columns columns =
        files_++ == 0 ? layout_.settle(table, options_, like_) : layout_.columns_in(table, options_);
    std::vector<std::size_t> places;
    for (const std::string& label : labels_) {
      places.push_back(find_column(table, label, "labels"));
      if (places.back() == columns.text)
        fail(ErrorKind::option, table.column_name(columns.text) +
                                    " cannot hold labels: it is the column of the texts, which --text names");
    }
    if (names_.empty()) names_ = labels_;
    for (Row& row : table.rows)
      add_row(table, row, columns, places);
    notices_.insert(notices_.end(), table.notices.begin(), table.notices.end());
  }

  LabelColumns finish() {
    left_out_.say(notices_, "left out: no text or no label");
    for (std::size_t k = 0; k < labels_.size(); ++k)
      if (unknown_.contains(k))
        unknown_[k].say(notices_, "with a label of " + quote(labels_[k]) +
                                      " that the model does not know, which counts as missing");
    LabelColumns result;
    result.text = layout_.text;
    const Dataset every = numbered(result.columns);
    result.train = every.select(parts_[0]);
    result.valid = every.select(parts_[1]);
    result.test = every.select(parts_[2]);
    result.notices = std::move(notices_);
    return result;
  }

  void add_example(std::string text, std::vector<std::int32_t> labels, std::size_t part) {
    parts_[part].push_back(texts_.size());
    texts_.push_back(std::move(text));
    numbers_.push_back(std::move(labels));
  }
  std::int32_t number_of(std::size_t column, std::string_view label) {
    return classes_[column].number_of(label);
  }
  void name_columns(std::span<const std::string> names) { names_.assign(names.begin(), names.end()); }

 private:
  void add_row(const Table& table, Row& row, const Columns& columns, const std::vector<std::size_t>& places) {
    if (layout_.is_header(row)) return;
    std::vector<std::int32_t> labels;
    bool any = false;
    for (std::size_t k = 0; k < places.size(); ++k) {
      const std::string_view label = trim_unseen(row.cells[places[k]]);
      any = any || !label.empty();
      labels.push_back(number_of(k, label));
      if (labels.back() < 0 && !label.empty()) unknown_[k].add(table.place(row.line));
    }
    std::string& text = row.cells[columns.text];
    if (!any || trim_unseen(text).empty()) return left_out_.add(table.place(row.line));
    if (text.find('\0') != std::string::npos)
      fail(ErrorKind::data, table.place(row.line) + ": " + table.column_name(columns.text) +
                                " has a NUL character (U+0000), which stands in no text; take it out");
    std::size_t part = 0;
    if (columns.split != Columns::npos) {
      const std::string_view value = trim_unseen(row.cells[columns.split]);
      if (!options_.valid_value.empty() && value == options_.valid_value) part = 1;
      if (!options_.test_value.empty() && value == options_.test_value) part = 2;
    }
    add_example(std::move(text), std::move(labels), part);
  }

  /// All examples, with classes in their order.
  Dataset numbered(std::vector<LabelColumn>& columns) {
    Examples all;
    std::vector<std::vector<std::int32_t>> places;
    for (std::size_t k = 0; k < classes_.size(); ++k) {
      auto [names, order] = classes_[k].in_order();
      if (names.empty()) fail(ErrorKind::data, "no text has a label in the column " + quote(names_[k]));
      columns.push_back({names_[k], std::move(names)});
      places.push_back(std::move(order));
    }
    if (texts_.empty()) fail(ErrorKind::data, "no row has a text and a label");
    for (const std::vector<std::int32_t>& labels : numbers_) {
      std::vector<float> row;
      for (std::size_t k = 0; k < labels.size(); ++k)
        row.push_back(labels[k] < 0 ? -1.F
                                    : static_cast<float>(places[k][static_cast<std::size_t>(labels[k])]));
      all.values.push_back(Tensor::of<float>({static_cast<std::int64_t>(row.size())}, row));
    }
    all.texts = std::move(texts_);
    return Dataset(std::move(all));
  }

  std::vector<std::string> labels_, names_, texts_, notices_;
  ReadOptions options_;
  ReadLike like_;
  TableLayout layout_;
  std::size_t files_ = 0;
  std::vector<ClassesOfColumn> classes_;
  std::vector<std::vector<std::int32_t>> numbers_;
  std::array<std::vector<std::size_t>, 3> parts_;
  std::map<std::size_t, OddRows> unknown_;
  OddRows left_out_;
};

}  // namespace

LabelColumns read_label_columns(std::span<const std::filesystem::path> files,
                                std::span<const std::string> labels, const ReadOptions& options,
                                const std::vector<LabelColumn>& like, const std::string& text) {
  if (files.empty()) fail(ErrorKind::usage, "no file of labelled text was given");
  ColumnsReader reader(labels, options, like, text);
  for (const std::filesystem::path& file : files)
    reader.add(read_unpacked(file), file.string());
  return reader.finish();
}

LabelColumns label_columns(std::span<const std::string> texts,
                           std::span<const std::vector<std::string>> labels,
                           std::span<const std::string> names) {
  if (texts.size() != labels.size())
    fail(ErrorKind::usage,
         std::to_string(texts.size()) + " texts, but labels of " + std::to_string(labels.size()));
  ColumnsReader reader(names, {}, {}, {});
  reader.name_columns(names);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (labels[i].size() != names.size())
      fail(ErrorKind::usage, "text " + std::to_string(i) + " has " + std::to_string(labels[i].size()) +
                                 " labels, wanted one for each of " + std::to_string(names.size()) +
                                 " columns; give an empty one where it is missing");
    std::vector<std::int32_t> numbers;
    for (std::size_t k = 0; k < names.size(); ++k)
      numbers.push_back(reader.number_of(k, trim_unseen(labels[i][k])));
    reader.add_example(texts[i], std::move(numbers), 0);
  }
  return reader.finish();
}

}  // namespace rondo::data

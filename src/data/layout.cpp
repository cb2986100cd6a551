#include "data/layout.h"

#include <algorithm>

#include <rondo/error.h>

#include "base/message.h"
#include "base/utf8.h"

namespace rondo::data {
namespace {

/// As an option would name it: by number where a name is missing or not the only one.
std::string as_option(const Table& table, std::size_t column) {
  if (table.columns.empty()) return std::to_string(column + 1);
  const std::string& name = table.columns[column];
  const bool only = std::count(table.columns.begin(), table.columns.end(), name) == 1;
  return only && !name.empty() ? name : std::to_string(column + 1);
}

}  // namespace

Columns TableLayout::settle(Table& table, const ReadOptions& options, const ReadLike& like) {
  columns_ = choose_columns(table, options, like);
  file_ = table.name;
  unit_ = table.unit;
  names_ = table.columns;
  width_ = table.width();
  if (table.has_header) header_ = table.columns;
  text_column = table.column_name(columns_.text);
  label_column = table.column_name(columns_.label);
  if (columns_.split != Columns::npos) split_column = table.column_name(columns_.split);
  text = as_option(table, columns_.text);
  label = as_option(table, columns_.label);
  return columns_;
}

Columns TableLayout::columns_in(const Table& table, const ReadOptions& options) {
  if (table.has_header) header_ = table.columns;
  const bool split = columns_.split != Columns::npos;
  if (table.named_by_format && !split) return {.text = 1, .label = 0};
  const auto column = [&](const std::string& option, std::size_t of_first, const std::string& what) {
    if (!option.empty() && !table.columns.empty()) return find_column(table, option, what);
    return same_column(table, of_first, what);
  };
  Columns columns;
  columns.text = column(options.text, columns_.text, "texts");
  columns.label = column(options.label, columns_.label, "labels");
  if (split) columns.split = column(options.split_column, columns_.split, "parts");
  return columns;
}

std::size_t TableLayout::same_column(const Table& table, std::size_t column, const std::string& what) const {
  const bool by_name = !names_.empty() && !table.columns.empty() && !names_[column].empty() &&
                       std::count(names_.begin(), names_.end(), names_[column]) == 1;
  if (!by_name) {
    if (table.width() != width_)
      fail(ErrorKind::data, table.place(table.rows.front().line) + ": has " + std::to_string(table.width()) +
                                " columns, and " + file_ + " has " + std::to_string(width_) +
                                "; files that are joined have the same columns");
    return column;
  }
  const auto found = std::find(table.columns.begin(), table.columns.end(), names_[column]);
  if (found == table.columns.end()) refuse_column(table, column, what);
  return static_cast<std::size_t>(found - table.columns.begin());
}

void TableLayout::refuse_column(const Table& table, std::size_t column, const std::string& what) const {
  fail(ErrorKind::data,
       table.name + ": has no column " + quote(names_[column]) + ", in which " + file_ + " has its " + what +
           "; it has " + table.column_names() + suggestion(names_[column], table.columns) +
           (table.has_header ? "; if its first line is an example, say so with --header no" : "") +
           "; files that are joined have the same columns");
}

bool TableLayout::is_header(const Row& row) const {
  return !header_.empty() && std::equal(row.cells.begin(), row.cells.end(), header_.begin(), header_.end(),
                                        [](const std::string& cell, const std::string& name) {
                                          return trim_unseen(cell) == name;
                                        });
}

}  // namespace rondo::data

/// Rows of text cells, whatever file format they came in.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/data/read.h>

namespace rondo::data {

struct Row {
  std::uint64_t line = 0;  // where it begins; number of the item in a JSON array
  std::vector<std::string> cells;
};

struct Table {
  std::string name;                  // of the file
  std::string unit = "line";         // what Row::line counts: "line" or "item"
  std::vector<std::string> columns;  // their names; empty: the file has none
  std::vector<Row> rows;             // all of the same width
  std::vector<std::string> notices;
  std::uint64_t blank_lines = 0, first_blank_line = 0;
  // Places (line, column) of lists and objects, which are not texts, in order.
  std::vector<std::pair<std::uint64_t, std::size_t>> structured;

  void add_blank_line(std::uint64_t line) {
    if (blank_lines++ == 0) first_blank_line = line;
  }
  /// "FILE line 17"
  std::string place(std::uint64_t line) const { return name + " " + unit + " " + std::to_string(line); }
  std::size_t width() const { return rows.empty() ? columns.size() : rows.front().cells.size(); }
  /// "'label'", or "column 2" where columns have no names.
  std::string column_name(std::size_t column) const;
};

/// A longer record means that the file is the wrong one.
inline constexpr std::size_t record_limit = 4'000'000;

/// The text of a file without its byte order mark. Throws Error(data) for an empty file, for what is no text,
/// and for an encoding other than UTF-8, with the line and the way to convert it.
std::string_view require_text(std::string_view bytes, const std::string& name);

/// Without ASCII white space at its ends.
std::string_view trimmed(std::string_view text);

/// The format that the name says (before .gz, .xz), else the one that the text looks like.
FileFormat format_of(std::string_view name, std::string_view text);

/// Reads rows of one width. The first row is not yet taken as names.
Table read_tsv(std::string_view text, const std::string& name);
Table read_csv(std::string_view text, const std::string& name);
/// Columns are named by the keys, in order of appearance. Numbers and truth values become their text, null,
/// lists and objects become empty.
Table read_jsonl(std::string_view text, const std::string& name);
Table read_json_array(std::string_view text, const std::string& name);

/// Takes the first row as column names if it holds them (see ReadOptions::header).
void settle_header(Table& table, const ReadOptions& options);

struct Columns {
  std::size_t text = 0, label = 0;
  std::size_t split = npos;
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};
/// Finds the columns that the options name, chooses the others and says so in table.notices. With `classes`
/// given, the labels are looked for where most rows have one of them.
Columns choose_columns(Table& table, const ReadOptions& options, std::span<const std::string> classes = {});

}  // namespace rondo::data

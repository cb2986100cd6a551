/// Rows of text cells, whatever file format they came in.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/data/read.h>

namespace rondo::data {

struct Row {
  std::uint64_t line = 0;  // where it begins; number of the item in a JSON array
  std::vector<std::string> cells;
  std::vector<std::string> labels =
      {};  // all of them, where the format has several a row; cells hold the first
};

struct Table {
  std::string name;                  // of the file
  std::string unit = "line";         // what Row::line counts: "line" or "item"
  std::vector<std::string> columns;  // their names; empty: the file has none
  std::string separator;         // what stands between cells, in words; empty: they are members of objects
  bool has_header = false;       // the names stood in the first row
  bool named_by_format = false;  // columns are "label" and "text", and no choice is left
  std::vector<Row> rows;         // all of the same width
  std::vector<std::string> notices;
  std::uint64_t blank_lines = 0, first_blank_line = 0;
  // Places (line, column) of lists and objects, which are not texts, in order.
  std::vector<std::pair<std::uint64_t, std::size_t>> structured;
  // Those of them that are lists of texts and numbers, which several labels can be.
  std::map<std::pair<std::uint64_t, std::size_t>, std::vector<std::string>> lists;
  // Some values within objects by their paths, "data.text"; for messages.
  std::vector<std::string> inner;

  void add_blank_line(std::uint64_t line) {
    if (blank_lines++ == 0) first_blank_line = line;
  }
  /// "FILE line 17"
  std::string place(std::uint64_t line) const { return name + " " + unit + " " + std::to_string(line); }
  std::size_t width() const { return rows.empty() ? columns.size() : rows.front().cells.size(); }
  /// "'label'", or "column 2" where columns have no names.
  std::string column_name(std::size_t column) const;
  /// "id, label and text"; long names are cut, and of very many some are given.
  std::string column_names() const;
};

/// A longer record means that the file is the wrong one.
inline constexpr std::size_t record_limit = 4'000'000;

/// The text of a file without its byte order mark. Throws Error(data) for an empty file, for what is no text,
/// and for an encoding other than UTF-8, with the line and the way to convert it.
std::string_view require_text(std::string_view bytes, const std::string& name);

/// A file's name without .gz and .xz.
std::string unpacked_name(const std::filesystem::path& file);
/// The ending of that name in lower case, "tsv" of A.TSV and a.tsv.gz; "" if it has none.
std::string ending_of(const std::filesystem::path& file);
/// Whether the name is a table's: tsv, tab, csv, json, jsonl or ndjson.
bool names_table(const std::filesystem::path& file);
bool names_json_lines(const std::filesystem::path& file);

/// The format that the name says (before .gz, .xz), else the one that the text looks like.
FileFormat format_of(std::string_view name, std::string_view text);

/// What separates the columns of a CSV: ',', ';', a tab or '|', whichever cuts the first records into equally
/// many fields. Quoted text does not count.
char separator_of(std::string_view text);

/// Adds a row after checking its width against the first one's. `where` is added to the place in a message.
void add_row(Table& table, Row row, std::string_view separator_name, const std::string& where = {});
/// Throws Error(data) for rows of one column, where a text and a label are wanted.
void require_columns(const Table& table);
/// Throws Error(data) for a record of `size` bytes that is too long.
void require_short(const Table& table, std::uint64_t line, std::size_t size);

/// Rows of one width; the first row is not taken for names yet.
Table read_tsv(std::string_view text, const std::string& name);
Table read_csv(std::string_view text, const std::string& name);
/// Columns are named by the keys, in order of appearance, and by those of `paths` ("data.text", a value
/// within objects) that are there. Numbers and truth values become their text, null, lists and objects become
/// empty.
Table read_jsonl(std::string_view text, const std::string& name, std::span<const std::string> paths = {});
Table read_json_array(std::string_view text, const std::string& name,
                      std::span<const std::string> paths = {});
/// Lines of words; those that begin with "__label__" are labels.
Table read_fasttext(std::string_view text, const std::string& name);
/// Whichever of these the options, the name or the content say.
Table read_table(std::string_view text, const std::string& name, const ReadOptions& options,
                 const ReadLike& like);

/// Makes the first row the names of the columns, if it is (see docs of ReadOptions::header). One that says
/// `known`, the names of a file before, is.
void settle_header(Table& table, const ReadOptions& options, std::span<const std::string> known = {});
/// How many times likelier the first row names the columns than that it is an example.
double header_odds(const Table& table);

struct Columns {
  std::size_t text = 0, label = 0;
  std::size_t split = npos;
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};
/// The column of that name or number. Throws Error(option) where there is none, or more than one.
std::size_t find_column(const Table& table, const std::string& wanted, std::string_view what);
/// "3" as column 3, counted from 1; npos for what is no number.
std::size_t column_number(std::string_view text);
/// Finds the columns that the options name, takes those of `like` where the table has them, chooses the
/// others, and says so in table.notices. With classes given, the labels are looked for where most rows have
/// one of them.
Columns choose_columns(Table& table, const ReadOptions& options, const ReadLike& like);
/// ASCII letters in lower case.
std::string lower_ascii(std::string text);
/// Written like a number, a date or a version.
bool looks_like_number(std::string_view text);

}  // namespace rondo::data

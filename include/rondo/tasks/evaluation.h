/// What an evaluation says, whatever the application: scores, and blocks (tables, matrices, pictures) that a
/// terminal, JSON and a report know how to show.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/callbacks.h>

namespace [[gnu::visibility("default")]] rondo {

/// The same words in two languages.
struct Words {
  std::string en, zh;

  const std::string& in(bool chinese) const noexcept { return chinese && !zh.empty() ? zh : en; }
};

/// How a number is shown: text as it is, counts in groups of three digits, shares in percent.
enum class Form { text, count, share, number };

/// One score: shares are of 1.
struct Score {
  std::string name;  ///< in JSON: "macro_f1"
  Words title = {};  ///< for people: "macro-F1"; empty: the name
  double value = 0;
  Form form = Form::number;
  Better better = Better::higher;
  bool headline = false;  ///< one of the few that say it all
};

namespace report {

/// Of a table: text, a count, a share or other number, or words of the application's own.
using Entry = std::variant<std::string, std::int64_t, double, Words>;

struct Column {
  std::string key;  ///< in JSON
  Words title;
  Form form = Form::text;
};

/// Rows of cells, each of its column's form.
struct Table {
  std::string key;  ///< in JSON; empty: not there
  Words title;
  std::vector<Column> columns;
  std::vector<std::vector<Entry>> rows = {};
  std::vector<Entry> footer = {};  ///< means or sums; not in JSON
  Words note = {};                 ///< under the title
  std::size_t shown = 100;         ///< rows that people are shown; JSON has all
};

/// Counts of every pair of names: rows are truths, columns answers.
struct Matrix {
  std::string key;
  Words title, row_title, column_title;
  std::vector<std::string> names;
  std::vector<std::vector<std::int64_t>> counts;  ///< [row][column]
};

/// Curves over 1, 2, 3, ...; NaN leaves a gap.
struct Lines {
  Words title, x_title;
  std::vector<std::pair<Words, std::vector<float>>> lines;
  int mark = 0;  ///< a dashed line at this x; 0: none
};

/// Named amounts.
struct Bars {
  Words title;
  std::vector<std::pair<std::string, double>> bars;
};

/// How often each amount from 0 on occurs.
struct Histogram {
  Words title, x_title;
  std::vector<std::int32_t> values;
};

/// A sentence.
struct Note {
  Words text;
};

using Block = std::variant<Table, Matrix, Lines, Bars, Histogram, Note>;

/// A part of a report.
struct Section {
  Words title;
  std::vector<Block> blocks;
};

}  // namespace report

/// What any application says of its answers to examples whose truth is known.
struct Evaluation {
  std::int64_t examples = 0;
  Words counted;  ///< what an example is: "texts"
  std::vector<Score> scores;
  std::vector<report::Block> blocks = {};

  /// One JSON object: "examples", each score by name (null where there are no examples), tables and matrices
  /// by key.
  std::string to_json() const;
  /// Null where there is no score of that name.
  const Score* find(std::string_view name) const noexcept;
};

}  // namespace rondo

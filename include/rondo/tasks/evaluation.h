/// Evaluations of any application: scores, and blocks (tables, matrices, charts, heat maps, marked texts) for
/// terminals, JSON and reports.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/callbacks.h>

namespace [[gnu::visibility("default")]] rondo {

/// The same words in English and Chinese.
struct Words {
  std::string en, zh;

  const std::string& in(bool chinese) const noexcept { return chinese && !zh.empty() ? zh : en; }
};

/// How a value is shown: text unchanged, counts in groups of three digits, shares in percent.
enum class Form { text, count, share, number };

/// One score. Shares are between 0 and 1.
struct Score {
  std::string name;  ///< the key in JSON: "macro_f1"
  Words title = {};  ///< the title for people: "macro-F1"; empty: the name
  double value = 0;
  Form form = Form::number;
  Better better = Better::higher;
  bool headline = false;  ///< whether it is one of the main scores
};

namespace report {

/// A cell of a table: text, a count, a share or other number, or words in both languages.
using Entry = std::variant<std::string, std::int64_t, double, Words>;

struct Column {
  std::string key;  ///< the key in JSON
  Words title;
  Form form = Form::text;
};

/// Rows of cells. Each cell has its column's form.
struct Table {
  std::string key;  ///< the key in JSON; empty: not in JSON
  Words title;
  std::vector<Column> columns;
  std::vector<std::vector<Entry>> rows = {};
  std::vector<Entry> footer = {};  ///< means or sums; not in JSON
  Words note = {};                 ///< shown under the title
  std::size_t shown = 100;         ///< most rows shown to people; JSON has all rows
  bool headline = false;           ///< whether it is shown at the end of a training
};

/// Counts of every pair of names. Rows are true names, columns predicted ones.
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

/// How often each value, from 0 on, occurs.
struct Histogram {
  Words title, x_title;
  std::vector<std::int32_t> values;
};

/// A sentence.
struct Note {
  Words text;
};

/// Numbers as shades: from clear at 0 to full at `most`, in one colour, negative ones in another.
struct Heat {
  std::string key;
  Words title;
  Words row_title = {}, column_title = {};
  std::vector<std::string> rows = {}, columns = {};  ///< names; an empty one is not written
  std::vector<std::vector<float>> values = {};       ///< [row][column]; NaN: nothing there
  double most = 1;                                   ///< what is darkest
};

/// A text whose tokens have shades as in a Heat; the largest is darkest.
struct Marked {
  std::string key;
  Words title, note = {};
  std::vector<std::string> tokens;
  std::vector<float> values;
};

using Block = std::variant<Table, Matrix, Lines, Bars, Histogram, Note, Heat, Marked>;

/// A part of a report.
struct Section {
  Words title;
  std::vector<Block> blocks;
};

}  // namespace report

/// An application's evaluation of its answers to examples with known truth.
struct Evaluation {
  std::int64_t examples = 0;
  Words counted;  ///< what the examples are: "texts"
  std::vector<Score> scores;
  std::vector<report::Block> blocks = {};

  /// One JSON object: "examples", each score by name (null if there are no examples), and tables and matrices
  /// by key.
  std::string to_json() const;
  /// The score of that name; null if there is none.
  const Score* find(std::string_view name) const noexcept;
};

}  // namespace rondo

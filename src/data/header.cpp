// Does the first row name the columns?
//
// Each column is a witness: how likely its first cell is among names, beside how likely it is among the cells
// below it. The ratios multiply; a single column counts within bounds, because no clue is certain.
#include <algorithm>
#include <array>
#include <unordered_map>

#include <rondo/error.h>

#include "base/message.h"
#include "base/utf8.h"
#include "data/table.h"

namespace rondo::data {
namespace {

constexpr std::size_t looked_at = 5'000;  // rows that are witnesses

/// Twenty times as often a name of a column as a cell.
bool is_usual_name(const std::string& cell) {
  constexpr std::array<std::string_view, 55> usual = {
      "text",      "texts",    "label",    "labels", "class",  "sentence", "review",    "reviews",
      "sentiment", "category", "content",  "title",  "tweet",  "target",   "polarity",  "rating",
      "comment",   "message",  "id",       "fold",   "split",  "intent",   "utterance", "query",
      "question",  "answer",   "body",     "stars",  "score",  "topic",    "lang",      "language",
      "subject",   "headline", "document", "name",   "date",   "type",     "tag",       "emotion",
      "v1",        "v2",       "index",    "url",    "source", "summary",  "文本",      "标签",
      "内容",      "类别",     "评论",     "情感",   "标题",   "分类",     "句子"};
  return std::find(usual.begin(), usual.end(), lower_ascii(cell)) != usual.end();
}

/// What a cell looks like: how wide it is (up to 8 columns of a terminal, 16, 32, 64, more), and whether it
/// has blanks.
constexpr std::size_t shapes = 10;
using Shares = std::array<double, shapes>;
/// Of names of columns, and of cells of any text; without blanks, with blanks, by width.
constexpr Shares of_names = {0.40, 0.04, 0.20, 0.09, 0.05, 0.10, 0.01, 0.06, 0.005, 0.045};
constexpr Shares of_cells = {0.25, 0.10, 0.10, 0.15, 0.05, 0.15, 0.02, 0.10, 0.02, 0.06};

std::size_t shape_of(std::string_view cell) {
  const int width = display_width(cell.substr(0, 400));
  std::size_t at = 0;
  for (int limit = 8; limit < width && at < 8; limit *= 2)
    at += 2;
  return at + (cell.find(' ') == cell.npos ? 0 : 1);
}

bool is_question(std::string_view cell) {
  return cell.ends_with('?') || cell.ends_with("？");
}

/// The cells below the first of a column.
struct Below {
  std::size_t count = 0, empty = 0, numbers = 0, questions = 0;
  std::size_t once = 0;  // values that do not come again
  std::array<std::size_t, shapes> shaped = {};
  bool has_first = false;  // the first cell is among them
};

bool same_cells(const Row& a, const Row& b) {
  return std::equal(
      a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(),
      [](const std::string& x, const std::string& y) { return trim_unseen(x) == trim_unseen(y); });
}

/// Rows that say the same as the first once more (a header of a joined file) are no witnesses.
Below below(const Table& table, std::size_t column) {
  const Row& first = table.rows.front();
  Below found;
  std::unordered_map<std::string_view, std::size_t> counts;
  for (std::size_t i = 1; i < std::min(table.rows.size(), looked_at); ++i) {
    const Row& row = table.rows[i];
    if (same_cells(row, first)) continue;
    const std::string_view cell = trim_unseen(row.cells[column]);
    ++found.count;
    if (cell.empty()) {
      ++found.empty;
      continue;
    }
    found.numbers += looks_like_number(cell);
    found.questions += is_question(cell);
    ++found.shaped[shape_of(cell)];
    ++counts[cell];
  }
  found.once = static_cast<std::size_t>(
      std::count_if(counts.begin(), counts.end(), [](const auto& entry) { return entry.second == 1; }));
  found.has_first = counts.count(trim_unseen(first.cells[column])) != 0;
  return found;
}

/// How often something is seen, as a share that is never 0 or 1 however few have been looked at: as if one
/// more had been, of which it was `expected`.
double share(std::size_t seen, std::size_t all, double expected = 0.5) {
  return (static_cast<double>(seen) + expected) / (static_cast<double>(all) + 1);
}

/// How many times likelier the first cell of a column is as a name than as one more of its cells.
double ratio(const Table& table, std::size_t column) {
  constexpr double least = 0.005, most = 50, most_of_numbers = 200;
  constexpr double names_empty = 0.1, names_questions = 0.1, names_numbers = 0.02;
  const std::string cell(trim_unseen(table.rows.front().cells[column]));
  const Below rest = below(table, column);
  const std::size_t filled = rest.count - rest.empty;
  const double usual = is_usual_name(cell) ? 20 : 1;
  if (filled == 0) return usual;
  if (cell.empty()) return std::clamp(names_empty / share(rest.empty, rest.count), least, most);
  if (rest.has_first) return least;
  if (rest.numbers * 10 >= filled * 9)
    return looks_like_number(cell) ? names_numbers
                                   : std::min(most_of_numbers, 1 / share(filled - rest.numbers, filled, 0.1));
  // A cell that does not come again: for a new class as likely as classes of one example are among these.
  const double unseen = static_cast<double>(rest.once + 2) / static_cast<double>(filled + 3);
  const std::size_t shape = shape_of(cell);
  const double of_shape = of_names[shape] / share(rest.shaped[shape], filled, of_cells[shape]);
  const double of_question = is_question(cell) ? names_questions / share(rest.questions, filled) : 1;
  return std::clamp(usual * of_shape * of_question / unseen, least, most);
}

/// Whether an option names a column by a word that only a header can explain.
bool asks_for_name(const ReadOptions& options) {
  const auto by_name = [](const std::string& column) {
    return !column.empty() && column_number(column) == Columns::npos;
  };
  return by_name(options.text) || by_name(options.label) || by_name(options.split_column);
}

bool says_names(const Row& row, std::span<const std::string> names) {
  return std::equal(
      row.cells.begin(), row.cells.end(), names.begin(), names.end(),
      [](const std::string& cell, const std::string& name) { return trim_unseen(cell) == name; });
}

bool first_row_names_columns(Table& table) {
  constexpr double doubtful = 0.2;
  const double odds = header_odds(table);
  if (odds > doubtful && odds <= 1)
    table.notices.push_back(table.place(table.rows.front().line) +
                            ": is taken as an example; if it names the columns, say so with --header yes");
  return odds > 1;
}

}  // namespace

double header_odds(const Table& table) {
  double odds = 0.25;  // a mistake hides an example here, and makes a false one there: some proof is wanted
  for (std::size_t column = 0; column < table.width(); ++column)
    odds *= ratio(table, column);
  // Words that stand in no other row, in a row that comes again: so it is where files were joined.
  constexpr double most = 20;
  const Row& first = table.rows.front();
  const auto again = static_cast<double>(std::count_if(
      table.rows.begin() + 1, table.rows.end(), [&](const Row& row) { return same_cells(row, first); }));
  const double others = static_cast<double>(table.rows.size()) - 1 - again;
  return again == 0 || others == 0 ? odds : odds * std::min(most, 2 * others);
}

void settle_header(Table& table, const ReadOptions& options, std::span<const std::string> known) {
  if (!table.columns.empty() || table.rows.empty() || options.header == Header::no) return;
  const bool asked = known.empty() ? asks_for_name(options) : says_names(table.rows.front(), known);
  const bool names = options.header == Header::yes || asked || first_row_names_columns(table);
  if (!names) return;
  for (const std::string& cell : table.rows.front().cells)
    table.columns.emplace_back(trim_unseen(cell));
  table.has_header = true;
  const std::uint64_t line = table.rows.front().line;
  table.rows.erase(table.rows.begin());
  if (options.header == Header::automatic && known.empty())
    table.notices.push_back(table.place(line) + ": names the columns " + table.column_names());
  if (table.rows.empty())
    fail(ErrorKind::data, table.place(line) + ": names the columns, and no example follows");
}

}  // namespace rondo::data

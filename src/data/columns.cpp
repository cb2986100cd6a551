// Which line names the columns, and which columns hold texts and labels.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include <rondo/error.h>

#include "base/message.h"
#include "data/table.h"

namespace rondo::data {
namespace {

std::string lower_ascii(std::string text) {
  for (char& c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return text;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.+-eE") == text.npos &&
         text.find_first_of("0123456789") != text.npos;
}

/// "3" as column 3, counted from 1.
std::optional<std::size_t> as_column_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Names that a person would give a column, not words of a text: short, all different, no numbers.
bool could_be_names(const Row& row) {
  std::unordered_set<std::string> seen;
  return std::all_of(row.cells.begin(), row.cells.end(), [&](const std::string& cell) {
    return !cell.empty() && cell.size() <= 40 && std::count(cell.begin(), cell.end(), ' ') <= 2 &&
           !is_number(cell) && seen.insert(lower_ascii(cell)).second;
  });
}

bool is_usual_name(const std::string& cell) {
  constexpr std::array<std::string_view, 24> usual = {
      "text",  "label", "class",  "sentence", "review", "sentiment", "category", "content",
      "title", "tweet", "target", "polarity", "rating", "comment",   "message",  "id",
      "fold",  "split", "文本",   "标签",     "内容",   "类别",      "评论",     "情感"};
  return std::find(usual.begin(), usual.end(), lower_ascii(cell)) != usual.end();
}

/// What a column of classes tells about the first row. All values of such a column repeat. The first row's
/// cell is either one of them (then the row is an example) or occurs nowhere else (then it is a name).
enum class Witness { none, example, name };

Witness witness_of(const Table& table, std::size_t column) {
  std::unordered_map<std::string_view, std::size_t> counts;
  for (std::size_t i = 1; i < table.rows.size(); ++i)
    ++counts[table.rows[i].cells[column]];
  const bool repeat =
      std::all_of(counts.begin(), counts.end(), [](const auto& entry) { return entry.second > 1; });
  if (counts.empty() || !repeat) return Witness::none;
  return counts.count(table.rows[0].cells[column]) != 0 ? Witness::example : Witness::name;
}

bool first_row_names_columns(const Table& table) {
  const Row& first = table.rows.front();
  if (!could_be_names(first)) return false;
  bool name = false;
  for (std::size_t column = 0; column < first.cells.size(); ++column) {
    const Witness witness = witness_of(table, column);
    if (witness == Witness::example) return false;
    name = name || witness == Witness::name;
  }
  return name || std::count_if(first.cells.begin(), first.cells.end(), is_usual_name) >= 2;
}

/// Whether an option names a column by a name, which needs a header.
bool asks_for_name(const ReadOptions& options) {
  const auto by_name = [](const std::string& column) { return !column.empty() && !as_column_number(column); };
  return by_name(options.text) || by_name(options.label) || by_name(options.split_column);
}

std::size_t find_column(const Table& table, const std::string& wanted, std::string_view what) {
  const auto named = std::find(table.columns.begin(), table.columns.end(), wanted);
  if (named != table.columns.end()) return static_cast<std::size_t>(named - table.columns.begin());
  if (const auto number = as_column_number(wanted)) {
    if (*number >= 1 && *number <= table.width()) return *number - 1;
    const std::string names = table.columns.empty() ? "" : " (" + enumerate(table.columns, "and") + ")";
    fail(ErrorKind::option, table.name + " has columns 1 to " + std::to_string(table.width()) + names +
                                ", no " + wanted + " for the " + std::string(what));
  }
  if (table.columns.empty())
    fail(ErrorKind::option, table.name + " has no header; give the column of the " + std::string(what) +
                                " by its number, not as " + quote(wanted));
  fail(ErrorKind::option, table.name + " has no column " + quote(wanted) + " for the " + std::string(what) +
                              "; it has " + enumerate(table.columns, "and") +
                              suggestion(wanted, table.columns));
}

struct ColumnFacts {
  std::size_t different = 0;  // values that are not empty
  std::size_t bytes = 0;
};

std::vector<ColumnFacts> facts_of(const Table& table) {
  std::vector<ColumnFacts> facts(table.width());
  for (std::size_t column = 0; column < facts.size(); ++column) {
    std::unordered_set<std::string_view> values;
    for (const Row& row : table.rows) {
      const std::string_view value = trimmed(row.cells[column]);
      if (!value.empty()) values.insert(value);
      facts[column].bytes += row.cells[column].size();
    }
    facts[column].different = values.size();
  }
  return facts;
}

/// Chooses among the columns that no option names.
class Chooser {
 public:
  Chooser(const Table& table, const Columns& named) : table_(table), named_(named), facts_(facts_of(table)) {}

  /// The column with the most text.
  std::size_t longest(std::size_t except) const {
    return best(except, [&](std::size_t a, std::size_t b) { return facts_[a].bytes > facts_[b].bytes; });
  }

  /// The column with the fewest different values; of equal ones, the shorter one. A column with a single
  /// value comes after columns whose values repeat and before columns whose values hardly repeat.
  std::size_t fewest_values(std::size_t except) const {
    const auto rank = [&](std::size_t i) {
      const ColumnFacts& facts = facts_[i];
      const bool repeats = facts.different >= 2 && facts.different * 2 <= table_.rows.size();
      const bool one = facts.different < 2 && (table_.rows.size() >= 4 || facts_.size() == 2);
      return std::tuple(repeats ? 0 : one ? 1 : 2, facts.different, facts.bytes);
    };
    return best(except, [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  }

  /// The column in which most rows have one of `classes`. Of equal ones, the one called "label", then as
  /// above. None if no row has one of them.
  std::size_t known_values(std::span<const std::string> classes, std::size_t except) const {
    const std::unordered_set<std::string_view> known(classes.begin(), classes.end());
    std::vector<std::size_t> rows(facts_.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i] =
          static_cast<std::size_t>(std::count_if(table_.rows.begin(), table_.rows.end(), [&](const Row& row) {
            return known.count(trimmed(row.cells[i])) != 0;
          }));
    const std::size_t label = called("label", except);
    const auto rank = [&](std::size_t i) {
      return std::tuple(table_.rows.size() - rows[i], i != label, facts_[i].different, facts_[i].bytes);
    };
    const std::size_t found = best(except, [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    return rows[found] == 0 ? Columns::npos : found;
  }

  /// Other columns that could hold the labels: "'category' has 3 different values, 'lang' 4"; empty if none.
  std::string others(const Columns& chosen) const {
    constexpr std::size_t most = 3;
    std::string text;
    for (std::size_t i = 0, count = 0; i < facts_.size() && count < most; ++i) {
      const std::size_t values = facts_[i].different;
      if (!is_free(i, chosen.label) || i == chosen.text || values < 2 || values * 2 > table_.rows.size())
        continue;
      text += (count == 0 ? "" : ", ") + table_.column_name(i) + (count == 0 ? " has " : " ") +
              std::to_string(values) + (count == 0 ? " different values" : "");
      ++count;
    }
    return text;
  }

  /// The column of exactly that name, ignoring case.
  std::size_t called(std::string_view name, std::size_t except) const {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (is_free(i, except) && lower_ascii(table_.columns[i]) == name) return i;
    }
    return Columns::npos;
  }

  std::size_t different(std::size_t column) const { return facts_[column].different; }

 private:
  bool is_free(std::size_t column, std::size_t except) const {
    return column != except && column != named_.split && column != named_.text && column != named_.label;
  }

  template <class Before>
  std::size_t best(std::size_t except, Before&& before) const {
    std::size_t found = Columns::npos;
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (is_free(i, except) && (found == Columns::npos || before(i, found))) found = i;
    }
    if (found == Columns::npos)
      fail(ErrorKind::data, table_.place(table_.rows.front().line) +
                                ": no column is left for the texts or the labels beside those named");
    return found;
  }

  const Table& table_;
  const Columns& named_;
  std::vector<ColumnFacts> facts_;
};

void require_classes(const Table& table, std::size_t label, std::size_t different) {
  if (table.rows.size() >= 20 && different * 2 > table.rows.size())
    fail(ErrorKind::data, table.place(table.rows.front().line) +
                              ": no column looks like labels; the one with the "
                              "fewest different values, " +
                              table.column_name(label) + ", has " + std::to_string(different) + " in " +
                              std::to_string(table.rows.size()) +
                              " rows; name the column of the labels (option label)");
}

}  // namespace

std::string Table::column_name(std::size_t column) const {
  return columns.empty() ? "column " + std::to_string(column + 1) : quote(columns[column]);
}

void settle_header(Table& table, const ReadOptions& options) {
  if (!table.columns.empty() || table.rows.empty()) return;
  const bool names = options.header == Header::automatic
                         ? asks_for_name(options) || first_row_names_columns(table)
                         : options.header == Header::yes;
  if (!names) return;
  table.columns = std::move(table.rows.front().cells);
  const std::uint64_t line = table.rows.front().line;
  table.rows.erase(table.rows.begin());
  if (options.header == Header::automatic)
    table.notices.push_back(table.place(line) + ": names the columns " + enumerate(table.columns, "and"));
  if (table.rows.empty())
    fail(ErrorKind::data, table.place(line) + ": names the columns, and no example follows");
}

Columns choose_columns(Table& table, const ReadOptions& options, std::span<const std::string> classes) {
  Columns columns{Columns::npos, Columns::npos, Columns::npos};
  if (!options.split_column.empty()) columns.split = find_column(table, options.split_column, "parts");
  if (!options.text.empty()) columns.text = find_column(table, options.text, "texts");
  if (!options.label.empty()) columns.label = find_column(table, options.label, "labels");
  if (columns.text != Columns::npos && columns.text == columns.label)
    fail(ErrorKind::option,
         table.column_name(columns.label) + " cannot be the labels: it is the column of the texts too");
  if (columns.text != Columns::npos && columns.label != Columns::npos) return columns;

  const Columns named = columns;
  const Chooser chooser(table, named);
  std::vector<std::string> choices;
  bool guessed = false;
  if (named.label == Columns::npos) {
    const std::size_t text = named.text == Columns::npos ? chooser.called("text", Columns::npos) : named.text;
    std::string reason;
    if (!classes.empty()) columns.label = chooser.known_values(classes, text);
    if (columns.label == Columns::npos) columns.label = chooser.called("label", text);
    if (columns.label == Columns::npos) {
      guessed = true;
      columns.label = chooser.fewest_values(text);
      const std::size_t different = chooser.different(columns.label);
      require_classes(table, columns.label, different);
      reason = " (fewest different values: " + std::to_string(different) + ")";
    }
    choices.push_back("labels in " + table.column_name(columns.label) + reason);
  }
  if (named.text == Columns::npos) {
    columns.text = chooser.called("text", columns.label);
    const bool by_length = columns.text == Columns::npos;
    if (by_length) columns.text = chooser.longest(columns.label);
    choices.push_back("texts in " + table.column_name(columns.text) + (by_length ? " (the longest)" : ""));
  }
  const std::string others = guessed ? chooser.others(columns) : "";
  table.notices.push_back(table.name + ": " + enumerate(choices, "and") +
                          (others.empty() ? "" : "; " + others + ": choose with --label COLUMN"));
  return columns;
}

}  // namespace rondo::data

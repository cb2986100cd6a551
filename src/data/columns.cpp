// Which columns hold texts and labels.
#include <algorithm>
#include <charconv>
#include <tuple>
#include <unordered_set>

#include <rondo/error.h>

#include "base/message.h"
#include "base/utf8.h"
#include "data/table.h"

namespace rondo::data {

std::string lower_ascii(std::string text) {
  for (char& c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return text;
}

bool looks_like_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.+-eE:/ ") == text.npos &&
         text.find_first_of("0123456789") != text.npos;
}

std::size_t column_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error != std::errc{} || end != text.data() + text.size() ? Columns::npos : number;
}

std::string Table::column_name(std::size_t column) const {
  return columns.empty() || columns[column].empty() ? "column " + std::to_string(column + 1)
                                                    : quote(columns[column]);
}

std::string Table::column_names() const {
  constexpr std::size_t most = 12;
  constexpr int widest = 40;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.size() && i < most; ++i)
    names.push_back(columns[i].empty() ? "(column " + std::to_string(i + 1) + ")"
                                       : truncate_to_width(columns[i], widest));
  if (columns.size() > most) names.push_back(std::to_string(columns.size() - most) + " more");
  return enumerate(names, "and");
}

namespace {

/// The columns called so.
std::vector<std::size_t> columns_called(const Table& table, std::string_view name) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i] == name) found.push_back(i);
  return found;
}

[[noreturn]] void refuse_column(const Table& table, const std::string& wanted, std::string_view what) {
  if (table.columns.empty())
    fail(ErrorKind::option, table.name + " has no header; give the column of the " + std::string(what) +
                                " by its number, not as " + quote(wanted));
  std::vector<std::string> known = table.columns;
  known.insert(known.end(), table.inner.begin(), table.inner.end());
  const std::string inner =
      table.inner.empty() ? "" : ", and within them there are such as " + enumerate(table.inner, "and");
  fail(ErrorKind::option, table.name + " has no column " + quote(wanted) + " for the " + std::string(what) +
                              "; it has " + table.column_names() + inner + suggestion(wanted, known));
}

}  // namespace

std::size_t find_column(const Table& table, const std::string& wanted, std::string_view what) {
  const std::vector<std::size_t> named = columns_called(table, wanted);
  if (named.size() > 1)
    fail(ErrorKind::option, table.name + " has " + std::to_string(named.size()) + " columns called " +
                                quote(wanted) + ", the first of them column " +
                                std::to_string(named.front() + 1) + "; give the number of the one with the " +
                                std::string(what));
  if (named.size() == 1) return named.front();
  const std::size_t number = column_number(wanted);
  if (number == Columns::npos) refuse_column(table, wanted, what);
  if (number >= 1 && number <= table.width()) return number - 1;
  const std::string names = table.columns.empty() ? "" : " (" + table.column_names() + ")";
  fail(ErrorKind::option, table.name + " has columns 1 to " + std::to_string(table.width()) + names +
                              ", no " + wanted + " for the " + std::string(what));
}

namespace {

struct ColumnFacts {
  std::size_t different = 0;  // values that are not empty
  std::size_t bytes = 0;
};

std::vector<ColumnFacts> facts_of(const Table& table) {
  std::vector<ColumnFacts> facts(table.width());
  for (std::size_t column = 0; column < facts.size(); ++column) {
    std::unordered_set<std::string_view> values;
    for (const Row& row : table.rows) {
      const std::string_view value = trim_unseen(row.cells[column]);
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
      return std::tuple(facts.different == 0 ? 3 : repeats ? 0 : one ? 1 : 2, facts.different, facts.bytes);
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
            return known.count(trim_unseen(row.cells[i])) != 0;
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

/// Whether a table can be asked for a column of other data: for a name where it has names, for a number where
/// it has none. Another file may have its columns in another order.
bool can_be_asked(const Table& table, const std::string& wanted) {
  return !wanted.empty() && table.columns.empty() == (column_number(wanted) != Columns::npos);
}

/// Where a table has what other data have in that column; npos if it has no such column.
std::size_t column_like(const Table& table, const std::string& wanted) {
  if (!can_be_asked(table, wanted)) return Columns::npos;
  if (table.columns.empty())
    return column_number(wanted) <= table.width() ? column_number(wanted) - 1 : Columns::npos;
  const std::vector<std::size_t> named = columns_called(table, wanted);
  return named.empty() ? Columns::npos : named.front();
}

/// Settles the columns of one table and notes what was chosen.
class Settling {
 public:
  Settling(Table& table, const ReadOptions& options, const ReadLike& like)
      : table_(table), options_(options), like_(like) {}

  Columns run() {
    take_named();
    if (!table_.named_by_format) compare_with_like();
    if (columns_.text != Columns::npos && columns_.label != Columns::npos) {
      if (!choices_.empty()) say(enumerate(choices_, "and") + ", as in the training data");
      return columns_;
    }
    const Columns named = columns_;
    const Chooser chooser(table_, named);
    if (named.label == Columns::npos) choose_label(chooser);
    if (named.text == Columns::npos) choose_text(chooser);
    const std::string others = guessed_ ? chooser.others(columns_) : "";
    say(missing_ + enumerate(choices_, "and") +
        (others.empty() ? "" : "; " + others + ": choose with --label COLUMN"));
    return columns_;
  }

 private:
  void say(const std::string& what) { table_.notices.push_back(table_.name + ": " + what); }

  void take_named() {
    if (table_.named_by_format) {
      if (!options_.split_column.empty())
        fail(ErrorKind::option, table_.name + " has lines of fastText, and no column " +
                                    quote(options_.split_column) + " that divides them into parts");
      columns_ = {.text = 1, .label = 0};
      return;
    }
    if (!options_.split_column.empty()) columns_.split = find_column(table_, options_.split_column, "parts");
    if (!options_.text.empty()) columns_.text = find_column(table_, options_.text, "texts");
    if (!options_.label.empty()) columns_.label = find_column(table_, options_.label, "labels");
    if (columns_.text != Columns::npos && columns_.text == columns_.label)
      fail(ErrorKind::option,
           table_.column_name(columns_.label) + " cannot be the labels: it is the column of the texts too");
  }

  /// Takes the columns of the other data where the options name none, and says where these name others.
  void compare_with_like() {
    compare(columns_.label, columns_.text, like_.label, "labels");
    compare(columns_.text, columns_.label, like_.text, "texts");
  }

  void compare(std::size_t& column, std::size_t taken, const std::string& theirs, const std::string& what) {
    if (theirs.empty()) return;
    const std::size_t there = column_like(table_, theirs);
    const bool free = there != Columns::npos && there != taken && there != columns_.split;
    if (column == Columns::npos && free) {
      column = there;
      choices_.push_back(what + " in " + table_.column_name(column));
    } else if (column == Columns::npos && column_number(theirs) == Columns::npos) {
      missing_ += "has no column " + quote(theirs) + ", in which the training data have the " + what + "; ";
    } else if (column != Columns::npos && column != there && can_be_asked(table_, theirs)) {
      say(what + " in " + table_.column_name(column) + ", where the training data have them in " +
          quote(theirs));
    }
  }

  void choose_label(const Chooser& chooser) {
    const std::size_t text =
        columns_.text == Columns::npos ? chooser.called("text", Columns::npos) : columns_.text;
    std::string reason;
    if (!like_.classes.empty()) columns_.label = chooser.known_values(like_.classes, text);
    if (columns_.label == Columns::npos) columns_.label = chooser.called("label", text);
    if (columns_.label == Columns::npos) {
      guessed_ = true;
      columns_.label = chooser.fewest_values(text);
      const std::size_t different = chooser.different(columns_.label);
      require_classes(table_, columns_.label, different);
      reason = " (fewest different values: " + std::to_string(different) + ")";
    }
    choices_.push_back("labels in " + table_.column_name(columns_.label) + reason);
  }

  void choose_text(const Chooser& chooser) {
    columns_.text = chooser.called("text", columns_.label);
    const bool by_length = columns_.text == Columns::npos;
    if (by_length) columns_.text = chooser.longest(columns_.label);
    choices_.push_back("texts in " + table_.column_name(columns_.text) + (by_length ? " (the longest)" : ""));
  }

  Table& table_;
  const ReadOptions& options_;
  const ReadLike& like_;
  Columns columns_{Columns::npos, Columns::npos, Columns::npos};
  std::vector<std::string> choices_;
  std::string missing_;
  bool guessed_ = false;
};

}  // namespace

Columns choose_columns(Table& table, const ReadOptions& options, const ReadLike& like) {
  return Settling(table, options, like).run();
}

}  // namespace rondo::data

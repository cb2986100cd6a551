#include "tasks/forecast/layout.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/message.h"
#include "base/utf8.h"
#include "data/table.h"
#include "tasks/forecast/time_columns.h"

namespace rondo::forecast {
namespace {

std::string lower(const std::string& text) {
  return data::lower_ascii(std::string(trim_unseen(text)));
}

/// Finds what each column is.
class Finder {
 public:
  Finder(const Sample& sample, const ColumnOptions& options, const LikeLayout& like,
         std::vector<std::string>& notices)
      : sample_(sample), options_(options), like_(like), notices_(notices) {}

  TableLayout run() {
    layout_.missing = sample_.missing;
    name_columns();
    find_times(sample_, options_, like_, layout_, notices_);
    find_id();
    find_decimal();
    if (like_.given)
      take_roles();
    else
      find_roles();
    say_roles();
    return std::move(layout_);
  }

 private:
  [[noreturn]] void refuse(ErrorKind kind, const std::string& what) const {
    fail(kind, sample_.name + ": " + what);
  }

  std::size_t first_row() const { return layout_.header ? 1 : 0; }
  template <class F>
  bool all(std::size_t column, const F& f) const {
    return sample_.all(column, first_row(), f);
  }
  bool empty(std::size_t column) const {
    return !all(column, [](std::string_view) { return true; });
  }

  bool first_row_is_header() const {
    const std::vector<std::string>& first = sample_.rows.front();
    for (std::size_t c = 0; c < first.size(); ++c) {
      const std::string name = lower(first[c]);
      if (name == "unique_id" || name == "y" || name == "ds") return true;
      const std::string_view text = sample_.cell(0, c);
      const bool is_value =
          sample_.missing(text) || looks_like_number(text) || is_date(text) || parse_clock(text);
      if (!is_value && (sample_.rows.size() == 1 || sample_.numeric(c, 1) || dated(sample_, c, 1)))
        return true;
    }
    return false;
  }

  void name_columns() {
    if (sample_.rows.empty()) refuse(ErrorKind::data, "has no rows; wanted a table, a row for each time");
    layout_.header = first_row_is_header();
    const std::size_t width = sample_.rows.front().size();
    for (std::size_t c = 0; c < width; ++c) {
      const std::string name(layout_.header ? sample_.cell(0, c) : std::string_view());
      layout_.columns.push_back({name.empty() ? std::to_string(c + 1) : name});
    }
    for (std::size_t c = 0; c < width; ++c)
      for (std::size_t d = 0; d < c; ++d)
        if (layout_.columns[c].name == layout_.columns[d].name)
          refuse(ErrorKind::data,
                 "two columns are named " + quote(layout_.columns[c].name) + "; give each a name of its own");
    if (layout_.header && sample_.rows.size() == 1)
      refuse(ErrorKind::data, "has a line of names and no rows; wanted a row for each time");
  }

  std::size_t column(const std::string& wanted, std::string_view option) const {
    return column_of(sample_, layout_, wanted, option);
  }

  bool named(const std::vector<std::string>& list, std::size_t c, std::string_view option) const {
    return std::any_of(list.begin(), list.end(),
                       [&](const std::string& name) { return column(name, option) == c; });
  }

  void find_id() {
    std::string wanted = options_.id;
    if (wanted.empty() && like_.given)
      for (const ColumnPlan& plan : like_.columns)
        if (plan.role == Role::id) wanted = plan.name;
    if (wanted.empty() && !like_.given)
      for (const ColumnPlan& plan : layout_.columns)
        if (lower(plan.name) == "unique_id") wanted = plan.name;
    if (wanted.empty()) return;
    layout_.id = column(wanted, "id");
    layout_.columns[layout_.id].role = Role::id;
  }

  void find_decimal() {
    DecimalEvidence evidence;
    for (std::size_t row = first_row(); row < sample_.rows.size(); ++row)
      for (std::size_t c = 0; c < layout_.columns.size(); ++c)
        if (layout_.columns[c].role == Role::ignored) evidence.add(sample_.cell(row, c), sample_.lines[row]);
    const auto line = [](std::uint64_t number) { return "line " + std::to_string(number); };
    if (options_.decimal != DecimalMark::automatic) {
      layout_.numbers.decimal = options_.decimal == DecimalMark::comma ? ',' : '.';
      return;
    }
    if (evidence.point_line() > 0 && evidence.comma_line() > 0)
      refuse(ErrorKind::data, "the decimal mark is a point in " + line(evidence.point_line()) +
                                  " and a comma in " + line(evidence.comma_line()) +
                                  "; write all numbers alike, or say --decimal point or comma");
    const bool open_comma = evidence.open_comma() && evidence.point_line() == 0 && sample_.separator != ',';
    if (evidence.comma_line() > 0 || (open_comma && !evidence.open_point())) {
      layout_.numbers.decimal = ',';
      notices_.push_back(sample_.name + ": the decimal mark is a comma" +
                         (evidence.comma_line() > 0 ? " (" + line(evidence.comma_line()) + ")"
                                                    : "; --decimal point if it stands between thousands"));
    } else if (evidence.open_point() && evidence.point_line() == 0) {
      notices_.push_back(sample_.name +
                         ": the decimal mark is a point, although every number has three digits behind it; "
                         "--decimal comma if points stand between thousands");
    } else if (evidence.open_comma()) {
      notices_.push_back(sample_.name + ": the decimal mark is a point, and commas stand between thousands");
    }
  }

  bool readable(std::size_t c) const {
    return empty(c) ||
           all(c, [&](std::string_view text) { return parse_number(text, layout_.numbers).has_value(); });
  }

  /// 1, 2, 3, ...: the numbers of the rows.
  bool numbers_rows(std::size_t c) const {
    double before = 0;
    bool first = true;
    return sample_.rows.size() > first_row() + 3 && all(c, [&](std::string_view text) {
             const std::optional<double> value = parse_number(text, layout_.numbers);
             const bool next = value && (first ? *value == 0 || *value == 1 : *value == before + 1);
             before = value.value_or(0);
             first = false;
             return next;
           });
  }

  void find_roles() {
    std::vector<std::string> targets = options_.target;
    if (targets.empty())
      for (const ColumnPlan& plan : layout_.columns)
        if (plan.name == "y" && plan.role == Role::ignored) targets = {plan.name};
    std::size_t values = 0;
    for (std::size_t c = 0; c < layout_.columns.size(); ++c)
      values += layout_.columns[c].role == Role::ignored && readable(c) ? 1 : 0;
    for (std::size_t c = 0; c < layout_.columns.size(); ++c) {
      ColumnPlan& plan = layout_.columns[c];
      if (plan.role != Role::ignored || named(options_.ignore, c, "ignore")) continue;
      const bool numbers = readable(c);
      plan.category = !numbers || named(options_.categories, c, "categories");
      if (named(targets, c, "target")) {
        if (!numbers) refuse_words(c);
        plan.role = Role::target;
        plan.category = false;
      } else if (named(options_.known, c, "known")) {
        plan.role = Role::known;
      } else if (named(options_.constant, c, "constant")) {
        plan.role = Role::constant;
      } else if (values > 1 && layout_.header && numbers && targets.empty() && numbers_rows(c)) {
        leave_out(c, "counts the rows");
      } else if (empty(c)) {
        leave_out(c, "is empty");
      } else if (!numbers && !named(options_.categories, c, "categories") && differs_in_each_row(c)) {
        leave_out(c, "has other words in nearly every row (" + quote(sample_.cell(first_row(), c)) +
                         "), which are neither numbers nor times that rondo reads");
      } else {
        plan.role = numbers && targets.empty() && !plan.category ? Role::target : Role::past;
        if (!targets.empty() && numbers && numbers_rows(c) && layout_.header) plan.role = Role::ignored;
      }
    }
    if (layout_.names(Role::target).empty())
      refuse(ErrorKind::data, "no column of numbers to forecast; --target COLUMN names it");
  }

  /// Words that hardly recur say nothing to a network: names, remarks, times in a form that is not read.
  bool differs_in_each_row(std::size_t c) const {
    std::set<std::string_view> words;
    std::size_t cells = 0;
    all(c, [&](std::string_view text) {
      words.insert(text);
      ++cells;
      return true;
    });
    return cells >= 10 && words.size() > cells / 2;
  }

  void leave_out(std::size_t c, const std::string& why) {
    layout_.columns[c].role = Role::ignored;
    layout_.columns[c].category = false;
    notices_.push_back(sample_.name + ": column " + quote(layout_.columns[c].name) + " " + why +
                       ", and is left out");
  }

  [[noreturn]] void refuse_words(std::size_t c) const {
    for (std::size_t row = first_row(); row < sample_.rows.size(); ++row) {
      const std::string_view text = sample_.cell(row, c);
      if (sample_.missing(text) || parse_number(text, layout_.numbers)) continue;
      refuse(ErrorKind::data, "line " + std::to_string(sample_.lines[row]) + ": column " +
                                  quote(layout_.columns[c].name) + ": wanted a number to forecast, got " +
                                  quote(text));
    }
    throw Bug("a column without words");
  }

  void take_roles() {
    for (const ColumnPlan& plan : like_.columns) {
      if (plan.role == Role::time || plan.role == Role::id) continue;
      ColumnPlan& own = layout_.columns[column(plan.name, "target")];
      own.role = plan.role;
      own.category = plan.category;
    }
  }

  void say_roles() {
    if (like_.given) return;
    const auto say = [&](Role role, const std::string& what) {
      const std::vector<std::string> names = layout_.names(role);
      if (names.empty()) return;
      std::vector<std::string> quoted;
      for (const std::string& name : names)
        quoted.push_back(quote(name));
      const std::size_t count = quoted.size();
      if (count > 12) quoted = {quoted.front(), "...", quoted.back()};
      notices_.push_back(sample_.name + ": " + what + ": " + enumerate(quoted, "and"));
    };
    if (layout_.time.empty())
      notices_.push_back(sample_.name + ": no column of times; rows are in order, one step each");
    else
      say(Role::time, "times");
    say(Role::id, "series are named by");
    say(Role::target, "to forecast");
    say(Role::known, "known in advance");
    say(Role::constant, "constant for a series");
    say(Role::past, "known up to the last row");
  }

  const Sample& sample_;
  const ColumnOptions& options_;
  const LikeLayout& like_;
  std::vector<std::string>& notices_;
  TableLayout layout_;
};

}  // namespace

std::vector<std::string> TableLayout::names(Role role) const {
  std::vector<std::string> all;
  for (const ColumnPlan& plan : columns)
    if (plan.role == role) all.push_back(plan.name);
  return all;
}

TableLayout layout_of(const Sample& sample, const ColumnOptions& options, const LikeLayout& like,
                      std::vector<std::string>& notices) {
  return Finder(sample, options, like, notices).run();
}

}  // namespace rondo::forecast

#include "tasks/forecast/layout.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/message.h"
#include "base/utf8.h"
#include "data/table.h"

namespace rondo::forecast {
namespace {

constexpr std::array<std::string_view, 7> time_names = {"ds",        "date",  "time", "datetime",
                                                        "timestamp", "month", "year"};
constexpr std::array<std::pair<std::string_view, TimePart>, 6> part_names = {{{"year", TimePart::year},
                                                                              {"month", TimePart::month},
                                                                              {"day", TimePart::day},
                                                                              {"hour", TimePart::hour},
                                                                              {"minute", TimePart::minute},
                                                                              {"second", TimePart::second}}};

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
    name_columns();
    find_time();
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
  const std::string& cell(std::size_t row, std::size_t column) const { return sample_.rows[row][column]; }

  /// Whether f holds for every cell of a column that is not missing, and for at least one.
  template <class F>
  bool all(std::size_t column, std::size_t first, const F& f) const {
    bool some = false;
    for (std::size_t row = first; row < sample_.rows.size(); ++row) {
      const std::string_view text = trim_unseen(cell(row, column));
      if (is_missing(text)) continue;
      if (!f(text)) return false;
      some = true;
    }
    return some;
  }
  bool numeric(std::size_t column, std::size_t first) const { return all(column, first, looks_like_number); }
  bool dated(std::size_t column, std::size_t first) const {
    return all(column, first, [](std::string_view text) {
      return !looks_like_number(text) && (parse_moment(text, false) || parse_moment(text, true));
    });
  }
  bool missing(std::size_t column) const {
    return !all(column, first_row(), [](std::string_view) { return true; });
  }

  bool first_row_is_header() const {
    const std::vector<std::string>& first = sample_.rows.front();
    for (std::size_t c = 0; c < first.size(); ++c) {
      const std::string name = lower(first[c]);
      if (name == "unique_id" || name == "y" || name == "ds") return true;
      const bool is_value = is_missing(first[c]) || looks_like_number(trim_unseen(first[c])) ||
                            parse_moment(trim_unseen(first[c]), false) ||
                            parse_moment(trim_unseen(first[c]), true);
      if (!is_value && (sample_.rows.size() == 1 || numeric(c, 1) || dated(c, 1))) return true;
    }
    return false;
  }

  void name_columns() {
    if (sample_.rows.empty()) refuse(ErrorKind::data, "has no rows; wanted a table, a row for each time");
    layout_.header = first_row_is_header();
    const std::size_t width = sample_.rows.front().size();
    for (std::size_t c = 0; c < width; ++c) {
      const std::string name(layout_.header ? trim_unseen(cell(0, c)) : std::string_view());
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
    std::vector<std::string> names;
    for (std::size_t c = 0; c < layout_.columns.size(); ++c) {
      if (layout_.columns[c].name == wanted) return c;
      names.push_back(layout_.columns[c].name);
    }
    const std::size_t number = data::column_number(wanted);
    if (number < layout_.columns.size()) return number;
    refuse(ErrorKind::option, "no column " + quote(wanted) + " (--" + std::string(option) + "); it has " +
                                  enumerate(names, "and") + suggestion(wanted, names));
  }

  bool named(const std::vector<std::string>& list, std::size_t c, std::string_view option) const {
    return std::any_of(list.begin(), list.end(),
                       [&](const std::string& name) { return column(name, option) == c; });
  }

  void find_time() {
    std::vector<std::string> given = options_.time;
    if (given.empty() && like_.given) {
      for (const ColumnPlan& plan : like_.columns)
        if (plan.role == Role::time) given.push_back(plan.name);
      if (given.empty()) return;
    }
    if (given.size() == 1 && given[0] == "none") return;
    for (const std::string& name : given)
      layout_.time.push_back(column(name, "time"));
    if (layout_.time.empty()) look_for_time();
    for (const std::size_t c : layout_.time)
      layout_.columns[c].role = Role::time;
    if (layout_.time.size() > 1) return settle_parts();
    if (!layout_.time.empty()) settle_style(layout_.time.front());
  }

  void look_for_time() {
    const std::size_t first = first_row();
    std::vector<std::size_t> parts;
    if (layout_.header) {
      for (const auto& [part, unused] : part_names)
        for (std::size_t c = 0; c < layout_.columns.size(); ++c)
          if (lower(layout_.columns[c].name) == part && numeric(c, first)) parts.push_back(c);
      if (parts.size() >= 2) {
        layout_.time = parts;
        return;
      }
      for (const std::string_view name : time_names)
        for (std::size_t c = 0; c < layout_.columns.size(); ++c)
          if (lower(layout_.columns[c].name) == name && (dated(c, first) || numeric(c, first))) {
            layout_.time = {c};
            return;
          }
    }
    for (std::size_t c = 0; c < layout_.columns.size(); ++c)
      if (dated(c, first)) {
        layout_.time = {c};
        return;
      }
  }

  void settle_parts() {
    layout_.style = {TimeKind::moment, Detail::year};
    for (std::size_t i = 0; i < layout_.time.size(); ++i) {
      const std::string name = lower(layout_.columns[layout_.time[i]].name);
      const auto* const found =
          std::find_if(part_names.begin(), part_names.end(), [&](const auto& p) { return p.first == name; });
      const TimePart part = found != part_names.end() ? found->second
                            : i < part_names.size()   ? part_names[i].second
                                                      : TimePart::second;
      layout_.parts.push_back(part);
      constexpr std::array details = {Detail::year,   Detail::month,  Detail::day,
                                      Detail::minute, Detail::minute, Detail::second};
      layout_.style.detail = std::max(layout_.style.detail, details[static_cast<std::size_t>(part)]);
    }
    if (std::find(layout_.parts.begin(), layout_.parts.end(), TimePart::year) == layout_.parts.end())
      refuse(ErrorKind::option,
             "--time: of several columns, one is the year; name them year, month, day, "
             "hour, or give them in that order");
  }

  /// Numbers in a column of times: years, seconds or milliseconds since 1970, or just numbers.
  TimeKind kind_of_numbers(std::size_t c) const {
    const NumberStyle plain;
    const auto within = [&](double low, double high) {
      return all(c, first_row(), [&](std::string_view text) {
        const std::optional<double> value = parse_number(text, plain);
        return value && *value >= low && *value <= high;
      });
    };
    if (within(1000, 2999)) return TimeKind::moment;
    if (within(1e8, 1e10)) return TimeKind::epoch;
    return within(1e11, 1e13) ? TimeKind::epoch_ms : TimeKind::number;
  }

  void settle_style(std::size_t c) {
    if (numeric(c, first_row())) {
      layout_.style.kind = kind_of_numbers(c);
      if (layout_.style.kind == TimeKind::moment) layout_.style.detail = Detail::year;
      return;
    }
    layout_.style = {TimeKind::moment, Detail::year};
    int proved = 0;
    bool orders = false;
    std::uint64_t line = 0;
    for (std::size_t row = first_row(); row < sample_.rows.size(); ++row) {
      const std::string_view text = trim_unseen(cell(row, c));
      orders = orders || begins_with_day_or_month(text);
      const int now = order_proved_by(text);
      if (now != 0 && proved != 0 && now != proved)
        refuse(ErrorKind::data, "line " + std::to_string(sample_.lines[row]) + ": " + quote(text) +
                                    " is written in another order than line " + std::to_string(line) +
                                    "; write all dates as 2024-03-01");
      if (now != 0 && proved == 0) {
        proved = now;
        line = sample_.lines[row];
      }
    }
    if (orders) settle_order(c, proved, line);
  }

  void settle_order(std::size_t c, int proved, std::uint64_t line) {
    const bool points = cell(first_row(), c).find('.') != std::string::npos;
    layout_.month_first = options_.dates == DateOrder::month_first;
    if (options_.dates == DateOrder::automatic) {
      layout_.month_first = proved != 0 ? proved > 0 : !points;
      notices_.push_back(sample_.name + ": dates have the " + (layout_.month_first ? "month" : "day") +
                         " first (" +
                         (proved != 0 ? "line " + std::to_string(line) + " proves it"
                          : points    ? "as dates with points are written"
                                      : "a guess; --dates day_first if not") +
                         ")");
    }
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
        if (layout_.columns[c].role == Role::ignored)
          evidence.add(trim_unseen(cell(row, c)), sample_.lines[row]);
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
    return missing(c) || all(c, first_row(), [&](std::string_view text) {
             return parse_number(text, layout_.numbers).has_value();
           });
  }

  /// 1, 2, 3, ...: the numbers of the rows.
  bool numbers_rows(std::size_t c) const {
    double before = 0;
    bool first = true;
    return sample_.rows.size() > first_row() + 3 && all(c, first_row(), [&](std::string_view text) {
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
        notices_.push_back(sample_.name + ": column " + quote(plan.name) +
                           " counts the rows and is left out");
      } else {
        plan.role = numbers && targets.empty() && !plan.category ? Role::target : Role::past;
        if (!targets.empty() && numbers && numbers_rows(c) && layout_.header) plan.role = Role::ignored;
      }
    }
    if (layout_.names(Role::target).empty())
      refuse(ErrorKind::data, "no column of numbers to forecast; --target COLUMN names it");
  }

  [[noreturn]] void refuse_words(std::size_t c) const {
    for (std::size_t row = first_row(); row < sample_.rows.size(); ++row) {
      const std::string_view text = trim_unseen(cell(row, c));
      if (is_missing(text) || parse_number(text, layout_.numbers)) continue;
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

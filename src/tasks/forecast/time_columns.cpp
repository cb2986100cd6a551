#include "tasks/forecast/time_columns.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "base/message.h"
#include "data/table.h"

namespace rondo::forecast {
namespace {

constexpr std::array<std::string_view, 12> time_names = {"ds",        "date",      "time", "datetime",
                                                         "date_time", "timestamp", "day",  "week",
                                                         "month",     "quarter",   "日期", "时间"};
/// Of columns of numbers: days and weeks in numbers begin anew.
constexpr std::array<std::string_view, 11> number_names = {
    "ds", "date", "time", "datetime", "date_time", "timestamp", "month", "year", "日期", "时间", "年份"};
constexpr std::array<std::pair<std::string_view, TimePart>, 14> part_names = {{{"year", TimePart::year},
                                                                               {"month", TimePart::month},
                                                                               {"day", TimePart::day},
                                                                               {"hour", TimePart::hour},
                                                                               {"minute", TimePart::minute},
                                                                               {"second", TimePart::second},
                                                                               {"hr", TimePart::hour},
                                                                               {"年", TimePart::year},
                                                                               {"年份", TimePart::year},
                                                                               {"月", TimePart::month},
                                                                               {"月份", TimePart::month},
                                                                               {"日", TimePart::day},
                                                                               {"时", TimePart::hour},
                                                                               {"小时", TimePart::hour}}};
constexpr std::array orders = {DateOrder::day_first, DateOrder::month_first, DateOrder::year_first};

std::string_view in_words(DateOrder order) {
  return order == DateOrder::month_first ? "month" : order == DateOrder::year_first ? "year" : "day";
}

/// The orders in which a text is a date.
std::vector<DateOrder> possible_orders(std::string_view text) {
  std::vector<DateOrder> possible;
  for (const DateOrder order : orders)
    if (parse_moment(text, order)) possible.push_back(order);
  return possible;
}

/// Finds the columns, then how they are written.
class TimeFinder {
 public:
  TimeFinder(const Sample& sample, const ColumnOptions& options, const LikeLayout& like, TableLayout& layout,
             std::vector<std::string>& notices)
      : sample_(sample), options_(options), like_(like), layout_(layout), notices_(notices) {}

  void run() {
    std::vector<std::string> given = options_.time;
    if (given.empty() && like_.given) {
      for (const ColumnPlan& plan : like_.columns)
        if (plan.role == Role::time) given.push_back(plan.name);
      if (given.empty()) return;
    }
    if (given.size() == 1 && given[0] == "none") return;
    for (const std::string& name : given)
      layout_.time.push_back(column_of(sample_, layout_, name, "time"));
    if (layout_.time.empty()) look();
    for (const std::size_t c : layout_.time)
      layout_.columns[c].role = Role::time;
    if (layout_.time.size() > 1) return settle_parts();
    if (!layout_.time.empty()) settle_style(layout_.time.front());
  }

 private:
  [[noreturn]] void refuse(ErrorKind kind, const std::string& what) const {
    fail(kind, sample_.name + ": " + what);
  }
  std::size_t first_row() const { return layout_.header ? 1 : 0; }
  std::string name(std::size_t c) const {
    return layout_.header ? data::lower_ascii(layout_.columns[c].name) : "";
  }
  bool clocks(std::size_t c) const {
    return sample_.all(c, first_row(), [](std::string_view text) { return parse_clock(text).has_value(); });
  }

  void look() {
    if (look_for_parts()) return;
    const std::size_t first = first_row();
    const auto is_dated = [&](std::size_t c) { return dated(sample_, c, first); };
    const auto is_numeric = [&](std::size_t c) { return sample_.numeric(c, first); };
    std::optional<std::size_t> found = named_column(time_names, is_dated);
    if (!found) found = named_column(number_names, is_numeric);
    for (std::size_t c = 0; c < layout_.columns.size() && !found; ++c)
      if (is_dated(c)) found = c;
    if (!found) return;
    layout_.time = {*found};
    if (is_dated(*found)) look_for_clock(*found);
  }

  template <std::size_t count, class F>
  std::optional<std::size_t> named_column(const std::array<std::string_view, count>& names,
                                          const F& f) const {
    for (const std::string_view wanted : names)
      for (std::size_t c = 0; c < layout_.columns.size(); ++c)
        if (name(c) == wanted && f(c)) return c;
    return std::nullopt;
  }

  bool look_for_parts() {
    std::vector<std::size_t> parts;
    for (const auto& [part, unused] : part_names)
      for (std::size_t c = 0; c < layout_.columns.size(); ++c)
        if (name(c) == part && sample_.numeric(c, first_row())) parts.push_back(c);
    if (parts.size() < 2) return false;
    layout_.time = parts;
    return true;
  }

  /// A column of times of day or of hours, beside dates that stand in several rows each.
  void look_for_clock(std::size_t date) {
    const std::size_t first = first_row();
    bool repeats = false;
    for (std::size_t row = first + 1; row < sample_.rows.size() && !repeats; ++row)
      repeats = sample_.cell(row, date) == sample_.cell(row - 1, date);
    if (!repeats) return;
    for (std::size_t c = 0; c < layout_.columns.size(); ++c) {
      const bool hours = part_of(c) == TimePart::hour && sample_.numeric(c, first);
      if (c == date || (!hours && !clocks(c))) continue;
      layout_.time.push_back(c);
      return;
    }
  }

  /// By the name of the column.
  std::optional<TimePart> part_of(std::size_t c) const {
    const auto* const found =
        std::find_if(part_names.begin(), part_names.end(), [&](const auto& p) { return p.first == name(c); });
    return found != part_names.end() ? std::optional(found->second) : std::nullopt;
  }

  void settle_parts() {
    layout_.style = {TimeKind::moment, Detail::year};
    constexpr std::array by_place = {TimePart::year, TimePart::month,  TimePart::day,
                                     TimePart::hour, TimePart::minute, TimePart::second};
    constexpr std::array details = {Detail::year,   Detail::month,  Detail::day, Detail::minute,
                                    Detail::minute, Detail::second, Detail::day, Detail::second};
    for (std::size_t i = 0; i < layout_.time.size(); ++i) {
      const std::size_t c = layout_.time[i];
      const std::optional<TimePart> by_name = part_of(c);
      TimePart part = i < by_place.size() ? by_place[i] : TimePart::second;
      if (dated(sample_, c, first_row()))
        part = TimePart::date;
      else if (!sample_.numeric(c, first_row()) && clocks(c))
        part = TimePart::clock;
      else if (by_name)
        part = *by_name;
      else if (!layout_.parts.empty() && layout_.parts.front() == TimePart::date)
        part = TimePart::hour;
      layout_.parts.push_back(part);
      layout_.style.detail = std::max(layout_.style.detail, details[static_cast<std::size_t>(part)]);
      if (part == TimePart::date) settle_order(c);
    }
    const auto has = [&](TimePart part) {
      return std::find(layout_.parts.begin(), layout_.parts.end(), part) != layout_.parts.end();
    };
    if (!has(TimePart::year) && !has(TimePart::date))
      refuse(ErrorKind::option,
             "--time: of several columns, one is the year or the date; name them year, month, day, "
             "hour, or give them in that order");
  }

  /// Numbers in a column of times: years, dates without marks, seconds or milliseconds since 1970, or just
  /// numbers.
  TimeKind kind_of_numbers(std::size_t c) const {
    const NumberStyle plain;
    const auto within = [&](double low, double high) {
      return sample_.all(c, first_row(), [&](std::string_view text) {
        const std::optional<double> value = parse_number(text, plain);
        return value && *value >= low && *value <= high;
      });
    };
    const auto dates = [](std::string_view text) {
      return text.size() >= 6 && parse_moment(text, DateOrder::automatic).has_value();
    };
    if (within(1000, 2999) || sample_.all(c, first_row(), dates)) return TimeKind::moment;
    if (within(1e8, 1e10)) return TimeKind::epoch;
    return within(1e11, 1e13) ? TimeKind::epoch_ms : TimeKind::number;
  }

  void settle_style(std::size_t c) {
    layout_.style = {TimeKind::moment, Detail::year};
    if (sample_.numeric(c, first_row()))
      layout_.style.kind = kind_of_numbers(c);
    else
      settle_order(c);
  }

  /// What the dates of a column say about their order: the orders that all of them allow.
  void settle_order(std::size_t c) {
    std::vector<DateOrder> left(orders.begin(), orders.end());
    bool open = false, short_years = false;
    std::uint64_t proof = 0;
    for (std::size_t row = first_row(); row < sample_.rows.size(); ++row) {
      const std::string_view text = sample_.cell(row, c);
      if (!has_open_order(text)) continue;
      const std::vector<DateOrder> here = possible_orders(text);
      if (here.empty()) continue;
      open = true;
      short_years = short_years || has_short_year(text);
      const std::size_t before = left.size();
      std::erase_if(
          left, [&](DateOrder order) { return std::find(here.begin(), here.end(), order) == here.end(); });
      if (left.empty())
        refuse(ErrorKind::data, "line " + std::to_string(sample_.lines[row]) + ": " + quote(text) +
                                    " is written in another order than line " + std::to_string(proof) +
                                    "; write all dates as 2024-03-01");
      if (left.size() == 1 && before > 1) proof = sample_.lines[row];
    }
    if (open) choose_order(c, left, short_years, proof);
  }

  void choose_order(std::size_t c, const std::vector<DateOrder>& left, bool short_years,
                    std::uint64_t proof) {
    const bool points = sample_.cell(first_row(), c).find('.') != std::string_view::npos;
    const auto allowed = [&](DateOrder order) {
      return std::find(left.begin(), left.end(), order) != left.end();
    };
    layout_.dates = options_.dates;
    if (options_.dates != DateOrder::automatic) return;
    std::string why;
    if (left.size() == 1) {
      layout_.dates = left.front();
      why = "line " + std::to_string(proof) + " proves it";
    } else if (allowed(like_.dates)) {
      layout_.dates = like_.dates;
      why = "as in the training data";
    } else if (short_years) {
      layout_.dates = closest(c, left);
      why = "so the times lie closest together; --dates says otherwise";
    } else if (points && allowed(DateOrder::day_first)) {
      layout_.dates = DateOrder::day_first;
      why = "as dates with points are written";
    } else {
      layout_.dates = allowed(DateOrder::month_first) ? DateOrder::month_first : left.front();
      why = "a guess; --dates day_first if not";
    }
    notices_.push_back(sample_.name + ": dates have the " + std::string(in_words(layout_.dates)) +
                       " first (" + why + ")");
  }

  /// The order in which the dates of a column span the least time.
  DateOrder closest(std::size_t c, const std::vector<DateOrder>& left) const {
    std::pair best(std::numeric_limits<std::int64_t>::max(), left.front());
    for (const DateOrder order : {DateOrder::month_first, DateOrder::day_first, DateOrder::year_first}) {
      if (std::find(left.begin(), left.end(), order) == left.end()) continue;
      std::int64_t low = std::numeric_limits<std::int64_t>::max(),
                   high = std::numeric_limits<std::int64_t>::min();
      for (std::size_t row = first_row(); row < sample_.rows.size(); ++row)
        if (const auto moment = parse_moment(sample_.cell(row, c), order)) {
          low = std::min(low, moment->ms);
          high = std::max(high, moment->ms);
        }
      if (high - low < best.first) best = {high - low, order};
    }
    return best.second;
  }

  const Sample& sample_;
  const ColumnOptions& options_;
  const LikeLayout& like_;
  TableLayout& layout_;
  std::vector<std::string>& notices_;
};

}  // namespace

bool is_date(std::string_view text) {
  return !possible_orders(text).empty();
}

bool dated(const Sample& sample, std::size_t column, std::size_t first) {
  return sample.all(column, first,
                    [](std::string_view text) { return !looks_like_number(text) && is_date(text); });
}

std::size_t column_of(const Sample& sample, const TableLayout& layout, const std::string& wanted,
                      std::string_view option) {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    if (layout.columns[c].name == wanted) return c;
    names.push_back(layout.columns[c].name);
  }
  const std::size_t number = data::column_number(wanted);
  if (number >= 1 && number <= layout.columns.size()) return number - 1;
  fail(ErrorKind::option, sample.name + ": no column " + quote(wanted) + " (--" + std::string(option) +
                              "); it has " + enumerate(names, "and") + suggestion(wanted, names));
}

void find_times(const Sample& sample, const ColumnOptions& options, const LikeLayout& like,
                TableLayout& layout, std::vector<std::string>& notices) {
  TimeFinder(sample, options, like, layout, notices).run();
}

}  // namespace rondo::forecast

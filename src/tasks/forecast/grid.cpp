#include "tasks/forecast/grid.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>

namespace rondo::forecast {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}
std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
  return a - floor_div(a, b) * b;
}

std::int64_t month_of(std::int64_t ms) {
  const Date d = date_of(day_of(ms));
  return (d.year - 1970) * 12 + d.month - 1;
}
Date first_of(std::int64_t month) {
  return {1970 + floor_div(month, 12), static_cast<int>(floor_mod(month, 12)) + 1, 1};
}
std::int64_t within_day(std::int64_t ms) {
  return ms - day_of(ms) * ms_of_day;
}
/// Business days are numbered from the Monday before 1970.
std::int64_t business_day(std::int64_t days) {
  return floor_div(days + 3, 7) * 5 + std::min(weekday_of(days), 4);
}
std::int64_t day_of_business(std::int64_t number) {
  return floor_div(number, 5) * 7 + floor_mod(number, 5) - 3;
}

/// The commonest of some numbers, the smallest of equally common ones, and how many it is.
std::pair<std::int64_t, std::size_t> commonest(const std::map<std::int64_t, std::size_t>& counts) {
  std::pair<std::int64_t, std::size_t> best{0, 0};
  for (const auto& [value, count] : counts)
    if (count > best.second) best = {value, count};
  return best;
}

using SeriesTimes = std::span<const std::span<const std::int64_t>>;

/// Differences from time to time in a measure of time, over all series.
template <class Measure>
std::map<std::int64_t, std::size_t> differences(SeriesTimes series, const Measure& measure) {
  std::map<std::int64_t, std::size_t> counts;
  for (const auto& times : series) {
    std::int64_t before = times.empty() ? 0 : measure(times.front());
    for (std::size_t i = 1; i < times.size(); ++i) {
      const std::int64_t now = measure(times[i]);
      ++counts[now - before];
      before = now;
    }
  }
  return counts;
}

/// Whether each of the times is the `anchor`th of its month, or the last day of a shorter one.
bool on_day_of_month(std::span<const std::int64_t> times) {
  int anchor = 1;
  for (const std::int64_t time : times)
    anchor = std::max(anchor, date_of(day_of(time)).day);
  return std::all_of(times.begin(), times.end(), [&](std::int64_t time) {
    const Date d = date_of(day_of(time));
    return d.day == std::min(anchor, days_in_month(d.year, d.month)) &&
           within_day(time) == within_day(times.front());
  });
}

/// The step that most differences are, or of which all are multiples without leaving most steps empty.
std::optional<std::int64_t> common_step(const std::map<std::int64_t, std::size_t>& counts) {
  std::size_t all = 0;
  std::int64_t divisor = 0, total = 0;
  for (const auto& [difference, count] : counts) {
    all += count;
    divisor = std::gcd(divisor, difference);
    total += difference * static_cast<std::int64_t>(count);
  }
  const auto [step, count] = commonest(counts);
  if (all == 0 || step <= 0) return std::nullopt;
  if (2 * count >= all) return step;
  if (divisor > 0 && total / divisor <= 4 * static_cast<std::int64_t>(all)) return divisor;
  return std::nullopt;
}

std::optional<Frequency> find_months(SeriesTimes series) {
  const auto days = differences(series, day_of);
  if (days.empty() || days.begin()->first < 28) return std::nullopt;
  if (!std::all_of(series.begin(), series.end(), on_day_of_month)) return std::nullopt;
  const auto months = differences(series, month_of);
  std::int64_t step = commonest(months).first;
  for (const auto& [difference, count] : months)
    if (difference % step != 0) step = std::gcd(step, difference);
  return Frequency{StepUnit::months, step};
}

bool weekdays_only(SeriesTimes series) {
  for (const auto& times : series)
    for (const std::int64_t time : times)
      if (weekday_of(day_of(time)) > 4) return false;
  return true;
}

struct Named {
  std::string_view name;
  StepUnit unit;
  std::int64_t step;
};
constexpr Named named[] = {{"ms", StepUnit::milliseconds, 1},
                           {"s", StepUnit::milliseconds, 1000},
                           {"min", StepUnit::milliseconds, ms_of_minute},
                           {"T", StepUnit::milliseconds, ms_of_minute},
                           {"h", StepUnit::milliseconds, ms_of_hour},
                           {"H", StepUnit::milliseconds, ms_of_hour},
                           {"D", StepUnit::milliseconds, ms_of_day},
                           {"d", StepUnit::milliseconds, ms_of_day},
                           {"W", StepUnit::milliseconds, 7 * ms_of_day},
                           {"B", StepUnit::business_days, 1},
                           {"M", StepUnit::months, 1},
                           {"MS", StepUnit::months, 1},
                           {"ME", StepUnit::months, 1},
                           {"Q", StepUnit::months, 3},
                           {"QS", StepUnit::months, 3},
                           {"QE", StepUnit::months, 3},
                           {"Y", StepUnit::months, 12},
                           {"YS", StepUnit::months, 12},
                           {"YE", StepUnit::months, 12}};

}  // namespace

std::optional<Frequency> parse_frequency(std::string_view text) {
  std::int64_t count = 1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc()) text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (count < 1 || count > 1'000'000) return std::nullopt;
  for (const Named& one : named)
    if (one.name == text) return Frequency{one.unit, one.step * count};
  return std::nullopt;
}

std::string in_words(const Frequency& f) {
  const auto every = [](std::int64_t count, const std::string& unit) {
    return "every " + std::to_string(count) + " " + unit;
  };
  if (f.unit == StepUnit::number) return f.step == 1 ? "one step a row" : every(f.step, "numbers");
  if (f.unit == StepUnit::business_days)
    return f.step == 1 ? "business days" : every(f.step, "business days");
  if (f.unit == StepUnit::months)
    return f.step == 1    ? "monthly"
           : f.step == 3  ? "quarterly"
           : f.step == 12 ? "yearly"
                          : every(f.step, "months");
  if (f.step % (7 * ms_of_day) == 0)
    return f.step == 7 * ms_of_day ? "weekly" : every(f.step / ms_of_day / 7, "weeks");
  if (f.step % ms_of_day == 0) return f.step == ms_of_day ? "daily" : every(f.step / ms_of_day, "days");
  if (f.step % ms_of_hour == 0) return f.step == ms_of_hour ? "hourly" : every(f.step / ms_of_hour, "hours");
  if (f.step % ms_of_minute == 0)
    return f.step == ms_of_minute ? "every minute" : every(f.step / ms_of_minute, "minutes");
  return f.step % 1000 == 0 ? every(f.step / 1000, "seconds") : every(f.step, "milliseconds");
}

int usual_period(const Frequency& f) {
  if (f.unit == StepUnit::number) return 1;
  if (f.unit == StepUnit::business_days) return f.step == 1 ? 5 : 1;
  if (f.unit == StepUnit::months) return f.step < 12 && 12 % f.step == 0 ? static_cast<int>(12 / f.step) : 1;
  if (f.step == 7 * ms_of_day) return 52;
  if (f.step == ms_of_day) return 7;
  return f.step < ms_of_day && ms_of_day % f.step == 0 ? static_cast<int>(ms_of_day / f.step) : 1;
}

int usual_horizon(const Frequency& f) {
  if (f.unit == StepUnit::months) return f.step == 1 ? 12 : f.step < 12 ? 8 : 6;
  if (f.unit == StepUnit::business_days) return 10;
  if (f.unit == StepUnit::number) return 12;
  if (f.step == 7 * ms_of_day) return 13;
  return f.step >= ms_of_day ? 14 : 24;
}

std::int64_t Grid::time(std::int64_t step) const {
  const std::int64_t distance = step * frequency.step;
  if (frequency.unit == StepUnit::months) {
    Date d = first_of(start + distance);
    d.day = std::min(anchor, days_in_month(d.year, d.month));
    return days_of(d).value_or(0) * ms_of_day + within;
  }
  if (frequency.unit == StepUnit::business_days)
    return day_of_business(start + distance) * ms_of_day + within;
  return start + distance;
}

std::optional<std::int64_t> Grid::step_of(std::int64_t t) const {
  const std::int64_t step = nearest(t);
  return time(step) == t ? std::optional(step) : std::nullopt;
}

std::int64_t Grid::nearest(std::int64_t t) const {
  std::int64_t step = 0;
  if (frequency.unit == StepUnit::months)
    step = floor_div(month_of(t) - start, frequency.step);
  else if (frequency.unit == StepUnit::business_days)
    step = floor_div(business_day(day_of(t)) - start, frequency.step);
  else
    step = floor_div(t - start, frequency.step);
  const auto distance = [&](std::int64_t to) { return std::abs(time(to) - t); };
  return distance(step + 1) < distance(step) ? step + 1 : step;
}

std::int64_t Grid::first_at(std::int64_t t) const {
  std::int64_t step = nearest(t);
  while (time(step) < t)
    ++step;
  while (time(step - 1) >= t)
    --step;
  return step;
}

std::optional<Frequency> find_frequency(SeriesTimes series, bool moments) {
  if (moments)
    if (const std::optional<Frequency> months = find_months(series)) return months;
  const auto counts = differences(series, [](std::int64_t time) { return time; });
  const std::optional<std::int64_t> step = common_step(counts);
  if (!step) return std::nullopt;
  if (!moments) return Frequency{StepUnit::number, *step};
  const bool skips_weekends = *step == ms_of_day && counts.contains(3 * ms_of_day) && weekdays_only(series);
  return skips_weekends ? Frequency{StepUnit::business_days, 1} : Frequency{StepUnit::milliseconds, *step};
}

Grid grid_of(std::span<const std::int64_t> times, const Frequency& frequency) {
  Grid grid{.frequency = frequency};
  if (times.empty()) return grid;
  std::map<std::int64_t, std::size_t> phases;
  const auto measure = [&](std::int64_t t) {
    if (frequency.unit == StepUnit::months) return month_of(t);
    return frequency.unit == StepUnit::business_days ? business_day(day_of(t)) : t;
  };
  if (frequency.unit == StepUnit::months || frequency.unit == StepUnit::business_days)
    grid.within = within_day(times.front());
  for (const std::int64_t t : times) {
    ++phases[floor_mod(measure(t), frequency.step)];
    if (frequency.unit == StepUnit::months) grid.anchor = std::max(grid.anchor, date_of(day_of(t)).day);
  }
  const std::int64_t first = measure(times.front());
  grid.start = first - floor_mod(first - commonest(phases).first, frequency.step);
  return grid;
}

}  // namespace rondo::forecast

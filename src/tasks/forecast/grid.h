/// The grid of a series: equal steps in time, of which months, weeks and business days are some.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tasks/forecast/moment.h"

namespace rondo::forecast {

/// What a step is counted in. number: whole numbers without a calendar.
enum class StepUnit { number, milliseconds, business_days, months };

struct Frequency {
  StepUnit unit = StepUnit::number;
  std::int64_t step = 1;
  friend bool operator==(const Frequency&, const Frequency&) = default;
};

/// "hourly", "every 15 minutes", "monthly", ...
std::string in_words(const Frequency& frequency);
/// "15min", "1h", "D", "2W", "B", "M", "Q", "Y". Nothing for another text.
std::optional<Frequency> parse_frequency(std::string_view text);
/// The steps of the usual season: a day of hours, a week of days, a year of months; 1: none.
int usual_period(const Frequency& frequency);
int usual_horizon(const Frequency& frequency);

/// Where a series lies: step 0 and the steps from there. A month's day is `anchor`, or its last one where it
/// is shorter: 31 January, 29 February, 31 March.
struct Grid {
  Frequency frequency;
  std::int64_t start = 0;   ///< milliseconds, number, or for months the first month since 1970
  int anchor = 1;           ///< of months: the day
  std::int64_t within = 0;  ///< of months and business days: milliseconds within the day

  /// The time of a step, in milliseconds or as a number.
  std::int64_t time(std::int64_t step) const;
  /// The step of a time; nothing between two steps.
  std::optional<std::int64_t> step_of(std::int64_t time) const;
  /// The step that is nearest to a time.
  std::int64_t nearest(std::int64_t time) const;
  /// The first step at or after a time.
  std::int64_t first_at(std::int64_t time) const;
};

/// The frequency of ascending times without repeats, each of its own series. Nothing if no step is shared by
/// most. `moments`: whether they are milliseconds.
std::optional<Frequency> find_frequency(std::span<const std::span<const std::int64_t>> series, bool moments);
/// The grid of one series, whose first time is step 0; of months, the day is the latest one in the times.
/// Where the first time is not on the grid of most, it moves to the step before.
Grid grid_of(std::span<const std::int64_t> times, const Frequency& frequency);

}  // namespace rondo::forecast

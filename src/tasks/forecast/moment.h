/// Points in time as texts and as numbers. Days are those of the Gregorian calendar, hours those of UTC
/// unless a text names its zone.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <rondo/tasks/forecast.h>

namespace rondo::forecast {

/// The finest part that a text gives.
enum class Detail { year, month, day, minute, second, millisecond };

/// Milliseconds since 1970.
struct Moment {
  std::int64_t ms = 0;
  Detail detail = Detail::day;
  bool zone = false;  ///< it named its distance from UTC, which is taken off
};

constexpr std::int64_t ms_of_day = 86'400'000, ms_of_hour = 3'600'000, ms_of_minute = 60'000;

struct Date {
  std::int64_t year = 1970;
  int month = 1, day = 1;
};

/// Days since 1970; nothing for a date that does not exist.
std::optional<std::int64_t> days_of(const Date& date);
Date date_of(std::int64_t days);
int days_in_month(std::int64_t year, int month);
/// Days since 1970 of milliseconds, rounded down.
std::int64_t day_of(std::int64_t ms);
/// 0 Monday to 6 Sunday.
int weekday_of(std::int64_t days);

/// A date, with a time of day behind it or not; nothing for another text. `order`: of dates in figures that
/// do not begin with a year of four digits; the day is first unless it says otherwise. Read are
///  - ISO 8601: 2024-03-01, 2024-03-01T12:30:00.5+02:00, 2024-03, 2024-W09, also with / or . between;
///  - 13/3/2024, 3/13/24, 24.03.13 (two digits are a year as POSIX's %y has it: 69 is 1969, 68 is 2068);
///  - 20240301, 202403, 2024030112, 202403011230 of the years 1700 to 2099;
///  - English names of months: Mar 2024, Mar-24, 1 March 2024, March 1, 2024, Fri, 01-Mar-24;
///  - quarters: 2024Q1, 2024-Q1, Q1 2024;
///  - Chinese: 2024年3月1日, 2024年3月, 2024年第1季度;
///  - times of day: 12:30, 12:30:01.5, 18.00.00, 2:30 PM, 12时30分, with a zone behind or not.
std::optional<Moment> parse_moment(std::string_view text, DateOrder order);
/// A time of day alone, in milliseconds since midnight.
std::optional<std::int64_t> parse_clock(std::string_view text);

/// Whether the text is three numbers of which the first is no year of four digits: only an order makes it a
/// date.
bool has_open_order(std::string_view text);
/// Whether its year has two digits.
bool has_short_year(std::string_view text);

/// How the times of a file are written.
enum class TimeKind { none, number, epoch, epoch_ms, moment };

struct TimeStyle {
  TimeKind kind = TimeKind::none;
  Detail detail = Detail::day;
};

/// A time as the data write it; of days first, as ISO.
std::string to_text(std::int64_t time, const TimeStyle& style);

}  // namespace rondo::forecast

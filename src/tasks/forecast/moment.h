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

/// ISO 8601 (2024-03-01, 2024-03-01T12:30:00.5+02:00, 2024-03, with - / or .), and dates that begin with the
/// day or month. Nothing for another text.
std::optional<Moment> parse_moment(std::string_view text, bool month_first);
/// Which order the first two parts of a date that does not begin with the year prove: 1 the month first, -1
/// the day first, 0 neither.
int order_proved_by(std::string_view text);
/// Whether the text is a date that begins with its day or month.
bool begins_with_day_or_month(std::string_view text);

/// How the times of a file are written.
enum class TimeKind { none, number, epoch, epoch_ms, moment };

struct TimeStyle {
  TimeKind kind = TimeKind::none;
  Detail detail = Detail::day;
};

/// A time as the data write it; of days first, as ISO.
std::string to_text(std::int64_t time, const TimeStyle& style);

}  // namespace rondo::forecast

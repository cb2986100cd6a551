#include "tasks/forecast/moment.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace rondo::forecast {
int days_in_month(std::int64_t year, int month) {
  using namespace std::chrono;
  const year_month_day_last last{std::chrono::year(static_cast<int>(year)),
                                 month_day_last{std::chrono::month(static_cast<unsigned>(month))}};
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

std::optional<std::int64_t> days_of(const Date& date) {
  using namespace std::chrono;
  if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1)
    return std::nullopt;
  if (date.day > days_in_month(date.year, date.month)) return std::nullopt;
  const year_month_day civil{std::chrono::year(static_cast<int>(date.year)),
                             std::chrono::month(static_cast<unsigned>(date.month)),
                             std::chrono::day(static_cast<unsigned>(date.day))};
  return sys_days(civil).time_since_epoch().count();
}

Date date_of(std::int64_t days) {
  using namespace std::chrono;
  const year_month_day civil{sys_days(std::chrono::days(static_cast<int>(days)))};
  return {static_cast<int>(civil.year()), static_cast<int>(static_cast<unsigned>(civil.month())),
          static_cast<int>(static_cast<unsigned>(civil.day()))};
}

std::int64_t day_of(std::int64_t ms) {
  return ms / ms_of_day - (ms % ms_of_day < 0 ? 1 : 0);
}

int weekday_of(std::int64_t days) {
  return static_cast<int>(((days + 3) % 7 + 7) % 7);
}

std::string to_text(std::int64_t time, const TimeStyle& style) {
  if (style.kind == TimeKind::none || style.kind == TimeKind::number) return std::to_string(time);
  if (style.kind == TimeKind::epoch_ms) return std::to_string(time);
  if (style.kind == TimeKind::epoch) return std::to_string(time / 1000);
  const std::int64_t days = day_of(time), within = time - days * ms_of_day;
  const Date d = date_of(days);
  std::array<char, 64> buffer{};
  const auto print = [&](const char* form, auto... values) {
    return std::string(buffer.data(), static_cast<std::size_t>(
                                          std::snprintf(buffer.data(), buffer.size(), form, values...)));
  };
  const auto year = static_cast<int>(d.year);
  if (style.detail == Detail::year) return print("%04d", year);
  if (style.detail == Detail::month) return print("%04d-%02d", year, d.month);
  std::string text = print("%04d-%02d-%02d", year, d.month, d.day);
  if (style.detail == Detail::day && within == 0) return text;
  const auto part = [&](std::int64_t unit, std::int64_t wrap) {
    return static_cast<int>(within / unit % wrap);
  };
  text += print(" %02d:%02d:%02d", part(ms_of_hour, 24), part(ms_of_minute, 60), part(1000, 60));
  return style.detail == Detail::millisecond ? text + print(".%03d", part(1, 1000)) : text;
}

}  // namespace rondo::forecast

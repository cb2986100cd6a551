#include "tasks/forecast/moment.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace rondo::forecast {
namespace {

/// Takes parts off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  /// A run of digits: its value and length; nothing for more than nine.
  std::optional<std::pair<int, std::size_t>> digits() {
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] >= '0' && rest_[size] <= '9')
      ++size;
    if (size == 0 || size > 9) return std::nullopt;
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + size, value);
    rest_.remove_prefix(size);
    return std::pair(value, size);
  }

 private:
  std::string_view rest_;
};

struct DateParts {
  std::array<int, 3> numbers{};
  std::size_t count = 0;
  bool year_first = true;
};

std::optional<DateParts> scan_date(Scanner& text) {
  DateParts parts;
  const auto first = text.digits();
  if (!first) return std::nullopt;
  parts.year_first = first->second == 4;
  if (!parts.year_first && first->second > 2) return std::nullopt;
  parts.numbers[parts.count++] = first->first;
  const char separator = text.peek();
  if (separator != '-' && separator != '/' && separator != '.') return parts;
  while (parts.count < 3 && text.take(separator)) {
    const auto next = text.digits();
    const bool last = parts.count == 2;
    if (!next || next->second > (last && !parts.year_first ? 4U : 2U)) return std::nullopt;
    if (last && !parts.year_first && next->second != 4) return std::nullopt;
    parts.numbers[parts.count++] = next->first;
  }
  return parts;
}

/// Minutes that a zone is before UTC: Z, +02:00, -0530, +01.
std::optional<int> scan_zone(Scanner& text) {
  if (text.take('Z') || text.take('z')) return 0;
  const int sign = text.take('+') ? 1 : text.take('-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const auto hours = text.digits();
  if (!hours || (hours->second != 2 && hours->second != 4)) return std::nullopt;
  if (hours->second == 4) return sign * (hours->first / 100 * 60 + hours->first % 100);
  if (!text.take(':')) return sign * hours->first * 60;
  const auto minutes = text.digits();
  if (!minutes || minutes->second != 2) return std::nullopt;
  return sign * (hours->first * 60 + minutes->first);
}

/// Adds the time of day behind a date.
bool scan_time(Scanner& text, Moment& to) {
  const auto hour = text.digits();
  if (!hour || hour->second > 2 || hour->first > 24 || !text.take(':')) return false;
  const auto minute = text.digits();
  if (!minute || minute->second != 2 || minute->first > 59) return false;
  to.detail = Detail::minute;
  to.ms += hour->first * ms_of_hour + minute->first * ms_of_minute;
  if (text.take(':')) {
    const auto second = text.digits();
    if (!second || second->second != 2 || second->first > 60) return false;
    to.detail = Detail::second;
    to.ms += second->first * std::int64_t{1000};
    if (text.take('.') || text.take(',')) {
      const auto part = text.digits();
      if (!part) return false;
      std::int64_t ms = part->first;
      for (std::size_t size = part->second; size < 3; ++size)
        ms *= 10;
      for (std::size_t size = part->second; size > 3; --size)
        ms /= 10;
      to.ms += ms;
      if (ms != 0) to.detail = Detail::millisecond;
    }
  }
  while (text.take(' ')) {
  }
  if (text.at_end()) return true;
  const std::optional<int> zone = scan_zone(text);
  if (!zone || !text.at_end()) return false;
  to.zone = true;
  to.ms -= *zone * ms_of_minute;
  return true;
}

}  // namespace

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

std::optional<Moment> parse_moment(std::string_view text, bool month_first) {
  Scanner scanner(text);
  const std::optional<DateParts> parts = scan_date(scanner);
  if (!parts || (!parts->year_first && parts->count < 3)) return std::nullopt;
  const auto& n = parts->numbers;
  Date date;
  Moment moment;
  if (parts->year_first) {
    date = {n[0], parts->count > 1 ? n[1] : 1, parts->count > 2 ? n[2] : 1};
    moment.detail = parts->count == 1 ? Detail::year : parts->count == 2 ? Detail::month : Detail::day;
  } else {
    date = month_first ? Date{n[2], n[0], n[1]} : Date{n[2], n[1], n[0]};
  }
  const std::optional<std::int64_t> days = days_of(date);
  if (!days) return std::nullopt;
  moment.ms = *days * ms_of_day;
  if (scanner.at_end()) return moment;
  if (moment.detail != Detail::day || (!scanner.take('T') && !scanner.take(' '))) return std::nullopt;
  return scan_time(scanner, moment) ? std::optional(moment) : std::nullopt;
}

int order_proved_by(std::string_view text) {
  Scanner scanner(text);
  const std::optional<DateParts> parts = scan_date(scanner);
  if (!parts || parts->year_first || parts->count < 3) return 0;
  if (parts->numbers[0] > 12) return -1;
  return parts->numbers[1] > 12 ? 1 : 0;
}

bool begins_with_day_or_month(std::string_view text) {
  Scanner scanner(text);
  const std::optional<DateParts> parts = scan_date(scanner);
  return parts && !parts->year_first && parts->count == 3;
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

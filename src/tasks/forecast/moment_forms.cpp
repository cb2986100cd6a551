/// The forms in which people write dates and times of day.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "data/table.h"
#include "tasks/forecast/moment.h"

namespace rondo::forecast {
namespace {

/// Takes parts off the front of a text.
class Scanner {
 public:
  struct Number {
    int value = 0;
    std::size_t size = 0;
  };

  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  std::string_view rest() const { return rest_; }
  bool take(std::string_view part) {
    if (!rest_.starts_with(part)) return false;
    rest_.remove_prefix(part.size());
    return true;
  }
  bool take_any(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == characters.npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Whether there was one.
  bool take_blanks() {
    const bool some = peek() == ' ';
    while (take(" ")) {
    }
    return some;
  }
  std::size_t digits_ahead() const {
    return static_cast<std::size_t>(
        std::find_if(rest_.begin(), rest_.end(), [](char c) { return c < '0' || c > '9'; }) - rest_.begin());
  }
  bool at_digit() const { return digits_ahead() > 0; }
  /// The first `size` digits; all of them, of which there are at most nine, for 0.
  std::optional<Number> digits(std::size_t size = 0) {
    const std::size_t ahead = digits_ahead();
    if (size == 0) size = ahead;
    if (size == 0 || size > ahead || size > 9) return std::nullopt;
    Number number{.size = size};
    std::from_chars(rest_.data(), rest_.data() + size, number.value);
    rest_.remove_prefix(size);
    return number;
  }
  /// A run of letters, in lower case.
  std::string word() {
    std::size_t size = 0;
    while (size < rest_.size() && ((rest_[size] | 32) >= 'a' && (rest_[size] | 32) <= 'z'))
      ++size;
    std::string letters = data::lower_ascii(std::string(rest_.substr(0, size)));
    rest_.remove_prefix(size);
    return letters;
  }

 private:
  std::string_view rest_;
};

struct Written {
  Date date;
  Detail detail = Detail::day;
  bool joined = false;  ///< a time of day may follow without a blank
};

int year_of(const Scanner::Number& number) {
  if (number.size != 2) return number.value;
  return number.value + (number.value < 69 ? 2000 : 1900);
}

/// Three numbers between equal marks, none of which is a year of four digits at the front.
using Open = std::array<Scanner::Number, 3>;

std::optional<Open> scan_open(Scanner& text) {
  Open numbers;
  char mark = '\0';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i == 1) mark = text.peek();
    if (i > 0 && ((mark != '-' && mark != '/' && mark != '.') || !text.take({&mark, 1}))) return std::nullopt;
    const auto number = text.digits();
    if (!number || (number->size > 2 && (i < 2 || number->size != 4))) return std::nullopt;
    numbers[i] = *number;
  }
  return numbers;
}

std::optional<Written> open_form(Scanner& text, DateOrder order) {
  const std::optional<Open> numbers = scan_open(text);
  if (!numbers) return std::nullopt;
  const auto& [first, second, third] = *numbers;
  if (order == DateOrder::year_first) {
    if (first.size != 2 || third.size > 2) return std::nullopt;
    return Written{{year_of(first), second.value, third.value}};
  }
  if (third.size < 2) return std::nullopt;
  if (order == DateOrder::month_first) return Written{{year_of(third), first.value, second.value}};
  return Written{{year_of(third), second.value, first.value}};
}

std::optional<Written> iso_form(Scanner& text, DateOrder) {
  const auto year = text.digits();
  if (!year || year->size != 4) return std::nullopt;
  Written written{{year->value, 1, 1}, Detail::year};
  const char mark = text.peek();
  if (mark != '-' && mark != '/' && mark != '.') return written;
  for (int* const part : {&written.date.month, &written.date.day}) {
    if (!text.take({&mark, 1})) return written;
    const auto number = text.digits();
    if (!number || number->size > 2) return std::nullopt;
    *part = number->value;
    written.detail = part == &written.date.month ? Detail::month : Detail::day;
  }
  return written;
}

/// 20240301 and 202403. Other years are taken for plain numbers.
std::optional<Written> compact_form(Scanner& text, DateOrder) {
  const std::size_t ahead = text.digits_ahead();
  if (ahead != 6 && ahead != 8 && ahead != 10 && ahead != 12 && ahead != 14) return std::nullopt;
  const int year = text.digits(4)->value, month = text.digits(2)->value;
  if (year < 1700 || year > 2099) return std::nullopt;
  if (ahead == 6) return Written{{year, month, 1}, Detail::month};
  return Written{{year, month, text.digits(2)->value}, Detail::day, ahead > 8};
}

/// 2024Q1, 2024-Q1, Q1 2024
std::optional<Written> quarter_form(Scanner& text, DateOrder) {
  std::optional<Scanner::Number> year, quarter;
  const bool year_first = text.at_digit();
  if (year_first) {
    year = text.digits();
    text.take_any("-/ ");
  }
  if (!text.take_any("Qq")) return std::nullopt;
  quarter = text.digits();
  if (!year_first) {
    text.take_any("-/ ");
    year = text.digits();
  }
  if (!year || year->size != 4 || !quarter || quarter->value < 1 || quarter->value > 4) return std::nullopt;
  return Written{{year->value, 3 * quarter->value - 2, 1}, Detail::month};
}

/// 2024-W09, 2024W09, 2024-W09-5: the week's Monday, or the day that is named.
std::optional<Written> week_form(Scanner& text, DateOrder) {
  const auto year = text.digits();
  if (!year || year->size != 4) return std::nullopt;
  text.take("-");
  if (!text.take_any("Ww")) return std::nullopt;
  const auto week = text.digits(2);
  if (!week || week->value < 1 || week->value > 53) return std::nullopt;
  int day = 1;
  if (text.take("-")) {
    const auto weekday = text.digits(1);
    if (!weekday || weekday->value < 1 || weekday->value > 7) return std::nullopt;
    day = weekday->value;
  }
  // The first week is that of 4 January.
  const auto fourth = days_of({year->value, 1, 4});
  if (!fourth) return std::nullopt;
  const std::int64_t monday = *fourth - weekday_of(*fourth) + std::int64_t{7} * (week->value - 1);
  if (week->value == 53 && date_of(monday + 3).year != year->value) return std::nullopt;
  return Written{date_of(monday + day - 1)};
}

std::optional<int> take_chinese_quarter(Scanner& text) {
  text.take("第");
  constexpr std::array<std::pair<std::string_view, int>, 8> numbers = {
      {{"1", 1}, {"2", 2}, {"3", 3}, {"4", 4}, {"一", 1}, {"二", 2}, {"三", 3}, {"四", 4}}};
  for (const auto& [name, value] : numbers)
    if (text.take(name)) return text.take("季度") ? std::optional(value) : std::nullopt;
  return std::nullopt;
}

/// 2024年, 2024年3月, 2024年3月1日, 2024年第1季度
std::optional<Written> chinese_form(Scanner& text, DateOrder) {
  const auto year = text.digits();
  if (!year || year->size != 4 || !text.take("年")) return std::nullopt;
  Written written{{year->value, 1, 1}, Detail::year, true};
  if (text.at_end()) return written;
  Scanner ahead = text;
  if (const std::optional<int> quarter = take_chinese_quarter(ahead)) {
    text = ahead;
    written.date.month = 3 * *quarter - 2;
    written.detail = Detail::month;
    return written;
  }
  const auto month = text.digits();
  if (!month || !text.take("月")) return std::nullopt;
  written.date.month = month->value;
  written.detail = Detail::month;
  if (text.at_end()) return written;
  const auto day = text.digits();
  if (!day || (!text.take("日") && !text.take("号"))) return std::nullopt;
  written.date.day = day->value;
  written.detail = Detail::day;
  return written;
}

/// The number of a name, in full or its first three letters; 0: none.
template <std::size_t count>
int number_named(const std::string& word, const std::array<std::string_view, count>& names) {
  for (std::size_t i = 0; i < count; ++i)
    if (word == names[i] || word == names[i].substr(0, 3)) return static_cast<int>(i) + 1;
  return 0;
}

constexpr std::array<std::string_view, 12> months = {"january",   "february", "march",    "april",
                                                     "may",       "june",     "july",     "august",
                                                     "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> weekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                      "friday", "saturday", "sunday"};

int take_month(Scanner& text) {
  const std::string word = text.word();
  const int month = word == "sept" ? 9 : number_named(word, months);
  if (month > 0) text.take(".");
  return month;
}

void take_weekday(Scanner& text) {
  Scanner ahead = text;
  if (number_named(ahead.word(), weekdays) == 0) return;
  ahead.take_any(".,");
  ahead.take_blanks();
  text = ahead;
}

/// One mark, or a comma, with blanks around it.
void take_between(Scanner& text) {
  text.take_blanks();
  text.take_any("-/,'");
  text.take_blanks();
}

/// Dates with a month's English name: Mar 2024, Mar-24, March 1, 2024, 1 March 2024, 2024-Mar-01.
std::optional<Written> named_form(Scanner& text, DateOrder) {
  take_weekday(text);
  Written written{{0, 0, 1}, Detail::month};
  std::optional<Scanner::Number> before;
  if (text.at_digit()) {
    before = text.digits();
    take_between(text);
  }
  written.date.month = take_month(text);
  if (written.date.month == 0) return std::nullopt;
  take_between(text);
  std::optional<Scanner::Number> after;
  if (text.at_digit()) after = text.digits();
  if (before && before->size == 4) {
    written.date.year = before->value;
    if (!after) return written;
    if (after->size > 2) return std::nullopt;
    written.date.day = after->value;
    written.detail = Detail::day;
    return written;
  }
  if (!after) return std::nullopt;
  std::optional<Scanner::Number> day = before, year = after;
  if (!before && after->size <= 2) {
    Scanner ahead = text;
    take_between(ahead);
    if (ahead.digits_ahead() == 4) {
      day = after;
      year = ahead.digits();
      text = ahead;
    }
  }
  if ((year->size != 4 && year->size != 2) || (day && day->size > 2)) return std::nullopt;
  written.date.year = year_of(*year);
  if (day) {
    written.date.day = day->value;
    written.detail = Detail::day;
  }
  return written;
}

/// Minutes that a zone is before UTC: Z, UTC, GMT, +02:00, -0530, +01.
std::optional<int> scan_zone(Scanner& text) {
  if (text.take_any("Zz") || text.take("UTC") || text.take("GMT")) return 0;
  const int sign = text.take("+") ? 1 : text.take("-") ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const auto hours = text.digits();
  if (!hours || (hours->size != 2 && hours->size != 4)) return std::nullopt;
  if (hours->size == 4) return sign * (hours->value / 100 * 60 + hours->value % 100);
  if (!text.take(":")) return sign * hours->value * 60;
  const auto minutes = text.digits();
  if (!minutes || minutes->size != 2) return std::nullopt;
  return sign * (hours->value * 60 + minutes->value);
}

/// A part of a second in milliseconds.
std::int64_t part_of_second(const Scanner::Number& part) {
  std::int64_t ms = part.value;
  for (std::size_t size = part.size; size < 3; ++size)
    ms *= 10;
  for (std::size_t size = part.size; size > 3; --size)
    ms /= 10;
  return ms;
}

/// Turns the hour by AM or PM, if it stands there; false for an hour that cannot be.
bool take_half_of_day(Scanner& text, int& hour) {
  Scanner ahead = text;
  ahead.take_blanks();
  const bool afternoon = ahead.take_any("Pp");
  if (!afternoon && !ahead.take_any("Aa")) return true;
  ahead.take(".");
  if (!ahead.take_any("Mm")) return true;
  ahead.take(".");
  if (hour < 1 || hour > 12) return false;
  hour = hour % 12 + (afternoon ? 12 : 0);
  text = ahead;
  return true;
}

/// Minutes and seconds behind an hour, to the milliseconds of `to`.
bool scan_minutes(Scanner& text, Moment& to) {
  constexpr std::array<std::string_view, 4> marks = {":", ".", "时", "点"};
  const auto* const mark =
      std::find_if(marks.begin(), marks.end(), [&](std::string_view one) { return text.take(one); });
  if (mark == marks.end()) return true;
  const bool chinese = mark >= marks.begin() + 2;
  if (chinese && !text.at_digit()) return true;
  const auto minute = text.digits();
  if (!minute || minute->size > 2 || (!chinese && minute->size != 2) || minute->value > 59) return false;
  to.ms += minute->value * ms_of_minute;
  if (chinese && !text.take("分")) return false;
  if (chinese ? !text.at_digit() : !text.take(*mark)) return true;
  const auto second = text.digits();
  if (!second || second->size > 2 || (!chinese && second->size != 2) || second->value > 60) return false;
  to.detail = Detail::second;
  to.ms += second->value * std::int64_t{1000};
  if (text.take_any(".,")) {
    const auto part = text.digits();
    if (!part) return false;
    const std::int64_t ms = part_of_second(*part);
    to.ms += ms;
    if (ms != 0) to.detail = Detail::millisecond;
  }
  return !chinese || text.take("秒");
}

/// Adds the time of day, to the end of the text.
bool scan_time(Scanner& text, Moment& to) {
  const auto written = text.digits();
  if (!written || written->size > 2 || written->value > 24) return false;
  int hour = written->value;
  const std::size_t left = text.rest().size();
  to.detail = Detail::minute;
  if (!scan_minutes(text, to) || !take_half_of_day(text, hour)) return false;
  // "09" is an hour; "9" alone is none.
  if (text.rest().size() == left && written->size != 2) return false;
  if (hour == 24 && to.ms % ms_of_day != 0) return false;
  to.ms += hour * ms_of_hour;
  text.take_blanks();
  if (text.at_end()) return true;
  const std::optional<int> zone = scan_zone(text);
  if (!zone || !text.at_end()) return false;
  to.zone = true;
  to.ms -= *zone * ms_of_minute;
  return true;
}

/// Hour, minute and second as two digits each.
bool scan_compact_time(Scanner& text, Moment& to) {
  constexpr std::array<std::pair<std::int64_t, int>, 3> parts = {
      {{ms_of_hour, 23}, {ms_of_minute, 59}, {1000, 59}}};
  to.detail = Detail::minute;
  for (const auto& [unit, most] : parts) {
    if (text.at_end()) return true;
    const auto number = text.digits(2);
    if (!number || number->value > most) return false;
    to.ms += number->value * unit;
    if (unit == 1000) to.detail = Detail::second;
  }
  return text.at_end();
}

/// The moment of a date and of what stands behind it.
std::optional<Moment> finish(Scanner& text, const Written& written) {
  const std::optional<std::int64_t> days = days_of(written.date);
  if (!days) return std::nullopt;
  Moment moment{*days * ms_of_day, written.detail};
  if (text.at_end()) return moment;
  if (written.detail != Detail::day) return std::nullopt;
  const bool between = text.take("T") || text.take(",") || text.peek() == ' ';
  text.take_blanks();
  if (!between && !written.joined) return std::nullopt;
  Scanner compact = text;
  Moment with_compact = moment;
  if (compact.digits_ahead() % 2 == 0 && scan_compact_time(compact, with_compact)) return with_compact;
  return scan_time(text, moment) ? std::optional(moment) : std::nullopt;
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text, DateOrder order) {
  for (const auto form :
       {iso_form, open_form, compact_form, named_form, chinese_form, quarter_form, week_form}) {
    Scanner scanner(text);
    const std::optional<Written> written = form(scanner, order);
    if (!written) continue;
    if (const std::optional<Moment> moment = finish(scanner, *written)) return moment;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_clock(std::string_view text) {
  Scanner scanner(text);
  Moment moment;
  if (!scan_time(scanner, moment) || moment.zone) return std::nullopt;
  return moment.ms;
}

bool has_open_order(std::string_view text) {
  Scanner scanner(text);
  return scan_open(scanner).has_value();
}

bool has_short_year(std::string_view text) {
  Scanner scanner(text);
  const std::optional<Open> numbers = scan_open(scanner);
  return numbers && (*numbers)[2].size <= 2;
}

}  // namespace rondo::forecast

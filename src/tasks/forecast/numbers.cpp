#include "tasks/forecast/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/utf8.h"
#include "data/table.h"

namespace rondo::forecast {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes a sign, or parentheses around the number, off.
bool take_sign(std::string_view& text, bool& negative) {
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    negative = true;
    text = text.substr(1, text.size() - 2);
    return !text.empty();
  }
  if (text.front() == '-' || text.front() == '+') {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  return !text.empty();
}

template <std::size_t count>
bool take_one(std::string_view& text, const std::array<std::string_view, count>& signs, bool front) {
  for (const std::string_view sign : signs) {
    if (!(front ? text.starts_with(sign) : text.ends_with(sign))) continue;
    front ? text.remove_prefix(sign.size()) : text.remove_suffix(sign.size());
    text = trim_unseen(text);
    return true;
  }
  return false;
}

constexpr std::array<std::string_view, 7> currencies = {"$", "€", "£", "¥", "￥", "₹", "₩"};
constexpr std::array<std::string_view, 9> units = {"%", "％", "元", "$", "€", "£", "¥", "￥", "₩"};

/// Takes a word for thousands or more off the end. The Latin letters follow a broken number alone: "2B" is a
/// name more often than a number.
double take_scale(std::string_view& text) {
  constexpr std::array<std::pair<std::string_view, double>, 5> scales = {
      {{"K", 1e3}, {"M", 1e6}, {"B", 1e9}, {"万", 1e4}, {"亿", 1e8}}};
  for (const auto& [name, scale] : scales) {
    if (!text.ends_with(name)) continue;
    const std::string_view before = text.substr(0, text.size() - name.size());
    if (before.empty() || !is_digit(before.back())) return 1;
    if (name.size() == 1 && before.find_first_of(".,") == before.npos) return 1;
    text = before;
    return scale;
  }
  return 1;
}

/// The digits before the decimal mark, without the marks between thousands; false if these stand wrong.
bool take_whole(std::string_view& text, char decimal, std::string& digits) {
  const char mark = decimal == '.' ? ',' : '.';
  std::size_t since = 0;
  bool grouped = false;
  while (!text.empty() &&
         (is_digit(text.front()) || text.front() == mark || text.front() == '\'' || text.front() == ' ')) {
    if (is_digit(text.front())) {
      digits += text.front();
      ++since;
    } else {
      if (since == 0 || since > 3 || (grouped && since != 3)) return false;
      grouped = true;
      since = 0;
    }
    text.remove_prefix(1);
  }
  return !grouped || since == 3;
}

}  // namespace

bool is_missing(std::string_view text) {
  text = trim_unseen(text);
  if (text.empty()) return true;
  if (text.size() > 7 || is_digit(text.front()) || is_digit(text.back())) return false;
  const std::string lower = data::lower_ascii(std::string(text));
  constexpr std::array<std::string_view, 27> marks = {
      "na",  "n/a", "n.a.", "nan", "-nan", "nat",     "null",    "none",  "nil",
      "?",   "-",   "--",   "---", "–",    "—",       "——",      ".",     "..",
      "...", "…",   "<na>", "#na", "#n/a", "#value!", "#div/0!", "#num!", "#ref!"};
  return std::find(marks.begin(), marks.end(), lower) != marks.end();
}

MissingMarks::MissingMarks(std::vector<std::string> further) : texts_(std::move(further)) {
  for (const std::string& text : texts_)
    if (const std::optional<double> number = parse_number(text, {})) numbers_.push_back(*number);
}

bool MissingMarks::operator()(std::string_view text) const {
  if (is_missing(text)) return true;
  if (texts_.empty()) return false;
  text = trim_unseen(text);
  if (std::find(texts_.begin(), texts_.end(), text) != texts_.end()) return true;
  const std::optional<double> number = numbers_.empty() ? std::nullopt : parse_number(text, {});
  return number && is_mark(*number);
}

bool MissingMarks::is_mark(double value) const {
  return std::find(numbers_.begin(), numbers_.end(), value) != numbers_.end();
}

std::optional<double> parse_number(std::string_view text, const NumberStyle& style) {
  double value = 0;
  const auto finite = [&](const char* begin, const char* end) {
    const auto [stop, error] = std::from_chars(begin, end, value);
    return error == std::errc() && stop == end && std::isfinite(value);
  };
  // The usual case without a copy; from_chars takes "inf" and "nan", which are no numbers here.
  if (style.decimal == '.' && !text.empty() && (is_digit(text.front()) || text.front() == '-') &&
      is_digit(text.back()) && finite(text.data(), text.data() + text.size()))
    return value;
  text = trim_unseen(text);
  take_one(text, units, false);
  const double scale = take_scale(text);
  if (text.empty()) return std::nullopt;
  bool negative = false;
  const bool money = take_one(text, currencies, true);
  if (text.empty() || !take_sign(text, negative)) return std::nullopt;
  if (!money) take_one(text, currencies, true);
  std::string digits;
  if (!take_whole(text, style.decimal, digits)) return std::nullopt;
  if (!text.empty() && text.front() == style.decimal) {
    digits += digits.empty() ? "0." : ".";
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text.front())) {
      digits += text.front();
      text.remove_prefix(1);
    }
  }
  if (digits.empty() || digits == "0." || digits.back() == '.') return std::nullopt;
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    digits += 'e';
    digits += text;
  } else if (!text.empty()) {
    return std::nullopt;
  }
  if (!finite(digits.data(), digits.data() + digits.size())) return std::nullopt;
  return (negative ? -value : value) * scale;
}

bool looks_like_number(std::string_view text) {
  return parse_number(text, {'.'}).has_value() || parse_number(text, {','}).has_value();
}

void DecimalEvidence::add(std::string_view text, std::uint64_t line) {
  const auto points = std::count(text.begin(), text.end(), '.');
  const auto commas = std::count(text.begin(), text.end(), ',');
  if (points + commas == 0 || !looks_like_number(text)) return;
  const auto prove = [line](std::uint64_t& place) {
    if (place == 0) place = line;
  };
  if (points > 0 && commas > 0) return prove(text.rfind('.') > text.rfind(',') ? point_ : comma_);
  if (points > 1) return prove(comma_);
  if (commas > 1) return prove(point_);
  // A number in one style alone proves that style; one with three digits behind the mark may be in both.
  const bool as_point = parse_number(text, {'.'}).has_value(),
             as_comma = parse_number(text, {','}).has_value();
  const std::size_t first = text.find_first_of("0123456789");
  const bool leads_with_zero =
      first != text.npos && text[first] == '0' && text.find_first_of(".,") == first + 1;
  if (as_point && as_comma && !leads_with_zero) {
    (points > 0 ? open_point_ : open_comma_) = true;
    return;
  }
  prove(points > 0 ? point_ : comma_);
}

}  // namespace rondo::forecast

#include "base/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <vector>

#include "base/files.h"
#include "base/message.h"
#include "base/plain_locale.h"

namespace rondo {
namespace {

/// Feeds the text to the parser and knows how far it has come, because the parser's events have no position.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

/// "unexpected end of input; expected ']'": the parser's words without its prefix, its own position, and the
/// bytes it read last, which may be anything.
std::string reason_in(std::string_view what) {
  for (const std::string_view mark : {"] ", ", column ", ": ", " - "}) {
    const std::size_t at = what.find(mark);
    if (at != what.npos) what.remove_prefix(at + mark.size());
  }
  std::string reason(what);
  if (const std::size_t last = reason.find("; last read: "); last != reason.npos) {
    const std::size_t next = reason.rfind("; expected ");
    reason.erase(last, next == reason.npos || next < last ? reason.npos : next - last);
  }
  return reason;
}

/// Builds the value from the parser's events and refuses what the parser accepts but we do not.
class Builder {
 public:
  Builder(std::string_view text, const JsonSource& source) : text_(text), source_(source), at_(text.data()) {}

  Json build() {
    if (text_.size() > source_.size_cap)
      fail(source_.kind,
           source_.name + ": has more than the allowed " + std::to_string(source_.size_cap) + " bytes");
    // The parser takes a NUL for the end of the text and would ignore the rest.
    if (const std::size_t nul = text_.find('\0'); nul != text_.npos)
      fail_at(nul, "a NUL byte is not allowed");
    // The parser reads numbers by strtod(), which goes by the locale.
    const PlainLocale plain;
    const char* const end = text_.data() + text_.size();
    const bool whole =
        Json::sax_parse(CountingIterator(text_.data(), &at_), CountingIterator(end, &at_), this);
    if (!whole) throw Bug("the JSON parser stopped without a reason");
    return std::move(root_);
  }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string& digits) {
    // A whole number of more than 64 bits would silently lose digits.
    if (digits.find_first_of(".eE") == digits.npos)
      fail_here("the number " + quote(digits) + " is too large");
    return add(value);
  }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { throw Bug("binary value in a JSON text"); }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    if (!open_.back().keys.insert(name).second) fail_here("the key " + quote(name) + " appears twice");
    open_.back().key = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    fail_at(position > 0 ? position - 1 : 0, reason_in(error.what()));
  }

 private:
  struct Open {
    Json value;
    std::string key = {};
    std::set<std::string> keys = {};
  };

  bool open(Json value) {
    if (open_.size() >= static_cast<std::size_t>(source_.depth_cap))
      fail_here("more than " + std::to_string(source_.depth_cap) + " arrays and objects within each other");
    open_.push_back({std::move(value)});
    return true;
  }

  bool close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(value));
  }

  bool add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.push_back(std::move(value));
    } else {
      append_member(open_.back().value, std::move(open_.back().key),
                    std::move(value));  // they differ: see key()
    }
    return true;
  }

  [[noreturn]] void fail_here(const std::string& what) const {
    const std::ptrdiff_t read = at_ - text_.data();
    fail_at(static_cast<std::size_t>(std::max<std::ptrdiff_t>(read - 1, 0)), what);
  }

  [[noreturn]] void fail_at(std::size_t position, const std::string& what) const {
    const std::string_view before = text_.substr(0, std::min(position, text_.size()));
    const auto lines = static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    fail(source_.kind, source_.name + " line " + std::to_string(source_.line + lines) + " column " +
                           std::to_string(before.size() - line_start + 1) + ": " + what);
  }

  std::string_view text_;
  const JsonSource& source_;
  const char* at_;
  std::vector<Open> open_;
  Json root_;
};

}  // namespace

Json parse_json(std::string_view text, const JsonSource& source) {
  return Builder(text, source).build();
}

Json read_json(const std::filesystem::path& path, JsonSource source) {
  if (source.name.empty()) source.name = path.string();
  return parse_json(read_file(path, {.size = source.size_cap}), source);
}

std::string dump_json(const Json& json, int indent) {
  // Texts are checked where they are read, but names of files need not be UTF-8.
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void append_member(Json& object, std::string key, Json value) {
  auto& members = *object.get_ptr<Json::object_t*>();
  static_cast<Json::object_t::Container&>(members).emplace_back(std::move(key), std::move(value));
}

double shortest_double(float value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  double wide = 0;
  std::from_chars(digits.data(), end, wide);
  return wide;
}

Json json_number(float value) {
  return json_number(shortest_double(value));
}

Json json_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

double number_from(const Json& json, std::string_view where, ErrorKind kind) {
  if (json.is_number()) return json.get<double>();
  if (json == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (json == "Infinity") return std::numeric_limits<double>::infinity();
  if (json == "-Infinity") return -std::numeric_limits<double>::infinity();
  fail(kind, std::string(where) + ": wanted a number, got " + std::string(type_in_words(json)));
}

std::string_view type_in_words(const Json& json) {
  switch (json.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return "true or false";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return "a whole number";
    case Json::value_t::number_float:
      return "a number";
    case Json::value_t::string:
      return "text";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::object:
      return "an object";
    default:
      return "something else";
  }
}

}  // namespace rondo

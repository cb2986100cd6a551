#include "base/field_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/message.h"
#include "base/shown.h"

namespace rondo {
namespace {

/// A value as it stands in a message: short, on one line, whatever its bytes.
std::string shown(const Json& json) {
  if (json.is_string()) return quote(json.get_ref<const std::string&>());
  if (json.is_number_float()) return in_digits(json.get<double>());
  constexpr std::size_t longest = 60;
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > longest) text = std::string(type_in_words(json));
  return text;
}

std::vector<std::string_view> split_at_commas(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
  }
  return parts;
}

template <class T>
Json number_in(std::string_view text, const FieldPlace& place, std::string_view wanted) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) place.refuse(wanted, std::string(text));
  return value;
}

Json truth_in(std::string_view text, const FieldPlace& place) {
  for (const std::string_view yes : {"true", "yes", "on", "1"})
    if (text == yes) return true;
  for (const std::string_view no : {"false", "no", "off", "0"})
    if (text == no) return false;
  place.refuse("true or false", std::string(text));
}

Json one_from_text(std::string_view text, const OptionInfo& info, const FieldPlace& place) {
  switch (info.kind) {
    case OptionInfo::Kind::truth:
      return truth_in(text, place);
    case OptionInfo::Kind::whole_number:
      return text.starts_with('-') ? number_in<std::int64_t>(text, place, "a whole number")
                                   : number_in<std::uint64_t>(text, place, "a whole number");
    case OptionInfo::Kind::number:
      return number_in<double>(text, place, "a number");
    case OptionInfo::Kind::options:
    case OptionInfo::Kind::one_of:
      if (info.kind == OptionInfo::Kind::options || text.starts_with('{'))
        return parse_json(text, {.name = place.path, .kind = place.kind});
      return std::string(text);
    default:
      return std::string(text);
  }
}

}  // namespace

std::string OptionInfo::type_in_words() const {
  constexpr std::string_view words[] = {"true or false", "whole number", "number",  "text",
                                        "path",          "choice",       "options", "choice"};
  const std::string one(words[static_cast<std::size_t>(kind)]);
  if (many == Many::list) return "list of " + one;
  return many == Many::map ? "map of " + one : one;
}

FieldPlace FieldPlace::operator/(std::string_view name) const {
  return {path.empty() ? std::string(name) : path + "." + std::string(name), kind};
}

namespace {

/// What is typed has no brackets and dots of its own: "--pooling[1]" is item 2 of --pooling.
std::string spoken(const std::string& path) {
  const std::size_t at = path.starts_with("--") ? path.find_first_of("[.") : path.npos;
  if (at == path.npos) return path;
  const std::string option = path.substr(0, at);
  if (path[at] == '.') return option + " of " + quote(std::string_view(path).substr(at + 1));
  return option + " item " + std::to_string(std::stoul(path.substr(at + 1)) + 1);
}

}  // namespace

void FieldPlace::refuse(const std::string& what) const {
  fail(kind, path.empty() ? what : spoken(path) + " " + what);
}

void FieldPlace::refuse(std::string_view wanted, const Json& got) const {
  refuse("must be " + std::string(wanted) + ", got " + shown(got));
}

namespace values {

bool truth_from(const Json& json, const FieldPlace& place) {
  if (!json.is_boolean()) place.refuse("true or false", json);
  return json.get<bool>();
}

double real_from(const Json& json, const FieldPlace& place, FieldBounds bounds, double largest) {
  if (!json.is_number()) place.refuse("a number", json);
  const auto value = json.get<double>();
  if (!std::isfinite(value)) place.refuse("a finite number", json);
  check_bounds(json, place, bounds);
  if (std::abs(value) > largest)
    place.refuse("between -" + in_digits(largest) + " and " + in_digits(largest), json);
  return value;
}

std::string text_from(const Json& json, const FieldPlace& place) {
  if (!json.is_string()) place.refuse("text", json);
  return json.get<std::string>();
}

std::size_t choice_from(const Json& json, const FieldPlace& place, const std::vector<std::string>& names) {
  std::string name = json.is_string() ? json.get<std::string>() : std::string();
  if (name == "automatic") name = "auto";  // as files of format 1 may have it
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    place.refuse("must be " + enumerate(names) + ", got " + shown(json) + suggestion(name, names));
  return static_cast<std::size_t>(found - names.begin());
}

void require_list(const Json& json, const FieldPlace& place) {
  if (!json.is_array()) place.refuse("a list", json);
}

void require_object(const Json& json, const FieldPlace& place) {
  if (!json.is_object()) place.refuse("an object", json);
}

void check_bounds(const Json& value, const FieldPlace& place, FieldBounds bounds) {
  if (bounds.low == bounds.high) return;
  const auto number = value.get<double>();
  if (number < bounds.low || number > bounds.high)
    place.refuse("between " + in_digits(bounds.low) + " and " + in_digits(bounds.high), value);
}

Json from_text(std::string_view text, const OptionInfo& info, const FieldPlace& place) {
  if (info.optional && text == "none") return nullptr;
  if (info.many == OptionInfo::Many::one) return one_from_text(text, info, place);
  const bool nested = info.kind == OptionInfo::Kind::options || info.kind == OptionInfo::Kind::one_of;
  if ((nested && !text.empty()) || text.starts_with('[') || text.starts_with('{'))
    return parse_json(text, {.name = place.path, .kind = place.kind});
  Json many = info.many == OptionInfo::Many::list ? Json::array() : Json::object();
  for (const std::string_view part : split_at_commas(text)) {
    if (info.many == OptionInfo::Many::list) {
      many.push_back(one_from_text(part, info, place));
      continue;
    }
    const std::size_t equals = part.rfind('=');
    if (equals == part.npos) place.refuse("name=value,name=value,...", std::string(text));
    const std::string name(part.substr(0, equals));
    if (many.contains(name)) place.refuse("has " + quote(name) + " twice");
    many[name] = one_from_text(part.substr(equals + 1), info, place / name);
  }
  return many;
}

std::string to_text(const Json& json) {
  if (json.is_null()) return "none";
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_float()) return in_digits(json.get<double>());
  const auto is_simple = [](const Json& value) {
    return value.is_primitive() &&
           !(value.is_string() && value.get_ref<const std::string&>().find(',') != std::string::npos);
  };
  const bool simple = json.is_structured() && std::all_of(json.begin(), json.end(), is_simple);
  if (!simple) return dump_json(json);
  std::string text;
  for (const auto& item : json.items())
    text += (text.empty() ? "" : ",") + (json.is_object() ? item.key() + "=" : "") + to_text(item.value());
  return text;
}

void refuse_unknown(std::string_view name, const FieldPlace& place, const std::vector<std::string>& known) {
  const std::string hint = suggestion(name, known);
  const std::string all =
      known.empty() ? "there are no options here" : "the options are " + enumerate(known, "and");
  fail(place.kind, (place / name).path + " is not known" + (hint.empty() ? "; " + all : hint));
}

void check_keys(const Json& json, const FieldPlace& place, const std::vector<std::string>& known,
                std::string_view type) {
  require_object(json, place);
  for (const auto& item : json.items()) {
    if (item.key() == "type" && !type.empty()) {
      choice_from(item.value(), place / "type", {std::string(type)});
    } else if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
      refuse_unknown(item.key(), place, known);
    }
  }
}

std::size_t alternative_from(const Json& json, const FieldPlace& place,
                             const std::vector<std::string>& types) {
  if (json.is_string()) return choice_from(json, place, types);
  require_object(json, place);
  const auto type = json.find("type");
  if (type == json.end()) place.refuse("needs a \"type\": " + enumerate(types));
  return choice_from(*type, place / "type", types);
}

}  // namespace values
}  // namespace rondo

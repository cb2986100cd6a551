/// Descriptions to and from JSON: the machinery of fields.h, which says what it can do.
#pragma once
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/description.h>

#include "base/field_values.h"

namespace rondo {
namespace codec {

template <class T>
struct Form {
  static constexpr bool required = false, optional = false, list = false, map = false, variant = false;
};
template <class T>
struct Form<Required<T>> : Form<void> {
  static constexpr bool required = true;
};
template <class T>
struct Form<std::optional<T>> : Form<void> {
  static constexpr bool optional = true;
};
template <class T>
struct Form<std::vector<T>> : Form<void> {
  static constexpr bool list = true;
};
template <class T>
struct Form<std::map<std::string, T>> : Form<void> {
  static constexpr bool map = true;
};
template <class... T>
struct Form<std::variant<T...>> : Form<void> {
  static constexpr bool variant = true;
};

template <class T>
constexpr bool always_false = false;

/// The `type` by which a description is told from others, or "".
template <Description D>
constexpr std::string_view type_of() {
  if constexpr (requires { std::string_view(D::type); })
    return D::type;
  else
    return {};
}

template <Description D>
std::vector<std::string> field_names() {
  return std::apply([](const auto&... f) { return std::vector<std::string>{std::string(f.name)...}; },
                    D::fields());
}

template <NamedEnum E>
std::vector<std::string> enum_names() {
  std::vector<std::string> names;
  for (const auto& name : names_of(E{}))
    names.emplace_back(name);
  return names;
}

/// Calls visit.template operator()<D>() for each alternative of a variant.
template <class Variant, class Visit>
void for_each_alternative(Visit&& visit) {
  [&]<class... D>(const std::variant<D...>*) {
    static_assert(((!type_of<D>().empty()) && ...),
                  "each alternative needs a `static constexpr std::string_view type`");
    (visit.template operator()<D>(), ...);
  }(static_cast<const Variant*>(nullptr));
}

template <class Variant>
std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for_each_alternative<Variant>([&]<class D>() { names.emplace_back(type_of<D>()); });
  return names;
}

/// How much a JSON object must say: all that has no default, or only what is to change.
enum class Extent { whole, changes };

template <class T>
Json encode(const T& value);
template <class T>
void decode(T& value, const Json& json, const FieldPlace& place, FieldBounds bounds, Extent extent);

template <Description D>
Json encode_fields(const D& description) {
  Json json = Json::object();
  if constexpr (!type_of<D>().empty()) json["type"] = std::string(D::type);
  for_each_field(description,
                 [&](const auto& f, const auto& member) { json[std::string(f.name)] = encode(member); });
  return json;
}

template <class T>
Json encode(const T& value) {
  if constexpr (Form<T>::required) {
    return encode(value.value());
  } else if constexpr (Form<T>::optional) {
    return value ? encode(*value) : Json(nullptr);
  } else if constexpr (Form<T>::list) {
    Json json = Json::array();
    for (const typename T::value_type& item : value)
      json.push_back(encode(item));
    return json;
  } else if constexpr (Form<T>::map) {
    Json json = Json::object();
    for (const auto& [name, item] : value)
      json[name] = encode(item);
    return json;
  } else if constexpr (Form<T>::variant) {
    return std::visit([](const auto& chosen) { return encode_fields(chosen); }, value);
  } else if constexpr (Description<T>) {
    return encode_fields(value);
  } else if constexpr (NamedEnum<T>) {
    const std::vector<std::string> names = enum_names<T>();
    const auto number = static_cast<std::size_t>(value);
    if (number >= names.size()) throw Bug("an enumeration holds a value without a name");
    return names[number];
  } else if constexpr (std::is_same_v<T, float>) {
    return shortest_double(value);
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return value.string();
  } else {
    return Json(value);
  }
}

template <Description D>
void decode_fields(D& description, const Json& json, const FieldPlace& place, Extent extent) {
  values::check_keys(json, place, field_names<D>(), type_of<D>());
  for_each_field(description, [&](const auto& f, auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if (const auto found = json.find(std::string(f.name)); found != json.end())
      decode(member, *found, place / f.name, {f.low, f.high}, extent);
    else if (Form<Member>::required && extent == Extent::whole)
      (place / f.name).refuse("is missing (" + std::string(f.help) + ")");
  });
}

template <class Variant>
void decode_alternative(Variant& value, const Json& json, const FieldPlace& place, Extent extent) {
  const std::size_t chosen = values::alternative_from(json, place, type_names<Variant>());
  std::size_t index = 0;
  for_each_alternative<Variant>([&]<class D>() {
    if (index++ != chosen) return;
    const bool other = !std::holds_alternative<D>(value);
    if (other) value = detail::Blank::of<D>();
    const Json members = json.is_string() ? Json{{"type", json}} : json;
    decode_fields(std::get<D>(value), members, place, other ? Extent::whole : extent);
  });
}

template <class T>
void decode(T& value, const Json& json, const FieldPlace& place, FieldBounds bounds, Extent extent) {
  if constexpr (Form<T>::required) {
    decode(value.value(), json, place, bounds, extent);
  } else if constexpr (Form<T>::optional) {
    if (json.is_null()) return value.reset();
    const bool fresh = !value;
    if (fresh) value = detail::Blank::of<typename T::value_type>();
    decode(*value, json, place, bounds, fresh ? Extent::whole : extent);
  } else if constexpr (Form<T>::list) {
    values::require_list(json, place);
    T list;
    for (std::size_t i = 0; i < json.size(); ++i) {
      auto item = detail::Blank::of<typename T::value_type>();
      decode(item, json[i], {place.path + "[" + std::to_string(i) + "]", place.kind}, bounds, Extent::whole);
      list.push_back(std::move(item));
    }
    value = std::move(list);
  } else if constexpr (Form<T>::map) {
    values::require_object(json, place);
    T map;
    for (const auto& item : json.items()) {
      auto& mapped = map.emplace(item.key(), detail::Blank::of<typename T::mapped_type>()).first->second;
      decode(mapped, item.value(), place / item.key(), bounds, Extent::whole);
    }
    value = std::move(map);
  } else if constexpr (Form<T>::variant) {
    decode_alternative(value, json, place, extent);
  } else if constexpr (Description<T>) {
    decode_fields(value, json, place, extent);
  } else if constexpr (NamedEnum<T>) {
    value = static_cast<T>(values::choice_from(json, place, enum_names<T>()));
  } else if constexpr (std::is_same_v<T, bool>) {
    value = values::truth_from(json, place);
  } else if constexpr (std::is_integral_v<T>) {
    value = values::whole_from<T>(json, place, bounds);
  } else if constexpr (std::is_floating_point_v<T>) {
    value = static_cast<T>(values::real_from(json, place, bounds, std::numeric_limits<T>::max()));
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::filesystem::path>) {
    value = values::text_from(json, place);
  } else {
    static_assert(always_false<T>, "a description cannot hold a field of this type");
  }
}

}  // namespace codec
}  // namespace rondo

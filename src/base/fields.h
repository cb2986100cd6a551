/// Descriptions to and from JSON, options by name, and tables of fields: all from `fields()` alone.
///
/// A field may be bool, an integer, float, double, std::string, std::filesystem::path, a NamedEnum, a nested
/// Description, a std::variant of Descriptions (told apart by their `type`), and Required, std::optional,
/// std::vector and std::map<std::string, ...> of these.
///
/// Every fault is an Error that names the field by its path: "option: lstm.dropout must be between 0 and 1,
/// got 1.5". Bounds hold for each number of a list or map.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/description.h>

#include "base/field_codec.h"

namespace rondo {
namespace codec {

template <Description D>
std::vector<FieldInfo> table_of();

/// Fills in what the type of a field says about it.
template <class T>
void inspect(FieldInfo& info) {
  using Kind = FieldInfo::Kind;
  if constexpr (Form<T>::required || Form<T>::optional || Form<T>::list) {
    info.required |= Form<T>::required;
    info.optional |= Form<T>::optional;
    if (Form<T>::list) info.many = FieldInfo::Many::list;
    inspect<typename T::value_type>(info);
  } else if constexpr (Form<T>::map) {
    info.many = FieldInfo::Many::map;
    inspect<typename T::mapped_type>(info);
  } else if constexpr (Form<T>::variant) {
    info.kind = Kind::one_of;
    info.choices = type_names<T>();
    for_each_alternative<T>([&]<class D>() { info.members.push_back(table_of<D>()); });
  } else if constexpr (Description<T>) {
    info.kind = Kind::options;
    info.members = {table_of<T>()};
  } else if constexpr (NamedEnum<T>) {
    info.kind = Kind::choice;
    info.choices = enum_names<T>();
  } else {
    info.kind = std::is_same_v<T, bool>                    ? Kind::truth
                : std::is_integral_v<T>                    ? Kind::whole_number
                : std::is_floating_point_v<T>              ? Kind::number
                : std::is_same_v<T, std::filesystem::path> ? Kind::path
                                                           : Kind::text;
  }
}

/// A value as set() takes it: nested options as JSON, an alternative with its defaults as its type alone.
template <class T>
std::string text_of(const T& value) {
  const Json json = encode(value);
  if constexpr (Form<T>::variant) {
    const auto defaults = []<class D>(const D&) { return encode_fields(detail::Blank::of<D>()); };
    if (json == std::visit(defaults, value)) return json["type"];
  }
  return Form<T>::variant || Description<T> ? dump_json(json) : values::to_text(json);
}

template <class D, class T>
FieldInfo info_of(const Field<D, T>& f, const T& default_value) {
  FieldInfo info{.name = std::string(f.name), .help = std::string(f.help), .low = f.low, .high = f.high};
  inspect<T>(info);
  if (!info.required) info.default_text = text_of(default_value);
  return info;
}

template <Description D>
std::vector<FieldInfo> table_of() {
  std::vector<FieldInfo> table;
  const D defaults = detail::Blank::of<D>();
  for_each_field(defaults, [&](const auto& f, const auto& member) { table.push_back(info_of(f, member)); });
  return table;
}

template <Description D>
void set_field(D& description, std::string_view name, std::string_view text, const FieldPlace& place);

/// `rest` names a member of nested options; empty: the value itself.
template <class T>
void set_value(T& value, std::string_view rest, std::string_view text, const FieldPlace& place,
               const FieldInfo& info) {
  if constexpr (Form<T>::required) {
    set_value(value.value(), rest, text, place, info);
  } else if (rest.empty()) {
    T changed = value;
    decode(changed, values::from_text(text, info, place), place, {info.low, info.high}, Extent::changes);
    value = std::move(changed);
  } else if constexpr (Form<T>::variant) {
    std::visit([&](auto& chosen) { set_field(chosen, rest, text, place); }, value);
  } else if constexpr (Description<T>) {
    set_field(value, rest, text, place);
  } else {
    values::refuse_unknown(rest, place, {});
  }
}

template <Description D>
void set_field(D& description, std::string_view name, std::string_view text, const FieldPlace& place) {
  const std::string_view first = name.substr(0, name.find('.'));
  const std::string_view rest = name.substr(std::min(name.size(), first.size() + 1));
  bool found = false;
  for_each_field(description, [&](const auto& f, auto& member) {
    if (f.name != first) return;
    found = true;
    set_value(member, rest, text, place / first, info_of(f, member));
  });
  if (!found) values::refuse_unknown(first, place, field_names<D>());
}

}  // namespace codec

/// What messages call a description: its `type`, or nothing.
template <Description D>
FieldPlace place_of() {
  return {std::string(codec::type_of<D>())};
}

/// Every field in order; a `type`, if the description has one, stands first.
template <Description D>
Json to_json(const D& description) {
  return codec::encode_fields(description);
}

/// The description with `json` over its defaults. Refused: unknown keys, other types, values out of bounds,
/// missing Required ones. Objects, "type" and lists are as to_json writes them.
template <Description D>
D from_json(const Json& json, const FieldPlace& place = place_of<D>()) {
  D description = detail::Blank::of<D>();
  codec::decode_fields(description, json, place, codec::Extent::whole);
  return description;
}

/// Changes the fields that `json` names and keeps the others, nested ones too. On an Error nothing changed.
template <Description D>
void update(D& description, const Json& json, const FieldPlace& place = place_of<D>()) {
  D changed = description;
  codec::decode_fields(changed, json, place, codec::Extent::changes);
  description = std::move(changed);
}

/// Sets one field from a command line's text, e.g. set(options, "optimizer.learning_rate", "0.01"). Lists are
/// "a,b", maps "a=1,b=2", an empty optional "none", a variant the type alone. On an Error nothing changed.
template <Description D>
void set(D& description, std::string_view name, std::string_view text,
         const FieldPlace& place = place_of<D>()) {
  codec::set_field(description, name, text, place);
}

/// Throws Error(option) if a field is out of its bounds: for descriptions written in C++.
template <Description D>
void check(const D& description, const FieldPlace& place = place_of<D>()) {
  from_json<D>(to_json(description), place);
}

/// The table of a description's fields, with their defaults.
template <Description D>
std::vector<FieldInfo> field_table() {
  return codec::table_of<D>();
}

}  // namespace rondo

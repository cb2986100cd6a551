/// Descriptions to and from JSON, options by name, and tables of fields: all from `fields()` alone, through
/// the types of <rondo/options/value_of.h>.
///
/// Every fault is an Error that names the field by its path: "option: lstm.dropout must be between 0 and 1,
/// got 1.5". Bounds hold for each number of a list or map.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/options/value_of.h>

#include "base/field_values.h"

namespace rondo {
namespace codec {

using detail::FieldRef;
using detail::ValueRef;

/// How much a JSON object must contain: everything without a default, or only the fields to change.
enum class Extent { whole, changes };

Json encode(ValueRef value);
/// On an Error the value may be half changed.
void decode(ValueRef value, const Json& json, const FieldPlace& place, FieldBounds bounds, Extent extent);
/// The name of the set field in messages.
enum class Named { below, exactly };
/// Sets a field of an object by its name, "engine.gear" or a shortcut, from a command line's text. `place` is
/// that of the object (Named::below) or of the field. On an Error the object may be half changed.
void set_field(ValueRef object, std::string_view name, std::string_view text, const FieldPlace& place,
               Named named = Named::below);
/// The same from JSON; lists and maps may stand there as text, too.
void set_field_json(ValueRef object, std::string_view name, const Json& json, const FieldPlace& place,
                    Named named = Named::below);
OptionInfo info_of(const FieldRef& field);
/// The table of an object with its defaults.
std::vector<OptionInfo> table_of(ValueRef object);
/// The same with its shortcuts where they stand.
std::vector<OptionInfo> table_with_shortcuts(ValueRef object);

}  // namespace codec

/// The name of a description in messages: its `type`, or nothing.
template <Description D>
FieldPlace place_of() {
  if constexpr (requires { std::string_view(D::type); })
    return {std::string(D::type)};
  else
    return {};
}

/// Every field in order. The `type`, if the description has one, comes first.
template <Description D>
Json to_json(const D& description) {
  return codec::encode(detail::ref_to(description));
}

/// The description with `json` over its defaults. Refused: unknown keys, other types, values out of bounds,
/// missing Required ones. Objects, "type" and lists are as to_json writes them.
template <Description D>
D from_json(const Json& json, const FieldPlace& place = place_of<D>()) {
  D description = detail::Blank::of<D>();
  codec::decode(detail::ref_to(description), json, place, {}, codec::Extent::whole);
  return description;
}

/// Changes the fields that `json` names and keeps the others, nested ones too. On an Error nothing changed.
template <Description D>
void update(D& description, const Json& json, const FieldPlace& place = place_of<D>()) {
  D changed = description;
  codec::decode(detail::ref_to(changed), json, place, {}, codec::Extent::changes);
  description = std::move(changed);
}

/// Sets one field from a command line's text, e.g. set(options, "optimizer.learning_rate", "0.01"). Lists are
/// "a,b", maps "a=1,b=2", an empty optional "none", a variant the type alone. On an Error nothing changed.
template <Description D>
void set(D& description, std::string_view name, std::string_view text,
         const FieldPlace& place = place_of<D>()) {
  D changed = description;
  codec::set_field(detail::ref_to(changed), name, text, place);
  description = std::move(changed);
}

/// Throws Error(option) if a field is out of its bounds: for descriptions written in C++.
template <Description D>
void check(const D& description, const FieldPlace& place = place_of<D>()) {
  from_json<D>(to_json(description), place);
}

/// The table of a description's fields, with their defaults.
template <Description D>
std::vector<OptionInfo> field_table() {
  const D defaults = detail::Blank::of<D>();
  return codec::table_of(detail::ref_to(defaults));
}

}  // namespace rondo

#include "base/fields.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/message.h"

namespace rondo::codec {
namespace {

using namespace detail;

template <class Type>
const Type& as(ValueRef value) {
  return static_cast<const Type&>(*value.type);
}

Json encode_object(ValueRef value) {
  const auto& type = as<ObjectType>(value);
  Json json = Json::object();
  if (!type.type_name.empty()) json["type"] = std::string(type.type_name);
  for (const FieldRef& field : type.fields(value.at))
    json[std::string(field.name)] = encode(field.value);
  return json;
}

Json encode_many(ValueRef value) {
  const bool named = value.type->kind == ValueKind::map, optional = value.type->kind == ValueKind::optional;
  Json json = optional ? Json(nullptr) : named ? Json::object() : Json::array();
  as<ManyType>(value).for_each(value.at, [&](const std::string& name, ValueRef item) {
    if (optional)
      json = encode(item);
    else if (named)
      json[name] = encode(item);
    else
      json.push_back(encode(item));
  });
  return json;
}

Json encode_choice(ValueRef value) {
  const std::vector<std::string> names = as<ChoiceType>(value).names();
  const std::size_t number = as<ChoiceType>(value).get(value.at);
  if (number >= names.size()) throw Bug("an enumeration holds a value without a name");
  return names[number];
}

/// 1.0 as 1: a configuration file may have either. Above 2^53 a double has skipped whole numbers.
Json as_whole(const Json& json) {
  constexpr double exact = 9'007'199'254'740'992;
  if (!json.is_number_float()) return json;
  const auto number = json.get<double>();
  return std::abs(number) <= exact && number == std::floor(number) ? Json(static_cast<std::int64_t>(number))
                                                                   : json;
}

void decode_whole(ValueRef value, const Json& given, const FieldPlace& place, FieldBounds bounds) {
  const auto& type = as<WholeType>(value);
  const Json json = as_whole(given);
  if (!json.is_number_integer()) place.refuse("a whole number", json);
  values::check_bounds(json, place, bounds);
  const bool above = json.is_number_unsigned() && json.get<std::uint64_t>() > type.high;
  const bool below = !json.is_number_unsigned() && json.get<std::int64_t>() < type.low;
  if (above || below)
    place.refuse("between " + std::to_string(type.low) + " and " + std::to_string(type.high), json);
  type.set(value.at, json.is_number_unsigned() ? static_cast<std::int64_t>(json.get<std::uint64_t>())
                                               : json.get<std::int64_t>());
}

void decode_real(ValueRef value, const Json& json, const FieldPlace& place, FieldBounds bounds) {
  const auto& type = as<RealType>(value);
  const double largest = type.single ? static_cast<double>(std::numeric_limits<float>::max())
                                     : std::numeric_limits<double>::max();
  type.set(value.at, values::real_from(json, place, bounds, largest));
}

void decode_optional(ValueRef value, const Json& json, const FieldPlace& place, FieldBounds bounds,
                     Extent extent) {
  const auto& type = as<ManyType>(value);
  if (json.is_null()) return type.clear(value.at);
  bool held = false;
  type.for_each(value.at, [&](const std::string&, ValueRef item) {
    held = true;
    decode(item, json, place, bounds, extent);
  });
  if (!held) type.add(value.at, {}, [&](ValueRef item) { decode(item, json, place, bounds, Extent::whole); });
}

void decode_list(ValueRef value, const Json& json, const FieldPlace& place, FieldBounds bounds) {
  const auto& type = as<ManyType>(value);
  values::require_list(json, place);
  type.clear(value.at);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const FieldPlace here{place.path + "[" + std::to_string(i) + "]", place.kind};
    type.add(value.at, {}, [&](ValueRef item) { decode(item, json[i], here, bounds, Extent::whole); });
  }
}

void decode_map(ValueRef value, const Json& json, const FieldPlace& place, FieldBounds bounds) {
  const auto& type = as<ManyType>(value);
  values::require_object(json, place);
  type.clear(value.at);
  for (const auto& member : json.items())
    type.add(value.at, member.key(), [&](ValueRef item) {
      decode(item, member.value(), place / member.key(), bounds, Extent::whole);
    });
}

void decode_variant(ValueRef value, const Json& json, const FieldPlace& place, Extent extent) {
  const auto& type = as<VariantType>(value);
  const std::size_t chosen = values::alternative_from(json, place, type.names());
  const bool other = type.index(value.at) != chosen;
  if (other) type.choose(value.at, chosen);
  const Json members = json.is_string() ? Json{{"type", json}} : json;
  decode(type.held(value.at), members, place, {}, other ? Extent::whole : extent);
}

std::vector<std::string> names_of(const std::vector<FieldRef>& fields) {
  std::vector<std::string> names;
  for (const FieldRef& field : fields)
    names.emplace_back(field.name);
  return names;
}

void decode_object(ValueRef value, const Json& json, const FieldPlace& place, Extent extent) {
  const auto& type = as<ObjectType>(value);
  const std::vector<FieldRef> fields = type.fields(value.at);
  values::check_keys(json, place, names_of(fields), type.type_name);
  for (const FieldRef& field : fields) {
    if (const auto found = json.find(std::string(field.name)); found != json.end())
      decode(field.value, *found, place / field.name, {field.low, field.high}, extent);
    else if (field.value.type->required && extent == Extent::whole)
      (place / field.name).refuse("is missing (" + std::string(field.help) + ")");
  }
}

// -- Tables

OptionInfo::Kind kind_of(ValueKind kind) {
  using Kind = OptionInfo::Kind;
  switch (kind) {
    case ValueKind::truth:
      return Kind::truth;
    case ValueKind::whole:
      return Kind::whole_number;
    case ValueKind::real:
      return Kind::number;
    case ValueKind::path:
      return Kind::path;
    case ValueKind::choice:
      return Kind::choice;
    case ValueKind::variant:
      return Kind::one_of;
    case ValueKind::object:
      return Kind::options;
    default:
      return Kind::text;
  }
}

/// Fills in the parts that follow from the type of a field.
void inspect(OptionInfo& info, ValueRef value) {
  info.required |= value.type->required;
  switch (value.type->kind) {
    case ValueKind::optional:
      info.optional = true;
      break;
    case ValueKind::list:
      info.many = OptionInfo::Many::list;
      break;
    case ValueKind::map:
      info.many = OptionInfo::Many::map;
      break;
    case ValueKind::variant:
      info.choices = as<VariantType>(value).names();
      for (std::size_t i = 0; i < info.choices.size(); ++i)
        as<VariantType>(value).with_alternative(
            i, [&](ValueRef held) { info.members.push_back(table_of(held)); });
      break;
    case ValueKind::object:
      info.members = {table_of(value)};
      break;
    case ValueKind::choice:
      info.choices = as<ChoiceType>(value).names();
      break;
    default:
      break;
  }
  if (dynamic_cast<const ManyType*>(value.type) != nullptr)
    as<ManyType>(value).with_item([&](ValueRef item) { inspect(info, item); });
  else
    info.kind = kind_of(value.type->kind);
}

/// A value as set_field() takes it: nested options as JSON, an alternative with its defaults as its type
/// alone.
std::string text_of(ValueRef value) {
  const Json json = encode(value);
  const bool variant = value.type->kind == ValueKind::variant;
  if (variant) {
    Json defaults;
    as<VariantType>(value).with_alternative(as<VariantType>(value).index(value.at),
                                            [&](ValueRef held) { defaults = encode(held); });
    if (json == defaults) return json["type"];
  }
  return variant || value.type->kind == ValueKind::object ? dump_json(json) : values::to_text(json);
}

// -- One option by its name

/// The field called so; null when there is none.
const FieldRef* find(const std::vector<FieldRef>& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const FieldRef& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

std::pair<std::string_view, std::string_view> split_at_dot(std::string_view name) {
  const std::string_view first = name.substr(0, name.find('.'));
  return {first, name.substr(std::min(name.size(), first.size() + 1))};
}

/// The variant that a shortcut leads into, and the shortcut's field in each alternative.
struct Shortcut {
  ValueRef choice;
  std::string_view outer, inner;
  std::vector<std::string> having;  ///< alternatives with that field
  std::vector<OptionInfo> infos;    ///< the field's properties in each of them
};

Shortcut resolve(ValueRef object, const FieldShortcut& shortcut) {
  const auto [outer, inner] = split_at_dot(shortcut.path);
  const std::vector<FieldRef> fields = as<ObjectType>(object).fields(object.at);
  const FieldRef* const field = find(fields, outer);
  if (field == nullptr || field->value.type->kind != ValueKind::variant)
    throw Bug("the shortcut " + std::string(shortcut.name) + " leads to no choice of options");
  Shortcut found{field->value, outer, inner, {}, {}};
  const auto& type = as<VariantType>(field->value);
  const std::vector<std::string> names = type.names();
  for (std::size_t i = 0; i < names.size(); ++i)
    type.with_alternative(i, [&](ValueRef held) {
      const std::vector<FieldRef> members = as<ObjectType>(held).fields(held.at);
      const FieldRef* const member = find(members, found.inner);
      if (member == nullptr) return;
      found.having.push_back(names[i]);
      found.infos.push_back(info_of(*member));
    });
  return found;
}

/// Throws "--momentum is for --optimizer sgd or rmsprop, not adam" when the alternative held lacks it.
void check_shortcut(ValueRef object, const FieldShortcut& shortcut, const FieldPlace& place) {
  const Shortcut found = resolve(object, shortcut);
  const auto& type = as<VariantType>(found.choice);
  const std::string held = type.names().at(type.index(found.choice.at));
  if (std::find(found.having.begin(), found.having.end(), held) == found.having.end())
    place.refuse("is for " + std::string(place.path.starts_with("--") ? "--" : "") +
                 std::string(found.outer) + " " + enumerate(found.having) + ", not " + held);
}

OptionInfo info_of(ValueRef object, const ShortcutRef& ref) {
  const Shortcut found = resolve(object, ref.shortcut);
  OptionInfo info = found.infos.at(0);
  info.name = std::string(ref.shortcut.name);
  info.help = std::string(ref.shortcut.help);
  info.section = std::string(ref.section);
  info.low = ref.shortcut.low;
  info.high = ref.shortcut.high;
  return info;
}

/// Finds the field that `name` leads to and calls set(field, place of it); follows shortcuts and dots.
template <class Set>
void at_field(ValueRef object, std::string_view name, const FieldPlace& place, bool placed, Set&& set) {
  const auto& type = as<ObjectType>(object);
  const auto [first, rest] = split_at_dot(name);
  const std::vector<FieldRef> fields = type.fields(object.at);
  const FieldRef* const field = find(fields, first);
  if (field == nullptr) {
    for (const ShortcutRef& ref : type.shortcuts())
      if (const FieldShortcut& shortcut = ref.shortcut; shortcut.name == name) {
        const FieldPlace here = placed ? place : place / name;
        check_shortcut(object, shortcut, here);
        return at_field(object, shortcut.path, here, true, set);
      }
    values::refuse_unknown(first, place, names_of(fields));
  }
  const FieldPlace here = placed ? place : place / first;
  if (rest.empty()) return set(*field, here);
  if (field->value.type->kind == ValueKind::variant)
    return at_field(as<VariantType>(field->value).held(field->value.at), rest, here, placed, set);
  if (field->value.type->kind == ValueKind::object) return at_field(field->value, rest, here, placed, set);
  values::refuse_unknown(rest, here, {});
}

}  // namespace

Json encode(ValueRef value) {
  switch (value.type->kind) {
    case ValueKind::truth:
      return as<TruthType>(value).get(value.at);
    case ValueKind::whole: {
      const std::int64_t bits = as<WholeType>(value).get(value.at);
      return as<WholeType>(value).is_signed ? Json(bits) : Json(static_cast<std::uint64_t>(bits));
    }
    case ValueKind::real: {
      const double number = as<RealType>(value).get(value.at);
      return as<RealType>(value).single ? shortest_double(static_cast<float>(number)) : number;
    }
    case ValueKind::text:
    case ValueKind::path:
      return as<TextType>(value).get(value.at);
    case ValueKind::choice:
      return encode_choice(value);
    case ValueKind::variant:
      return encode(as<VariantType>(value).held(value.at));
    case ValueKind::object:
      return encode_object(value);
    case ValueKind::optional:
    case ValueKind::list:
    case ValueKind::map:
      return encode_many(value);
  }
  throw Bug("encode: a kind of value that does not exist");
}

void decode(ValueRef value, const Json& json, const FieldPlace& place, FieldBounds bounds, Extent extent) {
  switch (value.type->kind) {
    case ValueKind::truth:
      return as<TruthType>(value).set(value.at, values::truth_from(json, place));
    case ValueKind::whole:
      return decode_whole(value, json, place, bounds);
    case ValueKind::real:
      return decode_real(value, json, place, bounds);
    case ValueKind::text:
    case ValueKind::path:
      return as<TextType>(value).set(value.at, values::text_from(json, place));
    case ValueKind::choice:
      return as<ChoiceType>(value).set(value.at,
                                       values::choice_from(json, place, as<ChoiceType>(value).names()));
    case ValueKind::optional:
      return decode_optional(value, json, place, bounds, extent);
    case ValueKind::list:
      return decode_list(value, json, place, bounds);
    case ValueKind::map:
      return decode_map(value, json, place, bounds);
    case ValueKind::variant:
      return decode_variant(value, json, place, extent);
    case ValueKind::object:
      return decode_object(value, json, place, extent);
  }
}

OptionInfo info_of(const FieldRef& field) {
  OptionInfo info{.name = std::string(field.name),
                  .help = std::string(field.help),
                  .low = field.low,
                  .high = field.high,
                  .section = std::string(field.section)};
  inspect(info, field.value);
  if (!info.required) info.default_text = text_of(field.value);
  return info;
}

std::vector<OptionInfo> table_of(ValueRef object) {
  std::vector<OptionInfo> table;
  for (const FieldRef& field : as<ObjectType>(object).fields(object.at))
    table.push_back(info_of(field));
  return table;
}

std::vector<OptionInfo> table_with_shortcuts(ValueRef object) {
  const std::vector<FieldRef> fields = as<ObjectType>(object).fields(object.at);
  const std::vector<ShortcutRef> shortcuts = as<ObjectType>(object).shortcuts();
  std::vector<OptionInfo> table;
  auto next = shortcuts.begin();
  for (std::size_t i = 0; i <= fields.size(); ++i) {
    for (; next != shortcuts.end() && next->before == i; ++next)
      table.push_back(info_of(object, *next));
    if (i < fields.size()) table.push_back(info_of(fields[i]));
  }
  return table;
}

void set_field(ValueRef object, std::string_view name, std::string_view text, const FieldPlace& place,
               Named named) {
  const bool exact = named == Named::exactly;
  at_field(object, name, place, exact, [&](const FieldRef& field, const FieldPlace& here) {
    decode(field.value, values::from_text(text, info_of(field), here), here, {field.low, field.high},
           Extent::changes);
  });
}

void set_field_json(ValueRef object, std::string_view name, const Json& json, const FieldPlace& place,
                    Named named) {
  const bool exact = named == Named::exactly;
  at_field(object, name, place, exact, [&](const FieldRef& field, const FieldPlace& here) {
    const OptionInfo info = info_of(field);
    const bool typed = json.is_string() && info.many != OptionInfo::Many::one;
    decode(field.value, typed ? values::from_text(json.get<std::string>(), info, here) : json, here,
           {field.low, field.high}, Extent::changes);
  });
}

}  // namespace rondo::codec

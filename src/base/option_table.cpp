#include <algorithm>

#include <rondo/options/option_table.h>

#include "base/fields.h"

namespace rondo {

void OptionTable::check_type(const std::type_info& wanted) const {
  if (!held_ || held_->type() != wanted)
    throw Bug(std::string("a table of options was asked for as ") + wanted.name() + ", it is of " +
              (held_ ? held_->type().name() : "nothing"));
}

std::vector<OptionInfo> OptionTable::list() const {
  std::vector<OptionInfo> infos;
  with_defaults([&](detail::ValueRef defaults) { infos = codec::table_with_shortcuts(defaults); });
  return infos;
}

bool OptionTable::contains(std::string_view name) const {
  const std::vector<OptionInfo> infos = list();
  const std::string_view first = name.substr(0, name.find('.'));
  return std::any_of(infos.begin(), infos.end(), [&](const OptionInfo& info) { return info.name == first; });
}

bool OptionTable::is_shortcut(std::string_view name) const {
  if (!held_) return false;
  const auto shortcuts = static_cast<const detail::ObjectType*>(ref().type)->shortcuts();
  return name.find('.') != std::string_view::npos ||
         std::any_of(shortcuts.begin(), shortcuts.end(),
                     [&](const detail::ShortcutRef& s) { return s.shortcut.name == name; });
}

void OptionTable::set(std::string_view name, std::string_view text, const std::string& where) {
  OptionTable changed = *this;
  codec::set_field(changed.ref(), name, text, {where.empty() ? std::string(name) : where},
                   codec::Named::exactly);
  *this = std::move(changed);
}

void OptionTable::set_json(std::string_view name, std::string_view json, const std::string& where) {
  const std::string place = where.empty() ? std::string(name) : where;
  const Json value = parse_json(json, {.name = place, .kind = ErrorKind::option});
  OptionTable changed = *this;
  codec::set_field_json(changed.ref(), name, value, {place}, codec::Named::exactly);
  *this = std::move(changed);
}

void OptionTable::read(std::string_view json, const std::string& where, ErrorKind kind) {
  if (!held_) return;
  OptionTable changed = *this;
  codec::decode(changed.ref(), parse_json(json, {.name = where, .kind = kind}), {where, kind}, {},
                codec::Extent::whole);
  *this = std::move(changed);
}

std::string OptionTable::to_json() const {
  return held_ ? dump_json(codec::encode(ref())) : "{}";
}

}  // namespace rondo

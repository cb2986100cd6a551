/// Command-line options made from a description's fields: one option a field, `--max-length` for max_length,
/// with help, bounds, choices and default from the field. What the user typed is kept as text and applied
/// after the configuration file, so that the command line wins.
#pragma once
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fields.h"

namespace rondo::program {

/// "max_length" as "--max-length".
std::string option_name(std::string_view field);

/// Sets the field called `name`, if the description has one, from a command line's text; `place` stands for
/// the field in messages.
template <Description D>
bool set_typed(D& description, std::string_view name, std::string_view text, const FieldPlace& place) {
  bool found = false;
  for_each_field(description, [&](const auto& f, auto& member) {
    if (f.name != name) return;
    codec::set_value(member, {}, text, place, codec::info_of(f, member));
    found = true;
  });
  return found;
}

/// The same from a value of a configuration file. A list or map may also stand there as text, as it would be
/// typed: "max,mean".
template <Description D>
bool set_from_file(D& description, std::string_view name, const Json& json, const FieldPlace& place) {
  bool found = false;
  for_each_field(description, [&](const auto& f, auto& member) {
    if (f.name != name) return;
    const FieldInfo info = codec::info_of(f, member);
    if (json.is_string() && info.many != FieldInfo::Many::one)
      codec::set_value(member, {}, json.get<std::string>(), place, info);
    else
      codec::decode(member, json, place, {f.low, f.high}, codec::Extent::changes);
    found = true;
  });
  return found;
}

/// What the user typed for the fields of a command's descriptions, in order.
class FieldOptions {
 public:
  /// Adds an option for each field of the table. `groups` names the fields with which sections of the help
  /// begin.
  void add_to(CLI::App& command, const std::vector<FieldInfo>& table,
              const std::map<std::string, std::string>& groups = {});

  /// Error(option) naming the option as it was typed for a value that it does not take.
  template <Description... D>
  void apply(D&... descriptions) const {
    for (const auto& [name, text] : *typed_)
      if (!(set_typed(descriptions, name, text, FieldPlace{option_name(name)}) || ...))
        throw Bug("no description has the option " + name);
  }

  /// Names of the fields typed.
  std::vector<std::string> names() const;

 private:
  std::shared_ptr<std::vector<std::pair<std::string, std::string>>> typed_ =
      std::make_shared<std::vector<std::pair<std::string, std::string>>>();
};

}  // namespace rondo::program

#include "field_options.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/message.h"

namespace rondo::program {
namespace {

using Kind = FieldInfo::Kind;

std::string in_digits(double value) {
  return value == std::floor(value) ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

/// "size of the hidden state (1 to 65536) [128]"
std::string help_of(const FieldInfo& info) {
  std::string help = info.help;
  if (!info.choices.empty()) help += " (" + enumerate(info.choices) + ")";
  if (info.low != info.high) help += " (" + in_digits(info.low) + " to " + in_digits(info.high) + ")";
  if (info.kind == Kind::truth) return help + (info.default_text == "true" ? " [on]" : " [off]");
  const bool shown = !info.default_text.empty() && !info.optional && info.many != FieldInfo::Many::map;
  return shown ? help + " [" + info.default_text + "]" : help;
}

std::string value_name(const FieldInfo& info) {
  if (info.name == "text" || info.name == "label" || info.name == "split_column") return "COLUMN";
  switch (info.kind) {
    case Kind::whole_number:
      return "N";
    case Kind::number:
      return info.many == FieldInfo::Many::map ? "NAME=X,..." : "X";
    case Kind::path:
      return "FILE";
    case Kind::choice:
      return info.many == FieldInfo::Many::list ? "NAME,..." : "NAME";
    default:
      return "TEXT";
  }
}

}  // namespace

std::string option_name(std::string_view field) {
  std::string name = "--" + std::string(field);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

void FieldOptions::add_to(CLI::App& command, const std::vector<FieldInfo>& table,
                          const std::map<std::string, std::string>& groups) {
  std::string group = "Options";
  for (const FieldInfo& info : table) {
    if (const auto begins = groups.find(info.name); begins != groups.end()) group = begins->second;
    const auto typed = typed_;
    const std::string field = info.name, option = option_name(info.name);
    CLI::Option* added = nullptr;
    if (info.kind == Kind::truth)
      added = command.add_flag_function(
          option + ",!--no-" + option.substr(2),
          [typed, field](std::int64_t on) { typed->emplace_back(field, on > 0 ? "true" : "false"); },
          help_of(info));
    else
      added = command
                  .add_option_function<std::string>(
                      option, [typed, field](const std::string& text) { typed->emplace_back(field, text); },
                      help_of(info))
                  ->type_name(value_name(info));
    // As everywhere in the shell, what stands last counts.
    added->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)->group(group);
  }
}

std::vector<std::string> FieldOptions::names() const {
  std::vector<std::string> names;
  for (const auto& each : *typed_)
    names.push_back(each.first);
  return names;
}

}  // namespace rondo::program

#include "field_options.h"

#include <algorithm>

#include <toml++/toml.h>

#include "base/files.h"
#include "base/message.h"

namespace rondo::program {
namespace {

std::string help_of(const FieldInfo& info) {
  std::string help = info.help;
  const bool shown = !info.default_text.empty() && info.kind != FieldInfo::Kind::truth;
  if (!info.choices.empty()) help += " (" + enumerate(info.choices) + ")";
  if (shown) help += " [" + info.default_text + "]";
  return help;
}

std::string value_name(const FieldInfo& info) {
  using Kind = FieldInfo::Kind;
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

Json json_of(const toml::node& node, const std::string& file);

Json json_of(const toml::table& table, const std::string& file) {
  Json json = Json::object();
  for (const auto& [key, value] : table)
    json[std::string(key.str())] = json_of(value, file);
  return json;
}

Json json_of(const toml::node& node, const std::string& file) {
  if (const auto* table = node.as_table()) return json_of(*table, file);
  if (const auto* array = node.as_array()) {
    Json json = Json::array();
    for (const auto& item : *array)
      json.push_back(json_of(item, file));
    return json;
  }
  if (const auto value = node.value_exact<std::string>()) return *value;
  if (const auto value = node.value_exact<std::int64_t>()) return *value;
  if (const auto value = node.value_exact<double>()) return *value;
  if (const auto value = node.value_exact<bool>()) return *value;
  fail(ErrorKind::option, file + " line " + std::to_string(node.source().begin.line) +
                              ": a date or time is no value of an option");
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
    if (info.kind == FieldInfo::Kind::truth) {
      const bool on = info.default_text == "true";
      const std::string no = "--no-" + option.substr(2);
      command
          .add_flag_callback(
              option, [typed, field] { typed->emplace_back(field, "true"); },
              help_of(info) + (on ? " [on]" : ""))
          ->group(group);
      command
          .add_flag_callback(
              no, [typed, field] { typed->emplace_back(field, "false"); }, on ? "switch it off" : "")
          ->group(on ? group : "");
      continue;
    }
    command
        .add_option_function<std::string>(
            option, [typed, field](const std::string& text) { typed->emplace_back(field, text); },
            help_of(info))
        ->type_name(value_name(info))
        ->group(group);
  }
}

Json read_config(const std::string& file) {
  const std::string text = read_file(file, {.size = 1U << 20});
  if (!file.ends_with(".toml")) {
    Json json = parse_json(text, {.name = file, .kind = ErrorKind::option});
    if (!json.is_object()) fail(ErrorKind::option, file + ": a configuration is one JSON object");
    return json;
  }
  try {
    return json_of(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    fail(ErrorKind::option, file + " line " + std::to_string(error.source().begin.line) + " column " +
                                std::to_string(error.source().begin.column) + ": " +
                                std::string(error.description()));
  }
}

}  // namespace rondo::program

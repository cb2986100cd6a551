#include "config_file.h"

#include <algorithm>

#include <toml++/toml.h>

#include "base/files.h"
#include "base/message.h"

namespace rondo::program {
namespace {

Json json_of(const toml::node& node, const std::string& file) {
  if (const auto* table = node.as_table()) {
    Json json = Json::object();
    for (const auto& [key, value] : *table)
      json[std::string(key.str())] = json_of(value, file);
    return json;
  }
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

std::vector<ConfigEntry> toml_entries(const std::string& text, const std::string& file) {
  try {
    std::vector<ConfigEntry> entries;
    for (const auto& [key, value] : toml::parse(text))
      entries.push_back({std::string(key.str()), json_of(value, file), key.source().begin.line});
    // toml++ sorts a table by name; restore the order of the file.
    std::stable_sort(entries.begin(), entries.end(),
                     [](const ConfigEntry& a, const ConfigEntry& b) { return a.line < b.line; });
    return entries;
  } catch (const toml::parse_error& error) {
    fail(ErrorKind::option, file + " line " + std::to_string(error.source().begin.line) + " column " +
                                std::to_string(error.source().begin.column) + ": " +
                                std::string(error.description()) +
                                "; wanted lines such as epochs = 3 and cell = \"gru\", text in quotes");
  }
}

/// The lines on which the members of the outermost object begin, in order. `text` must be valid JSON.
std::vector<std::uint64_t> lines_of_members(const std::string& text) {
  std::vector<std::uint64_t> lines;
  std::uint64_t line = 1;
  int depth = 0;
  bool in_text = false, key_next = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
      continue;
    }
    if (c == '"' && depth == 1 && key_next) lines.push_back(line);
    in_text = c == '"';
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth == 1 && (c == ',' || c == ':')) key_next = c == ',';
  }
  return lines;
}

std::vector<ConfigEntry> json_entries(const std::string& text, const std::string& file) {
  const Json json = parse_json(text, {.name = file, .kind = ErrorKind::option});
  const std::vector<std::uint64_t> lines = lines_of_members(text);
  std::vector<ConfigEntry> entries;
  for (const auto& member : json.items())
    entries.push_back({member.key(), member.value(), lines.at(entries.size())});
  return entries;
}

}  // namespace

std::vector<ConfigEntry> read_config(const std::string& file) {
  const std::string text = read_file(file, {.size = 1U << 20});
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != text.npos && text[begin] == '{' ? json_entries(text, file) : toml_entries(text, file);
}

}  // namespace rondo::program

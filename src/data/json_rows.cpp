#include <algorithm>
#include <unordered_map>

#include <rondo/error.h>

#include "base/json.h"
#include "base/message.h"
#include "data/lines.h"
#include "data/table.h"

namespace rondo::data {
namespace {

/// Text, numbers and booleans as text. Null, lists and objects become empty.
std::string cell_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() || value.is_boolean() ? dump_json(value) : std::string();
}

/// Whether it is a short list of texts and numbers.
bool is_list(const Json& value) {
  constexpr std::size_t longest = 1'000;
  return value.is_array() && value.size() <= longest &&
         std::all_of(value.begin(), value.end(),
                     [](const Json& entry) { return entry.is_string() || entry.is_number(); });
}

/// The value at "data.text"; null if there is none. A key may hold dots itself.
const Json* value_at(const Json& object, std::string_view path) {
  if (!object.is_object()) return nullptr;
  if (const auto found = object.find(std::string(path)); found != object.end()) return &*found;
  for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1)) {
    const auto inner = object.find(std::string(path.substr(0, dot)));
    const Json* const value = inner == object.end() ? nullptr : value_at(*inner, path.substr(dot + 1));
    if (value != nullptr) return value;
  }
  return nullptr;
}

/// Collects objects; a key that first appears late leaves the earlier rows empty there.
class ObjectRows {
 public:
  ObjectRows(Table& table, std::span<const std::string> paths) : table_(table), paths_(paths) {}

  void add(const Json& object, std::uint64_t line) {
    if (!object.is_object())
      fail(ErrorKind::data, table_.place(line) +
                                R"(: wanted an object like {"text": ..., "label": ...}, got )" +
                                std::string(type_in_words(object)));
    Row row;
    row.line = line;
    row.cells.resize(table_.columns.size());
    for (const auto& [key, value] : object.items()) {
      set(row, key, value);
      if (value.is_object()) note_inner(key, value);
    }
    for (const std::string& path : paths_)
      if (const Json* const value = object.contains(path) ? nullptr : value_at(object, path))
        set(row, path, *value);
    table_.rows.push_back(std::move(row));
  }

  void finish() {
    std::sort(table_.structured.begin(), table_.structured.end());
    for (Row& row : table_.rows)
      row.cells.resize(table_.columns.size());
  }

 private:
  void set(Row& row, const std::string& key, const Json& value) {
    const auto [place, is_new] = places_.emplace(key, table_.columns.size());
    if (is_new) add_column(key, row.line);
    row.cells.resize(table_.columns.size());
    std::string& cell = row.cells[place->second];
    cell = cell_of(value);
    if (value.is_structured()) table_.structured.emplace_back(row.line, place->second);
    if (is_list(value)) {
      std::vector<std::string>& list = table_.lists[{row.line, place->second}];
      std::transform(value.begin(), value.end(), std::back_inserter(list), cell_of);
    }
    if (cell.size() > record_limit)
      fail(ErrorKind::data, table_.place(row.line) + ": " + quote(key) + " is longer than " +
                                std::to_string(record_limit) + " bytes; is it the right file?");
  }

  /// Each row has a cell for each key: keys without end would take all memory.
  void add_column(const std::string& key, std::uint64_t line) {
    constexpr std::size_t many_keys = 1'000, most_cells = 20'000'000;
    table_.columns.push_back(key);
    if (table_.columns.size() > many_keys && table_.columns.size() * (table_.rows.size() + 1) > most_cells)
      fail(ErrorKind::data, table_.place(line) + ": there are " + std::to_string(table_.columns.size()) +
                                " different keys so far, with " + quote(key) +
                                "; wanted objects with the same few keys");
  }

  void note_inner(const std::string& path, const Json& object) {
    constexpr std::size_t enough = 20, longest = 200;
    for (const auto& [key, value] : object.items()) {
      std::string inner = path + "." + key;
      if (table_.inner.size() >= enough || inner.size() > longest) return;
      if (value.is_object())
        note_inner(inner, value);
      else if (!value.is_array() &&
               std::find(table_.inner.begin(), table_.inner.end(), inner) == table_.inner.end())
        table_.inner.push_back(std::move(inner));
    }
  }

  Table& table_;
  std::span<const std::string> paths_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

Table read_jsonl(std::string_view text, const std::string& name, std::span<const std::string> paths) {
  Table table;
  table.name = name;
  ObjectRows rows(table, paths);
  TextLines lines(text);
  for (std::string_view line; lines.next(line);) {
    const std::uint64_t number = lines.number();
    if (line.size() > record_limit)
      fail(ErrorKind::data, table.place(number) + ": is longer than " + std::to_string(record_limit) +
                                " bytes; is it the right file? One object a line is wanted");
    if (line.find_first_not_of(" \t\r") == line.npos)
      table.add_blank_line(number);
    else
      rows.add(parse_json(line, {.name = name, .kind = ErrorKind::data, .line = number}), number);
  }
  rows.finish();
  return table;
}

Table read_json_array(std::string_view text, const std::string& name, std::span<const std::string> paths) {
  Table table;
  table.name = name;
  table.unit = "item";
  const Json items = parse_json(text, {.name = name, .kind = ErrorKind::data, .size_cap = text.size()});
  if (!items.is_array())
    fail(ErrorKind::data, name + " line 1: wanted a list of objects [{...}, ...], got " +
                              std::string(type_in_words(items)) + "; for one object a line use format jsonl");
  ObjectRows rows(table, paths);
  std::uint64_t number = 0;
  for (const Json& item : items)
    rows.add(item, ++number);
  rows.finish();
  return table;
}

}  // namespace rondo::data

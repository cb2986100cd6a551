#include <algorithm>
#include <unordered_map>

#include <rondo/error.h>

#include "base/json.h"
#include "base/message.h"
#include "data/table.h"

namespace rondo::data {
namespace {

/// Text, numbers and booleans as text. Null, lists and objects become empty.
std::string cell_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() || value.is_boolean() ? dump_json(value) : std::string();
}

/// Collects objects. If a key first appears in a later object, the earlier rows are empty there.
class ObjectRows {
 public:
  explicit ObjectRows(Table& table) : table_(table) {}

  void add(const Json& object, std::uint64_t line) {
    if (!object.is_object())
      fail(ErrorKind::data, table_.place(line) +
                                R"(: wanted an object like {"text": ..., "label": ...}, got )" +
                                std::string(type_in_words(object)));
    Row row;
    row.line = line;
    row.cells.resize(table_.columns.size());
    for (const auto& [key, value] : object.items()) {
      const auto [place, is_new] = places_.emplace(key, table_.columns.size());
      if (is_new) table_.columns.push_back(key);
      row.cells.resize(table_.columns.size());
      row.cells[place->second] = cell_of(value);
      if (value.is_structured()) table_.structured.emplace_back(line, place->second);
      if (row.cells[place->second].size() > record_limit)
        fail(ErrorKind::data, table_.place(line) + ": " + quote(key) + " is longer than " +
                                  std::to_string(record_limit) + " bytes; is it the right file?");
    }
    table_.rows.push_back(std::move(row));
  }

  void finish() {
    std::sort(table_.structured.begin(), table_.structured.end());
    for (Row& row : table_.rows)
      row.cells.resize(table_.columns.size());
    if (table_.columns.size() < 2 && !table_.rows.empty())
      fail(ErrorKind::data, table_.place(table_.rows.front().line) +
                                ": one column only; wanted objects with a text and a label");
  }

 private:
  Table& table_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

Table read_jsonl(std::string_view text, const std::string& name) {
  Table table;
  table.name = name;
  ObjectRows rows(table);
  std::uint64_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
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

Table read_json_array(std::string_view text, const std::string& name) {
  Table table;
  table.name = name;
  table.unit = "item";
  const Json items = parse_json(text, {.name = name, .kind = ErrorKind::data, .size_cap = text.size()});
  if (!items.is_array())
    fail(ErrorKind::data, name + " line 1: wanted a list of objects [{...}, ...], got " +
                              std::string(type_in_words(items)) + "; for one object a line use format jsonl");
  ObjectRows rows(table);
  std::uint64_t number = 0;
  for (const Json& item : items)
    rows.add(item, ++number);
  rows.finish();
  return table;
}

}  // namespace rondo::data

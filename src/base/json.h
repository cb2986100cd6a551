/// Strict JSON: capped in size and depth, no duplicate keys, errors with file, line and column.
///
/// Objects keep the order in which their keys were inserted or read, so the same values are written as the
/// same bytes. Numbers are written in the fewest digits that read back to the same value (see number()).
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include <rondo/error.h>

namespace rondo {

using Json = nlohmann::ordered_json;

/// The origin of a text, and the kind of an error in it.
struct JsonSource {
  std::string name;                    ///< names the text in messages, e.g. the file
  ErrorKind kind = ErrorKind::format;  ///< of an error: data for a user's data, option for a configuration
  std::uint64_t line = 1;              ///< number of the text's first line
  std::size_t size_cap = 64u << 20;    ///< bytes
  int depth_cap = 64;                  ///< arrays and objects within each other
};

/// Throws Error(source.kind) "NAME line L column C: what is wrong" unless `text` is exactly one JSON value.
Json parse_json(std::string_view text, const JsonSource& source);

/// Reads and parses a file; an empty source.name stands for its path.
Json read_json(const std::filesystem::path& path, JsonSource source = {});

/// On one line for indent < 0, else with that many spaces a level. Bytes that are no UTF-8 become U+FFFD.
std::string dump_json(const Json& json, int indent = -1);

/// Adds a member whose key the object does not have yet: the map's own insertion would compare it with all.
void append_member(Json& object, std::string key, Json value);

/// A float as the double with the same few digits: 0.1f is written 0.1, not 0.10000000149011612.
double shortest_double(float value);

/// A number, or "NaN", "Infinity" or "-Infinity" as text, because JSON has no such numbers.
Json json_number(float value);
Json json_number(double value);
/// Reads what json_number wrote. Error(kind) "WHERE: ..." for anything else.
double number_from(const Json& json, std::string_view where, ErrorKind kind = ErrorKind::format);

/// "an object", "text", "a whole number", ...: what a value is, for messages.
std::string_view type_in_words(const Json& json);

}  // namespace rondo

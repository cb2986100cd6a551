// Checks whether a file is text, its encoding, and its format.
#include <algorithm>
#include <array>

#include <rondo/error.h>

#include "base/message.h"
#include "base/utf8.h"
#include "data/table.h"

namespace rondo::data {
namespace {

std::uint64_t line_of(std::string_view bytes, std::size_t at) {
  return 1 + static_cast<std::uint64_t>(
                 std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

void refuse_binary(std::string_view bytes, const std::string& name) {
  if (guess_encoding(bytes) == "UTF-16")
    return;  // also full of zero bytes; require_utf8 tells how to convert it
  const std::size_t zero = bytes.find('\0');
  constexpr std::array<std::string_view, 4> marks = {"%PDF-", "PK\x03\x04", "\x89PNG", "\xFF\xD8\xFF"};
  const bool marked =
      std::any_of(marks.begin(), marks.end(), [&](auto mark) { return bytes.starts_with(mark); });
  if (zero == bytes.npos && !marked) return;
  fail(ErrorKind::data, name + " line " + std::to_string(marked ? 1 : line_of(bytes, zero)) +
                            ": is a binary file; wanted text: TSV, CSV, JSON lines or a JSON array");
}

}  // namespace

std::string_view require_text(std::string_view bytes, const std::string& name) {
  bytes = without_byte_order_mark(bytes);
  if (bytes.find_first_not_of(" \t\r\n") == bytes.npos)
    fail(ErrorKind::data, name + " line 1: the file is empty; wanted a label and a text on each line");
  refuse_binary(bytes, name);
  require_utf8(bytes, name);
  return bytes;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

FileFormat format_of(std::string_view name, std::string_view text) {
  for (const std::string_view packed : {".gz", ".xz"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  struct Ending {
    std::string_view ending;
    FileFormat format;
  };
  constexpr std::array<Ending, 5> endings = {{{".tsv", FileFormat::tsv},
                                              {".tab", FileFormat::tsv},
                                              {".csv", FileFormat::csv},
                                              {".jsonl", FileFormat::jsonl},
                                              {".ndjson", FileFormat::jsonl}}};
  for (const Ending& known : endings) {
    if (name.ends_with(known.ending)) return known.format;
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != text.npos && text[first] == '[') return FileFormat::json;
  if (first != text.npos && text[first] == '{') return FileFormat::jsonl;
  const std::string_view line = text.substr(0, text.find('\n'));
  const bool commas = line.find(',') != line.npos || line.find(';') != line.npos;
  return line.find('\t') == line.npos && commas ? FileFormat::csv : FileFormat::tsv;
}

}  // namespace rondo::data

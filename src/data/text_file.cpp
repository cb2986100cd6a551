// Checks whether a file is text, its encoding, and its format.
#include <algorithm>
#include <array>

#include <rondo/error.h>

#include "base/message.h"
#include "base/utf8.h"
#include "data/lines.h"
#include "data/table.h"

namespace rondo::data {
namespace {

constexpr std::string_view wanted = "; wanted text: TSV, CSV, JSON lines, a JSON array or fastText's lines";

struct Mark {
  std::string_view start, what;
};

/// How files begin that are given by mistake, and what helps.
constexpr std::array<Mark, 11> marks = {
    {{"%PDF-", "is a PDF"},
     {"PK\x03\x04", "is a ZIP archive or a spreadsheet (.xlsx, .ods); unpack it, or save the sheet as CSV"},
     {"\xD0\xCF\x11\xE0", "is a spreadsheet or document of an old Office; save it as CSV"},
     {"PAR1", "is a Parquet file; write it as JSON lines"},
     {"SQLite format 3", "is a database; write the table as CSV"},
     {"BZh", "is packed by bzip2; unpack it with bunzip2, or use .gz or .xz"},
     {"\x28\xB5\x2F\xFD", "is packed by Zstandard; unpack it with unzstd, or use .gz or .xz"},
     {"\x7F"
      "ELF",
      "is a program"},
     {"\x89PNG", "is a picture"},
     {"\xFF\xD8\xFF", "is a picture"},
     {"\x80\x04\x95", "is a pickle of Python; write it as JSON lines"}}};

/// Bytes that no text has, but for white space.
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 &&
         std::string_view("\t\n\r\v\f\x1b\x1a").find(c) == std::string_view::npos;
}

void refuse_binary(std::string_view bytes, const std::string& name) {
  for (const Mark& mark : marks)
    if (bytes.starts_with(mark.start))
      fail(ErrorKind::data, name + " line 1: " + std::string(mark.what) + std::string(wanted));
  if (guess_encoding(bytes) == "UTF-16")
    return;  // also full of zero bytes; require_utf8 tells how to convert it
  const std::size_t zero = bytes.find('\0');
  if (zero == bytes.npos) return;
  const std::string_view before = bytes.substr(0, zero);
  const std::string place =
      name + " line " +
      std::to_string(1 + std::count(before.begin(), before.end(), TextLines::line_end(bytes)));
  const auto controls = static_cast<std::size_t>(std::count_if(bytes.begin(), bytes.end(), is_control));
  if (controls * 100 > bytes.size())
    fail(ErrorKind::data, place + ": is a binary file" + std::string(wanted));
  fail(ErrorKind::data,
       place + " column " + std::to_string(count_code_points(before.substr(before.rfind('\n') + 1)) + 1) +
           ": a NUL byte (U+0000), which stands in no text; take such bytes out: tr -d '\\000' < FILE");
}

/// Whether labels of fastText begin the text, and no column of a TSV or CSV called so.
bool is_fasttext(std::string_view text, std::string_view separators) {
  if (!text.starts_with("__label__")) return false;
  const std::size_t end = text.find_first_of(" \t\r\n,;|");
  return end == text.npos || separators.find(text[end]) == separators.npos;
}

/// From the first line that begins with a label of fastText on, near the beginning: a text may have none.
std::string_view from_label_on(std::string_view text) {
  constexpr std::size_t near = 1 << 16;
  if (text.starts_with("__label__")) return text;
  const std::size_t line = text.substr(0, near).find("\n__label__");
  return line == text.npos ? std::string_view() : text.substr(line + 1);
}

}  // namespace

std::string_view require_text(std::string_view bytes, const std::string& name) {
  bytes = without_byte_order_mark(bytes);
  if (trim_unseen(bytes).empty())
    fail(ErrorKind::data, name + " line 1: the file is empty; wanted a label and a text on each line");
  refuse_binary(bytes, name);
  require_utf8(bytes, name);
  return bytes;
}

std::string unpacked_name(const std::filesystem::path& file) {
  const std::filesystem::path name = file.filename(), packed = lower_ascii(name.extension().string());
  return packed == ".gz" || packed == ".xz" ? name.stem().string() : name.string();
}

std::string ending_of(const std::filesystem::path& file) {
  const std::string ending = std::filesystem::path(unpacked_name(file)).extension().string();
  return ending.empty() ? "" : lower_ascii(ending.substr(1));
}

bool names_json_lines(const std::filesystem::path& file) {
  const std::string ending = ending_of(file);
  return ending == "jsonl" || ending == "ndjson";
}

bool names_table(const std::filesystem::path& file) {
  const std::string ending = ending_of(file);
  return ending == "tsv" || ending == "tab" || ending == "csv" || ending == "json" || names_json_lines(file);
}

FileFormat format_of(std::string_view name, std::string_view text) {
  const std::string ending = ending_of(name);
  text = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (ending == "tsv" || ending == "tab")
    return is_fasttext(text, "\t") ? FileFormat::fasttext : FileFormat::tsv;
  if (ending == "csv") return is_fasttext(text, ",;\t|") ? FileFormat::fasttext : FileFormat::csv;
  if (names_json_lines(name)) return FileFormat::jsonl;
  if (text.starts_with('[')) return FileFormat::json;
  if (text.starts_with('{')) return FileFormat::jsonl;
  if (is_fasttext(from_label_on(text), "\t,;|")) return FileFormat::fasttext;
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  return line.find('\t') == line.npos && line.find_first_of(",;|") != line.npos ? FileFormat::csv
                                                                                : FileFormat::tsv;
}

namespace {

Table read_any_table(std::string_view text, const std::string& name, const ReadOptions& options,
                     const ReadLike& like) {
  std::vector<std::string> paths;
  for (const std::string& column : {options.text, options.label, options.split_column, like.text, like.label})
    if (column.find('.') != std::string::npos) paths.push_back(column);
  switch (options.format == FileFormat::automatic ? format_of(name, text) : options.format) {
    case FileFormat::csv:
      return read_csv(text, name);
    case FileFormat::jsonl:
      return read_jsonl(text, name, paths);
    case FileFormat::json:
      return read_json_array(text, name, paths);
    case FileFormat::fasttext:
      return read_fasttext(text, name);
    case FileFormat::automatic:
    case FileFormat::tsv:
      break;
  }
  return read_tsv(text, name);
}

}  // namespace

Table read_table(std::string_view text, const std::string& name, const ReadOptions& options,
                 const ReadLike& like) {
  Table table = read_any_table(text, name, options, like);
  require_columns(table);
  return table;
}

}  // namespace rondo::data

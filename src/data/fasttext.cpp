// fastText's lines: words with blanks between them, of which those that begin with "__label__" are labels.
#include <rondo/error.h>

#include "base/message.h"
#include "data/lines.h"
#include "data/table.h"

namespace rondo::data {
namespace {

constexpr std::string_view prefix = "__label__", blanks = " \t\v\f\r";

/// Takes the labels out of a line, wherever they stand, and leaves the other words with what is between them.
Row row_of(std::string_view line, const Table& table, std::uint64_t number) {
  Row row;
  row.line = number;
  std::string text;
  while (!line.empty()) {
    const std::size_t blank = std::min(line.find_first_not_of(blanks), line.size());
    const std::size_t end = std::min(line.find_first_of(blanks, blank), line.size());
    const std::string_view word = line.substr(blank, end - blank);
    if (!word.starts_with(prefix))
      text += line.substr(text.empty() ? blank : 0, text.empty() ? end - blank : end);
    else if (word.size() == prefix.size())
      fail(ErrorKind::data, table.place(number) + ": no label follows " + quote(prefix) +
                                "; wanted lines such as " + "__label__good a lovely film");
    else
      row.labels.emplace_back(word.substr(prefix.size()));
    line.remove_prefix(end);
  }
  row.cells = {row.labels.empty() ? std::string() : row.labels.front(), std::move(text)};
  return row;
}

}  // namespace

Table read_fasttext(std::string_view text, const std::string& name) {
  Table table;
  table.name = name;
  table.columns = {"label", "text"};
  table.named_by_format = true;
  TextLines lines(text);
  for (std::string_view line; lines.next(line);) {
    require_short(table, lines.number(), line.size());
    if (line.find_first_not_of(blanks) == line.npos)
      table.add_blank_line(lines.number());
    else
      table.rows.push_back(row_of(line, table, lines.number()));
  }
  return table;
}

}  // namespace rondo::data

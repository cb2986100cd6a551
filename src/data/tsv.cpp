// Tab-separated lines, and what all readers of rows share.
#include <algorithm>

#include "base/message.h"
#include "data/lines.h"
#include "data/table.h"

namespace rondo::data {
namespace {

std::string columns_in_words(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " column" : " columns");
}

}  // namespace

void add_row(Table& table, Row row, std::string_view separator_name, const std::string& where) {
  if (!table.rows.empty() && row.cells.size() != table.width())
    fail(ErrorKind::data, table.place(row.line) + where + ": " + columns_in_words(row.cells.size()) +
                              ", but " + table.unit + " " + std::to_string(table.rows.front().line) +
                              " has " + std::to_string(table.width()) + "; is there a " +
                              std::string(separator_name) + " inside a text?");
  table.rows.push_back(std::move(row));
}

void require_columns(const Table& table) {
  if (table.rows.empty() || table.width() >= 2) return;
  const Row& first = table.rows.front();
  const std::string where = table.place(first.line) + ": one column only; wanted ";
  if (table.separator.empty())
    fail(ErrorKind::data, where + "objects with a text and a label" +
                              (table.inner.empty() ? ""
                                                   : "; values within it are named with dots (--text " +
                                                         table.inner.front() + ")"));
  const bool other =
      table.separator == "tab" && first.cells.front().find_first_of(",;|") != std::string::npos;
  fail(ErrorKind::data,
       where + "a label and a text with a " + table.separator + " between them" +
           (other ? "; where commas, semicolons or bars stand between them, say so with format "
                    "csv (--format csv)"
                  : ""));
}

void require_short(const Table& table, std::uint64_t line, std::size_t size) {
  if (size > record_limit)
    fail(ErrorKind::data, table.place(line) + ": is longer than " + std::to_string(record_limit) +
                              " bytes; is it the right file? One example a line is wanted");
}

Table read_tsv(std::string_view text, const std::string& name) {
  Table table;
  table.name = name;
  table.separator = "tab";
  TextLines lines(text);
  for (std::string_view line; lines.next(line);) {
    Row row;
    row.line = lines.number();
    require_short(table, row.line, line.size());
    if (line.empty()) {
      table.add_blank_line(row.line);
      continue;
    }
    for (;;) {
      const std::size_t tab = line.find('\t');
      row.cells.emplace_back(line.substr(0, tab));
      if (tab == line.npos) break;
      line.remove_prefix(tab + 1);
    }
    add_row(table, std::move(row), "tab");
  }
  return table;
}

}  // namespace rondo::data

#include <rondo/error.h>

#include "base/message.h"
#include "data/table.h"

namespace rondo::data {
namespace {

std::string columns_in_words(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " column" : " columns");
}

/// Adds a row after checking its width against the first one's.
void add_row(Table& table, Row row, std::string_view separator_name) {
  if (!table.rows.empty() && row.cells.size() != table.width())
    fail(ErrorKind::data, table.place(row.line) + ": " + columns_in_words(row.cells.size()) + ", but " +
                              table.unit + " " + std::to_string(table.rows.front().line) + " has " +
                              std::to_string(table.width()) + "; is there a " + std::string(separator_name) +
                              " inside a text?");
  table.rows.push_back(std::move(row));
}

void require_columns(const Table& table, std::string_view separator_name) {
  if (!table.rows.empty() && table.width() < 2)
    fail(ErrorKind::data, table.place(table.rows.front().line) +
                              ": one column only; wanted a label and a text with a " +
                              std::string(separator_name) + " between them");
}

void require_short(const Table& table, std::uint64_t line, std::size_t size) {
  if (size > record_limit)
    fail(ErrorKind::data, table.place(line) + ": is longer than " + std::to_string(record_limit) +
                              " bytes; is it the right file? One example a line is wanted");
}

/// Splits CSV into records; see RFC 4180. A quote inside a field that does not begin with one is kept as it
/// is.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator, Table& table)
      : text_(text), separator_(separator), table_(table) {}

  void run() {
    while (at_ < text_.size())
      read_record();
  }

 private:
  void read_record() {
    Row row;
    row.line = line_;
    const std::size_t begin = at_;
    bool more = true;
    while (more) {
      row.cells.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted_field(row.line) : plain_field());
      require_short(table_, row.line, at_ - begin);
      more = at_ < text_.size() && text_[at_] == separator_;
      if (more) ++at_;
    }
    const bool blank = at_ == begin;
    end_line();
    if (blank)
      table_.add_blank_line(row.line);
    else
      add_row(table_, std::move(row), name());
  }

  std::string plain_field() {
    const std::size_t end = std::min(text_.find_first_of(ends(), at_), text_.size());
    std::string field(text_.substr(at_, end - at_));
    at_ = end;
    return field;
  }

  std::string quoted_field(std::uint64_t record_line) {
    std::string field;
    const std::uint64_t begin_line = line_;
    for (++at_;;) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == text_.npos)
        fail(ErrorKind::data,
             table_.place(begin_line) + ": a quotation mark opens a field and none closes it");
      for (std::size_t i = at_; i < quote; ++i)
        line_ += text_[i] == '\n';
      field.append(text_, at_, quote - at_);
      at_ = quote + 1;
      if (at_ >= text_.size() || text_[at_] != '"') break;
      field += '"';
      ++at_;
      require_short(table_, record_line, field.size());
    }
    if (at_ < text_.size() && ends().find(text_[at_]) == std::string::npos)
      fail(ErrorKind::data, table_.place(line_) +
                                ": text after the quotation mark that closes a field; inside a "
                                "quoted field a quotation mark is written twice");
    return field;
  }

  void end_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
  }

  std::string ends() const { return std::string{separator_, '\r', '\n'}; }
  std::string_view name() const { return separator_ == ';' ? "semicolon" : "comma"; }

  std::string_view text_;
  char separator_;
  Table& table_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
};

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

Table read_tsv(std::string_view text, const std::string& name) {
  Table table;
  table.name = name;
  std::uint64_t number = 0;
  while (!text.empty()) {
    std::string_view line = first_line(text);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    Row row;
    row.line = ++number;
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
  require_columns(table, "tab");
  return table;
}

Table read_csv(std::string_view text, const std::string& name) {
  Table table;
  table.name = name;
  const std::string_view first = first_line(text);
  const bool semicolons = first.find(',') == first.npos && first.find(';') != first.npos;
  if (semicolons) table.notices.push_back(name + ": its columns are separated by semicolons");
  CsvReader(text, semicolons ? ';' : ',', table).run();
  require_columns(table, semicolons ? "semicolon" : "comma");
  return table;
}

}  // namespace rondo::data

// CSV after RFC 4180, and what people call so: other separators, a line "sep=;".
#include <algorithm>

#include "base/message.h"
#include "base/utf8.h"
#include "data/lines.h"
#include "data/table.h"

namespace rondo::data {
namespace {

std::string_view name_of_separator(char separator) {
  switch (separator) {
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
    case '|':
      return "vertical bar";
    default:
      return "comma";
  }
}

/// Quoted fields that go over more lines than the paragraphs of a short text.
struct LongFields {
  static constexpr std::uint64_t usual_lines = 3;
  std::size_t count = 0;
  std::uint64_t first = 0, last = 0;  // lines of the longest

  void add(std::uint64_t from, std::uint64_t to) {
    if (to - from < usual_lines) return;
    ++count;
    if (count > 1 && to - from <= last - first) return;
    first = from;
    last = to;
  }
};

/// Splits CSV into records. A quote inside a field that does not begin with one is kept as it is.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator, std::uint64_t first_line, Table& table)
      : text_(text),
        separator_(separator),
        line_end_(TextLines::line_end(text)),
        table_(table),
        line_(first_line) {}

  void run() {
    while (at_ < text_.size())
      read_record();
    note_long_fields();
  }

 private:
  void read_record() {
    if (text_.substr(at_).starts_with("\xef\xbb\xbf")) at_ += 3;  // of a file that was joined to others
    Row row;
    row.line = line_;
    const std::size_t begin = at_;
    bool more = true;
    while (more) {
      row.cells.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted_field() : plain_field());
      require_short(table_, row.line, at_ - begin);
      more = at_ < text_.size() && text_[at_] == separator_;
      if (more) ++at_;
    }
    const bool blank = at_ == begin;
    const std::string where =
        line_ > row.line ? " (a quoted field on it ends on line " + std::to_string(line_) + ")" : "";
    end_line();
    if (blank)
      table_.add_blank_line(row.line);
    else
      add_row(table_, std::move(row), name_of_separator(separator_), where);
  }

  std::string plain_field() {
    const std::size_t end = std::min(text_.find_first_of(ends(), at_), text_.size());
    std::string field(text_.substr(at_, end - at_));
    at_ = end;
    return field;
  }

  std::string quoted_field() {
    std::string field;
    const std::uint64_t begin_line = line_;
    for (++at_;;) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == text_.npos)
        fail(ErrorKind::data,
             table_.place(begin_line) + ": a quotation mark opens a field and none closes it");
      if (field.size() + quote - at_ > record_limit)
        fail(ErrorKind::data,
             table_.place(begin_line) + ": is longer than " + std::to_string(record_limit) +
                 " bytes; does the quotation mark that opens a field on it belong to the text?");
      line_ += static_cast<std::uint64_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                     text_.begin() + static_cast<std::ptrdiff_t>(quote),
                                                     line_end_));
      field.append(text_, at_, quote - at_);
      at_ = quote + 1;
      if (at_ >= text_.size() || text_[at_] != '"') break;
      field += '"';
      ++at_;
    }
    if (at_ < text_.size() && ends().find(text_[at_]) == std::string::npos) refuse_rest(begin_line);
    long_fields_.add(begin_line, line_);
    return field;
  }

  [[noreturn]] void refuse_rest(std::uint64_t begin_line) const {
    const std::string end = line_ == begin_line ? "" : " on line " + std::to_string(line_);
    fail(ErrorKind::data, table_.place(begin_line) + ": text follows the quotation mark that closes a field" +
                              end + "; a mark that belongs to the text is written twice, in a quoted field");
  }

  void end_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
  }

  void note_long_fields() {
    if (long_fields_.count == 0) return;
    const bool one = long_fields_.count == 1;
    table_.notices.push_back(
        table_.name + ": " + std::to_string(long_fields_.count) +
        (one ? " quoted field goes" : " quoted fields go") + " over more than " +
        std::to_string(LongFields::usual_lines) + " lines (" + (one ? "" : "the longest: ") + "line " +
        std::to_string(long_fields_.first) + " to " + std::to_string(long_fields_.last) +
        "); if these are rows of their own, a quotation mark on the first line is one too many");
  }

  std::string ends() const { return std::string{separator_, '\r', '\n'}; }

  std::string_view text_;
  char separator_, line_end_;
  Table& table_;
  std::size_t at_ = 0;
  std::uint64_t line_;
  LongFields long_fields_;
};

/// The separator that a first line like "sep=;" names, which spreadsheets write and read; the line is taken
/// off.
char take_named_separator(std::string_view& text) {
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  const std::size_t length = line.size();
  if (line.size() == 7 && line.front() == '"' && line.back() == '"') line = line.substr(1, 5);
  if (line.size() != 5 || lower_ascii(std::string(line.substr(0, 4))) != "sep=") return '\0';
  text.remove_prefix(length);
  if (text.starts_with('\r')) text.remove_prefix(1);
  if (text.starts_with('\n')) text.remove_prefix(1);
  return line.back();
}

}  // namespace

Table read_csv(std::string_view text, const std::string& name) {
  Table table;
  table.name = name;
  const char named = take_named_separator(text);
  const char separator = named != '\0' && named != '"' ? named : separator_of(text);
  table.separator = name_of_separator(separator);
  if (separator != ',')
    table.notices.push_back(name + ": its columns are separated by " +
                            (name_of_separator(separator) == "comma"
                                 ? quote(std::string_view(&separator, 1))
                                 : std::string(name_of_separator(separator)) + "s"));
  CsvReader(text, separator, named == '\0' ? 1 : 2, table).run();
  return table;
}

}  // namespace rondo::data

#include "tasks/forecast/delimited.h"

#include <utility>

#include "base/files.h"
#include "base/message.h"
#include "base/utf8.h"
#include "data/cells.h"
#include "data/lines.h"
#include "data/table.h"

namespace rondo::forecast {

NextLine lines_of(const std::filesystem::path& file) {
  const auto reader = std::make_shared<LineReader>(
      file, ReadLimits{.size = std::uint64_t{1} << 40, .line = std::uint64_t{1} << 24});
  return [reader](std::string& line) { return reader->next(line); };
}

NextLine lines_in(std::string_view text) {
  const auto lines = std::make_shared<data::TextLines>(text);
  return [lines](std::string& line) {
    std::string_view next;
    if (!lines->next(next)) return false;
    line = next;
    return true;
  };
}

bool RowReader::next_line(std::string& line) {
  for (;;) {
    if (taken_ < ahead_.size())
      line = std::move(ahead_[taken_++]);
    else if (!lines_(line))
      return false;
    ++number_;
    if (line.ends_with('\r')) line.pop_back();
    if (number_ == 1) line = std::string(without_byte_order_mark(line));
    if (!trim_unseen(line).empty()) return true;
  }
}

/// The separator of the columns is what cuts the first lines alike.
void RowReader::look_ahead() {
  std::string start;
  for (std::string line; ahead_.size() < 50 && lines_(line);) {
    start += line + "\n";
    ahead_.push_back(line);
  }
  if (start.find('\0') != start.npos)
    fail(ErrorKind::data, name_ + ": is no text; wanted a table with separated columns (CSV or TSV)");
  separator_ = start.empty() ? ',' : data::separator_of(start);
}

bool RowReader::next(std::vector<std::string>& cells) {
  if (separator_ == '\0') look_ahead();
  std::string line;
  if (!next_line(line)) return false;
  if (number_ <= 1000 || width_ == 0) require_utf8(line, name_, number_);
  data::cut_cells(line, separator_, place(), cells);
  if (width_ == 0) width_ = cells.size();
  if (cells.size() != width_)
    fail(ErrorKind::data, place() + ": has " + std::to_string(cells.size()) +
                              (cells.size() == 1 ? " cell" : " cells") + ", the rows before have " +
                              std::to_string(width_) +
                              "; a cell that holds the separator must stand in quotation marks");
  return true;
}

}  // namespace rondo::forecast

#include "table.h"

#include <algorithm>

#include "base/shown.h"
#include "base/utf8.h"

namespace rondo::program {

Table::Table(std::vector<std::string> headers) : headers_(std::move(headers)) {
  for (std::string& header : headers_) {
    right_.push_back(header.starts_with('>'));
    if (right_.back()) header.erase(0, 1);
    header = one_line(std::move(header));
  }
}

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells)
    cell = one_line(std::move(cell));
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<int> widths;
  for (const std::string& header : headers_)
    widths.push_back(display_width(header));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i]));
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string room(static_cast<std::size_t>(widths[i] - display_width(cells[i])), ' ');
      out += (i == 0 ? "" : "  ") + (right_[i] ? room + cells[i] : cells[i] + room);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out + "\n";
  };
  std::string out = line(headers_);
  for (const auto& row : rows_)
    out += line(row);
  return out;
}

}  // namespace rondo::program

#include "data/cells.h"

#include <algorithm>

#include "base/message.h"

namespace rondo::data {

void cut_cells(std::string_view line, char separator, const std::string& place,
               std::vector<std::string>& cells) {
  std::size_t used = 0;
  const auto add = [&](std::string_view cell) {
    if (used == cells.size()) cells.emplace_back();
    cells[used++].assign(cell);
  };
  for (std::size_t at = 0;;) {
    if (at < line.size() && line[at] == '"') {
      std::string cell;
      for (++at;; ++at) {
        const std::size_t end = line.find('"', at);
        if (end == line.npos)
          fail(ErrorKind::data, place + ": a quotation mark opens a cell and none closes it on that line");
        cell.append(line.substr(at, end - at));
        at = end + 1;
        if (at >= line.size() || line[at] != '"') break;
        cell += '"';
      }
      const std::size_t end = std::min(line.find(separator, at), line.size());
      cell.append(line.substr(at, end - at));
      add(cell);
      at = end;
    } else {
      const std::size_t end = std::min(line.find(separator, at), line.size());
      add(line.substr(at, end - at));
      at = end;
    }
    if (at >= line.size()) break;
    ++at;
  }
  cells.resize(used);
}

}  // namespace rondo::data

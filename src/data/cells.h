/// The cells of one line of a table.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace rondo::data {

/// Cuts a line into cells at a separator; quoted cells hold it, and "" for a quotation mark. Error(data) with
/// `place` for a quoted cell that does not end on the line.
void cut_cells(std::string_view line, char separator, const std::string& place,
               std::vector<std::string>& cells);

}  // namespace rondo::data

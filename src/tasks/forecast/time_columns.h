/// Which columns of a table hold its times, and how these are written.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tasks/forecast/layout.h"

namespace rondo::forecast {

/// Whether the text is a date in some order.
bool is_date(std::string_view text);
/// Whether a column's cells from a row on are dates, and not plain numbers.
bool dated(const Sample& sample, std::size_t column, std::size_t first);

/// The column of a name, or of a number from 1. Error(option), which names the option, if there is none.
std::size_t column_of(const Sample& sample, const TableLayout& layout, const std::string& wanted,
                      std::string_view option);

/// Fills in the columns of the times of a layout whose columns have their names, their parts, style and
/// order. Error(data) for dates in contradictory orders.
void find_times(const Sample& sample, const ColumnOptions& options, const LikeLayout& like,
                TableLayout& layout, std::vector<std::string>& notices);

}  // namespace rondo::forecast

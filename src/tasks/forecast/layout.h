/// What the columns of a table are, decided from its first rows and the options.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/forecast.h>

#include "base/utf8.h"
#include "tasks/forecast/moment.h"
#include "tasks/forecast/numbers.h"

namespace rondo::forecast {

/// past: known up to the last row; known: in the future too; constant: one value a series.
enum class Role { ignored, time, id, target, past, known, constant };

struct ColumnPlan {
  std::string name;
  Role role = Role::ignored;
  bool category = false;
};

/// What a column of several that make a time holds. clock: a time of day.
enum class TimePart { year, month, day, hour, minute, second, date, clock };

struct TableLayout {
  bool header = false;
  std::vector<ColumnPlan> columns;
  std::vector<std::size_t> time;  ///< columns; empty: none
  std::vector<TimePart> parts;    ///< of several time columns
  std::size_t id = npos;
  NumberStyle numbers;
  TimeStyle style;
  DateOrder dates = DateOrder::automatic;  ///< automatic: no date needs an order
  MissingMarks missing;

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::vector<std::string> names(Role role) const;
};

/// The first rows of a table.
struct Sample {
  std::string name;  ///< of the file
  std::vector<std::vector<std::string>> rows;
  std::vector<std::uint64_t> lines;  ///< of each row
  char separator = ',';
  MissingMarks missing;

  std::string_view cell(std::size_t row, std::size_t column) const { return trim_unseen(rows[row][column]); }
  /// Whether f holds for every cell of a column that is not missing, and for at least one.
  template <class F>
  bool all(std::size_t column, std::size_t first, const F& f) const {
    bool some = false;
    for (std::size_t row = first; row < rows.size(); ++row) {
      const std::string_view text = cell(row, column);
      if (missing(text)) continue;
      if (!f(text)) return false;
      some = true;
    }
    return some;
  }
  bool numeric(std::size_t column, std::size_t first) const { return all(column, first, looks_like_number); }
};

/// What an earlier table of the same kind had, of the model that reads this one.
struct LikeLayout {
  bool given = false;
  std::vector<ColumnPlan> columns;  ///< all that are used, by name
  DateOrder dates = DateOrder::automatic;
};

/// Error(data) or Error(option) for a table whose columns cannot be told.
TableLayout layout_of(const Sample& sample, const ColumnOptions& options, const LikeLayout& like,
                      std::vector<std::string>& notices);

}  // namespace rondo::forecast

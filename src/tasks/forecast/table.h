/// The columns of a table of series, in memory, as they stand in its files.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/forecast/delimited.h"
#include "tasks/forecast/layout.h"

namespace rondo::forecast {

/// Values of a column; of words, the numbers of `words`. NaN: missing.
struct RawColumn {
  std::string name;
  Role role = Role::past;
  bool category = false;
  std::vector<double> values;
  std::vector<std::string> words;
};

/// Where rows stand in their files.
class RowPlaces {
 public:
  void add(std::size_t row, std::uint64_t line, const std::string& file);
  std::uint64_t line(std::size_t row) const;
  /// "load.csv line 17"
  std::string place(std::size_t row) const;

 private:
  struct Run {
    std::size_t row;
    std::uint64_t line;
    std::size_t file;
  };
  const Run& run_of(std::size_t row) const;
  std::vector<Run> runs_;  // of rows on neighbouring lines
  std::vector<std::string> files_;
};

struct RawTable {
  std::string name;  ///< of the first file
  TableLayout layout;
  std::vector<std::int64_t> times;  ///< milliseconds or numbers; empty: none
  std::vector<std::int32_t> ids;    ///< numbers of id_names; empty: no column names the series
  std::vector<std::string> id_names;
  std::vector<RawColumn> columns;  ///< targets, past, known and constant ones
  std::size_t rows = 0;
  bool zones = false;  ///< times named their zones and are in UTC
  RowPlaces places;
};

/// Error(data) with file, line and column for a cell that its column does not take.
RawTable read_table(const std::vector<std::filesystem::path>& files, const ColumnOptions& options,
                    const LikeLayout& like, std::vector<std::string>& notices);
/// The same from memory; `name` stands for the file in messages.
RawTable parse_table(std::string_view text, const std::string& name, const ColumnOptions& options,
                     const LikeLayout& like, std::vector<std::string>& notices);

}  // namespace rondo::forecast

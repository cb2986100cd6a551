/// Rows of cells from files with separated columns, one line at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rondo::forecast {

/// Gives the next line without its end; false after the last.
using NextLine = std::function<bool(std::string&)>;
NextLine lines_of(const std::filesystem::path& file);
NextLine lines_in(std::string_view text);

/// The rows of one file. Blank lines are left out; every row has as many cells as the first.
class RowReader {
 public:
  RowReader(NextLine lines, std::string name) : lines_(std::move(lines)), name_(std::move(name)) {}

  /// False after the last row. Error(data) for a row of another width and for bytes that are no text.
  bool next(std::vector<std::string>& cells);
  /// Of the row last given, from 1.
  std::uint64_t line() const noexcept { return number_; }
  char separator() const noexcept { return separator_; }
  const std::string& name() const noexcept { return name_; }
  /// "load.csv line 17"
  std::string place() const { return name_ + " line " + std::to_string(number_); }

 private:
  bool next_line(std::string& line);
  void look_ahead();

  NextLine lines_;
  std::string name_;
  std::vector<std::string> ahead_;
  std::size_t taken_ = 0;
  std::uint64_t number_ = 0;
  std::size_t width_ = 0;
  char separator_ = '\0';
};

}  // namespace rondo::forecast

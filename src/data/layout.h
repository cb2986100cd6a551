/// Where the first of several files has its texts and labels, and where the others have them.
#pragma once
#include <string>
#include <vector>

#include "data/table.h"

namespace rondo::data {

class TableLayout {
 public:
  /// Settles the columns of the first table, and what its choice is called.
  Columns settle(Table& table, const ReadOptions& options, const ReadLike& like);
  /// The same columns in a table of another file: by name, or by number where one of the two has no names.
  /// Throws Error(data) naming both files.
  Columns columns_in(const Table& table, const ReadOptions& options);
  /// Whether a row of the table last given says the names of its columns once more.
  bool is_header(const Row& row) const;
  /// The names of the first table's columns; empty: it has none.
  const std::vector<std::string>& names() const { return names_; }
  /// "FILE line 17" of the first table.
  std::string place(std::uint64_t line) const { return file_ + " " + unit_ + " " + std::to_string(line); }

  std::string text_column, label_column, split_column;  // for people
  std::string text, label;                              // as ReadOptions name them

 private:
  std::size_t same_column(const Table& table, std::size_t column, const std::string& what) const;
  [[noreturn]] void refuse_column(const Table& table, std::size_t column, const std::string& what) const;

  std::string file_, unit_;
  std::vector<std::string> names_, header_;
  std::size_t width_ = 0;
  Columns columns_;
};

}  // namespace rondo::data

/// Tables for terminals. Each column is as wide as its widest cell, measured in terminal columns, so that
/// Chinese text is aligned, too.
#pragma once
#include <string>
#include <vector>

namespace rondo::program {

class Table {
 public:
  /// A header that begins with '>' belongs to a right-aligned column.
  explicit Table(std::vector<std::string> headers);
  void add(std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<std::string> headers_;
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rondo::program

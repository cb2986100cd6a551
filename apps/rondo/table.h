/// Tables for terminals: columns as wide as their widest cell, counted in columns of the terminal, so that
/// Chinese stands straight.
#pragma once
#include <string>
#include <vector>

namespace rondo::program {

class Table {
 public:
  /// A header that begins with '>' stands over a column aligned to the right.
  explicit Table(std::vector<std::string> headers);
  void add(std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<std::string> headers_;
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rondo::program

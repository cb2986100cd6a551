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

/// Tabs and line ends as spaces: a text in one cell, or in one field of a TSV line.
std::string one_line(std::string text);
/// 0.8731 as "87.31 %".
std::string percent(double share);
/// 1234567 as "1 234 567".
std::string grouped(long long count);
/// 25 000 000 bytes as "23.8 MiB".
std::string byte_size(double bytes);

}  // namespace rondo::program

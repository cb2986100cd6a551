/// The lines of a text in memory.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/utf8.h"

namespace rondo::data {

/// Lines end with LF or CR LF; in a text without any LF, with CR. They are given without their ends, and
/// without the byte order mark that stands first in each file that was joined to others.
class TextLines {
 public:
  explicit TextLines(std::string_view text) : rest_(text), end_(line_end(text)) {}

  /// False after the last line.
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    line = rest_.substr(0, rest_.find(end_));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = without_byte_order_mark(line);
    ++number_;
    return true;
  }
  /// Of the line last given, from 1.
  std::uint64_t number() const { return number_; }

  static char line_end(std::string_view text) {
    return text.find('\n') == text.npos && text.find('\r') != text.npos ? '\r' : '\n';
  }

 private:
  std::string_view rest_;
  char end_;
  std::uint64_t number_ = 0;
};

}  // namespace rondo::data

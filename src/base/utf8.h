/// UTF-8: validation with the place of the fault, code points, width on a terminal.
#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <rondo/error.h>

namespace rondo {

/// The replacement for bytes that are not UTF-8.
inline constexpr char32_t replacement_character = 0xfffd;

/// The text without the byte order mark that some editors put first.
std::string_view without_byte_order_mark(std::string_view text);

/// The first byte that does not continue valid UTF-8. NUL counts as a fault, because text has none.
struct Utf8Fault {
  std::size_t byte;      ///< its offset
  std::uint64_t line;    ///< from 1
  std::uint64_t column;  ///< in code points, from 1
};
std::optional<Utf8Fault> find_utf8_fault(std::string_view text);

/// Guesses the encoding of a text: "GB18030", "UTF-16", "Windows-1252" (Latin-1), or "" if it does not know.
std::string_view guess_encoding(std::string_view bytes);

/// Throws Error(kind) "NAME line L column C: byte 0xNN is not UTF-8; ..." with the guess and how to convert.
/// `first_line` is the number of the text's first line in NAME.
void require_utf8(std::string_view text, std::string_view name, std::uint64_t first_line = 1,
                  ErrorKind kind = ErrorKind::data);

/// The code point at byte `at`; moves `at` behind it. Each byte that is not UTF-8 gives U+FFFD.
char32_t next_code_point(std::string_view text, std::size_t& at);

/// for (char32_t c : CodePoints(text)) ...
class CodePoints {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char32_t;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = char32_t;

    Iterator(std::string_view text, std::size_t at) : text_(text), at_(at), next_(at) { read(); }
    char32_t operator*() const { return value_; }
    Iterator& operator++() {
      at_ = next_;
      read();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    /// The offset of its first byte.
    std::size_t byte() const { return at_; }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    void read() {
      if (at_ < text_.size()) value_ = next_code_point(text_, next_);
    }

    std::string_view text_;
    std::size_t at_, next_;
    char32_t value_ = 0;
  };

  explicit CodePoints(std::string_view text) : text_(text) {}
  Iterator begin() const { return {text_, 0}; }
  Iterator end() const { return {text_, text_.size()}; }

 private:
  std::string_view text_;
};

std::size_t count_code_points(std::string_view text);

/// Appends the bytes of a code point. Invalid values (surrogates, above U+10FFFF) become U+FFFD.
void append_utf8(std::string& text, char32_t code_point);

/// White space of any script: blanks, tabs, ends of lines, U+00A0, U+3000.
bool is_white_space(char32_t code_point);
/// Takes no room and says nothing of its own: byte order marks, zero-width spaces, soft hyphens, marks of
/// direction. Not the joiners and selectors that shape the characters beside them.
bool is_invisible(char32_t code_point);
/// Without white space and invisible characters at its ends.
std::string_view trim_unseen(std::string_view text);

/// Columns on a terminal: 2 for East Asian wide characters, 0 for combining marks and controls.
int display_width(char32_t code_point);
int display_width(std::string_view text);

/// The text, cut to `width` columns with "…" at its end if it is wider.
std::string truncate_to_width(std::string_view text, int width);
/// The same, padded with spaces to `width` columns.
std::string fit_to_width(std::string_view text, int width);

}  // namespace rondo

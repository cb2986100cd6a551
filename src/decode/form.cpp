#include "decode/form.h"

#include <algorithm>
#include <charconv>

#include <rondo/error.h>

#include "base/message.h"
#include "base/utf8.h"
#include "data/unicode.h"

namespace rondo::decode {
namespace {

constexpr std::size_t longest_line = 1'000, most_lines = 10'000;

[[noreturn]] void refuse(std::string_view part, const std::string& why) {
  fail(ErrorKind::option, "form: " + quote(part) + " " + why +
                              "; a form is like 5x4 (four lines of five characters), 7,5,7 or 春????");
}

/// A whole number from 1 to `most`, or 0.
std::size_t number_in(std::string_view text, std::size_t most) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number <= most ? number : 0;
}

bool is_letter(char32_t c) {
  const CharacterClass of = class_of(c);
  return of == CharacterClass::letter || of == CharacterClass::ideograph || of == CharacterClass::digit;
}

std::u32string pattern_in(std::string_view part) {
  std::u32string line;
  for (const char32_t c : CodePoints(part)) {
    const bool open = c == '?' || c == 0xFF1F;
    if (!open && !is_letter(c)) refuse(part, "has something besides characters and '?'");
    line.push_back(open ? Form::any : c);
  }
  if (line.empty() || line.size() > longest_line) refuse(part, "is no line of 1 to 1000 characters");
  return line;
}

void add_part(std::string_view part, std::vector<std::u32string>& lines) {
  const std::size_t cross = part.find('x');
  const std::string_view length = part.substr(0, cross);
  const bool counted = !part.empty() && part.front() >= '0' && part.front() <= '9';
  if (!counted) {
    lines.push_back(pattern_in(part));
    return;
  }
  const std::size_t characters = number_in(length, longest_line);
  const std::size_t count = cross == part.npos ? 1 : number_in(part.substr(cross + 1), most_lines);
  if (characters == 0) refuse(part, "has no line of 1 to 1000 characters");
  if (count == 0) refuse(part, "has no number of lines from 1 to 10000");
  lines.insert(lines.end(), count, std::u32string(characters, Form::any));
}

}  // namespace

std::vector<std::u32string> parse_form(std::string_view form) {
  require_utf8(form, "form", 1, ErrorKind::option);
  std::vector<std::u32string> lines;
  for (std::size_t at = 0; at <= form.size();) {
    const std::size_t end = std::min(form.find(',', at), form.size());
    add_part(form.substr(at, end - at), lines);
    if (lines.size() > most_lines) refuse(form, "has more than 10000 lines");
    at = end + 1;
  }
  return lines;
}

void give_first_line(Form& form, std::string_view line) {
  require_utf8(line, "first_line", 1, ErrorKind::option);
  std::u32string given;
  for (const char32_t c : CodePoints(line)) {
    if (!is_letter(c)) fail(ErrorKind::option, "first_line: give its characters only, got " + quote(line));
    given.push_back(c);
  }
  if (given.size() != form.lines.front().size())
    fail(ErrorKind::option, "first_line: the form wants " + std::to_string(form.lines.front().size()) +
                                " characters, got " + std::to_string(given.size()) + ": " + quote(line));
  form.lines.front() = std::move(given);
}

void give_acrostic(Form& form, std::string_view text) {
  require_utf8(text, "acrostic", 1, ErrorKind::option);
  std::size_t line = 0;
  for (const char32_t c : CodePoints(text)) {
    if (!is_letter(c)) fail(ErrorKind::option, "acrostic: give its characters only, got " + quote(text));
    if (line == form.lines.size())
      fail(ErrorKind::option, "acrostic: " + quote(text) + " has more characters than the form has lines, " +
                                  std::to_string(form.lines.size()));
    form.lines[line++].front() = c;
  }
}

FormWalk::Kind FormWalk::kind_of(char32_t character) {
  if (is_letter(character)) return Kind::letter;
  if (character == '\n' || class_of(character) == CharacterClass::punctuation) return Kind::mark;
  return character == ' ' || character == 0x3000 ? Kind::blank : Kind::other;
}

bool FormWalk::fits(char32_t character) const {
  const Kind kind = kind_of(character);
  if (marks_ == 0)  // a line is full
    return kind == Kind::mark;
  if (complete()) return false;
  const bool between = line_ > 0 && at_ == 0;
  if (between && marks_ == 1 && (kind == Kind::blank || character == '\n')) return true;
  if (kind != Kind::letter) return false;
  const char32_t wanted = form_->lines[line_][at_];
  if (wanted != Form::any) return character == wanted;
  if (!form_->distinct) return true;
  const auto given = [character](const std::u32string& line) { return line.find(character) != line.npos; };
  return used_.find(character) == used_.npos && std::none_of(form_->lines.begin(), form_->lines.end(), given);
}

void FormWalk::advance(char32_t character) {
  const Kind kind = kind_of(character);
  if (kind != Kind::letter) {
    // A line end is mark and break at once.
    marks_ += marks_ == 0 && character == '\n' ? 2 : 1;
    return;
  }
  if (form_->distinct) used_.push_back(character);
  if (++at_ < form_->lines[line_].size()) return;
  ++line_;
  at_ = 0;
  marks_ = 0;
}

bool FormWalk::takes(std::string_view text) const {
  std::size_t at = 0;
  const char32_t first = next_code_point(text, at);
  if (!fits(first)) return false;
  if (at == text.size()) return true;
  FormWalk tried = *this;
  tried.advance(first);
  while (at < text.size()) {
    const char32_t next = next_code_point(text, at);
    if (!tried.fits(next)) return false;
    tried.advance(next);
  }
  return true;
}

void FormWalk::take(std::string_view text) {
  for (const char32_t c : CodePoints(text))
    advance(c);
}

std::string FormWalk::place() const {
  if (marks_ == 0) return "the end of line " + std::to_string(line_);
  return "line " + std::to_string(line_ + 1) + ", character " + std::to_string(at_ + 1);
}

}  // namespace rondo::decode

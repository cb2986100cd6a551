/// The form of a text: how many characters each of its lines has, and which of them are given.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rondo::decode {

/// Lines of characters.
struct Form {
  static constexpr char32_t any = 0;

  std::vector<std::u32string> lines;  ///< the character that must stand at each place, or any
  bool distinct = false;              ///< no character of the lines stands twice, but those that are given
};

/// The lines of a form: "5x4" are four lines of five characters, "7,5,7" lines of seven, five and seven, and
/// "春????" is a line of five whose first character is given. Commas separate the parts; one that begins with
/// a digit is a number. Error(option) for anything else.
std::vector<std::u32string> parse_form(std::string_view form);
/// The first line is `line`. Error(option) if it has another length.
void give_first_line(Form& form, std::string_view line);
/// The lines begin with the characters of `text`, one after another. Error(option) for more characters than
/// lines.
void give_acrostic(Form& form, std::string_view text);

/// How far a text has come in its form. Letters, ideographs and digits are the characters of a line. Behind
/// each line stands one punctuation mark or line end; between two lines a blank or a line end may follow it.
class FormWalk {
 public:
  explicit FormWalk(std::shared_ptr<const Form> form) : form_(std::move(form)) {}

  /// Whether the text may go on with this, which is not empty.
  bool takes(std::string_view text) const;
  void take(std::string_view text);
  /// Whether all lines are there.
  bool complete() const noexcept { return line_ == form_->lines.size(); }
  /// Whether nothing may follow.
  bool finished() const noexcept { return complete() && marks_ > 0; }
  /// "line 2, character 3": what comes next.
  std::string place() const;

 private:
  enum class Kind { letter, mark, blank, other };
  static Kind kind_of(char32_t character);
  bool fits(char32_t character) const;
  void advance(char32_t character);

  std::shared_ptr<const Form> form_;
  std::size_t line_ = 0, at_ = 0;
  int marks_ = 1;             ///< that stand since the last line; before the first nothing is missing
  std::u32string used_ = {};  ///< characters of the lines, where they must differ
};

}  // namespace rondo::decode

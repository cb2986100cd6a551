/// Answers in the forms that files have.
#pragma once
#include <string>

#include <rondo/tasks/tagged_text.h>

#include "tasks/tag/files/parser.h"
#include "tasks/tag/text/line_parts.h"
#include "tasks/tag/text/tagged_line.h"

namespace rondo::tag {

/// Error(option) "WHERE ..." where answers of this kind cannot be written in that form.
void check_format(TagFormat format, const Tagging& tagging, const std::string& where);

/// Writes tagged lines in one form. Lines that came in parts are written as one, but for JSON, where each
/// part is an object that says of which line it is and where in it it begins.
class LineWriter {
 public:
  LineWriter(TagFormat format, const Tagging& tagging) : format_(format), tagging_(tagging) {}

  /// `part` says what of its line `line` is; its text is that of `line`.
  void write(const LinePart& part, const TaggedLine& line, std::string& out);

 private:
  void write_words(const LinePart& part, const TaggedLine& line, std::string& out);
  void write_conll(const TaggedLine& line, std::string& out) const;
  void write_conllu(const LinePart& part, const TaggedLine& line, std::string& out);
  void write_json(const LinePart& part, const TaggedLine& line, std::string& out);

  TagFormat format_;
  const Tagging& tagging_;
  bool after_blank_ = true;     ///< what was written of this line ends with a blank, or is nothing
  std::size_t number_ = 0;      ///< of the last word of the line
  std::size_t characters_ = 0;  ///< of the line before the part
};

/// The lines of a sentence as they were, with the tags: appended as a last column (conll), in place of the
/// tag's column (conllu).
void write_columns(const SentenceLines& lines, const Strings& tags, const TagReading& reading,
                   std::string& out);

}  // namespace rondo::tag

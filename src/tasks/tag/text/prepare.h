/// Lines of running text as sentences to be tagged.
#pragma once
#include <string>

#include <rondo/tasks/tagged_text.h>

#include "tasks/tag/lexicon/lexicon.h"
#include "tasks/tag/text/filter.h"
#include "tasks/tag/text/tagged_line.h"

namespace rondo::tag {

class LinePreparer {
 public:
  /// Reads the user's words. `tagging` must outlive it.
  LinePreparer(const Tagging& tagging, const WholeWords& whole);

  /// Tokens, and where tags are to make words of them, the borders that are known: words end at blanks and
  /// around the user's words, and neither these nor runs of letters and digits are cut.
  TaggedLine operator()(std::string text) const;

 private:
  std::vector<TextSpan> tokens_of(std::string_view text, const std::vector<TextSpan>& kept) const;
  std::vector<Border> borders_of(const TaggedLine& line, const std::vector<TextSpan>& kept) const;

  const Tagging& tagging_;
  bool inside_runs_, split_runs_;
  Lexicon words_;
};

}  // namespace rondo::tag

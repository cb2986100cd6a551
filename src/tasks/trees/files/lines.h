/// Lines of a file or of standard input to trees: the form is found by the first line that tells.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/trees/files/parsed.h"

namespace rondo::trees {

class LineTrees {
 public:
  /// `branching` is for text without trees.
  LineTrees(std::string name, ParseFor purpose, const ReadingOptions& options,
            Branching branching = Branching::balanced)
      : name_(std::move(name)), purpose_(purpose), options_(options), branching_(branching) {}

  /// Takes a line without its end. Error(data) for bytes that are no UTF-8 and, if trees are to be learned
  /// from, for text without trees.
  void take(std::string_view line, std::vector<ParsedTree>& to);
  void end(std::vector<ParsedTree>& to);

  /// Once a line has told the form, or after end().
  TreeParser& parser() { return *parser_; }
  bool knows_form() const noexcept { return parser_ != nullptr; }
  TreeForm form() const noexcept { return form_; }

 private:
  void begin(TreeForm form, std::vector<ParsedTree>& to);

  std::string name_;
  ParseFor purpose_;
  ReadingOptions options_;
  Branching branching_;
  TreeForm form_ = TreeForm::automatic;
  std::unique_ptr<TreeParser> parser_;
  std::vector<std::string> waiting_;
  std::uint64_t number_ = 0;
};

}  // namespace rondo::trees

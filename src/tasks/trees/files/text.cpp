// Bare words, a sentence a line: a tree over them stands in for a parser's.
#include "tasks/tag/files/blanks.h"
#include "tasks/trees/files/parsed.h"

namespace rondo::trees {
namespace {

class TextParser final : public TreeParser {
 public:
  TextParser(std::string name, ParseFor purpose, const ReadingOptions& options, Branching branching)
      : TreeParser(std::move(name), purpose, options), branching_(branching) {}

  void end(std::vector<ParsedTree>&) override {}

 private:
  void read(std::string_view line, std::vector<ParsedTree>& to) override {
    std::vector<std::string> words;
    for (const std::string_view word : tag::words_between_blanks(line))
      words.emplace_back(word);
    if (words.empty()) return;
    const auto brackets = bracket_parser(faults().name(), ParseFor::answering, {});
    brackets->take(brackets_over(words, branching_), to);
    to.back().tree.line = number();
  }

  Branching branching_;
};

}  // namespace

std::unique_ptr<TreeParser> text_parser(std::string name, ParseFor purpose, const ReadingOptions& options,
                                        Branching branching) {
  return std::make_unique<TextParser>(std::move(name), purpose, options, branching);
}

}  // namespace rondo::trees

/// Answers to trees from files, standard input and the command line: what `rondo predict` does with a
/// TreeClassifier.
#pragma once
#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/tasks/task.h>
#include <rondo/tasks/trees.h>

#include "tasks/trees/shape.h"

namespace rondo::trees {

/// How an answered tree is printed. automatic: in the form in which it came.
enum class AnswerForm { automatic, brackets, indented };
constexpr std::array<std::string_view, 3> names_of(AnswerForm) {
  return {"auto", "brackets", "indented"};
}

struct AnswerOptions {
  AnswerForm form = AnswerForm::automatic;
  TreeForm input = TreeForm::automatic;
  Branching branching = Branching::balanced;
  SeveralRoots roots = SeveralRoots::refuse;
  bool skip_bad = false;
  int max_depth = 0;
  std::filesystem::path svg = {};

  static constexpr auto fields() {
    using O = AnswerOptions;
    return std::tuple{
        field("form", &O::form, "how trees are printed; auto: in the form in which they came"),
        field("input", &O::input, "form of what comes in; auto: by its first lines"),
        field("branching", &O::branching, "tree over words that come without one"),
        field("roots", &O::roots, "a sentence of several roots in CoNLL-U"),
        field("skip_bad", &O::skip_bad, "leave out trees that cannot be read, and say how many"),
        field("max_depth", &O::max_depth, "deeper trees are refused; 0: no limit", 0, 1 << 30),
        field("svg", &O::svg, "also draw the trees, coloured by label, into this file")};
  }
};
static_assert(all_fields_listed<AnswerOptions>);

/// Answers all that comes in, trees that arrived together at once. A text that names a file stands for what
/// is in it. `column` is where the model's training data in CoNLL-U had their labels.
void answer_stream(const TreeClassifier& classifier, const AnswerOptions& options, ConlluLabel column,
                   const VerbCall& call);
/// One answer a line: a tree in brackets, or words.
std::vector<Answer> answers_to(const TreeClassifier& classifier, std::span<const std::string> lines,
                               const AnswerOptions& options);

}  // namespace rondo::trees

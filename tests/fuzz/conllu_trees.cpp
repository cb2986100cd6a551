// Trees from CoNLL-U: bytes from anywhere become trees or an Error, and what was read is written back.
#include <cstdint>
#include <string_view>

#include <rondo/error.h>
#include <rondo/forest.h>

#include "tasks/trees/files/lines.h"
#include "tasks/trees/phrases.h"
#include "tasks/trees/render.h"

namespace {

using namespace rondo;

void read_all(std::string_view text, ConlluLabel column, SeveralRoots roots) {
  std::vector<trees::ParsedTree> all;
  trees::LineTrees lines("fuzz", trees::ParseFor::answering,
                         {.form = TreeForm::conllu, .label_column = column, .roots = roots});
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.take(text.substr(at, end - at), all);
    at = end + 1;
  }
  lines.end(all);
  for (trees::ParsedTree& one : all) {
    Forest::of(std::span(&one.tree.parents, 1));
    trees::Answered answered{std::move(one), {}, 1};
    answered.answer.labels.assign(answered.parsed.tree.parents.size(), 0);
    answered.answer.probabilities.assign(answered.parsed.tree.parents.size(), 1);
    written(answered, {"X"}, column);
    json_lines(answered, {"X"});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const ConlluLabel column : {ConlluLabel::upos, ConlluLabel::misc})
    for (const SeveralRoots roots : {SeveralRoots::refuse, SeveralRoots::join})
      try {
        read_all(text, column, roots);
      } catch (const Error&) {
      }
  return 0;
}

// Trees in brackets, as text and from a model's file: bytes from anywhere become trees or an Error, and a
// tree that was read is written back as it came.
#include <cstdint>
#include <string_view>

#include <rondo/error.h>

#include "tasks/trees/files/lines.h"
#include "tasks/trees/input.h"
#include "tasks/trees/labels.h"
#include "tasks/trees/render.h"

namespace {

using namespace rondo;

/// All lines of a text.
std::vector<trees::ParsedTree> parsed(std::string_view text, const trees::ReadingOptions& options) {
  std::vector<trees::ParsedTree> all;
  trees::LineTrees lines("fuzz", trees::ParseFor::answering, options);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.take(text.substr(at, end - at), all);
    at = end + 1;
  }
  lines.end(all);
  return all;
}

/// With its own labels as answers, a tree in brackets is read again as the same tree.
void write_back(trees::ParsedTree one) {
  trees::Answered answered{std::move(one), {}, 1};
  std::vector<std::string> classes;
  for (const std::string_view label : answered.parsed.tree.labels) {
    answered.answer.labels.push_back(static_cast<std::int32_t>(classes.size()));
    classes.emplace_back(label);
  }
  const LabelledTree& tree = answered.parsed.tree;
  const std::string text = written(answered, classes, ConlluLabel::upos);
  const std::vector<trees::ParsedTree> again = parsed(text, {.form = TreeForm::brackets});
  if (again.size() != 1 || again[0].tree.parents != tree.parents || !(again[0].tree.words == tree.words) ||
      !(again[0].tree.labels == tree.labels))
    __builtin_trap();
  for (const Binarization how : {Binarization::right, Binarization::left, Binarization::head})
    if (trees::without_helpers(trees::paired(tree, how)) != tree.parents) __builtin_trap();
}

template <class F>
void attempt(const F& f) {
  try {
    f();
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  attempt([&] {
    for (trees::ParsedTree& one : parsed(text, {.form = TreeForm::brackets}))
      write_back(std::move(one));
  });
  attempt([&] { parsed(text, {.form = TreeForm::text}); });
  attempt([&] { trees::parse(text, {.labels = "0-4", .binary = true, .skip_bad = true, .max_depth = 20}); });
  attempt([&] { trees::TreeInput::from_json(text); });
  return 0;
}

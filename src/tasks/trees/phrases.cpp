#include "tasks/trees/phrases.h"

#include <algorithm>

#include "base/utf8.h"
#include "tasks/trees/evaluation.h"

namespace rondo::trees {

WordsBelow::WordsBelow(const LabelledTree& tree) : tree_(tree), children_(children_of(tree.parents)) {
  count_ = word_counts(tree, children_);
  first_.assign(tree.parents.size(), 0);
  std::vector<std::int32_t> open;
  for (std::size_t node = 0; node < tree.parents.size(); ++node)
    if (tree.parents[node] < 0) open.push_back(static_cast<std::int32_t>(node));
  while (!open.empty()) {
    const auto node = static_cast<std::size_t>(open.back());
    open.pop_back();
    first_[node] = std::ssize(nodes_);
    if (!tree.words[node].empty()) nodes_.push_back(static_cast<std::int32_t>(node));
    const auto below = children_.of(node);
    open.insert(open.end(), below.rbegin(), below.rend());
  }
}

std::vector<std::int64_t> WordsBelow::places(std::size_t node) const {
  const auto begin = nodes_.begin() + first_[node];
  std::vector<std::int64_t> all;
  for (auto at = begin; at != begin + count_[node]; ++at)
    all.push_back(tree_.dependencies ? *at : at - nodes_.begin());
  std::sort(all.begin(), all.end());
  return all;
}

std::string WordsBelow::text(std::size_t node, int columns) const {
  // A word takes a column and a blank at least.
  const std::int64_t wanted = columns > 0 ? std::min<std::int64_t>(count_[node], columns) : count_[node];
  const auto begin = nodes_.begin() + first_[node];
  std::vector<std::int32_t> words(begin, begin + (tree_.dependencies ? count_[node] : wanted));
  if (tree_.dependencies) std::sort(words.begin(), words.end());
  std::string text;
  for (std::int64_t i = 0; i < wanted; ++i) {
    text += i > 0 ? " " : "";
    text += tree_.words[static_cast<std::size_t>(words[static_cast<std::size_t>(i)])];
  }
  return columns > 0 ? truncate_to_width(text, columns) : text;
}

std::string_view WordsBelow::last(std::size_t node) const {
  if (count_[node] == 0) return {};
  return tree_.words[static_cast<std::size_t>(nodes_[static_cast<std::size_t>(span(node).second - 1)])];
}

std::string text_of(const LabelledTree& tree, int columns) {
  const auto root = std::find(tree.parents.begin(), tree.parents.end(), -1) - tree.parents.begin();
  return WordsBelow(tree).text(static_cast<std::size_t>(root), columns);
}

namespace {

/// "not", and "is n't": a few words of which the last negates.
bool ends_with_negator(const WordsBelow& words, std::size_t node) {
  constexpr std::int64_t few = 3;
  return words.count(node) <= few && is_negator(words.last(node));
}

}  // namespace

std::vector<Negation> negations_in(const LabelledTree& tree) {
  std::vector<Negation> found;
  if (tree.dependencies) return found;
  const WordsBelow words(tree);
  for (std::size_t node = 0; node < tree.parents.size(); ++node) {
    const auto below = words.children().of(node);
    for (std::size_t i = 0; i + 1 < below.size(); ++i)
      if (const auto left = static_cast<std::size_t>(below[i]); ends_with_negator(words, left)) {
        found.push_back({static_cast<std::size_t>(below[i + 1]), node});
        break;
      }
  }
  return found;
}

}  // namespace rondo::trees

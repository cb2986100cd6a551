#include "tasks/tag/lexicon/trie.h"

#include <algorithm>
#include <utility>

#include "data/unicode.h"

namespace rondo::tag {

WordTrie::WordTrie(const Strings& words) {
  // Nodes whose words are begin ... end - 1 and agree up to byte `depth`.
  struct Open {
    std::size_t begin, end, depth;
  };
  std::vector<Open> level = {{0, words.size(), 0}};
  labels_ = {0};
  words_ = {-1};
  while (!level.empty()) {
    std::vector<Open> below;
    for (const Open& node : level) {
      children_.push_back(static_cast<std::uint32_t>(labels_.size()));
      for (std::size_t at = node.begin; at < node.end;) {
        if (words[at].size() == node.depth) {
          words_[children_.size() - 1] = static_cast<std::int32_t>(at++);
          continue;
        }
        const auto [label, length] = decode_at(words[at], node.depth);
        std::size_t end = at + 1;
        while (end < node.end && decode_at(words[end], node.depth).character == label)
          ++end;
        labels_.push_back(label);
        words_.push_back(-1);
        below.push_back({at, end, node.depth + length});
        at = end;
      }
    }
    level = std::move(below);
  }
  children_.push_back(static_cast<std::uint32_t>(labels_.size()));
  constexpr char32_t table_end = 0x10000;
  for (std::uint32_t node = children_[0]; node < children_[1] && labels_[node] < table_end; ++node) {
    first_.resize(labels_[node] + 1);
    first_[labels_[node]] = node;
  }
}

std::uint32_t WordTrie::child(std::uint32_t node, std::string_view text, std::size_t& at) const {
  if (children_.empty()) return 0;
  const auto [label, length] = decode_at(text, at);
  at += length;
  if (node == 0 && label < first_.size()) return first_[label];
  const auto begin = labels_.begin() + children_[node], end = labels_.begin() + children_[node + 1];
  const auto found = std::lower_bound(begin, end, label);
  return found != end && *found == label ? static_cast<std::uint32_t>(found - labels_.begin()) : 0;
}

}  // namespace rondo::tag

/// Finds words of a list in texts: a sorted trie over code points.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

/// Nodes lie level by level, the children of one side by side in the order of their code points; those of the
/// root have a table of their own, since Chinese has thousands of first characters.
class WordTrie {
 public:
  WordTrie() = default;
  /// Words in ascending order of their bytes, each once, none empty, in valid UTF-8.
  explicit WordTrie(const Strings& words);

  /// Calls found(end, word) for each word that begins at byte `at` of `text`, shortest first: the byte behind
  /// it and its number in the list.
  template <class Found>
  void words_at(std::string_view text, std::size_t at, Found&& found) const {
    std::uint32_t node = 0;
    while (at < text.size()) {
      node = child(node, text, at);
      if (node == 0) return;
      if (words_[node] >= 0) found(at, static_cast<std::size_t>(words_[node]));
    }
  }

 private:
  /// The node behind the code point at `at`, which moves on; 0 where no word goes on so.
  std::uint32_t child(std::uint32_t node, std::string_view text, std::size_t& at) const;

  std::vector<char32_t> labels_;         ///< of each node: the code point that leads to it
  std::vector<std::uint32_t> children_;  ///< of each node: its first child; those of the next node end them
  std::vector<std::int32_t> words_;      ///< of each node: the word that ends there, or -1
  std::vector<std::uint32_t> first_;     ///< the root's child by code point, below a limit
};

}  // namespace rondo::tag

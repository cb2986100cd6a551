/// Which n-grams of tokens are known, and their numbers: a trie, for every n-gram begins with one that is
/// known too.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "data/hash_index.h"
#include "wide/token_texts.h"

namespace rondo::wide {

/// Numbers 0 ... size() - 1 stand in order: those of one token first, within a length by the number of the
/// n-gram that they begin with, then by their last token.
class NgramTable {
 public:
  NgramTable() = default;
  /// N-grams of 1 to `longest` known tokens (not Vocab::unknown) that stand in `min_texts` or more texts.
  static NgramTable learn(const TokenTexts& texts, int longest, std::int32_t vocabulary, int min_texts);

  std::int32_t size() const noexcept { return static_cast<std::int32_t>(nodes_.size()); }
  /// Tokens of the longest ones.
  std::size_t longest() const noexcept { return longest_; }

  /// Calls visit(number) for each known n-gram of a text, as often as it stands there.
  template <class Visit>
  void for_each(std::span<const std::int32_t> tokens, Visit&& visit) const {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      std::int32_t node = first_[static_cast<std::size_t>(tokens[i])];
      for (std::size_t next = i + 1; node >= 0; ++next) {
        visit(node);
        if (next == i + longest_ || next == tokens.size()) break;
        node = child(node, tokens[next]);
      }
    }
  }
  /// The numbers of a text's n-grams in ascending order, each once.
  void numbers(std::span<const std::int32_t> tokens, std::vector<std::int32_t>& found) const;
  /// The number of these tokens as an n-gram; -1 where that is not known.
  std::int32_t find(std::span<const std::int32_t> tokens) const {
    std::int32_t node = first_[static_cast<std::size_t>(tokens.front())];
    for (std::size_t i = 1; i < tokens.size() && node >= 0; ++i)
      node = child(node, tokens[i]);
    return node;
  }
  /// The number of the n-gram that is one token longer; -1 where that is not known.
  std::int32_t child(std::int32_t number, std::int32_t token) const {
    return children_.find(hash_of_child(number, token), [&](std::int32_t found) {
      const Node& node = nodes_[static_cast<std::size_t>(found)];
      return node.prefix == number && node.token == token;
    });
  }

  /// The tokens of an n-gram.
  std::vector<std::int32_t> tokens(std::int32_t number) const;
  /// Those that are to be kept, and what they begin with. `numbers` becomes the new number of each, or -1.
  NgramTable pruned(const std::vector<bool>& keep, std::vector<std::int32_t>& numbers) const;

  /// For a file: see docs/model-file.md.
  std::string to_bytes() const;
  /// Error(format) for anything that to_bytes() cannot have written for such a vocabulary.
  static NgramTable from_bytes(std::string_view bytes, std::int32_t vocabulary);

 private:
  struct Node {
    std::int32_t prefix;  ///< -1: it is a single token
    std::int32_t token;   ///< the last one
  };
  static std::uint64_t key_of(std::int32_t prefix, std::int32_t token) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(prefix)) << 32 |
           static_cast<std::uint32_t>(token);
  }
  static std::uint64_t hash_of_child(std::int32_t prefix, std::int32_t token) {
    return rondo::mix(key_of(prefix, token), 0);
  }
  void learn_longer(const TokenTexts& texts, std::size_t length, int min_texts,
                    std::vector<std::int32_t>& at);
  /// Makes the n-grams found by what is in `nodes_`.
  void index(std::int32_t vocabulary);

  std::vector<Node> nodes_;
  std::vector<std::int32_t> first_;  // number of each token by itself, or -1
  HashIndex children_;
  std::size_t longest_ = 0;
};

}  // namespace rondo::wide

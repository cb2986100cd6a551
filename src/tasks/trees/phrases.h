/// The words below a node, and phrases that stand beside a negation.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <rondo/tasks/trees.h>

#include "tasks/trees/shape.h"

namespace rondo::trees {

/// Which words are below each node. Of constituents they are neighbours.
class WordsBelow {
 public:
  explicit WordsBelow(const LabelledTree& tree);

  /// Places of the words below a node and at it, from 0, ascending: [begin, end) of constituents.
  std::pair<std::int64_t, std::int64_t> span(std::size_t node) const {
    return {first_[node], first_[node] + count_[node]};
  }
  std::int64_t count(std::size_t node) const { return count_[node]; }
  /// The places of the words, in order; takes as long as there are words.
  std::vector<std::int64_t> places(std::size_t node) const;
  /// The words with blanks between them, cut to at most `columns` on a terminal; 0: whole.
  std::string text(std::size_t node, int columns = 0) const;
  /// The last word in the order of the walk; empty without one.
  std::string_view last(std::size_t node) const;
  const ChildLists& children() const noexcept { return children_; }

 private:
  const LabelledTree& tree_;
  ChildLists children_;
  std::vector<std::int64_t> first_, count_;
  std::vector<std::int32_t>
      nodes_;  ///< with words, in the order of a walk from the root; a node's are together
};

/// The sentence, cut to `columns`; 0: whole.
std::string text_of(const LabelledTree& tree, int columns = 0);

struct Negation {
  std::size_t phrase, negated;  ///< the phrase, and the node above it and the word that negates it
};
std::vector<Negation> negations_in(const LabelledTree& tree);

}  // namespace rondo::trees

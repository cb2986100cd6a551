/// Shapes of trees: pairs out of many children, the way back, and trees over bare words.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/trees.h>

namespace rondo::trees {

/// The children of each node, in order.
struct ChildLists {
  std::vector<std::int32_t> children;  ///< of all nodes, one after another
  std::vector<std::size_t> begins;     ///< of each node, and the end

  std::span<const std::int32_t> of(std::size_t node) const {
    return std::span(children).subspan(begins[node], begins[node + 1] - begins[node]);
  }
};
ChildLists children_of(std::span<const std::int32_t> parents);

/// Every node after all nodes below it.
std::vector<std::int32_t> upwards(std::span<const std::int32_t> parents, const ChildLists& children);

/// The words below each node and at it.
std::vector<std::int64_t> word_counts(const LabelledTree& tree, const ChildLists& children);

/// A tree of nodes with at most two children. Nodes [0, of.size()) of the tree that it was made from keep
/// their numbers; helpers follow, and `parents` has both. Children stand in order of `order`.
struct PairedTree {
  std::vector<std::int32_t> parents = {};
  std::int64_t own = 0;                  ///< nodes that are no helpers
  std::vector<std::int32_t> order = {};  ///< all nodes, those of a parent from left to right
};
PairedTree paired(const LabelledTree& tree, Binarization how);
/// The parents of the tree that it was made from: what hangs under helpers hangs under their first ancestor
/// that is none.
std::vector<std::int32_t> without_helpers(const PairedTree& tree);

/// Shapes for words that come without a tree.
enum class Branching { balanced, right };
constexpr std::array<std::string_view, 2> names_of(Branching) {
  return {"balanced", "right"};
}
/// The words as leaves of a tree in brackets, every label "?".
std::string brackets_over(std::span<const std::string> words, Branching branching);

}  // namespace rondo::trees

/// Trees of a batch, their nodes ordered by height: what networks over trees run along.
///
///     // Two words under a root, and a word alone.
///     const std::vector<std::vector<std::int32_t>> parents = {{2, 2, -1}, {-1}};
///     const auto forest = Forest::of(parents);
///     forest->rows_at(0);  // 3 leaves, all at once
///
/// A node's height is 0 for a leaf, else one more than that of its highest child. Nodes of equal height do
/// not depend on each other, so that a network computes those of all trees together. Nothing here recurses:
/// trees may be as deep as memory allows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace [[gnu::visibility("default")]] rondo {

/// How the nodes of trees are ordered into rows. Immutable and shared: `std::shared_ptr<const Forest>`.
///
/// Rows are in the order of height, then tree, then node, so that all leaves come first. Children stand in
/// the order of their node numbers.
class Forest {
 public:
  /// For each tree, the parent of each node: a number within the tree, -1 for its one root. Error(shape)
  /// naming the tree if it has no node, no root or several, a parent outside the tree, or a cycle.
  static std::shared_ptr<const Forest> of(std::span<const std::vector<std::int32_t>> parents);

  std::int64_t trees() const noexcept { return static_cast<std::int64_t>(first_node_.size()) - 1; }
  std::int64_t rows() const noexcept { return begins_.back(); }
  /// Height of the highest root, plus 1.
  std::int64_t heights() const noexcept { return static_cast<std::int64_t>(begins_.size()) - 1; }
  /// The nodes of height h have rows [begin(h), begin(h + 1)).
  std::int64_t begin(std::int64_t height) const { return begins_[static_cast<std::size_t>(height)]; }
  std::int64_t rows_at(std::int64_t height) const { return begin(height + 1) - begin(height); }
  /// The rows [0, leaves()) are the leaves.
  std::int64_t leaves() const noexcept { return begins_[1]; }

  /// Rows of the children of a row.
  std::span<const std::int32_t> children(std::int64_t row) const {
    const auto begin = static_cast<std::size_t>(first_child(row)),
               end = static_cast<std::size_t>(first_child(row + 1));
    return std::span(children_).subspan(begin, end - begin);
  }
  /// The children of all rows, row after row; those of `row` begin at first_child(row).
  std::span<const std::int32_t> all_children() const noexcept { return children_; }
  std::int64_t first_child(std::int64_t row) const { return child_begins_[static_cast<std::size_t>(row)]; }
  /// The largest number of children of a node.
  std::int64_t most_children() const noexcept { return most_children_; }

  /// Nodes in a tree.
  std::int64_t nodes(std::int64_t tree) const {
    return first_node_[static_cast<std::size_t>(tree) + 1] - first_node_[static_cast<std::size_t>(tree)];
  }
  /// The row of a node of a tree, and of a tree's root.
  std::int32_t row(std::int64_t tree, std::int64_t node) const {
    return row_of_[static_cast<std::size_t>(first_node_[static_cast<std::size_t>(tree)] + node)];
  }
  std::int32_t root(std::int64_t tree) const { return roots_[static_cast<std::size_t>(tree)]; }
  std::span<const std::int32_t> roots() const noexcept { return roots_; }

 private:
  Forest() = default;
  void add_tree(std::span<const std::int32_t> parents, std::size_t tree, std::vector<std::int32_t>& heights);
  void order(std::span<const std::int32_t> heights);
  void link(std::span<const std::vector<std::int32_t>> parents);

  std::vector<std::int64_t> begins_;            ///< of each height
  std::vector<std::int64_t> first_node_ = {0};  ///< of each tree, in row_of_
  std::vector<std::int32_t> row_of_;            ///< of each node, tree after tree
  std::vector<std::int32_t> roots_, children_;
  std::vector<std::int64_t> child_begins_;
  std::int64_t most_children_ = 0;
};

}  // namespace rondo

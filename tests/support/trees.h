/// Forests for tests: small ones with all kinds of nodes, large ones at random, chains.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include <rondo/forest.h>

namespace rondo::testing_support {

using Parents = std::vector<std::vector<std::int32_t>>;

/// As in tests/golden/make_trees.py.
inline Parents binary_trees() {
  return {{-1, 0, 1, 1, 0, 4, 4}, {1, -1, 1}, {-1}, {1, 2, 3, -1}, {-1, 0, 1, 2, 2, 1, 5, 0}};
}
inline Parents bushy_trees() {
  return {{-1, 0, 0, 0, 3, 3}, {-1}, {2, 0, -1, 2, 2, 2}, {-1, 0, 1, 2}};
}

/// A tree of `leaves` leaves, binary, of irregular shape.
inline std::vector<std::int32_t> irregular_tree(int leaves, std::uint64_t seed) {
  std::vector<std::int32_t> parents(static_cast<std::size_t>(2 * leaves - 1), -1), open;
  for (int i = 0; i < leaves; ++i)
    open.push_back(i);
  for (auto next = static_cast<std::int32_t>(leaves); open.size() > 1; ++next) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto at = static_cast<std::ptrdiff_t>((seed >> 33) % (open.size() - 1));
    parents[static_cast<std::size_t>(open[static_cast<std::size_t>(at)])] = next;
    parents[static_cast<std::size_t>(open[static_cast<std::size_t>(at) + 1])] = next;
    open[static_cast<std::size_t>(at)] = next;
    open.erase(open.begin() + at + 1);
  }
  return parents;
}
inline Parents irregular_trees(int count) {
  Parents trees;
  for (int i = 0; i < count; ++i)
    trees.push_back(irregular_tree(1 + i % 40, static_cast<std::uint64_t>(i) + 1));
  return trees;
}

/// Nodes 0, 1, ... each the child of the next.
inline std::vector<std::int32_t> chain_tree(int nodes) {
  std::vector<std::int32_t> parents;
  for (int i = 0; i < nodes; ++i)
    parents.push_back(i + 1 < nodes ? i + 1 : -1);
  return parents;
}
/// One root, node 0, with all others as its children.
inline std::vector<std::int32_t> star_tree(int children) {
  std::vector<std::int32_t> parents(static_cast<std::size_t>(children) + 1, 0);
  parents[0] = -1;
  return parents;
}
/// ((w0 w1) w2) ...: the root is node 0, and the words are the last nodes, in order.
inline std::vector<std::int32_t> left_branching_tree(int words) {
  std::vector<std::int32_t> parents;
  for (int inner = 0; inner + 1 < words; ++inner)
    parents.push_back(inner - 1);
  for (int word = 0; word < words; ++word)
    parents.push_back(word == 0 ? words - 2 : words - 1 - word);
  return parents;
}

}  // namespace rondo::testing_support

#include <algorithm>
#include <limits>
#include <string>

#include <rondo/forest.h>

#include "base/message.h"

namespace rondo {
namespace {

[[noreturn]] void refuse(std::size_t tree, const std::string& what) {
  fail(ErrorKind::shape, "tree " + std::to_string(tree + 1) + " " + what);
}

/// Checks every parent but not yet for cycles.
void check_parents(std::span<const std::int32_t> parents, std::size_t tree) {
  if (parents.empty()) refuse(tree, "has no node");
  const auto count = static_cast<std::int64_t>(parents.size());
  const auto roots = std::count(parents.begin(), parents.end(), -1);
  for (std::size_t node = 0; node < parents.size(); ++node)
    if (parents[node] < -1 || parents[node] >= count)
      refuse(tree, "has " + std::to_string(count) + " nodes, but node " + std::to_string(node) +
                       " has parent " + std::to_string(parents[node]));
  if (roots != 1) refuse(tree, "wanted one root (parent -1), got " + std::to_string(roots));
}

}  // namespace

std::shared_ptr<const Forest> Forest::of(std::span<const std::vector<std::int32_t>> parents) {
  if (parents.empty()) fail(ErrorKind::shape, "Forest wanted at least one tree, got none");
  const std::shared_ptr<Forest> forest(new Forest());
  std::vector<std::int32_t> heights;
  for (std::size_t tree = 0; tree < parents.size(); ++tree)
    forest->add_tree(parents[tree], tree, heights);
  forest->order(heights);
  forest->link(parents);
  return forest;
}

/// Appends the heights of a tree's nodes. Takes off leaves until nothing is left; what is left is a cycle.
void Forest::add_tree(std::span<const std::int32_t> parents, std::size_t tree,
                      std::vector<std::int32_t>& heights) {
  check_parents(parents, tree);
  const std::size_t before = heights.size(), count = parents.size();
  if (before + count > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    refuse(tree, "has too many nodes for one batch");
  heights.resize(before + count, 0);
  std::vector<std::int32_t> open(count, 0), ready;
  for (const std::int32_t parent : parents)
    if (parent >= 0) ++open[static_cast<std::size_t>(parent)];
  ready.reserve(count);
  for (std::size_t node = 0; node < count; ++node)
    if (open[node] == 0) ready.push_back(static_cast<std::int32_t>(node));
  for (std::size_t next = 0; next < ready.size(); ++next) {
    const auto node = static_cast<std::size_t>(ready[next]);
    if (parents[node] < 0) continue;
    const auto parent = static_cast<std::size_t>(parents[node]);
    heights[before + parent] = std::max(heights[before + parent], heights[before + node] + 1);
    if (--open[parent] == 0) ready.push_back(parents[node]);
  }
  if (ready.size() != count) {
    const auto stuck = std::find_if(open.begin(), open.end(), [](std::int32_t left) { return left > 0; });
    refuse(tree, "has a cycle through or below node " + std::to_string(stuck - open.begin()));
  }
  first_node_.push_back(static_cast<std::int64_t>(heights.size()));
}

/// Rows by height; within a height in the order of trees and nodes.
void Forest::order(std::span<const std::int32_t> heights) {
  const std::int32_t highest = *std::max_element(heights.begin(), heights.end());
  begins_.assign(static_cast<std::size_t>(highest) + 2, 0);
  for (const std::int32_t height : heights)
    ++begins_[static_cast<std::size_t>(height) + 1];
  for (std::size_t h = 1; h < begins_.size(); ++h)
    begins_[h] += begins_[h - 1];
  std::vector<std::int64_t> next(begins_.begin(), begins_.end() - 1);
  row_of_.reserve(heights.size());
  for (const std::int32_t height : heights)
    row_of_.push_back(static_cast<std::int32_t>(next[static_cast<std::size_t>(height)]++));
}

void Forest::link(std::span<const std::vector<std::int32_t>> parents) {
  child_begins_.assign(row_of_.size() + 1, 0);
  roots_.reserve(parents.size());
  const auto row_at = [&](std::size_t tree, std::int32_t node) {
    return static_cast<std::size_t>(row(static_cast<std::int64_t>(tree), node));
  };
  for (std::size_t tree = 0; tree < parents.size(); ++tree)
    for (std::size_t node = 0; node < parents[tree].size(); ++node) {
      const std::int32_t parent = parents[tree][node];
      if (parent < 0)
        roots_.push_back(static_cast<std::int32_t>(row_at(tree, static_cast<std::int32_t>(node))));
      else
        ++child_begins_[row_at(tree, parent) + 1];
    }
  most_children_ = *std::max_element(child_begins_.begin(), child_begins_.end());
  for (std::size_t row = 1; row < child_begins_.size(); ++row)
    child_begins_[row] += child_begins_[row - 1];
  children_.resize(row_of_.size() - parents.size());
  std::vector<std::int64_t> next(child_begins_.begin(), child_begins_.end() - 1);
  for (std::size_t tree = 0; tree < parents.size(); ++tree)
    for (std::size_t node = 0; node < parents[tree].size(); ++node)
      if (const std::int32_t parent = parents[tree][node]; parent >= 0)
        children_[static_cast<std::size_t>(next[row_at(tree, parent)]++)] =
            static_cast<std::int32_t>(row_at(tree, static_cast<std::int32_t>(node)));
}

}  // namespace rondo

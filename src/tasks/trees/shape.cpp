#include "tasks/trees/shape.h"

#include <algorithm>
#include <numeric>

#include "tasks/trees/files/parsed.h"

namespace rondo::trees {

ChildLists children_of(std::span<const std::int32_t> parents) {
  ChildLists lists;
  lists.begins.assign(parents.size() + 2, 0);
  for (const std::int32_t parent : parents)
    if (parent >= 0) ++lists.begins[static_cast<std::size_t>(parent) + 2];
  std::partial_sum(lists.begins.begin(), lists.begins.end(), lists.begins.begin());
  lists.children.resize(lists.begins.back());
  for (std::size_t node = 0; node < parents.size(); ++node)
    if (parents[node] >= 0)
      lists.children[lists.begins[static_cast<std::size_t>(parents[node]) + 1]++] =
          static_cast<std::int32_t>(node);
  lists.begins.pop_back();
  return lists;
}

std::vector<std::int32_t> upwards(std::span<const std::int32_t> parents, const ChildLists& children) {
  std::vector<std::int32_t> order;
  for (std::size_t node = 0; node < parents.size(); ++node)
    if (parents[node] < 0) order.push_back(static_cast<std::int32_t>(node));
  for (std::size_t at = 0; at < order.size(); ++at) {
    const auto below = children.of(static_cast<std::size_t>(order[at]));
    order.insert(order.end(), below.begin(), below.end());
  }
  std::reverse(order.begin(), order.end());
  return order;
}

std::vector<std::int64_t> word_counts(const LabelledTree& tree, const ChildLists& children) {
  std::vector<std::int64_t> counts(tree.parents.size());
  for (const std::int32_t node : upwards(tree.parents, children)) {
    const auto at = static_cast<std::size_t>(node);
    counts[at] += tree.words[at].empty() ? 0 : 1;
    if (tree.parents[at] >= 0) counts[static_cast<std::size_t>(tree.parents[at])] += counts[at];
  }
  return counts;
}

namespace {

/// Joins the children of one node two by two under helpers until two are left.
class Pairing {
 public:
  Pairing(PairedTree& tree, std::int32_t node) : tree_(tree), node_(node) {}

  void towards_right(std::span<const std::int32_t> children) {
    std::int32_t right = children.back();
    for (std::size_t i = children.size() - 1; i-- > 1;)
      right = helper(children[i], right);
    join(node_, children[0], right);
  }
  void towards_left(std::span<const std::int32_t> children) {
    std::int32_t left = children[0];
    for (std::size_t i = 1; i + 1 < children.size(); ++i)
      left = helper(left, children[i]);
    join(node_, left, children.back());
  }
  /// What stands right of the head comes first, then what stands left of it, from inside out.
  void around(std::span<const std::int32_t> children, std::size_t head) {
    std::int32_t at_hand = children[head];
    for (std::size_t i = head + 1; i < children.size(); ++i)
      at_hand = next(at_hand, children[i], i + 1 == children.size() && head == 0);
    for (std::size_t i = head; i-- > 0;)
      at_hand = next(children[i], at_hand, i == 0);
  }

 private:
  std::int32_t next(std::int32_t left, std::int32_t right, bool last) {
    if (!last) return helper(left, right);
    join(node_, left, right);
    return node_;
  }
  std::int32_t helper(std::int32_t left, std::int32_t right) {
    const auto number = static_cast<std::int32_t>(tree_.parents.size());
    tree_.parents.push_back(-1);
    join(number, left, right);
    return number;
  }
  void join(std::int32_t parent, std::int32_t left, std::int32_t right) {
    for (const std::int32_t child : {left, right}) {
      tree_.parents[static_cast<std::size_t>(child)] = parent;
      tree_.order.push_back(child);
    }
  }

  PairedTree& tree_;
  std::int32_t node_;
};

}  // namespace

PairedTree paired(const LabelledTree& tree, Binarization how) {
  PairedTree pairs{.parents = tree.parents, .own = tree.size()};
  const ChildLists lists = children_of(tree.parents);
  const std::vector<std::int64_t> words =
      how == Binarization::head ? word_counts(tree, lists) : std::vector<std::int64_t>();
  for (std::size_t node = 0; node < tree.parents.size(); ++node) {
    const auto children = lists.of(node);
    Pairing pairing(pairs, static_cast<std::int32_t>(node));
    if (tree.parents[node] < 0) pairs.order.push_back(static_cast<std::int32_t>(node));
    if (children.size() < 3) {
      pairs.order.insert(pairs.order.end(), children.begin(), children.end());
    } else if (how == Binarization::right) {
      pairing.towards_right(children);
    } else if (how == Binarization::left) {
      pairing.towards_left(children);
    } else {
      const auto larger = [&](std::int32_t a, std::int32_t b) {
        return words[static_cast<std::size_t>(a)] < words[static_cast<std::size_t>(b)];
      };
      pairing.around(children,
                     static_cast<std::size_t>(std::max_element(children.begin(), children.end(), larger) -
                                              children.begin()));
    }
  }
  return pairs;
}

std::vector<std::int32_t> without_helpers(const PairedTree& tree) {
  std::vector<std::int32_t> parents(tree.parents.begin(), tree.parents.begin() + tree.own);
  // A chain of helpers belongs to one node: each is looked up once.
  std::vector<std::int32_t> owner(tree.parents.size(), -1);
  const auto own = static_cast<std::int32_t>(tree.own);
  std::vector<std::int32_t> path;
  for (std::int32_t& parent : parents) {
    std::int32_t at = parent;
    for (; at >= own && owner[static_cast<std::size_t>(at)] < 0;
         at = tree.parents[static_cast<std::size_t>(at)])
      path.push_back(at);
    if (at >= own) at = owner[static_cast<std::size_t>(at)];
    for (const std::int32_t helper : path)
      owner[static_cast<std::size_t>(helper)] = at;
    path.clear();
    parent = at;
  }
  return parents;
}

std::string brackets_over(std::span<const std::string> words, Branching branching) {
  std::vector<std::string> leaves;
  for (const std::string& word : words)
    leaves.push_back("(? " + escaped_word(word) + ")");
  if (leaves.empty()) return {};
  if (branching == Branching::right) {
    std::string text;
    for (std::size_t i = 0; i + 1 < leaves.size(); ++i)
      text += "(? " + leaves[i] + " ";
    return text + leaves.back() + std::string(leaves.size() - 1, ')');
  }
  while (leaves.size() > 1) {
    std::vector<std::string> joined;
    for (std::size_t i = 0; i < leaves.size(); i += 2)
      joined.push_back(i + 1 < leaves.size() ? "(? " + leaves[i] + " " + leaves[i + 1] + ")"
                                             : std::move(leaves[i]));
    leaves = std::move(joined);
  }
  return leaves.front();
}

}  // namespace rondo::trees

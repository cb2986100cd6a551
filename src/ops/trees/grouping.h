/// Which inner nodes share a product: those of one height with the same weights.
#pragma once
#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <rondo/forest.h>

#include "ops/common.h"

namespace rondo::trees {

/// Places [begin, end) of the order: rows of one height that take the same weights.
struct Group {
  Index pair, begin, end;
};

/// The inner rows ordered by weights, then by row. A group is a piece of that order, and so are all rows of
/// one pair, which makes the gradient of its weights one product.
struct Grouping {
  std::vector<std::int32_t> order;  ///< rows
  std::vector<Group> groups;        ///< lower heights first
  std::vector<Index> pair_begins;   ///< in `order`

  Index row(Index place) const { return order[static_cast<std::size_t>(place)]; }
};

inline Grouping grouping_of(const Forest& forest, Index pairs, std::span<const std::int32_t> pair_of_rows) {
  const Index leaves = forest.leaves();
  Grouping g;
  g.order.resize(static_cast<std::size_t>(forest.rows() - leaves));
  std::iota(g.order.begin(), g.order.end(), static_cast<std::int32_t>(leaves));
  const auto pair_of = [&](std::int32_t row) {
    return pair_of_rows.empty() ? 0 : static_cast<Index>(pair_of_rows[static_cast<std::size_t>(row)]);
  };
  if (!pair_of_rows.empty())
    std::stable_sort(g.order.begin(), g.order.end(),
                     [&](std::int32_t a, std::int32_t b) { return pair_of(a) < pair_of(b); });
  g.pair_begins.assign(static_cast<std::size_t>(pairs) + 1, 0);
  for (const std::int32_t row : g.order)
    ++g.pair_begins[static_cast<std::size_t>(pair_of(row)) + 1];
  std::partial_sum(g.pair_begins.begin(), g.pair_begins.end(), g.pair_begins.begin());
  for (Index pair = 0; pair < pairs; ++pair) {
    Index height = 1;
    Index at = g.pair_begins[static_cast<std::size_t>(pair)];
    const Index last = g.pair_begins[static_cast<std::size_t>(pair) + 1];
    while (at < last) {
      while (g.row(at) >= forest.begin(height + 1))
        ++height;
      Index end = at;
      while (end < last && g.row(end) < forest.begin(height + 1))
        ++end;
      g.groups.push_back({pair, at, end});
      at = end;
    }
  }
  // Rows ascend with the height. What a group needs lies in lower heights, and so in groups before it.
  std::stable_sort(g.groups.begin(), g.groups.end(),
                   [&](const Group& a, const Group& b) { return g.row(a.begin) < g.row(b.begin); });
  return g;
}

}  // namespace rondo::trees

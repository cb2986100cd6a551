/// The order in which one direction visits a packed batch, and how its sequences are divided among threads.
#pragma once
#include <algorithm>
#include <vector>

#include <rondo/tensor.h>

#include "kernels/kernels.h"

namespace rondo::recurrence {

/// Visits the steps of a layout in order, or from each sequence's end. The active sequences of a step are
/// always a prefix [0, rows_at(step)). In reverse the prefix grows from visit to visit.
struct Walk {
  const Layout* layout;
  bool reverse;

  Index visits() const noexcept { return layout->steps(); }
  Index step(Index visit) const noexcept { return reverse ? visits() - 1 - visit : visit; }
  /// The sequences that continue from visit - 1 to `visit`. Those behind them start or have ended there.
  Index carried(Index visit) const {
    if (visit <= 0 || visit >= visits()) return 0;
    return std::min(layout->rows_at(step(visit - 1)), layout->rows_at(step(visit)));
  }
  /// The step at which a sequence's walk ends.
  Index last_step(Index sequence) const { return reverse ? 0 : layout->length(sequence) - 1; }

  struct Rows {
    Index first, last;
  };
  /// The packed rows [first, last) of visits [begin, end), at least one.
  Rows rows(Index begin, Index end) const {
    const auto [low, high] = std::minmax({step(begin), step(end - 1)});
    return {layout->begin(low), layout->begin(high) + layout->rows_at(high)};
  }
};

/// Neighbouring sequences [first, last).
struct Group {
  Index first, last;
};

/// Divides all sequences into at most `parts` groups, so that the largest work of a group is as small as
/// possible. The groups do not affect results.
inline std::vector<Group> share_out(const Layout& layout, Index parts) {
  // A step costs its rows and about one row more, because all of U is read even for few rows.
  constexpr Index step_rows = 1;
  // Groups neighbours while their work is at most `most`. The first sequence of a group is its longest.
  const auto cut = [&layout](Index most, const auto& begin_group) {
    Index work = 0;
    for (Index sequence = 0; sequence < layout.sequences(); ++sequence) {
      const Index length = layout.length(sequence);
      work += length;
      if (sequence > 0 && work <= most) continue;
      begin_group(sequence);
      work = length * (1 + step_rows);
    }
  };
  Index low = 0, high = layout.rows() + layout.steps() * step_rows;
  while (low < high) {
    const Index middle = low + (high - low) / 2;
    Index groups = 0;
    cut(middle, [&](Index) { ++groups; });
    if (groups <= parts)
      high = middle;
    else
      low = middle + 1;
  }
  std::vector<Group> groups;
  cut(high, [&](Index first) {
    if (!groups.empty()) groups.back().last = first;
    groups.push_back({first, layout.sequences()});
  });
  return groups;
}

}  // namespace rondo::recurrence

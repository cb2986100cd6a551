/// The way of one direction through a packed batch, and how its sequences are shared out to threads.
#pragma once
#include <algorithm>
#include <vector>

#include <rondo/tensor.h>

#include "kernels/kernels.h"

namespace rondo::recurrence {

/// Visits the steps of a layout in order, or from each sequence's end. Sequences alive at a step are always a
/// prefix [0, rows_at(step)); in reverse it grows from visit to visit.
struct Walk {
  const Layout* layout;
  bool reverse;

  Index visits() const noexcept { return layout->steps(); }
  Index step(Index visit) const noexcept { return reverse ? visits() - 1 - visit : visit; }
  /// Sequences that go from visit - 1 on to `visit`; those behind them start or have ended there.
  Index carried(Index visit) const {
    if (visit <= 0 || visit >= visits()) return 0;
    return std::min(layout->rows_at(step(visit - 1)), layout->rows_at(step(visit)));
  }
  /// The step at which a sequence's walk ends.
  Index last_step(Index sequence) const { return reverse ? 0 : layout->length(sequence) - 1; }
};

/// Neighbouring sequences [first, last).
struct Group {
  Index first, last;
};

/// At most `parts` groups that cover all sequences, the one with most work as small as can be. Who is in
/// which group does not change any result.
inline std::vector<Group> share_out(const Layout& layout, Index parts) {
  // A step costs its rows, and about one row more: all of U is read, for however few.
  constexpr Index step_rows = 1;
  // Neighbours together as long as their work is at most `most`. The first of a group is its longest.
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

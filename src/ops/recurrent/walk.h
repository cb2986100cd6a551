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

/// At most `parts` groups that cover all sequences, with about equally many rows. Who is in which group does
/// not change any result.
inline std::vector<Group> share_out(const Layout& layout, Index parts) {
  std::vector<Group> groups;
  const Index count = layout.sequences();
  Index first = 0, rows = 0, part = 1;
  for (Index sequence = 0; sequence < count; ++sequence) {
    rows += layout.length(sequence);
    if (sequence + 1 < count && rows * parts < layout.rows() * part) continue;
    groups.push_back({first, sequence + 1});
    first = sequence + 1;
    while (rows * parts >= layout.rows() * part)
      ++part;
  }
  return groups;
}

}  // namespace rondo::recurrence

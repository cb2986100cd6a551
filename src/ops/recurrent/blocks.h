/// Hidden units in blocks. The gates of a block's units lie side by side, in weights and in activations. A
/// cell can therefore use its pre-activations right after the product that made them, while they are in the
/// first-level cache.
#pragma once
#include <algorithm>
#include <vector>

#include "ops/recurrent/cell.h"
#include "tensor/matmul.h"

namespace rondo::recurrence {

/// A row of gates, [gates · H], holds the joint gates block by block, [joint gates][units of the block], and
/// then the candidate, if it is not joint.
struct UnitBlocks {
  /// Units of a block: whole panels for every instruction set. The last block also has what is left over, if
  /// that is less than half a block.
  static constexpr Index width = 32;

  Index units;  ///< H

  Index count() const noexcept { return std::max<Index>(1, (units + width / 2) / width); }
  Index begin(Index block) const noexcept { return block * width; }
  Index end(Index block) const noexcept { return block + 1 == count() ? units : begin(block + 1); }
  Index size(Index block) const noexcept { return end(block) - begin(block); }
};

/// Neighbouring blocks [first, last).
struct BlockRange {
  Index first, last;
};

/// Moves from the natural order of rows, gate after gate, to the order of gates in memory.
template <class Cell>
std::vector<Move> to_memory_order(UnitBlocks blocks) {
  std::vector<Move> moves;
  Index place = 0;
  for (Index block = 0; block < blocks.count(); ++block) {
    const Index size = blocks.size(block);
    for (Index gate = 0; gate < joint_gates<Cell>; ++gate, place += size)
      moves.push_back({gate * blocks.units + blocks.begin(block), place, size});
  }
  if (has_extra<Cell>) moves.push_back({place, place, blocks.units});
  return moves;
}

}  // namespace rondo::recurrence

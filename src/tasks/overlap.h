/// Examples that stand on both sides of a split.
#pragma once
#include <cstddef>

#include <rondo/data.h>

namespace rondo {

struct Overlap {
  std::size_t all = 0;  ///< examples of a part that the training part has, too
  std::size_t alike =
      0;  ///< of these, the ones that are equal only as a split sees it: but for case, blanks, punctuation
};

Overlap overlap_of(const Dataset& part, const Dataset& train);

}  // namespace rondo

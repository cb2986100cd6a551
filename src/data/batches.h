/// What Batches and Epoch share.
#pragma once
#include <cstdint>
#include <vector>

#include <rondo/data/batches.h>

namespace rondo::data {

/// A dataset with its texts as token numbers in one block. Those of example i begin at offsets[i].
struct Batches::Packed {
  Dataset dataset;
  BatchPlan plan;
  std::vector<std::int32_t> tokens = {}, bigrams = {};
  std::vector<std::size_t> offsets = {};
};

struct Epoch::Walk {
  std::shared_ptr<const Batches::Packed> packed;
  EpochPlan plan;
};

}  // namespace rondo::data

/// What Batches and Epoch share.
#pragma once
#include <cstdint>
#include <vector>

#include <rondo/data.h>

namespace rondo::data {

/// A dataset with its texts as numbers, in one block: example i has [offsets[i], offsets[i + 1]).
struct Batches::Source {
  Dataset dataset;
  BatchOptions options;
  std::uint64_t seed = 1;
  std::vector<std::int32_t> tokens, bigrams;
  std::vector<std::size_t> offsets;
  std::vector<std::int32_t> lengths;  // steps of each example
};

/// Batch b has the examples [begins[b], begins[b + 1]) of `order`, in packed order.
struct Epoch::Plan {
  std::shared_ptr<const Batches::Source> source;
  std::vector<std::size_t> order;
  std::vector<std::size_t> begins = {0};
};

}  // namespace rondo::data

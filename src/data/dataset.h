/// What a Dataset shares between its copies.
#pragma once
#include <cstdint>
#include <string>

#include <rondo/data.h>

namespace rondo {

struct Dataset::Storage {
  Examples columns;
  Target target = Target::none;
  std::size_t size = 0;
  std::int64_t feature_count = 0, value_count = 0;
};

}  // namespace rondo

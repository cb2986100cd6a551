/// What operator new hands out in this program, which has operators of its own (heap_test.cpp).
#pragma once

namespace rondo::test {

struct HeapCounts {
  long allocations;  ///< so far
  long live_bytes;
};
HeapCounts heap_counts() noexcept;

}  // namespace rondo::test

// Counts what is allocated, by operators of its own: a program by itself. They are not inlined, or the
// compiler sees free() at the end of what it knows as new.
#include "allocations/heap.h"

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

namespace {
std::atomic<long> allocations = 0, live_bytes = 0;

/// Null when there is no memory.
void* counted(std::size_t size, std::size_t alignment) noexcept {
  void* memory = nullptr;
  if (::posix_memalign(&memory, alignment, size == 0 ? 1 : size) != 0) return nullptr;
  allocations.fetch_add(1, std::memory_order_relaxed);
  live_bytes.fetch_add(static_cast<long>(::malloc_usable_size(memory)), std::memory_order_relaxed);
  return memory;
}

void* counted_or_throw(std::size_t size, std::size_t alignment) {
  void* const memory = counted(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void give_back(void* memory) noexcept {
  live_bytes.fetch_sub(static_cast<long>(::malloc_usable_size(memory)), std::memory_order_relaxed);
  std::free(memory);
}
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  return counted_or_throw(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted_or_throw(size, static_cast<std::size_t>(alignment));
}
// The sanitizers' own would not go with the operator delete below.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
  return counted(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  give_back(memory);
}

namespace rondo::test {

HeapCounts heap_counts() noexcept {
  return {allocations, live_bytes};
}

namespace {

TEST(Heap, TheCounterCounts) {
  const HeapCounts before = heap_counts();
  {
    const std::vector<int> some(300);
    EXPECT_EQ(heap_counts().allocations, before.allocations + 1);
    EXPECT_GE(heap_counts().live_bytes, before.live_bytes + 1200);
  }
  EXPECT_EQ(heap_counts().live_bytes, before.live_bytes);
}

}  // namespace
}  // namespace rondo::test

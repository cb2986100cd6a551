#include "runtime/buffers.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace rondo {
namespace {

bool keeps_buffers() {
  release_cached_buffers();
  acquire_buffer(100);
  const bool kept = buffer_statistics().cached > 0;
  release_cached_buffers();
  return kept;
}

TEST(Buffers, AreAlignedAndWritableInEverySize) {
  for (std::size_t bytes :
       {0UL, 1UL, 64UL, 65UL, 80UL, 1000UL, 4097UL, (2UL << 20) - 1, (2UL << 20) + 1, 5UL << 20}) {
    const auto memory = acquire_buffer(bytes);
    ASSERT_NE(memory, nullptr);
    const auto address = reinterpret_cast<std::uintptr_t>(memory.get());
    EXPECT_EQ(address % (bytes > (2UL << 20) ? 2UL << 20 : 64), 0U) << bytes;
    std::memset(memory.get(), 1, bytes);
  }
}

TEST(Buffers, ComeBackFromTheCache) {
  if (!keeps_buffers()) GTEST_SKIP() << "the address sanitizer sees every buffer";
  const void* const first = acquire_buffer(1000).get();
  const auto before = buffer_statistics();
  for (int round = 0; round < 100; ++round) {
    const auto memory = acquire_buffer(960 + static_cast<std::size_t>(round % 2) * 60);
    EXPECT_EQ(memory.get(), first);
    EXPECT_EQ(buffer_statistics().in_use, before.in_use + 1024);
  }
  const auto after = buffer_statistics();
  EXPECT_EQ(after.system_allocations, before.system_allocations);
  EXPECT_EQ(after.in_use, before.in_use);
  EXPECT_EQ(after.cached, before.cached);
}

/// A block serves for half its size too, but for no less: else a few numbers would hold megabytes.
TEST(Buffers, LargeOnesServeForSomewhatSmallerOnes) {
  if (!keeps_buffers()) GTEST_SKIP() << "the address sanitizer sees every buffer";
  constexpr std::size_t kilobyte = 1024;
  const void* const first = acquire_buffer(1000 * kilobyte).get();
  const auto before = buffer_statistics();
  EXPECT_EQ(acquire_buffer(600 * kilobyte).get(), first);
  EXPECT_EQ(buffer_statistics().system_allocations, before.system_allocations);
  EXPECT_NE(acquire_buffer(300 * kilobyte).get(), first);
  EXPECT_EQ(acquire_buffer(1000 * kilobyte).get(), first);
  release_cached_buffers();
}

TEST(Buffers, StayWhileOneOwnerIsLeft) {
  auto first = acquire_buffer(5000);
  const auto second = first;
  first.reset();
  std::memset(second.get(), 7, 5000);
  EXPECT_NE(acquire_buffer(5000).get(), second.get());
}

/// Else batches of ever other lengths would give pages back to the system for each that they get from it.
TEST(Buffers, AFullCacheGivesLargerOnesInPlaceOfNewOnes) {
  if (!keeps_buffers()) GTEST_SKIP() << "the address sanitizer sees every buffer";
  release_cached_buffers();
  std::uint64_t obtained = 0;
  for (std::size_t round = 0; round < 12; ++round) {
    const std::size_t bytes = (7 - round % 4) * (std::size_t{256} << 10);
    std::vector<std::shared_ptr<void>> batch;
    for (int i = 0; i < 16; ++i) {
      batch.push_back(acquire_buffer(bytes));
      std::memset(batch.back().get(), i, bytes);
    }
    if (round == 3) obtained = buffer_statistics().system_allocations;
  }
  EXPECT_EQ(buffer_statistics().system_allocations, obtained);
  release_cached_buffers();
}

/// As batches of texts of other lengths do: every round needs its own size class.
TEST(Buffers, WhatIsInUseAndCachedStaysNearTheMostInUse) {
  release_cached_buffers();
  constexpr std::size_t count = 8, megabyte = std::size_t{1} << 20;
  std::size_t together = 0;
  for (const std::size_t size : {16, 4, 12, 6, 14, 3, 10, 16, 5, 8}) {
    std::vector<std::shared_ptr<void>> batch;
    for (std::size_t i = 0; i < count; ++i) {
      batch.push_back(acquire_buffer(size * megabyte));
      const auto now = buffer_statistics();
      together = std::max(together, now.in_use + now.cached);
    }
  }
  EXPECT_LE(together, count * 16 * megabyte + 16 * megabyte);
  release_cached_buffers();
  EXPECT_EQ(buffer_statistics().cached, 0U);
}

TEST(Buffers, RefuseAnImpossibleSize) {
  EXPECT_THROW(acquire_buffer(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(acquire_buffer(SIZE_MAX / 4), std::bad_alloc);
}

TEST(ThreadsBuffers, AreTakenAndGivenBackByManyThreads) {
  const auto before = buffer_statistics();
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([id] {
      std::vector<std::shared_ptr<void>> held(16);
      for (std::size_t round = 0; round < 4000; ++round) {
        const std::size_t bytes = 64 + (round * 37 + static_cast<std::size_t>(id)) % 5000;
        auto& slot = held[round % held.size()];
        slot = acquire_buffer(bytes);
        std::memset(slot.get(), id, bytes);
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(buffer_statistics().in_use, before.in_use);
}

}  // namespace
}  // namespace rondo

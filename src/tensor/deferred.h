/// Memory that is filled when it is first looked at: weights that are still in their file.
#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace rondo {

/// Filled block by block, each once, by whoever needs it first; several threads may need it at once. Until
/// then the system keeps no memory for it.
class Deferred {
 public:
  /// Puts the `bytes` of a block to `to`: as many as all blocks have, or in the last one what is left. May
  /// throw: then the block stays unfilled, and whoever needs it next tries again. Let go of once all blocks
  /// are filled.
  using Fill = std::function<void(std::size_t block, std::byte* to, std::size_t bytes)>;

  /// `memory`: zeros, aligned to a cache line; null: memory of its own.
  Deferred(std::size_t bytes, std::size_t block_bytes, Fill fill, std::shared_ptr<void> memory = nullptr);

  /// Aligned to a cache line; never null.
  void* memory() const noexcept { return memory_.get(); }
  /// Returns when these bytes of the memory are filled; throws what `fill` throws.
  void need(const std::byte* from, std::size_t bytes) {
    if (missing_.load(std::memory_order_acquire) > 0) fill(from, bytes);
  }

 private:
  void fill(const std::byte* from, std::size_t bytes);
  void fill_block(std::size_t block);

  const std::size_t bytes_, block_bytes_;
  const std::shared_ptr<void> memory_;
  std::mutex mutex_;
  std::vector<std::atomic<bool>> filled_;
  std::atomic<std::size_t> missing_;  ///< blocks
  Fill fill_;
};

}  // namespace rondo

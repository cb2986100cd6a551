/// Memory for tensors, aligned to 64 bytes, from a cache of size classes. In steady state, a training step
/// needs no memory from the system.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace rondo {

/// At least `bytes` of uninitialised memory, which returns to the cache with its last owner. Never null.
/// Aligned to 64 bytes, or to 2 MiB from that size on. Throws std::bad_alloc.
std::shared_ptr<void> acquire_buffer(std::size_t bytes);

/// `bytes` of zeros in pages that the system supplies when they are first touched, not from the cache: for
/// memory of which much may never be used. Never null, aligned to 64 bytes. Throws std::bad_alloc.
std::shared_ptr<void> untouched_zeros(std::size_t bytes);

/// Where the process's buffers stand, in bytes as rounded up to their size class.
struct BufferStatistics {
  std::size_t in_use = 0;
  std::size_t peak = 0;  ///< the most that was in use at once since restart_buffer_peak()
  std::size_t cached =
      0;  ///< kept for reuse: 16 MiB, or what fills up `in_use` to 17/16 of the most that ever was
  std::uint64_t system_allocations = 0;
};
BufferStatistics buffer_statistics();
/// Restarts `peak`.
void restart_buffer_peak();

/// Returns the cached buffers to the system.
void release_cached_buffers();

}  // namespace rondo

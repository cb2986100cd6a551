/// Memory for tensors: 64-byte aligned, from a cache of size classes, so that a training step in steady state
/// asks the system for nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace rondo {

/// At least `bytes` of uninitialised memory, given back to the cache when the last owner goes. Never null.
/// Aligned to 64 bytes, from 2 MiB on to 2 MiB. Throws std::bad_alloc.
std::shared_ptr<void> acquire_buffer(std::size_t bytes);

/// `bytes` of zeros in pages that the system supplies when they are first touched, not from the cache: for
/// memory of which much may never be used. Never null, aligned to 64 bytes. Throws std::bad_alloc.
std::shared_ptr<void> untouched_zeros(std::size_t bytes);

/// Where the process's buffers stand, in bytes as rounded up to their size class.
struct BufferStatistics {
  std::size_t in_use = 0;
  std::size_t peak = 0;    ///< the most that was in use at once since restart_buffer_peak()
  std::size_t cached = 0;  ///< kept for the next to ask; no more than was ever in use at once
  std::uint64_t system_allocations = 0;
};
BufferStatistics buffer_statistics();
/// From here on `peak` counts anew.
void restart_buffer_peak();

/// Gives the cached buffers back to the system.
void release_cached_buffers();

}  // namespace rondo

/// Memory for tensors: 64-byte aligned, from a cache of size classes, so that a training step in steady state
/// asks the system for nothing.
#pragma once
#include <cstddef>
#include <memory>

namespace rondo {

/// At least `bytes` of uninitialised memory, given back to the cache when the last owner goes.
std::shared_ptr<void> acquire_buffer(std::size_t bytes);

}  // namespace rondo

#include "tensor/deferred.h"

#include <algorithm>
#include <utility>

#include "runtime/buffers.h"

namespace rondo {

Deferred::Deferred(std::size_t bytes, std::size_t block_bytes, Fill fill, std::shared_ptr<void> memory)
    : bytes_(bytes),
      block_bytes_(block_bytes),
      memory_(memory != nullptr ? std::move(memory) : untouched_zeros(std::max<std::size_t>(1, bytes))),
      filled_((bytes + block_bytes - 1) / block_bytes),
      missing_(filled_.size()),
      fill_(std::move(fill)) {}

void Deferred::fill(const std::byte* from, std::size_t bytes) {
  if (bytes == 0) return;
  const auto begin = static_cast<std::size_t>(from - static_cast<const std::byte*>(memory_.get()));
  for (std::size_t block = begin / block_bytes_; block <= (begin + bytes - 1) / block_bytes_; ++block)
    if (!filled_[block].load(std::memory_order_acquire)) fill_block(block);
}

void Deferred::fill_block(std::size_t block) {
  const std::lock_guard lock(mutex_);
  if (filled_[block].load(std::memory_order_relaxed)) return;
  const std::size_t begin = block * block_bytes_;
  fill_(block, static_cast<std::byte*>(memory_.get()) + begin, std::min(block_bytes_, bytes_ - begin));
  filled_[block].store(true, std::memory_order_release);
  if (missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) fill_ = nullptr;
}

}  // namespace rondo

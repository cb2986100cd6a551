#include "runtime/buffers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>

#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RONDO_BUFFERS_UNCACHED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define RONDO_BUFFERS_UNCACHED
#endif

namespace rondo {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t own_pages = std::size_t{128} << 10, worth_a_huge_page = std::size_t{256} << 10;
constexpr std::size_t always_cached = std::size_t{16} << 20;
/// From this size on, where the system takes as long to clear a page as a kernel to fill it, a block of the
/// next classes, up to twice the size, serves as well: batches of every length need their own sizes, and more
/// of them than the cache holds.
constexpr std::size_t exchangeable = std::size_t{128} << 10;
#ifdef RONDO_BUFFERS_UNCACHED
// The sanitizer sees every use after the last owner is gone, and what is read or written beyond the end.
constexpr bool cached = false;
constexpr bool mapped(std::size_t) {
  return false;
}
#else
constexpr bool cached = true;
constexpr bool mapped(std::size_t bytes) {
  return bytes >= own_pages;
}
#endif

// Size classes: four steps to each power of two, from 64 bytes to 1 TiB.
constexpr int smallest_bits = 6, largest_bits = 40, steps = 4;
constexpr int classes = (largest_bits - smallest_bits) * steps + 1;

constexpr std::size_t class_size(int index) {
  const std::size_t power = std::size_t{1} << (smallest_bits + index / steps);
  return power + power / steps * static_cast<std::size_t>(index % steps);
}
int class_of(std::size_t bytes) {
  if (bytes > class_size(classes - 1)) throw std::bad_alloc();
  if (bytes <= class_size(0)) return 0;
  const int bits = std::bit_width(bytes - 1) - 1;  // 2^bits < bytes <= 2^(bits + 1)
  int index = (bits - smallest_bits) * steps;
  while (class_size(index) < bytes)
    ++index;
  return index;
}

/// A block of memory, with room for the shared_ptr's counters, so that handing it out allocates nothing.
struct Block {
  void* data = nullptr;
  int size_class = 0;
  Block* newer = nullptr;  // neighbours in the list of all cached blocks, by the time of their return
  Block* older = nullptr;
  Block* below = nullptr;  // neighbours in the stack of their class
  Block* above = nullptr;
  alignas(std::max_align_t) std::array<std::byte, 96> counters;

  std::size_t size() const { return class_size(size_class); }
};

/// Memory of the system's own, from the border of a huge page on; `size` is of whole pages.
void* map_aligned(std::size_t size) {
  const std::size_t room = size + huge_page;
  void* const mapped = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  auto* const first = static_cast<std::byte*>(mapped);
  const std::size_t before = (huge_page - reinterpret_cast<std::uintptr_t>(first) % huge_page) % huge_page;
  if (before > 0) munmap(first, before);
  munmap(first + before + size, huge_page - before);
  return first + before;
}

/// The C library would keep such memory in its heap after it was freed, in pieces too small for the next
/// batch: a third of the peak of a training was lost to them, and of a prediction a fifth. The sizes of these
/// classes are whole pages.
void* map_block(std::size_t size) {
  if (size < huge_page) {
    void* const mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    return mapped;
  }
  void* const mapped = map_aligned(size);
#ifdef MADV_HUGEPAGE
  madvise(mapped, size, MADV_HUGEPAGE);  // a hint only
#endif
  return mapped;
}

Block* new_block(int size_class) {
  auto block = std::make_unique<Block>();
  block->size_class = size_class;
  const std::size_t size = class_size(size_class);
  const std::size_t aligned = size < huge_page ? alignment : huge_page;
  block->data =
      mapped(size) ? map_block(size) : std::aligned_alloc(aligned, (size + aligned - 1) / aligned * aligned);
  if (block->data == nullptr) throw std::bad_alloc();
  return block.release();
}

void delete_block(Block* block) {
  const std::size_t size = block->size();
  if (mapped(size)) {
    munmap(block->data, size);
  } else {
    std::free(block->data);
  }
  delete block;
}

class BufferCache {
 public:
  Block* take(std::size_t bytes) {
    const int size_class = class_of(bytes);
    {
      const std::lock_guard lock(mutex_);
      if (Block* const block = find(size_class); block != nullptr) {
        remove(block);
        count_in(block->size());
        return block;
      }
    }
    Block* const block = new_block(size_class);
    {
      const std::lock_guard lock(mutex_);
      ++counts_.system_allocations;
      count_in(block->size());
    }
    shrink_to_limit();
    return block;
  }

  void give_back(Block* block) {
    {
      const std::lock_guard lock(mutex_);
      counts_.in_use -= block->size();
      if (cached) insert(block);
    }
    if (cached) {
      shrink_to_limit();
    } else {
      delete_block(block);
    }
  }

  void clear() {
    while (Block* const block = take_oldest(0))
      delete_block(block);
  }

  BufferStatistics counts() {
    const std::lock_guard lock(mutex_);
    return counts_;
  }
  void restart_peak() {
    const std::lock_guard lock(mutex_);
    counts_.peak = counts_.in_use;
  }

 private:
  /// A cached block of that size; or of up to twice that size, where it is exchangeable, or where a new one
  /// would have to take the place of others: batches of ever other lengths would give back one block to the
  /// system for each that they get.
  Block* find(int size_class) const {
    const std::size_t size = class_size(size_class), held = counts_.in_use + counts_.cached + size;
    const bool full = held > std::max(always_cached, most_in_use_ + most_in_use_ / 16);
    const int last = size >= exchangeable || full ? std::min(size_class + steps, classes - 1) : size_class;
    for (int at = size_class; at <= last; ++at)
      if (Block* const block = stacks_[static_cast<std::size_t>(at)]; block != nullptr) return block;
    return nullptr;
  }
  /// Frees the block that was unused longest first, because its size is probably no longer needed. What is in
  /// use and what is cached together stay near the most that was ever in use: batches of other lengths need
  /// other sizes, and without this limit a training holds the memory of two.
  void shrink_to_limit() {
    while (Block* const block = take_oldest(always_cached))
      delete_block(block);
  }
  Block* take_oldest(std::size_t allowed) {
    const std::lock_guard lock(mutex_);
    const std::size_t room = most_in_use_ + most_in_use_ / 16 - counts_.in_use;
    if (oldest_ == nullptr || (allowed != 0 && counts_.cached <= std::max(allowed, room))) return nullptr;
    Block* const block = oldest_;
    remove(block);
    return block;
  }

  void count_in(std::size_t size) {
    counts_.in_use += size;
    counts_.peak = std::max(counts_.peak, counts_.in_use);
    most_in_use_ = std::max(most_in_use_, counts_.in_use);
  }
  void insert(Block* block) {
    Block*& top = stacks_[static_cast<std::size_t>(block->size_class)];
    block->below = top;
    block->above = nullptr;
    if (top != nullptr) top->above = block;
    top = block;
    block->older = newest_;
    block->newer = nullptr;
    (newest_ != nullptr ? newest_->newer : oldest_) = block;
    newest_ = block;
    counts_.cached += block->size();
  }
  void remove(Block* block) {
    (block->above != nullptr ? block->above->below : stacks_[static_cast<std::size_t>(block->size_class)]) =
        block->below;
    if (block->below != nullptr) block->below->above = block->above;
    (block->newer != nullptr ? block->newer->older : newest_) = block->older;
    (block->older != nullptr ? block->older->newer : oldest_) = block->newer;
    counts_.cached -= block->size();
  }

  std::mutex mutex_;
  std::array<Block*, classes> stacks_{};
  Block *newest_ = nullptr, *oldest_ = nullptr;
  BufferStatistics counts_;
  std::size_t most_in_use_ = 0;  // ever
};

/// Never destroyed, because tensors in static objects are freed after everything else.
BufferCache& cache() {
  static auto* const made = new BufferCache;
  return *made;
}

/// Places a shared_ptr's counters in the block. They are destroyed last and then return the block.
template <class T>
struct CounterAllocator {
  using value_type = T;
  explicit CounterAllocator(Block* b) noexcept : block(b) {}
  template <class U>
  CounterAllocator(const CounterAllocator<U>& other) noexcept : block(other.block) {}

  T* allocate(std::size_t) {
    static_assert(sizeof(T) <= sizeof(Block::counters) && alignof(T) <= alignof(std::max_align_t));
    return reinterpret_cast<T*>(block->counters.data());
  }
  void deallocate(T*, std::size_t) noexcept { cache().give_back(block); }
  template <class U>
  bool operator==(const CounterAllocator<U>& other) const noexcept {
    return block == other.block;
  }

  Block* block;
};

}  // namespace

std::shared_ptr<void> acquire_buffer(std::size_t bytes) {
  Block* const block = cache().take(bytes);
  return {block->data, [](void*) {}, CounterAllocator<std::byte>(block)};
}

std::shared_ptr<void> untouched_zeros(std::size_t bytes) {
  // Where the system gives huge pages unasked, one fault takes the place of hundreds. It is not asked for
  // them: of much of this memory little is used.
  if (cached && bytes >= worth_a_huge_page) {
    const std::size_t size = (bytes + huge_page - 1) / huge_page * huge_page;
    return {map_aligned(size), [size](void* data) { munmap(data, size); }};
  }
  std::size_t room = bytes + alignment;
  const std::shared_ptr<void> memory(std::calloc(room, 1), std::free);
  if (!memory) throw std::bad_alloc();
  void* data = memory.get();
  return {memory, std::align(alignment, bytes, data, room)};
}

BufferStatistics buffer_statistics() {
  return cache().counts();
}

void restart_buffer_peak() {
  cache().restart_peak();
}

void release_cached_buffers() {
  cache().clear();
}

}  // namespace rondo

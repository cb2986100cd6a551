/// Finds numbers by hash: open addressing over one block. Built once; thousands of entries cost microseconds,
/// where a node-based map makes the start of a program slow.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rondo {

class HashIndex {
 public:
  HashIndex() = default;
  /// For at most `count` entries.
  explicit HashIndex(std::size_t count) : slots_(std::bit_ceil(2 * count + 2)) {}

  /// The number whose entry has this hash and for which same(number) holds; -1 if there is none.
  template <class Same>
  std::int32_t find(std::uint64_t hash, Same&& same) const {
    if (slots_.empty()) return -1;
    for (std::size_t at = hash;; ++at) {
      const Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.number < 0) return -1;
      if (slot.tag == tag_of(hash) && same(slot.number)) return slot.number;
    }
  }

  /// An entry that is not there yet.
  void add(std::uint64_t hash, std::int32_t number) {
    std::size_t at = hash;
    while (slots_[at & (slots_.size() - 1)].number >= 0)
      ++at;
    slots_[at & (slots_.size() - 1)] = {tag_of(hash), number};
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::int32_t number = -1;
  };
  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  std::vector<Slot> slots_;
};

}  // namespace rondo

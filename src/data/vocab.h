/// Counts tokens and keeps the most frequent ones, without the sorted map of Vocab::from_counts.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <rondo/text.h>

namespace rondo {

inline constexpr std::string_view unknown_token = "<unk>";

struct TokenHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view token) const noexcept {
    return std::hash<std::string_view>{}(token);
  }
};
using TokenCounts = std::unordered_map<std::string, std::int64_t, TokenHash, std::equal_to<>>;

Vocab vocab_of(const TokenCounts& counts, std::int64_t min_count, std::int64_t max_size);

}  // namespace rondo

#include <algorithm>
#include <limits>

#include "data/text_encoder.h"

namespace rondo {
namespace {

/// Orders as (previous, token) does.
std::uint64_t key_of(std::int32_t previous, std::int32_t token) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(previous + 1)) << 32 |
         static_cast<std::uint32_t>(token);
}

BigramTable::Pair pair_of(std::uint64_t key) {
  return {static_cast<std::int32_t>(key >> 32) - 1, static_cast<std::int32_t>(key & 0xFFFFFFFFU)};
}

template <class Visit>
void for_each_pair(const std::vector<std::int32_t>& tokens, Visit&& visit) {
  std::int32_t previous = -1;
  for (const std::int32_t token : tokens) {
    visit(previous, token);
    previous = token;
  }
}

bool both_known(std::int32_t previous, std::int32_t token) {
  return previous != Vocab::unknown && token != Vocab::unknown;
}

}  // namespace

BigramTable::BigramTable(std::vector<Pair> pairs) : pairs_(std::move(pairs)) {
  numbers_.reserve(pairs_.size());
  for (std::size_t i = 0; i < pairs_.size(); ++i)
    numbers_.emplace(key_of(pairs_[i].first, pairs_[i].second), static_cast<std::int32_t>(i + 1));
}

BigramTable BigramTable::learn(const std::vector<std::vector<std::int32_t>>& sequences, std::size_t limit) {
  std::unordered_map<std::uint64_t, std::int64_t> counts;
  for (const auto& tokens : sequences) {
    for_each_pair(tokens, [&](std::int32_t previous, std::int32_t token) {
      if (both_known(previous, token)) ++counts[key_of(previous, token)];
    });
  }
  std::vector<std::pair<std::int64_t, std::uint64_t>> kept;
  for (const auto& [key, count] : counts) {
    if (count >= 2) kept.emplace_back(-count, key);
  }
  std::sort(kept.begin(), kept.end());
  kept.resize(std::min(kept.size(), limit));
  std::vector<Pair> pairs;
  pairs.reserve(kept.size());
  for (const auto& entry : kept)
    pairs.push_back(pair_of(entry.second));
  return BigramTable(std::move(pairs));
}

std::vector<std::int32_t> BigramTable::encode(const std::vector<std::int32_t>& tokens) const {
  std::vector<std::int32_t> numbers;
  numbers.reserve(tokens.size());
  for_each_pair(tokens, [&](std::int32_t previous, std::int32_t token) {
    const auto found = numbers_.find(key_of(previous, token));
    numbers.push_back(found == numbers_.end() ? Vocab::unknown : found->second);
  });
  return numbers;
}

}  // namespace rondo

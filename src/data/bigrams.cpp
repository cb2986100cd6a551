// BigramTable of text_encoder.h: which pairs of tokens are kept, and their numbers.
#include <algorithm>
#include <unordered_map>

#include <rondo/error.h>

#include "base/message.h"
#include "base/random.h"
#include "data/text_encoder.h"

namespace rondo {
namespace {

/// Has the same order as (previous, token).
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

std::uint64_t hash_of_pair(BigramTable::Pair pair) {
  return mix(key_of(pair.first, pair.second), 0);
}

}  // namespace

BigramTable::BigramTable(std::vector<Pair> pairs) : pairs_(std::move(pairs)), numbers_(pairs_.size()) {
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (find(pairs_[i]) != 0)
      fail(ErrorKind::format, "bigrams: pair " + std::to_string(i) + " appears twice");
    numbers_.add(hash_of_pair(pairs_[i]), static_cast<std::int32_t>(i + 1));
  }
}

std::int32_t BigramTable::find(Pair pair) const {
  const std::int32_t found = numbers_.find(hash_of_pair(pair), [&](std::int32_t number) {
    return pairs_[static_cast<std::size_t>(number) - 1] == pair;
  });
  return found < 0 ? Vocab::unknown : found;
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
    numbers.push_back(find({previous, token}));
  });
  return numbers;
}

}  // namespace rondo

#include "wide/ngram_table.h"

#include <rondo/text.h>

namespace rondo::wide {
namespace {

/// In how many texts each token stands.
std::vector<std::int32_t> texts_with(const TokenTexts& texts, std::int32_t vocabulary) {
  std::vector<std::int32_t> counts(static_cast<std::size_t>(vocabulary)), last(counts.size(), -1);
  for (std::size_t text = 0; text < texts.size(); ++text)
    for (const std::int32_t token : texts[text]) {
      const auto at = static_cast<std::size_t>(token);
      if (last[at] == static_cast<std::int32_t>(text)) continue;
      last[at] = static_cast<std::int32_t>(text);
      ++counts[at];
    }
  return counts;
}

/// The keys that stand in it `min_count` or more times, ascending.
void keep_frequent(std::vector<std::uint64_t>& keys, int min_count) {
  std::sort(keys.begin(), keys.end());
  auto kept = keys.begin();
  for (auto run = keys.begin(); run != keys.end();) {
    const auto end = std::find_if(run, keys.end(), [&](std::uint64_t key) { return key != *run; });
    if (end - run >= min_count) *kept++ = *run;
    run = end;
  }
  keys.erase(kept, keys.end());
}

}  // namespace

NgramTable NgramTable::learn(const TokenTexts& texts, int longest, std::int32_t vocabulary, int min_texts) {
  NgramTable table;
  const std::vector<std::int32_t> counts = texts_with(texts, vocabulary);
  for (std::int32_t token = Vocab::unknown + 1; token < vocabulary; ++token)
    if (counts[static_cast<std::size_t>(token)] >= min_texts) table.nodes_.push_back({-1, token});
  table.longest_ = 1;
  table.index(vocabulary);
  std::vector<std::int32_t> at;  // the n-gram of the present length that begins at each place
  at.reserve(texts.tokens());
  for (std::size_t text = 0; text < texts.size(); ++text)
    for (const std::int32_t token : texts[text])
      at.push_back(table.first_[static_cast<std::size_t>(token)]);
  for (int length = 2; length <= longest; ++length) {
    table.learn_longer(texts, static_cast<std::size_t>(length), min_texts, at);
    table.index(vocabulary);
    table.longest_ = static_cast<std::size_t>(length);
  }
  return table;
}

/// An n-gram is frequent only if those that it begins and ends with are: few others need to be counted.
void NgramTable::learn_longer(const TokenTexts& texts, std::size_t length, int min_texts,
                              std::vector<std::int32_t>& at) {
  std::vector<std::uint64_t> keys;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const std::span<const std::int32_t> tokens = texts[text];
    const std::size_t begin = texts.begin_of(text), before = keys.size();
    for (std::size_t i = 0; i + length <= tokens.size(); ++i)
      if (at[begin + i] >= 0 && at[begin + i + 1] >= 0)
        keys.push_back(key_of(at[begin + i], tokens[i + length - 1]));
    const auto own = keys.begin() + static_cast<std::ptrdiff_t>(before);
    std::sort(own, keys.end());
    keys.erase(std::unique(own, keys.end()), keys.end());
  }
  keep_frequent(keys, min_texts);
  HashIndex longer(keys.size());
  for (const std::uint64_t key : keys) {
    const auto number = static_cast<std::int32_t>(nodes_.size());
    nodes_.push_back({static_cast<std::int32_t>(key >> 32), static_cast<std::int32_t>(key & 0xFFFFFFFFU)});
    longer.add(rondo::mix(key, 0), number);
  }
  children_ = std::move(longer);
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const std::span<const std::int32_t> tokens = texts[text];
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      std::int32_t& node = at[texts.begin_of(text) + i];
      node = node < 0 || i + length > tokens.size() ? -1 : child(node, tokens[i + length - 1]);
    }
  }
}

void NgramTable::index(std::int32_t vocabulary) {
  first_.assign(static_cast<std::size_t>(vocabulary), -1);
  const auto longer = std::find_if(nodes_.begin(), nodes_.end(), [](const Node& n) { return n.prefix >= 0; });
  children_ = HashIndex(static_cast<std::size_t>(nodes_.end() - longer));
  for (std::int32_t number = 0; number < size(); ++number) {
    const Node& node = nodes_[static_cast<std::size_t>(number)];
    if (node.prefix < 0)
      first_[static_cast<std::size_t>(node.token)] = number;
    else
      children_.add(hash_of_child(node.prefix, node.token), number);
  }
}

void NgramTable::numbers(std::span<const std::int32_t> tokens, std::vector<std::int32_t>& found) const {
  found.clear();
  for_each(tokens, [&](std::int32_t number) { found.push_back(number); });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
}

std::vector<std::int32_t> NgramTable::tokens(std::int32_t number) const {
  std::vector<std::int32_t> tokens;
  for (; number >= 0; number = nodes_[static_cast<std::size_t>(number)].prefix)
    tokens.push_back(nodes_[static_cast<std::size_t>(number)].token);
  std::reverse(tokens.begin(), tokens.end());
  return tokens;
}

NgramTable NgramTable::pruned(const std::vector<bool>& keep, std::vector<std::int32_t>& numbers) const {
  std::vector<bool> kept = keep;
  for (std::size_t i = nodes_.size(); i-- > 0;)
    if (kept[i] && nodes_[i].prefix >= 0) kept[static_cast<std::size_t>(nodes_[i].prefix)] = true;
  NgramTable table;
  numbers.assign(nodes_.size(), -1);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!kept[i]) continue;
    numbers[i] = table.size();
    const std::int32_t prefix = nodes_[i].prefix;
    table.nodes_.push_back({prefix < 0 ? -1 : numbers[static_cast<std::size_t>(prefix)], nodes_[i].token});
  }
  table.longest_ = longest_;
  table.index(static_cast<std::int32_t>(first_.size()));
  return table;
}

}  // namespace rondo::wide

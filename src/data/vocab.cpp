#include "data/vocab.h"

#include <algorithm>
#include <utility>

#include <rondo/error.h>
#include <rondo/text.h>

#include "base/message.h"
#include "base/utf8.h"
#include "data/hash_index.h"

namespace rondo {

/// All tokens are in one block. Token i has [ends[i - 1], ends[i]).
struct Vocab::Table {
  std::string block;
  std::vector<std::size_t> ends;
  std::vector<std::int64_t> counts;
  HashIndex numbers;

  std::string_view token(std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends[number - 1];
    return std::string_view(block).substr(begin, ends[number] - begin);
  }
  /// -1 for an unknown token.
  std::int32_t find(std::string_view token_sought) const {
    return numbers.find(TokenHash{}(token_sought), [&](std::int32_t number) {
      return token(static_cast<std::size_t>(number)) == token_sought;
    });
  }
};

Vocab::Vocab(std::shared_ptr<const Table> table) : table_(std::move(table)) {}

Vocab::Vocab() : Vocab(of({std::string(unknown_token)})) {}

Vocab Vocab::of(std::vector<std::string> tokens, std::vector<std::int64_t> counts) {
  if (tokens.empty()) fail(ErrorKind::format, "vocabulary: no tokens; the first one stands for the unknown");
  if (counts.empty()) counts.resize(tokens.size());
  if (counts.size() != tokens.size())
    fail(ErrorKind::format, "vocabulary: " + std::to_string(tokens.size()) + " tokens with " +
                                std::to_string(counts.size()) + " counts");
  auto table = std::make_shared<Table>();
  table->counts = std::move(counts);
  table->numbers = HashIndex(tokens.size());
  for (const std::string& token : tokens) {
    require_utf8(token, "vocabulary");
    if (table->find(token) >= 0)
      fail(ErrorKind::format, "vocabulary: token " + quote(token) + " appears twice");
    table->block += token;
    table->ends.push_back(table->block.size());
    table->numbers.add(TokenHash{}(token), static_cast<std::int32_t>(table->ends.size()) - 1);
  }
  return Vocab(std::move(table));
}

namespace {

Vocab commonest(std::vector<std::pair<std::string_view, std::int64_t>> counted, std::int64_t min_count,
                std::int64_t max_size, std::span<const std::string> specials) {
  std::vector<std::string> tokens = {std::string(unknown_token)};
  tokens.insert(tokens.end(), specials.begin(), specials.end());
  const std::vector<std::string> reserved = tokens;
  std::erase_if(counted, [&](const auto& entry) {
    return entry.second < min_count ||
           std::find(reserved.begin(), reserved.end(), entry.first) != reserved.end();
  });
  const auto before = [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  };
  std::sort(counted.begin(), counted.end(), before);
  std::vector<std::int64_t> counts(tokens.size());
  for (const auto& [token, count] : counted) {
    if (max_size > 0 && static_cast<std::int64_t>(tokens.size()) >= max_size) break;
    tokens.emplace_back(token);
    counts.push_back(count);
  }
  return Vocab::of(std::move(tokens), std::move(counts));
}

}  // namespace

Vocab vocab_of(const TokenCounts& counts, std::int64_t min_count, std::int64_t max_size) {
  return commonest({counts.begin(), counts.end()}, min_count, max_size, {});
}

Vocab Vocab::from_counts(const Counts& counts, std::int64_t min_count, std::int64_t max_size,
                         std::span<const std::string> specials) {
  return commonest({counts.begin(), counts.end()}, min_count, max_size, specials);
}

std::int32_t Vocab::size() const noexcept {
  return static_cast<std::int32_t>(table_->ends.size());
}

std::int32_t Vocab::find(std::string_view token) const noexcept {
  const std::int32_t found = table_->find(token);
  return found < 0 ? unknown : found;
}

bool Vocab::contains(std::string_view token) const noexcept {
  return table_->find(token) >= 0;
}

std::string_view Vocab::token(std::int32_t number) const {
  if (number < 0 || number >= size())
    fail(ErrorKind::option, "vocabulary: token number " + std::to_string(number) + " is outside 0 .. " +
                                std::to_string(size() - 1));
  return table_->token(static_cast<std::size_t>(number));
}

std::int64_t Vocab::count(std::int32_t number) const {
  token(number);
  return table_->counts[static_cast<std::size_t>(number)];
}

std::vector<std::int32_t> Vocab::encode(std::span<const std::string> tokens) const {
  std::vector<std::int32_t> numbers;
  numbers.reserve(tokens.size());
  for (const std::string& token : tokens)
    numbers.push_back(find(token));
  return numbers;
}

std::string Vocab::decode(std::span<const std::int32_t> numbers, std::string_view separator) const {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) text += separator;
    text += token(numbers[i]);
  }
  return text;
}

}  // namespace rondo

#include "tasks/speech/scores/word_errors.h"

#include <algorithm>
#include <limits>

#include "base/utf8.h"
#include "data/normalize.h"

namespace rondo::speech {
namespace {

std::string composed(std::string_view text) {
  return Normalizer{.form = Normalization::nfc, .lowercase = false}(text);
}

/// costs[i][j]: of the first i words of the reference and the first j that were heard.
std::vector<std::vector<std::int64_t>> table_of(std::span<const std::string> reference,
                                                std::span<const std::string> heard, const AlignmentCosts& c) {
  std::vector<std::vector<std::int64_t>> table(reference.size() + 1,
                                               std::vector<std::int64_t>(heard.size() + 1));
  for (std::size_t i = 0; i <= reference.size(); ++i)
    for (std::size_t j = 0; j <= heard.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = static_cast<std::int64_t>(i) * c.deleted + static_cast<std::int64_t>(j) * c.inserted;
        continue;
      }
      const std::int64_t same = reference[i - 1] == heard[j - 1] ? 0 : c.substituted;
      table[i][j] =
          std::min({table[i - 1][j - 1] + same, table[i - 1][j] + c.deleted, table[i][j - 1] + c.inserted});
    }
  return table;
}

}  // namespace

double WordErrors::rate() const noexcept {
  if (words() == 0) return errors() == 0 ? 0 : std::numeric_limits<double>::infinity();
  return static_cast<double>(errors()) / static_cast<double>(words());
}

WordErrors& WordErrors::operator+=(const WordErrors& other) noexcept {
  right += other.right;
  substituted += other.substituted;
  deleted += other.deleted;
  inserted += other.inserted;
  return *this;
}

WordErrors align(std::span<const std::string> reference, std::span<const std::string> heard,
                 const AlignmentCosts& costs, std::vector<AlignedWord>* aligned) {
  const auto table = table_of(reference, heard, costs);
  WordErrors errors;
  std::vector<AlignedWord> pairs;
  for (std::size_t i = reference.size(), j = heard.size(); i > 0 || j > 0;) {
    const bool equal = i > 0 && j > 0 && reference[i - 1] == heard[j - 1];
    if (i > 0 && j > 0 && table[i][j] == table[i - 1][j - 1] + (equal ? 0 : costs.substituted)) {
      ++(equal ? errors.right : errors.substituted);
      pairs.emplace_back(reference[--i], heard[--j]);
    } else if (i > 0 && table[i][j] == table[i - 1][j] + costs.deleted) {
      ++errors.deleted;
      pairs.emplace_back(reference[--i], "");
    } else {
      ++errors.inserted;
      pairs.emplace_back("", heard[--j]);
    }
  }
  std::reverse(pairs.begin(), pairs.end());
  if (aligned != nullptr) *aligned = std::move(pairs);
  return errors;
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  const std::string whole = composed(text);
  for (const char32_t point : CodePoints(whole)) {
    const bool blank = is_white_space(point);
    if (!blank && !inside) words.emplace_back();
    inside = !blank;
    if (inside) append_utf8(words.back(), point);
  }
  return words;
}

std::vector<std::string> characters_in(std::string_view text) {
  std::vector<std::string> characters;
  const std::string whole = composed(text);
  for (const char32_t point : CodePoints(whole))
    if (!is_white_space(point)) append_utf8(characters.emplace_back(), point);
  return characters;
}

}  // namespace rondo::speech

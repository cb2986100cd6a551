/// How far a text is from what was said: the best alignment of the two, and what it costs.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo::speech {

/// What an alignment pays for a word that is another, left out, or put in.
struct AlignmentCosts {
  int substituted = 1, deleted = 1, inserted = 1;
};
inline constexpr AlignmentCosts edit_costs = {};
/// Those of sclite (NIST SCTK). Its alignment keeps more words in place, and its rate can be the higher one.
inline constexpr AlignmentCosts sclite_costs = {.substituted = 4, .deleted = 3, .inserted = 3};

struct WordErrors {
  std::int64_t right = 0, substituted = 0, deleted = 0, inserted = 0;

  std::int64_t errors() const noexcept { return substituted + deleted + inserted; }
  std::int64_t words() const noexcept { return right + substituted + deleted; }
  /// errors / words; without words 0 if nothing was put in, else infinite.
  double rate() const noexcept;
  WordErrors& operator+=(const WordErrors& other) noexcept;
};

/// A word of the reference beside one of the hypothesis; an empty side is a word put in, or left out.
using AlignedWord = std::pair<std::string, std::string>;

/// The cheapest alignment; of equal ones that with substitutions nearest to the end, then deletions.
WordErrors align(std::span<const std::string> reference, std::span<const std::string> heard,
                 const AlignmentCosts& costs, std::vector<AlignedWord>* aligned = nullptr);

/// Words between white space of any kind, in NFC.
std::vector<std::string> words_in(std::string_view text);
/// Characters without white space, in NFC.
std::vector<std::string> characters_in(std::string_view text);

}  // namespace rondo::speech

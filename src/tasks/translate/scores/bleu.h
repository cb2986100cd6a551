/// BLEU (Papineni et al. 2002) with the tokenisers and digits of sacreBLEU 2 (Post 2018).
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rondo::translate {

enum class BleuTokenizer { automatic, t13a, zh, intl, character, none };
constexpr std::array<std::string_view, 6> names_of(BleuTokenizer) {
  return {"auto", "13a", "zh", "intl", "char", "none"};
}

/// The tokens with one blank between them.
std::string bleu_tokens(std::string_view line, BleuTokenizer tokenizer);
/// zh for a text that is mostly Chinese, else 13a.
BleuTokenizer tokenizer_of(std::span<const std::string> references);

/// Counts of sentences, which add up.
struct BleuCounts {
  std::array<std::int64_t, 4> correct = {}, total = {};
  std::int64_t length = 0, reference_length = 0;

  BleuCounts& operator+=(const BleuCounts& other);
  /// 100 × the n-gram precisions, smoothed: 100 / (2^k total) for the k-th without a match.
  std::array<double, 4> precisions() const;
  double brevity_penalty() const;
  /// 0 to 100. With `effective_order` only orders that the hypothesis has count (for sentences).
  double score(bool effective_order = false) const;
};

/// A line against its references: tokenised with the same tokeniser, in lower case first if that is asked.
BleuCounts bleu_counts(std::string_view hypothesis, std::span<const std::string_view> references,
                       BleuTokenizer tokenizer, bool lowercase = false);

}  // namespace rondo::translate

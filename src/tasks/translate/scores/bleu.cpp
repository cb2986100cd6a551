#include "tasks/translate/scores/bleu.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/utf8.h"
#include "tasks/translate/scores/tokenize.h"

namespace rondo::translate {
namespace {

using Tokens = std::vector<std::string_view>;
using Grams = std::map<std::vector<std::string_view>, std::int64_t>;

Tokens split(std::string_view text) {
  Tokens tokens;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) tokens.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return tokens;
}

Grams grams_of(const Tokens& tokens, std::size_t order) {
  Grams grams;
  for (std::size_t i = 0; i + order <= tokens.size(); ++i)
    ++grams[{tokens.begin() + static_cast<std::ptrdiff_t>(i),
             tokens.begin() + static_cast<std::ptrdiff_t>(i + order)}];
  return grams;
}

std::int64_t distance(std::size_t a, std::size_t b) {
  return std::abs(static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b));
}

}  // namespace

BleuCounts& BleuCounts::operator+=(const BleuCounts& other) {
  for (std::size_t n = 0; n < 4; ++n) {
    correct[n] += other.correct[n];
    total[n] += other.total[n];
  }
  length += other.length;
  reference_length += other.reference_length;
  return *this;
}

std::array<double, 4> BleuCounts::precisions() const {
  std::array<double, 4> precisions = {};
  double smooth = 1;
  for (std::size_t n = 0; n < 4 && total[n] > 0; ++n) {
    const auto all = static_cast<double>(total[n]);
    if (correct[n] == 0) smooth *= 2;
    precisions[n] = correct[n] == 0 ? 100 / (smooth * all) : 100 * static_cast<double>(correct[n]) / all;
  }
  if (std::all_of(correct.begin(), correct.end(), [](std::int64_t c) { return c == 0; })) return {};
  return precisions;
}

double BleuCounts::brevity_penalty() const {
  if (length >= reference_length) return 1;
  return length == 0 ? 0 : std::exp(1 - static_cast<double>(reference_length) / static_cast<double>(length));
}

double BleuCounts::score(bool effective_order) const {
  const std::array<double, 4> p = precisions();
  std::size_t orders = 4;
  if (effective_order)
    while (orders > 0 && total[orders - 1] == 0)
      --orders;
  if (orders == 0 || std::all_of(p.begin(), p.end(), [](double x) { return x == 0; })) return 0;
  double sum = 0;
  for (std::size_t n = 0; n < orders; ++n) {
    if (p[n] == 0) return 0;
    sum += std::log(p[n]);
  }
  return brevity_penalty() * std::exp(sum / static_cast<double>(orders));
}

BleuCounts bleu_counts(std::string_view hypothesis, std::span<const std::string_view> references,
                       BleuTokenizer tokenizer, bool lowercase) {
  const auto prepared = [&](std::string_view line) {
    return bleu_tokens(lowercase ? lowered(line) : std::string(line), tokenizer);
  };
  const std::string text = prepared(hypothesis);
  const Tokens tokens = split(text);
  std::vector<std::string> texts;
  for (const std::string_view reference : references)
    texts.push_back(prepared(reference));
  std::vector<Tokens> others;
  for (const std::string& reference : texts)
    others.push_back(split(reference));
  BleuCounts counts{.length = static_cast<std::int64_t>(tokens.size())};
  std::size_t closest = others.front().size();
  for (const Tokens& other : others) {
    const auto far = distance(other.size(), tokens.size()), best = distance(closest, tokens.size());
    if (far < best || (far == best && other.size() < closest)) closest = other.size();
  }
  counts.reference_length = static_cast<std::int64_t>(closest);
  for (std::size_t n = 1; n <= 4; ++n) {
    Grams allowed;
    for (const Tokens& other : others)
      for (const auto& [gram, count] : grams_of(other, n))
        allowed[gram] = std::max(allowed[gram], count);
    for (const auto& [gram, count] : grams_of(tokens, n)) {
      counts.total[n - 1] += count;
      const auto found = allowed.find(gram);
      if (found != allowed.end()) counts.correct[n - 1] += std::min(count, found->second);
    }
  }
  return counts;
}

}  // namespace rondo::translate

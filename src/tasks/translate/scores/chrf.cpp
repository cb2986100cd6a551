#include "tasks/translate/scores/chrf.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/utf8.h"
#include "tasks/translate/scores/tokenize.h"
#include "tasks/translate/units.h"

namespace rondo::translate {
namespace {

constexpr std::size_t character_orders = 6;
using GramCounts = std::map<std::vector<std::string>, std::int64_t>;

std::vector<std::string> characters_of(std::string_view line) {
  std::vector<std::string> characters;
  for (const char32_t c : CodePoints(line))
    if (!is_white_space(c)) append_utf8(characters.emplace_back(), c);
  return characters;
}

bool is_mark(const std::string& word, std::size_t at) {
  static constexpr std::string_view marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  return marks.find(word[at]) != std::string_view::npos;
}

/// A punctuation mark at the end of a word, else at its beginning, is a word of its own.
std::vector<std::string> words_and_marks(std::string_view line) {
  std::vector<std::string> all;
  for (const std::string& word : words_of(line)) {
    if (count_code_points(word) == 1) {
      all.push_back(word);
    } else if (is_mark(word, word.size() - 1)) {
      all.push_back(word.substr(0, word.size() - 1));
      all.push_back(word.substr(word.size() - 1));
    } else if (is_mark(word, 0)) {
      all.push_back(word.substr(0, 1));
      all.push_back(word.substr(1));
    } else {
      all.push_back(word);
    }
  }
  return all;
}

GramCounts grams_of(const std::vector<std::string>& items, std::size_t order) {
  GramCounts grams;
  for (std::size_t i = 0; i + order <= items.size(); ++i)
    ++grams[{items.begin() + static_cast<std::ptrdiff_t>(i),
             items.begin() + static_cast<std::ptrdiff_t>(i + order)}];
  return grams;
}

void add_orders(const std::vector<std::string>& hypothesis, const std::vector<std::string>& reference,
                std::size_t orders, ChrfCounts& to) {
  for (std::size_t n = 1; n <= orders; ++n) {
    const GramCounts a = grams_of(hypothesis, n), b = grams_of(reference, n);
    ChrfCounts::Order order;
    for (const auto& [gram, count] : a) {
      order.hypothesis += count;
      const auto found = b.find(gram);
      if (found != b.end()) order.match += std::min(count, found->second);
    }
    for (const auto& [gram, count] : b)
      order.reference += count;
    // An order that the reference does not have counts for nothing.
    if (order.reference == 0) order.hypothesis = 0;
    to.orders.push_back(order);
  }
}

}  // namespace

ChrfCounts& ChrfCounts::operator+=(const ChrfCounts& other) {
  orders.resize(std::max(orders.size(), other.orders.size()));
  for (std::size_t i = 0; i < other.orders.size(); ++i) {
    orders[i].hypothesis += other.orders[i].hypothesis;
    orders[i].reference += other.orders[i].reference;
    orders[i].match += other.orders[i].match;
  }
  return *this;
}

double ChrfCounts::score() const {
  constexpr double factor = 4;  // beta², of beta 2
  double precision = 0, recall = 0;
  int used = 0;
  for (const Order& order : orders) {
    if (order.hypothesis == 0 || order.reference == 0) continue;
    precision += static_cast<double>(order.match) / static_cast<double>(order.hypothesis);
    recall += static_cast<double>(order.match) / static_cast<double>(order.reference);
    ++used;
  }
  if (used == 0) return 0;
  precision /= used;
  recall /= used;
  if (precision + recall <= 0) return 0;
  return 100 * (1 + factor) * precision * recall / (factor * precision + recall);
}

ChrfCounts chrf_counts(std::string_view hypothesis, std::span<const std::string_view> references, int words,
                       bool lowercase) {
  const auto prepared = [&](std::string_view line) { return lowercase ? lowered(line) : std::string(line); };
  const std::string own = prepared(hypothesis);
  ChrfCounts best;
  double best_score = -1;
  for (const std::string_view line : references) {
    const std::string reference = prepared(line);
    ChrfCounts counts;
    add_orders(characters_of(own), characters_of(reference), character_orders, counts);
    add_orders(words_and_marks(own), words_and_marks(reference), static_cast<std::size_t>(words), counts);
    const double score = counts.score();
    if (score > best_score) {
      best_score = score;
      best = std::move(counts);
    }
  }
  return best;
}

}  // namespace rondo::translate

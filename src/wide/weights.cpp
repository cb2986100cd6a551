#include "wide/weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rondo::wide {

Weights::Weights(std::int32_t ngrams, std::vector<WeightColumn> columns) {
  begins_.resize(static_cast<std::size_t>(ngrams) + 1);
  for (const WeightColumn& column : columns) {
    biases_.push_back(column.bias);
    scales_.push_back(column.scale);
    for (const std::int32_t ngram : column.ngrams)
      ++begins_[static_cast<std::size_t>(ngram) + 1];
  }
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
  entries_.resize(begins_.back());
  std::vector<std::uint32_t> next(begins_.begin(), begins_.end() - 1);
  for (std::size_t c = 0; c < columns.size(); ++c)
    for (std::size_t i = 0; i < columns[c].ngrams.size(); ++i)
      entries_[next[static_cast<std::size_t>(columns[c].ngrams[i])]++] =
          static_cast<std::uint32_t>(c) << 8 | static_cast<std::uint8_t>(columns[c].numbers[i]);
}

float Weights::weight(std::int32_t ngram, std::size_t column) const {
  const auto at = static_cast<std::size_t>(ngram);
  for (std::uint32_t i = begins_[at]; i != begins_[at + 1]; ++i)
    if (entries_[i] >> 8 == column)
      return scales_[column] * static_cast<float>(static_cast<std::int8_t>(entries_[i] & 0xFF));
  return 0;
}

WeightColumn Weights::column(std::size_t number) const {
  WeightColumn column{.bias = biases_[number], .scale = scales_[number], .ngrams = {}, .numbers = {}};
  for (std::size_t ngram = 0; ngram + 1 < begins_.size(); ++ngram)
    for (std::uint32_t i = begins_[ngram]; i != begins_[ngram + 1]; ++i)
      if (entries_[i] >> 8 == number) {
        column.ngrams.push_back(static_cast<std::int32_t>(ngram));
        column.numbers.push_back(static_cast<std::int8_t>(entries_[i] & 0xFF));
      }
  return column;
}

namespace {

/// The `most` n-grams of largest importance, equal ones by their numbers, in ascending order.
std::vector<std::int32_t> most_important(std::span<const float> weights, std::span<const std::int32_t> texts,
                                         std::size_t most) {
  std::vector<std::int32_t> order;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i] != 0) order.push_back(static_cast<std::int32_t>(i));
  if (most == 0 || order.size() <= most) return order;
  const auto importance = [&](std::int32_t ngram) {
    const auto at = static_cast<std::size_t>(ngram);
    return std::abs(weights[at]) * std::sqrt(static_cast<float>(texts[at]));
  };
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(),
                   [&](std::int32_t a, std::int32_t b) {
                     const float of_a = importance(a), of_b = importance(b);
                     return of_a != of_b ? of_a > of_b : a < b;
                   });
  order.resize(most);
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace

WeightColumn pruned_column(std::span<const float> weights, float bias, std::span<const std::int32_t> texts,
                           std::size_t most) {
  constexpr float largest_number = 127;
  WeightColumn column{.bias = bias, .scale = 0, .ngrams = {}, .numbers = {}};
  float largest = 0;
  for (const float weight : weights)
    largest = std::max(largest, std::abs(weight));
  if (largest == 0) return column;
  column.scale = largest / largest_number;
  for (const std::int32_t ngram : most_important(weights, texts, most)) {
    const float number = std::round(weights[static_cast<std::size_t>(ngram)] / column.scale);
    if (number == 0) continue;
    column.ngrams.push_back(ngram);
    column.numbers.push_back(static_cast<std::int8_t>(number));
  }
  return column;
}

}  // namespace rondo::wide

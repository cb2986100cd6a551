/// Weights of n-grams for classes: sparse, in 8 bits.
///
/// They stand in columns, one a class; of two classes there is one column, for the second. A weight is a
/// whole number times the scale of its column, and a score the column's bias and the scale times the sum of
/// the whole numbers. Such a sum is exact, so it does not depend on the order of the n-grams.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rondo::wide {

/// How many columns there are for so many classes.
constexpr std::size_t columns_for(std::size_t classes) {
  return classes == 2 ? 1 : classes;
}
/// The class whose log-odds a column gives.
constexpr std::size_t class_of_column(std::size_t column, std::size_t classes) {
  return classes == 2 ? 1 : column;
}

struct WeightColumn {
  float bias = 0, scale = 0;
  std::vector<std::int32_t> ngrams;  ///< those that have a weight, ascending
  std::vector<std::int8_t> numbers;  ///< of each of them, not 0
};

class Weights {
 public:
  /// Columns over n-grams 0 ... ngrams - 1.
  Weights(std::int32_t ngrams, std::vector<WeightColumn> columns);

  std::size_t columns() const noexcept { return biases_.size(); }
  /// Weights that are not 0.
  std::size_t size() const noexcept { return entries_.size(); }
  float bias(std::size_t column) const { return biases_[column]; }

  /// Adds the whole numbers of an n-gram to the sums of the columns.
  void add(std::int32_t ngram, std::span<std::int64_t> sums) const {
    const auto at = static_cast<std::size_t>(ngram);
    for (std::uint32_t i = begins_[at]; i != begins_[at + 1]; ++i)
      sums[entries_[i] >> 8] += static_cast<std::int8_t>(entries_[i] & 0xFF);
  }
  /// What a column's sum means.
  float score(std::size_t column, std::int64_t sum) const {
    return biases_[column] + scales_[column] * static_cast<float>(sum);
  }
  /// What an n-gram adds to the score of a column.
  float weight(std::int32_t ngram, std::size_t column) const;

  WeightColumn column(std::size_t number) const;

 private:
  std::vector<float> biases_, scales_;
  std::vector<std::uint32_t> begins_;   // n-gram i has entries [begins_[i], begins_[i + 1])
  std::vector<std::uint32_t> entries_;  // column in the upper 24 bits, number in the lower 8
};

/// The weights of largest importance, |weight| · sqrt(texts that have the n-gram), at most `most` of them,
/// and rounded to whole numbers of 8 bits; those that round to 0 go.
WeightColumn pruned_column(std::span<const float> weights, float bias, std::span<const std::int32_t> texts,
                           std::size_t most);

}  // namespace rondo::wide

/// Naive Bayes on the presence of n-grams: what every other classifier is measured against.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "wide/features.h"

namespace rondo::wide {

/// log p(class) + sum over the text's n-grams of log((1 + texts of the class with it) / (the same of all
/// n-grams together)): multinomial naive Bayes over n-grams that stand in a text or do not (Wang and Manning
/// 2012).
class NaiveBayes {
 public:
  /// Of `classes` classes; the n-grams are numbered as in `table`.
  NaiveBayes(NgramTable table, const Features& texts, std::span<const std::int32_t> labels,
             std::size_t classes);
  /// Whether what it would have to keep is of a reasonable size.
  static bool fits(const NgramTable& table, std::size_t classes);

  /// The likeliest class of a text; of equal ones the first.
  std::int32_t predict(std::span<const std::int32_t> tokens) const;

 private:
  NgramTable table_;
  std::size_t classes_;
  std::vector<double> priors_;  ///< log p(class)
  std::vector<float> shares_;   ///< [n-grams, classes]: the logarithms above
};

}  // namespace rondo::wide

#include "wide/naive_bayes.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rondo::wide {

NaiveBayes::NaiveBayes(NgramTable table, const Features& texts, std::span<const std::int32_t> labels,
                       std::size_t classes)
    : table_(std::move(table)),
      classes_(classes),
      priors_(classes),
      shares_(static_cast<std::size_t>(table_.size()) * classes, 1.0F) {
  std::vector<double> sums(classes, static_cast<double>(table_.size()));
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const auto label = static_cast<std::size_t>(labels[text]);
    priors_[label] += 1;
    sums[label] += static_cast<double>(texts[text].size());
    for (const std::int32_t ngram : texts[text])
      shares_[static_cast<std::size_t>(ngram) * classes + label] += 1;
  }
  for (std::size_t c = 0; c < classes; ++c)
    priors_[c] = std::log(priors_[c] / static_cast<double>(texts.size()));
  for (std::size_t i = 0; i < shares_.size(); ++i)
    shares_[i] = static_cast<float>(std::log(static_cast<double>(shares_[i]) / sums[i % classes]));
}

bool NaiveBayes::fits(const NgramTable& table, std::size_t classes) {
  constexpr std::size_t most = 50'000'000;
  return static_cast<std::size_t>(table.size()) <= most / std::max<std::size_t>(classes, 1);
}

std::int32_t NaiveBayes::predict(std::span<const std::int32_t> tokens) const {
  std::vector<std::int32_t> found;
  table_.numbers(tokens, found);
  std::vector<double> sums = priors_;
  for (const std::int32_t ngram : found)
    for (std::size_t c = 0; c < classes_; ++c)
      sums[c] += static_cast<double>(shares_[static_cast<std::size_t>(ngram) * classes_ + c]);
  return static_cast<std::int32_t>(std::max_element(sums.begin(), sums.end()) - sums.begin());
}

}  // namespace rondo::wide

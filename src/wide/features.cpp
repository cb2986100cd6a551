#include "wide/features.h"

namespace rondo::wide {

Features features_of(const NgramTable& table, const TokenTexts& texts) {
  Features features;
  features.ends.reserve(texts.size());
  std::vector<std::int32_t> found;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    table.numbers(texts[text], found);
    features.numbers.insert(features.numbers.end(), found.begin(), found.end());
    features.ends.push_back(features.numbers.size());
  }
  return features;
}

}  // namespace rondo::wide

#include "wide/log_counts.h"

#include <cmath>

namespace rondo::wide {

std::vector<float> log_count_ratios(const Features& texts, std::span<const std::int32_t> labels,
                                    std::span<const std::int32_t> texts_with, std::int32_t of_class) {
  std::vector<std::int32_t> inside(texts_with.size());
  for (std::size_t text = 0; text < texts.size(); ++text)
    if (labels[text] == of_class)
      for (const std::int32_t ngram : texts[text])
        ++inside[static_cast<std::size_t>(ngram)];
  std::int64_t sum_inside = 0, sum_outside = 0;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    sum_inside += 1 + inside[i];
    sum_outside += 1 + texts_with[i] - inside[i];
  }
  const double sums = std::log(static_cast<double>(sum_outside) / static_cast<double>(sum_inside));
  std::vector<float> ratios(inside.size());
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const double p = 1.0 + inside[i], q = 1.0 + texts_with[i] - inside[i];
    ratios[i] = static_cast<float>(std::log(p / q) + sums);
  }
  return ratios;
}

}  // namespace rondo::wide

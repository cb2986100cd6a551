/// How n-grams are spread over classes: what naive Bayes knows.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "wide/features.h"

namespace rondo::wide {

/// Of each n-gram log((p / |p|) / (q / |q|)): p is 1 + the number of texts of the class that have it, q the
/// same of all other texts, and |.| the sum over all n-grams (Wang and Manning 2012, section 2).
std::vector<float> log_count_ratios(const Features& texts, std::span<const std::int32_t> labels,
                                    std::span<const std::int32_t> texts_with, std::int32_t of_class);

}  // namespace rondo::wide

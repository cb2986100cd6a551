/// chrF (Popović 2015) and chrF++ (2017) with the digits of sacreBLEU 2: characters 1 to 6, blanks left out,
/// beta 2, effective order.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace rondo::translate {

/// Counts by order: characters 1 to 6, then words 1 to `words`. They add up over sentences.
struct ChrfCounts {
  struct Order {
    std::int64_t hypothesis = 0, reference = 0, match = 0;
  };
  std::vector<Order> orders;

  ChrfCounts& operator+=(const ChrfCounts& other);
  double score() const;  ///< 0 to 100
};

/// Of several references the one of the best score counts.
ChrfCounts chrf_counts(std::string_view hypothesis, std::span<const std::string_view> references, int words,
                       bool lowercase = false);

}  // namespace rondo::translate

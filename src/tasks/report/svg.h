/// Small inline SVG pictures for reports: line charts, bars, heat maps. Plain text in, plain text out;
/// colours are readable on light and dark pages and by colour-blind readers (Okabe & Ito 2008).
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rondo::svg {

/// Text with & < > " ' as entities.
std::string escape(std::string_view text);

struct Line {
  std::string name;
  std::vector<float> values;  ///< at x = 1, 2, ...; NaN leaves a gap
};
/// Lines over a shared axis of whole numbers (epochs), with a legend. `mark` draws a dashed vertical line at
/// that x; 0: none.
std::string line_chart(std::span<const Line> lines, std::string_view x_label, int mark = 0);

struct Bar {
  std::string name;
  double value = 0;
};
/// Horizontal bars with their values.
std::string bar_chart(std::span<const Bar> bars);

/// Vertical bars of counts over equal ranges of a quantity from 0 to `largest`.
std::string histogram(std::span<const std::int32_t> values, std::string_view x_label);

/// Counts as shades of each row's sum; rows are truths, columns predictions.
std::string heat_map(std::span<const std::string> names, const std::vector<std::vector<std::int64_t>>& counts,
                     std::string_view row_label, std::string_view column_label);

}  // namespace rondo::svg

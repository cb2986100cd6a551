/// Heat maps as SVG, and texts whose tokens have shades. Few cells are drawn one by one, each with its number
/// under the pointer; many are pixels of a picture inside of the SVG, so that a page stays small.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rondo::svg {

struct HeatMap {
  std::span<const std::string> rows, columns;  ///< names, shown where they fit
  std::string_view row_label, column_label;
  const std::vector<std::vector<float>>& values;  ///< [row][column]
  double most;                                    ///< the value that is darkest
};
std::string heat_map(const HeatMap& map);

/// HTML: each token on a shade of its value, whose number is under the pointer.
std::string marked_text(std::span<const std::string> tokens, std::span<const float> values, double most);

/// A PNG of one byte a pixel: 0 clear; up to 127 shades of orange, from 129 on of blue (RFC 2083).
std::string png(const std::vector<std::string>& rows);

}  // namespace rondo::svg

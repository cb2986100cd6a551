/// Small made series and forecasters for tests.
#pragma once
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "base/random.h"
#include "tasks/forecast/reading.h"

namespace rondo::forecast {

/// A daily series: a week's wave with some noise.
inline std::string waves(int days, const std::string& more_names = {},
                         const std::function<std::string(int)>& more = {}) {
  std::string text = "ds,y" + more_names + "\n";
  Random random(7);
  const std::int64_t first = *days_of({2022, 1, 1});
  for (int d = 0; d < days; ++d)
    text += to_text((first + d) * ms_of_day, {TimeKind::moment, Detail::day}) + "," +
            std::to_string(20 + 5 * std::sin(2 * std::numbers::pi * d / 7) + 0.3 * random.normal()) +
            (more ? more(d) : "") + "\n";
  return text;
}

inline Reading data_of(const std::string& text, ReadingOptions options) {
  std::vector<std::string> notices;
  Framed framed = parse_frame(text, "t.csv", options, nullptr, notices);
  return reading_of(std::move(framed), options.split, notices);
}

inline ForecasterOptions small() {
  ForecasterOptions options;
  options.network.units = 8;
  options.network.dropout = 0;
  options.training.epochs = 3;
  options.training.batch_size = 16;
  return options;
}

inline const WindowOptions week = {.lookback = 14, .horizon = 7};

}  // namespace rondo::forecast

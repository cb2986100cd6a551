/// A picture of forecasts: the last rows of a series, the points, and a band for each interval.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/forecast.h>

namespace rondo::forecast {

/// One panel of a picture.
struct Panel {
  SeriesForecast forecast;
  std::vector<double> past;  ///< its last rows; NaN: missing
  std::string last_time;     ///< of the last row
};

/// SVG without scripts; `levels` name the bands, the narrowest first.
std::string plot(const std::vector<Panel>& panels, const std::vector<double>& levels);

}  // namespace rondo::forecast

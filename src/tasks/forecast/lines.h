/// Forecasts from lines of numbers: `rondo predict`.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/task.h>

#include "tasks/forecast/network.h"

namespace rondo::forecast {

/// A series of the numbers of a line, the newest last; NA is a missing one. Error(data) for anything else.
SeriesPart part_of_line(const ForecastInput& input, const std::string& line);
/// Error(usage) for a model that needs more than the values of a series.
void check_lines(const ForecastModel& model);
/// A line holds the last values of a series, the newest last; NA is a missing one. A line without any value
/// has an empty answer. Of a model of one series, it is that series; else one that it does not know.
std::vector<Answer> answers_of(const ForecastModel& model, std::span<const std::string> lines,
                               const std::vector<double>& levels);

}  // namespace rondo::forecast

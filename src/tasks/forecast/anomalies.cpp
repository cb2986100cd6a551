// Rows of the past beside forecasts one step ahead.
#include <cmath>

#include "tasks/forecast/model.h"
#include "tasks/forecast/scores.h"

namespace rondo {
namespace forecast {
namespace {

/// The steps that have a value before them.
void add_windows(const SeriesPart& part, std::int32_t number, std::vector<Window>& to) {
  std::int64_t step = part.begin;
  while (step < part.end && std::isnan(part.of().y[static_cast<std::size_t>(step)]))
    ++step;
  for (++step; step < part.end; ++step)
    to.push_back({number, step});
}

}  // namespace

std::vector<SeriesAnomalies> anomalies_of(const ForecastModel& model, const std::vector<SeriesPart>& parts,
                                          double level) {
  const std::vector<double> levels = quantile_levels(checked_levels(model, {level}));
  const ForecastInput& input = model.input();
  const std::vector<PreparedSeries> series = input.prepare(parts, input.horizon);
  std::vector<Window> windows;
  std::vector<SeriesAnomalies> all;
  for (const SeriesPart& part : parts) {
    all.emplace_back().id = part.of().id;
    add_windows(part, static_cast<std::int32_t>(all.size() - 1), windows);
  }
  const auto horizon = static_cast<std::size_t>(input.horizon);
  forecast_windows(model, series, windows, levels, [&](std::size_t i, std::span<const double> values) {
    const SeriesPart& part = parts[static_cast<std::size_t>(windows[i].series)];
    SeriesAnomalies& to = all[static_cast<std::size_t>(windows[i].series)];
    to.times.push_back(to_text(part.of().grid.time(windows[i].origin), part.frame->style));
    to.y.push_back(part.of().y[static_cast<std::size_t>(windows[i].origin)]);
    to.low.push_back(values[0]);
    to.point.push_back(values[horizon]);
    to.high.push_back(values[2 * horizon]);
    to.score.push_back(anomaly_score(to.y.back(), to.low.back(), to.high.back()));
  });
  return all;
}

}  // namespace forecast

std::vector<SeriesAnomalies> Forecaster::anomalies(const Dataset& series, double level) const {
  return forecast::anomalies_of(impl_->network, forecast::parts_in(series), level);
}

}  // namespace rondo

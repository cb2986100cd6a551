/// What a Forecaster holds, and what is computed with it.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/forecast.h>

#include "tasks/forecast/network.h"

namespace rondo {

struct Forecaster::Impl {
  forecast::ForecastModel network;
  History history = {};
};

namespace forecast {

/// Calls f(i, values) for each window in order: values [levels, horizon], quantiles in the units of the data.
/// Levels are between 0 and 1, ascending.
using EachForecast = std::function<void(std::size_t i, std::span<const double> values)>;
void forecast_windows(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                      std::span<const Window> windows, std::span<const double> levels, const EachForecast& f);

/// Error(option) for levels in percent that are none or that the model cannot give; sorted, without repeats.
std::vector<double> checked_levels(const ForecastModel& model, std::vector<double> levels);
/// The quantile levels of central intervals around 0.5: the lows from the widest on, 0.5, the highs.
std::vector<double> quantile_levels(const std::vector<double>& percents);

/// Fits the conformal correction on windows of the validation part (Romano et al. 2019).
void fit_conformal(ForecastModel& model, const Dataset& valid);

/// What a forecaster's open options become.
ForecasterOptions planned(const Dataset& train, const Dataset& valid, ForecasterOptions options,
                          std::vector<std::string>* reasons);

/// Series by series, with a horizon of any length.
std::vector<SeriesForecast> forecasts_of(const ForecastModel& model, const std::vector<SeriesPart>& parts,
                                         const ForecastRequest& request);

/// The rows of the parts from the one behind the first value on, beside forecasts one step ahead. The scale
/// of a series that was not learned from is of all its rows.
std::vector<SeriesAnomalies> anomalies_of(const ForecastModel& model, const std::vector<SeriesPart>& parts,
                                          double level);

}  // namespace forecast
}  // namespace rondo

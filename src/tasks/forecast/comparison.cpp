#include "tasks/forecast/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tasks/forecast/baselines.h"

namespace rondo::forecast {
namespace {

double ratio(double sum, std::int64_t count) {
  return count > 0 ? sum / static_cast<double>(count) : undefined;
}

}  // namespace

void SeriesSums::add(double y, double f) {
  ++count;
  absolute += std::abs(y - f);
  squared += (y - f) * (y - f);
  smape += smape_term(y, f);
}

MethodSums::MethodSums(std::string name, std::size_t series, int horizon)
    : name_(std::move(name)),
      by_series_(series),
      step_errors_(static_cast<std::size_t>(horizon)),
      step_counts_(static_cast<std::size_t>(horizon)),
      quantiles_({score_levels.begin(), score_levels.end()}) {}

void MethodSums::add(std::size_t series, std::span<const double> y, std::span<const double> scaled_y,
                     std::span<const double> f, std::span<const double> scaled_f,
                     std::span<const double> quantiles) {
  std::array<double, score_levels.size()> step{};
  for (std::size_t t = 0; t < y.size(); ++t) {
    if (std::isnan(y[t])) continue;
    if (std::isnan(f[t])) {
      ++skipped_;
      continue;
    }
    by_series_[series].add(y[t], f[t]);
    if (!quantiles.empty()) {
      for (std::size_t l = 0; l < step.size(); ++l)
        step[l] = quantiles[l * y.size() + t];
      quantiles_.add(y[t], step);
      intervals_.add(y[t], step.front(), step.back());
    }
    const double error = scaled_y[t] - scaled_f[t];
    if (std::isnan(error)) continue;
    squared_ += error * error;
    absolute_ += std::abs(error);
    ++count_;
    step_errors_[t] += std::abs(error);
    ++step_counts_[t];
  }
}

ForecastScores MethodSums::scores(std::span<const double> season_errors) const {
  ForecastScores scores{.method = name_, .mse = ratio(squared_, count_), .mae = ratio(absolute_, count_)};
  std::vector<double> smapes, mases;
  double squared = 0, absolute = 0;
  std::int64_t count = 0;
  for (std::size_t s = 0; s < by_series_.size(); ++s) {
    const SeriesSums& one = by_series_[s];
    squared += one.squared;
    absolute += one.absolute;
    count += one.count;
    smapes.push_back(ratio(one.smape, one.count));
    mases.push_back(mase(ratio(one.absolute, one.count), season_errors[s]));
  }
  scores.rmse = std::sqrt(ratio(squared, count));
  scores.absolute = ratio(absolute, count);
  scores.smape = mean_of_defined(smapes).value;
  scores.mase = mean_of_defined(mases).value;
  scores.wql = quantiles_.count() > 0 ? quantiles_.mean_weighted() : undefined;
  scores.coverage = intervals_.coverage();
  scores.width = intervals_.width();
  return scores;
}

std::vector<double> MethodSums::by_step() const {
  std::vector<double> all;
  for (std::size_t t = 0; t < step_errors_.size(); ++t)
    all.push_back(ratio(step_errors_[t], step_counts_[t]));
  return all;
}

PlainForecasts plain_forecasts(const PreparedSeries& series, std::int64_t origin, int horizon, int period) {
  const PastValues past = std::span(series.part.of().y).first(static_cast<std::size_t>(origin));
  return {naive(past, horizon), seasonal_naive(past, horizon, period), drift(past, horizon),
          theta(past, horizon, period)};
}

const std::vector<double>& SeasonalQuantiles::residuals(std::size_t series, std::int64_t lag) {
  const auto [found, is_new] = residuals_.try_emplace({series, lag});
  if (!is_new) return found->second;
  const SeriesPart& part = series_[series].part;
  const std::vector<double>& y = part.of().y;
  for (std::int64_t t = std::max(lag, part.begin - 5000); t < part.begin; ++t) {
    const double difference = y[static_cast<std::size_t>(t)] - y[static_cast<std::size_t>(t - lag)];
    if (!std::isnan(difference)) found->second.push_back(difference);
  }
  std::sort(found->second.begin(), found->second.end());
  return found->second;
}

std::vector<double> SeasonalQuantiles::around(std::size_t series, std::span<const double> points) {
  std::vector<double> all(score_levels.size() * points.size(), undefined);
  for (std::size_t t = 0; t < points.size(); ++t) {
    const std::int64_t seasons = static_cast<std::int64_t>(t) / period_ + 1;
    const std::vector<double>& differences = residuals(series, seasons * period_);
    if (differences.size() < 10) continue;
    for (std::size_t l = 0; l < score_levels.size(); ++l)
      all[l * points.size() + t] = points[t] + sorted_quantile(differences, score_levels[l]);
  }
  return all;
}

std::vector<double> season_errors_before(const std::vector<PreparedSeries>& series, int period) {
  std::vector<double> all;
  for (const PreparedSeries& one : series) {
    const auto begin = static_cast<std::size_t>(one.part.begin);
    const double before = season_error(std::span(one.part.of().y).first(begin), period).first;
    all.push_back(std::isnan(before) ? one.scale.season_error : before);
  }
  return all;
}

std::vector<double> scaled(const PreparedSeries& series, const ForecastInput& input,
                           std::span<const double> raw) {
  std::vector<double> all;
  for (const double value : raw)
    all.push_back((transformed(value, input.transform, series.scale.lambda) - series.scale.scale.level) /
                  series.scale.scale.divisor());
  return all;
}

std::vector<double> unscaled(const PreparedSeries& series, const ForecastInput& input,
                             std::span<const double> z) {
  std::vector<double> all;
  for (const double value : z)
    all.push_back(series.raw(value, input.transform));
  return all;
}

}  // namespace rondo::forecast

// Forecaster: training, forecasts and its file. What open options become is in plan.cpp.
#include "tasks/forecast/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/evaluation.h"
#include "tasks/forecast/quantiles.h"
#include "tasks/options/training.h"
#include "tasks/own_model.h"

namespace rondo {
namespace {

constexpr std::string_view application_name = "forecast";

}  // namespace

Forecaster::Forecaster(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Forecaster::Forecaster(Forecaster&&) noexcept = default;
Forecaster& Forecaster::operator=(Forecaster&&) noexcept = default;
Forecaster::~Forecaster() = default;

ForecasterOptions Forecaster::plan(const Dataset& train, const Dataset& valid, ForecasterOptions options,
                                   std::vector<std::string>* reasons) {
  return forecast::planned(train, valid, std::move(options), reasons);
}

Forecaster Forecaster::train(const Dataset& train, const Dataset& valid, ForecasterOptions options,
                             TrainingRun run) {
  options = plan(train, valid, std::move(options));
  forecast::ForecastModel network(forecast::ForecastInput::learn(train, options), options,
                                  options.training.seed);
  take_init(network, options.training, run);
  network.compile({.optimizer = optimizer_of(options.training), .metrics = {}});
  network.set_application({std::string(application_name), OptionTable::of(options).to_json()});
  const bool watched =
      !valid.empty() && !network.input().windows(network.input().prepare(forecast::parts_in(valid))).empty();
  const FitOptions fit = fit_options(options.training, watched ? valid : Dataset(), std::move(run));
  History history = network.fit(train, fit);
  if (options.network.conformal && !history.interrupted()) forecast::fit_conformal(network, valid);
  return Forecaster(std::make_unique<Impl>(Impl{std::move(network), std::move(history)}));
}

std::vector<SeriesForecast> Forecaster::forecast(const Dataset& series,
                                                 const ForecastRequest& request) const {
  return forecast::forecasts_of(impl_->network, forecast::parts_in(series), request);
}

ForecastEvaluation Forecaster::evaluate(const Dataset& part) const {
  return forecast::evaluation_of(impl_->network, forecast::parts_in(part));
}

const ForecasterOptions& Forecaster::options() const noexcept {
  return impl_->network.options();
}
const History& Forecaster::history() const noexcept {
  return impl_->history;
}
int Forecaster::lookback() const noexcept {
  return impl_->network.input().lookback;
}
int Forecaster::horizon() const noexcept {
  return impl_->network.input().horizon;
}

void Forecaster::save(const std::filesystem::path& file) const {
  impl_->network.save(file);
}

Forecaster Forecaster::load(const std::filesystem::path& file) {
  forecast::ForecastModel network = load_own<forecast::ForecastNet>(file, application_name, "a forecaster");
  network.compile({.optimizer = optimizer_of(network.options().training), .metrics = {}});
  return Forecaster(std::make_unique<Impl>(Impl{std::move(network)}));
}

namespace forecast {
namespace {

/// What a conformal correction adds at a quantile level: below 0.5 it is taken off.
double correction_at(const ForecastModel& model, double level) {
  const Var& kept = model->conformal();
  if (!kept.defined() || level == 0.5) return 0;
  const double percent = 100 * std::abs(2 * level - 1);
  std::size_t above = 0;
  while (above + 1 < conformal_levels.size() && conformal_levels[above] < percent)
    ++above;
  const std::size_t below = above == 0 ? 0 : above - 1;
  const double span = conformal_levels[above] - conformal_levels[below];
  const double share = span <= 0 ? 1 : std::clamp((percent - conformal_levels[below]) / span, 0.0, 1.0);
  const auto of = [&](std::size_t i) { return static_cast<double>(kept.values()[i]); };
  const double added = of(below) + share * (of(above) - of(below));
  return level < 0.5 ? -added : added;
}

/// Puts levels that a correction has moved past each other in order again, from the middle outwards.
void uncross(std::span<double> values, std::span<const double> levels) {
  const auto middle =
      static_cast<std::size_t>(std::lower_bound(levels.begin(), levels.end(), 0.5) - levels.begin());
  for (std::size_t i = middle + 1; i < values.size(); ++i)
    values[i] = std::max(values[i], values[i - 1]);
  for (std::size_t i = std::min(middle, values.size() - 1); i-- > 0;)
    values[i] = std::min(values[i], values[i + 1]);
}

}  // namespace

void forecast_windows(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                      std::span<const Window> windows, std::span<const double> levels,
                      const EachForecast& f) {
  const InferenceMode weights_packed_once;
  const ForecastInput& input = model.input();
  const std::size_t at_once = BatchQuantiles::at_once(model);
  const auto horizon = static_cast<std::size_t>(input.horizon);
  std::vector<double> corrections, values(levels.size() * horizon), step(levels.size());
  for (const double level : levels)
    corrections.push_back(correction_at(model, level));
  for (std::size_t at = 0; at < windows.size(); at += at_once) {
    const auto some = windows.subspan(at, std::min(at_once, windows.size() - at));
    const WindowBatch batch = input.pack(series, some);
    BatchQuantiles quantiles(model, series, batch, levels);
    for (std::size_t r = 0; r < some.size(); ++r) {
      const PreparedSeries& one = series[static_cast<std::size_t>(some[r].series)];
      const auto shift = static_cast<double>(batch.shift.data<float>()[r]),
                 scale = static_cast<double>(batch.scale.data<float>()[r]),
                 size = input.counts ? static_cast<double>(batch.size.data<float>()[r]) : 1;
      for (std::size_t t = 0; t < horizon; ++t) {
        quantiles.of(r, t, size, step);
        for (std::size_t l = 0; l < levels.size(); ++l)
          step[l] += corrections[l];
        if (model->conformal().defined()) uncross(step, levels);
        for (std::size_t l = 0; l < levels.size(); ++l)
          values[l * horizon + t] =
              input.counts ? std::max(0.0, step[l]) : one.raw(shift + scale * step[l], input.transform);
      }
      f(at + r, values);
    }
  }
}

std::vector<double> checked_levels(const ForecastModel& model, std::vector<double> levels) {
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  for (const double level : levels) {
    if (level < 1 || level >= 100)
      fail(ErrorKind::option, "level: wanted a central interval in percent, from 1 to below 100, got " +
                                  plain(level) +
                                  (level > 0 && level < 1 ? "; is " + plain(100 * level) + " meant?" : ""));
    const double widest =
        model->conformal().defined() ? std::max(95.0, model->head().widest()) : model->head().widest();
    if (widest <= 0)
      fail(ErrorKind::option,
           "level: a model of the head 'point' has no intervals; train it with "
           "--head quantiles or --conformal");
    if (level > widest + 1e-9)
      fail(ErrorKind::option, "level: the widest interval that this model has learned is " + plain(widest) +
                                  " %, got " + plain(level) + "; train it with wider --quantiles");
  }
  return levels;
}

std::vector<double> quantile_levels(const std::vector<double>& percents) {
  std::vector<double> all = {0.5};
  for (const double percent : percents) {
    all.insert(all.begin(), 0.5 - percent / 200);
    all.push_back(0.5 + percent / 200);
  }
  return all;
}

void fit_conformal(ForecastModel& model, const Dataset& valid) {
  const ForecastInput& input = model.input();
  const std::vector<PreparedSeries> series = input.prepare(parts_in(valid));
  const std::vector<Window> windows = input.windows(series);
  const std::vector<double> percents(conformal_levels.begin(), conformal_levels.end());
  const std::vector<double> levels = quantile_levels(percents);
  std::vector<std::vector<double>> misses(percents.size());
  const auto horizon = static_cast<std::size_t>(input.horizon);
  const bool counts = input.counts;
  forecast_windows(model, series, windows, levels, [&](std::size_t i, std::span<const double> values) {
    const PreparedSeries& one = series[static_cast<std::size_t>(windows[i].series)];
    const WindowBatch batch = input.pack(series, std::span(&windows[i], 1));
    const auto scale = static_cast<double>(batch.scale.data<float>()[0]);
    const auto in_units = [&](double raw) {
      if (counts) return raw;
      return (transformed(raw, input.transform, one.scale.lambda) - one.scale.scale.level) /
             one.scale.scale.divisor() / scale;
    };
    for (std::size_t t = 0; t < horizon; ++t) {
      const std::int64_t step = windows[i].origin + static_cast<std::int64_t>(t);
      if (step >= one.part.end) break;
      const double y = in_units(one.part.of().y[static_cast<std::size_t>(step)]);
      if (std::isnan(y)) continue;
      for (std::size_t l = 0; l < percents.size(); ++l) {
        const double low = in_units(values[(percents.size() - 1 - l) * horizon + t]),
                     high = in_units(values[(percents.size() + 1 + l) * horizon + t]);
        misses[l].push_back(std::max(low - y, y - high));
      }
    }
  });
  Tensor kept = Tensor::zeros({static_cast<std::int64_t>(percents.size())});
  for (std::size_t l = 0; l < percents.size(); ++l) {
    if (misses[l].empty()) continue;
    std::sort(misses[l].begin(), misses[l].end());
    const auto n = static_cast<double>(misses[l].size());
    const auto place = static_cast<std::size_t>(std::ceil((n + 1) * percents[l] / 100)) - 1;
    kept.data<float>()[l] = static_cast<float>(misses[l][std::min(place, misses[l].size() - 1)]);
  }
  model.weights().set("conformal", kept);
}

namespace {

/// Where the forecasts of a series begin: behind its last row, or behind its last target where rows without
/// one tell what is known of the future.
std::int64_t origin_of(const ForecastInput& input, const SeriesPart& part) {
  const bool knows = std::any_of(input.covariates.begin(), input.covariates.end(),
                                 [](const LearnedCovariate& c) { return c.role == Role::known; });
  std::int64_t origin = part.end;
  while (knows && origin > 0 && std::isnan(part.of().y[static_cast<std::size_t>(origin - 1)]))
    --origin;
  return origin > 0 ? origin : part.end;
}

SeriesForecast empty_forecast(const SeriesPart& part, std::int64_t origin, int horizon, std::size_t levels) {
  SeriesForecast one;
  one.id = part.of().id;
  for (int t = 0; t < horizon; ++t)
    one.times.push_back(to_text(part.of().grid.time(origin + t), part.frame->style));
  const std::vector<double> none(static_cast<std::size_t>(horizon), std::numeric_limits<double>::quiet_NaN());
  one.point = none;
  one.low.assign(levels, none);
  one.high.assign(levels, none);
  return one;
}

/// Puts the values of one stretch of steps into a forecast; the middle ones are also the past of the next.
void take_stretch(const ForecastInput& input, std::span<const double> values, std::int64_t begin,
                  std::size_t levels, PreparedSeries& series, std::int64_t origin, SeriesForecast& to) {
  const auto horizon = static_cast<std::size_t>(input.horizon);
  for (std::size_t t = 0; t < horizon; ++t) {
    const auto at = static_cast<std::size_t>(begin) + t;
    const double middle = values[levels * horizon + t];
    const auto z = static_cast<float>(
        (transformed(middle, input.transform, series.scale.lambda) - series.scale.scale.level) /
        series.scale.scale.divisor());
    const std::size_t step = static_cast<std::size_t>(origin) + t;
    if (series.z.size() <= step) series.z.resize(step + 1, std::numeric_limits<float>::quiet_NaN());
    series.z[step] = z;
    if (at >= to.point.size()) continue;
    to.point[at] = middle;
    for (std::size_t l = 0; l < levels; ++l) {
      to.low[l][at] = values[(levels - 1 - l) * horizon + t];
      to.high[l][at] = values[(levels + 1 + l) * horizon + t];
    }
  }
}

/// Error(option) for paths that the network does not draw.
void check_paths(const ForecastModel& model, int paths, int horizon) {
  if (paths == 0) return;
  const std::string wanted = "paths: wanted ";
  if (!model->draws()) fail(ErrorKind::option, wanted + "0: only a model of --network deepar draws paths");
  if (paths < 0 || paths > model->samples())
    fail(ErrorKind::option, wanted + "at most the " + std::to_string(model->samples()) +
                                " that the model draws (--samples in training), got " +
                                std::to_string(paths));
  if (horizon > model.input().horizon)
    fail(ErrorKind::option, wanted + "a horizon of at most the model's " +
                                std::to_string(model.input().horizon) + " steps, got " +
                                std::to_string(horizon));
}

/// The first paths of a window in the units of the data.
std::vector<std::vector<double>> paths_of(const ForecastModel& model,
                                          const std::vector<PreparedSeries>& series, const Window& window,
                                          int count, int horizon) {
  const ForecastInput& input = model.input();
  const WindowBatch batch = input.pack(series, std::span(&window, 1));
  const std::vector<double> drawn = drawn_paths(model, series, batch, count);
  const PreparedSeries& one = series[static_cast<std::size_t>(window.series)];
  std::vector<std::vector<double>> all(static_cast<std::size_t>(count));
  for (std::size_t k = 0; k < all.size(); ++k)
    for (std::size_t t = 0; t < static_cast<std::size_t>(horizon); ++t) {
      const double value = drawn[k * static_cast<std::size_t>(input.horizon) + t];
      all[k].push_back(
          input.counts ? value : one.raw(batch.shift.at(0) + batch.scale.at(0) * value, input.transform));
    }
  return all;
}

}  // namespace

std::vector<SeriesForecast> forecasts_of(const ForecastModel& model, const std::vector<SeriesPart>& parts,
                                         const ForecastRequest& request) {
  const ForecastInput& input = model.input();
  const int horizon = request.horizon > 0 ? request.horizon : input.horizon;
  check_paths(model, request.paths, horizon);
  const std::vector<double> percents = checked_levels(model, request.levels);
  const std::vector<double> levels = quantile_levels(percents);
  std::vector<PreparedSeries> series = input.prepare(parts, horizon + std::int64_t{input.horizon});
  std::vector<SeriesForecast> all;
  std::vector<Window> windows;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::int64_t origin = origin_of(input, parts[i]);
    all.push_back(empty_forecast(parts[i], origin, horizon, percents.size()));
    all.back().paths.assign(static_cast<std::size_t>(request.paths), all.back().point);
    std::vector<float>& z = series[i].z;
    z.resize(static_cast<std::size_t>(origin), std::numeric_limits<float>::quiet_NaN());
    if (std::all_of(z.begin(), z.end(), [](float value) { return std::isnan(value); })) {
      all.back().note = "no value was observed";
      continue;
    }
    windows.push_back({static_cast<std::int32_t>(i), origin});
    places.push_back(i);
  }
  for (std::size_t i = 0; request.paths > 0 && i < windows.size(); ++i)
    all[places[i]].paths = paths_of(model, series, windows[i], request.paths, horizon);
  for (std::int64_t begin = 0; begin < horizon; begin += input.horizon) {
    std::vector<std::vector<double>> stretches(windows.size());
    forecast_windows(model, series, windows, levels, [&](std::size_t i, std::span<const double> values) {
      stretches[i].assign(values.begin(), values.end());
    });
    for (std::size_t i = 0; i < windows.size(); ++i) {
      take_stretch(input, stretches[i], begin, percents.size(), series[places[i]], windows[i].origin,
                   all[places[i]]);
      windows[i].origin += input.horizon;
    }
  }
  return all;
}

}  // namespace forecast
}  // namespace rondo

#include "tasks/forecast/backtest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/baselines.h"
#include "tasks/forecast/comparison.h"
#include "tasks/forecast/refit.h"

namespace rondo::forecast {
namespace {

constexpr std::size_t naive2_method = 3;

Json json_of(double value) {
  return std::isnan(value) ? Json() : json_number(value);
}
Json json_of(const std::vector<double>& values) {
  Json all = Json::array();
  for (const double value : values)
    all.push_back(json_of(value));
  return all;
}
Json json_of(const MethodErrors& e) {
  return {{"mae", json_of(e.mae)},   {"rmse", json_of(e.rmse)}, {"smape", json_of(e.smape)},
          {"mase", json_of(e.mase)}, {"wql", json_of(e.wql)},   {"count", e.count}};
}

MethodErrors errors_of(const std::vector<double>& y, const std::vector<double>& f, double season_error) {
  MethodErrors e;
  e.mae = mean_absolute_error(y, f);
  e.rmse = std::sqrt(mean_squared_error(y, f));
  e.smape = smape(y, f);
  e.mase = mase(e.mae, season_error);
  QuantileSums median({0.5});
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(y[i]) || std::isnan(f[i])) continue;
    median.add(y[i], std::span(&f[i], 1));
    ++e.count;
  }
  e.wql = median.mean_weighted();
  return e;
}

class Runner {
 public:
  Runner(const ForecastModel& model, const std::vector<SeriesPart>& parts, const BacktestOptions& options)
      : model_(model),
        input_(model.input()),
        parts_(parts),
        options_(options),
        fallbacks_(model.input().period) {
    result_.horizon = options.horizon > 0 ? options.horizon : input_.horizon;
    if (result_.horizon > input_.horizon)
      fail(ErrorKind::option, "horizon: this model forecasts " + std::to_string(input_.horizon) +
                                  " steps at once, got " + std::to_string(result_.horizon));
    result_.period = input_.period;
    result_.levels = checked_levels(model, options.levels);
    if (options.anomaly && result_.levels.empty())
      fail(ErrorKind::option, "anomaly: scores are distances from an interval; give a --level");
    result_.methods = {"rondo", "naive", "seasonal-naive", "naive2", "drift", "theta"};
  }

  Backtest run() {
    find_origins();
    if (windows_.empty())
      fail(ErrorKind::data, "no series has a row to forecast from and " + std::to_string(result_.horizon) +
                                " rows behind it; give longer series or a smaller --horizon");
    result_.forecasts.resize(windows_.size());
    if (options_.refit > 0) {
      Refits refits(model_, cut_, windows_, options_.refit, options_.notice);
      while (const std::optional<Refit> one = refits.next())
        forecast(one->forecaster.impl().network, one->windows);
    } else {
      std::vector<std::size_t> all(windows_.size());
      std::iota(all.begin(), all.end(), std::size_t{0});
      forecast(model_, all);
    }
    for (const std::string& line : fallbacks_.lines())
      result_.notices.push_back(line);
    score();
    return std::move(result_);
  }

 private:
  /// Series are cut before their first origin for all that is learned of an unknown one.
  void find_origins() {
    const std::int64_t step = options_.step > 0 ? options_.step : result_.horizon;
    std::vector<std::string> few, none;
    for (const SeriesPart& part : parts_) {
      std::vector<std::int64_t> origins;
      for (int k = 0; k < options_.windows; ++k) {
        const std::int64_t origin = part.end - result_.horizon - k * step;
        const bool seen = origin >= 1 && std::any_of(part.of().y.begin(), part.of().y.begin() + origin,
                                                     [](double y) { return !std::isnan(y); });
        if (!seen || (k > 0 && origin < input_.lookback)) break;
        origins.push_back(origin);
      }
      if (origins.empty()) none.push_back(part.of().id);
      if (origins.empty()) continue;
      if (static_cast<int>(origins.size()) < options_.windows)
        few.push_back(part.of().id + " (" + std::to_string(origins.size()) + ")");
      SeriesPart own = part;
      own.begin = origins.back();
      cut_.push_back(own);
      result_.series.push_back({.id = part.of().id, .origins = static_cast<int>(origins.size())});
      for (auto origin = origins.rbegin(); origin != origins.rend(); ++origin)
        windows_.push_back({static_cast<std::int32_t>(cut_.size() - 1), *origin});
    }
    say(few, "fewer than " + std::to_string(options_.windows) + " origins fit in: ");
    say(none, "too short for any origin, and left out: ");
  }

  /// Some of the windows, by their numbers.
  void forecast(const ForecastModel& model, const std::vector<std::size_t>& numbers) {
    const std::vector<PreparedSeries> series = model.input().prepare(cut_);
    std::vector<Window> windows;
    for (const std::size_t number : numbers)
      windows.push_back(windows_[number]);
    forecast_windows(model, series, windows, quantile_levels(result_.levels),
                     [&](std::size_t i, std::span<const double> values) {
                       add(series[static_cast<std::size_t>(windows[i].series)], windows[i], values,
                           result_.forecasts[numbers[i]]);
                     });
  }

  void say(std::vector<std::string>& ids, const std::string& what) {
    constexpr std::size_t most = 10;
    if (ids.empty()) return;
    const std::size_t more = ids.size() - std::min(ids.size(), most);
    ids.resize(ids.size() - more);
    if (more > 0) ids.push_back(std::to_string(more) + " more");
    result_.notices.push_back(what + enumerate(ids, "and"));
  }

  void add(const PreparedSeries& series, const Window& window, std::span<const double> values,
           BacktestForecast& to) {
    const auto h = static_cast<std::size_t>(result_.horizon), all = static_cast<std::size_t>(input_.horizon);
    const std::size_t middle = result_.levels.size();
    to.series = static_cast<std::size_t>(window.series);
    const Series& own = series.part.of();
    const TimeStyle& style = series.part.frame->style;
    to.cutoff = to_text(own.grid.time(window.origin - 1), style);
    for (std::size_t t = 0; t < h; ++t) {
      const std::int64_t step = window.origin + static_cast<std::int64_t>(t);
      to.times.push_back(to_text(own.grid.time(step), style));
      to.y.push_back(own.y[static_cast<std::size_t>(step)]);
    }
    const auto row = [&](std::size_t l) {
      const auto from = values.subspan(l * all, h);
      return std::vector<double>(from.begin(), from.end());
    };
    const PastValues past = std::span(own.y).first(static_cast<std::size_t>(window.origin));
    const PlainForecasts plain = plain_forecasts(series, window.origin, result_.horizon, input_.period);
    to.points = {row(middle), plain.naive, plain.seasonal, naive2(past, result_.horizon, input_.period),
                 plain.drift, plain.theta};
    for (std::size_t l = 0; l < result_.levels.size(); ++l) {
      to.low.push_back(row(middle - 1 - l));
      to.high.push_back(row(middle + 1 + l));
    }
    for (std::size_t t = 0; options_.anomaly && t < h; ++t)
      to.anomaly.push_back(anomaly_score(to.y[t], to.low.back()[t], to.high.back()[t]));
    fallbacks_.add(own.id, past, result_.horizon);
  }

  void score() {
    std::int64_t missing = 0;
    for (std::size_t s = 0; s < result_.series.size(); ++s) {
      BacktestSeries& to = result_.series[s];
      const auto first = static_cast<std::size_t>(cut_[s].begin);
      to.season_error = season_error(std::span(cut_[s].of().y).first(first), input_.period).first;
      std::vector<double> y;
      for (const BacktestForecast& one : result_.forecasts)
        if (one.series == s) y.insert(y.end(), one.y.begin(), one.y.end());
      missing += std::count_if(y.begin(), y.end(), [](double value) { return std::isnan(value); });
      for (std::size_t m = 0; m < result_.methods.size(); ++m) {
        std::vector<double> f;
        for (const BacktestForecast& one : result_.forecasts)
          if (one.series == s) f.insert(f.end(), one.points[m].begin(), one.points[m].end());
        to.errors.push_back(errors_of(y, f, to.season_error));
      }
    }
    if (missing > 0) result_.notices.push_back(grouped(missing) + " targets are missing and not scored");
  }

  const ForecastModel& model_;
  const ForecastInput& input_;
  const std::vector<SeriesPart>& parts_;
  const BacktestOptions& options_;
  Backtest result_;
  std::vector<SeriesPart> cut_;
  std::vector<Window> windows_;
  SeasonalFallbacks fallbacks_;
};

}  // namespace

std::string csv_number(double value) {
  return std::isnan(value) ? std::string() : significant(value, 9);
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

Backtest backtest(const ForecastModel& model, const std::vector<SeriesPart>& parts,
                  const BacktestOptions& options) {
  return Runner(model, parts, options).run();
}

Backtest::Mean Backtest::mean(std::size_t method) const {
  const auto over = [&](std::size_t m, double MethodErrors::*score) {
    std::vector<double> all;
    for (const BacktestSeries& one : series)
      all.push_back(one.errors[m].*score);
    return mean_of_defined(all);
  };
  Mean mean;
  for (const auto score : {&MethodErrors::mae, &MethodErrors::rmse, &MethodErrors::smape, &MethodErrors::mase,
                           &MethodErrors::wql})
    mean.errors.*score = over(method, score).value;
  for (const BacktestSeries& one : series)
    mean.errors.count += one.errors[method].count;
  mean.mase_series = over(method, &MethodErrors::mase).count;
  mean.owa =
      forecast::owa(mean.errors.smape, mean.errors.mase, over(naive2_method, &MethodErrors::smape).value,
                    over(naive2_method, &MethodErrors::mase).value);
  return mean;
}

std::string Backtest::to_json() const {
  Json all = {{"horizon", horizon}, {"period", period}, {"series", Json::array()}};
  for (const BacktestSeries& one : series) {
    Json scores = Json::object();
    for (std::size_t m = 0; m < methods.size(); ++m)
      scores[methods[m]] = json_of(one.errors[m]);
    all["series"].push_back({{"unique_id", one.id},
                             {"windows", one.origins},
                             {"scale", json_of(one.season_error)},
                             {"scores", std::move(scores)}});
  }
  for (std::size_t m = 0; m < methods.size(); ++m) {
    const Mean own = mean(m);
    Json json = json_of(own.errors);
    json["mase_series"] = own.mase_series;
    json["owa"] = json_of(own.owa);
    all["mean"][methods[m]] = std::move(json);
  }
  all["forecasts"] = Json::array();
  for (const BacktestForecast& one : forecasts) {
    Json json = {{"unique_id", series[one.series].id},
                 {"cutoff", one.cutoff},
                 {"ds", one.times},
                 {"y", json_of(one.y)}};
    for (std::size_t m = 0; m < methods.size(); ++m)
      json[methods[m]] = json_of(one.points[m]);
    for (std::size_t l = 0; l < levels.size(); ++l) {
      json["rondo-lo-" + plain(levels[l])] = json_of(one.low[l]);
      json["rondo-hi-" + plain(levels[l])] = json_of(one.high[l]);
    }
    if (!one.anomaly.empty()) json["anomaly"] = json_of(one.anomaly);
    all["forecasts"].push_back(std::move(json));
  }
  return dump_json(all);
}

std::string Backtest::to_csv() const {
  std::string out = "unique_id,ds,cutoff,y,rondo";
  for (const double level : levels)
    out += ",rondo-lo-" + plain(level) + ",rondo-hi-" + plain(level);
  for (std::size_t m = 1; m < methods.size(); ++m)
    out += "," + methods[m];
  const bool scored = !forecasts.empty() && !forecasts.front().anomaly.empty();
  if (scored) out += ",anomaly";
  out += "\n";
  for (const BacktestForecast& one : forecasts)
    for (std::size_t t = 0; t < one.times.size(); ++t) {
      out += csv_text(series[one.series].id) + "," + one.times[t] + "," + one.cutoff + "," +
             csv_number(one.y[t]) + "," + csv_number(one.points[0][t]);
      for (std::size_t l = 0; l < levels.size(); ++l)
        out += "," + csv_number(one.low[l][t]) + "," + csv_number(one.high[l][t]);
      for (std::size_t m = 1; m < methods.size(); ++m)
        out += "," + csv_number(one.points[m][t]);
      if (scored) out += "," + csv_number(one.anomaly[t]);
      out += "\n";
    }
  return out;
}

}  // namespace rondo::forecast

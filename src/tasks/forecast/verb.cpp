#include "tasks/forecast/verb.h"

#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/backtest.h"
#include "tasks/forecast/baselines.h"
#include "tasks/forecast/model.h"
#include "tasks/forecast/plot.h"
#include "tasks/forecast/reading.h"

namespace rondo::forecast {
namespace {

/// The series of the files, read as the training data were.
std::vector<SeriesPart> series_of(const Forecaster& model, const ColumnOptions& columns,
                                  const VerbCall& call) {
  const std::string& record = model.impl().network.application().reading;
  std::vector<std::filesystem::path> files(call.texts.begin(), call.texts.end());
  std::vector<std::string> notices;
  ReadingOptions options;
  options.columns = columns;
  Framed framed;
  if (record.empty()) {
    options.windows = {model.lookback(), model.horizon()};
    framed = read_frame(files, options, nullptr, notices);
  } else {
    const Record like = Record::from_json(record);
    framed = read_frame(files, options, &like, notices);
  }
  for (const std::string& notice : notices)
    call.notice(notice);
  return parts_in(reading_of(std::move(framed), {}, {}).all);
}

std::vector<double> levels_of(const Forecaster& model, const std::vector<double>& given) {
  const ForecastModel& network = model.impl().network;
  const bool has = network->head().has_intervals() || network->conformal().defined();
  if (!given.empty()) return checked_levels(network, given);
  return has && (network->head().widest() >= 80 || network->conformal().defined()) ? std::vector<double>{80}
                                                                                   : std::vector<double>();
}

Json json_of(const std::vector<double>& values) {
  Json all = Json::array();
  for (const double value : values)
    all.push_back(std::isnan(value) ? Json() : json_number(value));
  return all;
}

std::string csv_of(const SeriesForecast& one) {
  std::string out;
  for (std::size_t t = 0; t < one.point.size(); ++t) {
    out += csv_text(one.id) + "," + one.times[t] + "," + csv_number(one.point[t]);
    for (std::size_t l = 0; l < one.low.size(); ++l)
      out += "," + csv_number(one.low[l][t]) + "," + csv_number(one.high[l][t]);
    out += "\n";
  }
  return out;
}

std::string json_line(const SeriesForecast& one, const std::vector<double>& levels,
                      const std::vector<double>& naive_forecast) {
  Json json = {{"unique_id", one.id}, {"ds", one.times}, {"rondo", json_of(one.point)}};
  for (std::size_t l = 0; l < levels.size(); ++l) {
    json["rondo-lo-" + plain(levels[l])] = json_of(one.low[l]);
    json["rondo-hi-" + plain(levels[l])] = json_of(one.high[l]);
  }
  json["naive"] = json_of(naive_forecast);
  if (!one.note.empty()) json["note"] = one.note;
  return dump_json(json) + "\n";
}

void write_plot(const std::filesystem::path& file, const std::vector<SeriesForecast>& all,
                const std::vector<SeriesPart>& parts, const std::vector<double>& levels) {
  constexpr std::size_t most = 6;
  std::vector<Panel> panels;
  for (std::size_t i = 0; i < std::min(most, all.size()); ++i) {
    const std::vector<double>& y = parts[i].of().y;
    const auto end = static_cast<std::size_t>(parts[i].end);
    const std::size_t shown = std::min(end, std::max<std::size_t>(40, 4 * all[i].point.size()));
    panels.push_back(
        {all[i],
         {y.begin() + static_cast<std::ptrdiff_t>(end - shown), y.begin() + static_cast<std::ptrdiff_t>(end)},
         to_text(parts[i].of().grid.time(parts[i].end - 1), parts[i].frame->style)});
  }
  write_file_atomically(file, plot(panels, levels));
}

void say_scores(const Backtest& result, const VerbCall& call) {
  for (std::size_t m = 0; m < result.methods.size(); ++m) {
    const Backtest::Mean mean = result.mean(m);
    const auto shown = [](double value) { return std::isnan(value) ? "undefined" : significant(value, 6); };
    call.notice(result.methods[m] + ": MAE " + shown(mean.errors.mae) + ", sMAPE " +
                shown(mean.errors.smape) + ", MASE " + shown(mean.errors.mase) + " (" +
                std::to_string(mean.mase_series) + " of " + std::to_string(result.series.size()) +
                " series), OWA " + shown(mean.owa));
  }
  std::size_t best = 0;
  for (std::size_t m = 1; m < result.methods.size(); ++m)
    if (result.mean(m).errors.mae < result.mean(best).errors.mae) best = m;
  if (best > 0) call.notice("the baseline " + result.methods[best] + " is better than the model by MAE");
}

}  // namespace

void run_forecast(const Forecaster& model, const ForecastCommand& command, const VerbCall& call) {
  const std::vector<double> levels = levels_of(model, command.level);
  const std::vector<SeriesPart> parts = series_of(model, command.columns, call);
  const int horizon = command.horizon > 0 ? command.horizon : model.horizon();
  if (horizon > model.horizon())
    call.notice("the model forecasts " + std::to_string(model.horizon()) +
                " steps at once; later ones are made from forecasts, and their intervals are too narrow");
  const std::vector<SeriesForecast> all =
      forecasts_of(model.impl().network, parts, {.horizon = horizon, .levels = levels});
  for (const SeriesForecast& one : all)
    if (!one.note.empty()) call.notice(one.id + ": no forecast: " + one.note);
  std::string out;
  if (!call.json) {
    out = "unique_id,ds,rondo";
    for (const double level : levels)
      out += ",rondo-lo-" + plain(level) + ",rondo-hi-" + plain(level);
    out += "\n";
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const PastValues past = std::span(parts[i].of().y).first(static_cast<std::size_t>(parts[i].end));
    out += call.json ? json_line(all[i], levels, naive(past, horizon)) : csv_of(all[i]);
  }
  if (!command.plot.empty()) write_plot(command.plot, all, parts, levels);
  call.write(out);
}

void run_backtest(const Forecaster& model, const BacktestCommand& command, const VerbCall& call) {
  const std::vector<double> levels = levels_of(model, command.level);
  const Backtest result = backtest(
      model.impl().network, series_of(model, command.columns, call),
      {.windows = command.windows, .step = command.step, .horizon = command.horizon, .levels = levels});
  for (const std::string& notice : result.notices)
    call.notice(notice);
  say_scores(result, call);
  call.write(call.json ? result.to_json() + "\n" : result.to_csv());
}

}  // namespace rondo::forecast

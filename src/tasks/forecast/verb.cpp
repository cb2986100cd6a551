#include "tasks/forecast/verb.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/backtest.h"
#include "tasks/forecast/baselines.h"
#include "tasks/forecast/model.h"
#include "tasks/forecast/plot.h"
#include "tasks/forecast/reading.h"
#include "tasks/forecast/stream.h"

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

/// `cutoff`, if given, is a cell with its comma.
std::string csv_of(const SeriesForecast& one, const std::string& cutoff = {}) {
  std::string out;
  for (std::size_t t = 0; t < one.point.size(); ++t) {
    out += csv_text(one.id) + "," + cutoff + one.times[t] + "," + csv_number(one.point[t]);
    for (std::size_t l = 0; l < one.low.size(); ++l)
      out += "," + csv_number(one.low[l][t]) + "," + csv_number(one.high[l][t]);
    for (const std::vector<double>& path : one.paths)
      out += "," + csv_number(path[t]);
    out += "\n";
  }
  return out;
}

/// Each row of the data with its score.
void write_anomalies(const Forecaster& model, const std::vector<SeriesPart>& parts,
                     const std::vector<double>& levels, const VerbCall& call) {
  const double level = levels.empty() ? 80 : levels.back();
  const std::string low = "rondo-lo-" + plain(level), high = "rondo-hi-" + plain(level);
  std::string out = call.json ? "" : "unique_id,ds,y,rondo," + low + "," + high + ",anomaly\n";
  std::int64_t rows = 0, outside = 0;
  for (const SeriesAnomalies& one : anomalies_of(model.impl().network, parts, level)) {
    rows += static_cast<std::int64_t>(one.y.size());
    outside += std::count_if(one.y.begin(), one.y.end(), [&, i = std::size_t{0}](double y) mutable {
      const bool is = y < one.low[i] || y > one.high[i];
      ++i;
      return is;
    });
    if (call.json) {
      out += dump_json({{"unique_id", one.id},
                        {"ds", one.times},
                        {"y", json_of(one.y)},
                        {"rondo", json_of(one.point)},
                        {low, json_of(one.low)},
                        {high, json_of(one.high)},
                        {"anomaly", json_of(one.score)}}) +
             "\n";
      continue;
    }
    for (std::size_t t = 0; t < one.y.size(); ++t)
      out += csv_text(one.id) + "," + one.times[t] + "," + csv_number(one.y[t]) + "," +
             csv_number(one.point[t]) + "," + csv_number(one.low[t]) + "," + csv_number(one.high[t]) + "," +
             csv_number(one.score[t]) + "\n";
  }
  call.notice(grouped(outside) + " of " + grouped(rows) + " rows lie outside of their " + plain(level) +
              " % interval");
  call.write(out);
}

std::string json_line(const SeriesForecast& one, const std::vector<double>& levels,
                      const std::vector<std::pair<std::string, std::vector<double>>>& baselines,
                      const std::string& cutoff = {}) {
  Json json = {{"unique_id", one.id}, {"ds", one.times}, {"rondo", json_of(one.point)}};
  if (!cutoff.empty()) json["cutoff"] = cutoff;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    json["rondo-lo-" + plain(levels[l])] = json_of(one.low[l]);
    json["rondo-hi-" + plain(levels[l])] = json_of(one.high[l]);
  }
  for (const auto& [name, values] : baselines)
    json[name] = json_of(values);
  if (!one.paths.empty()) json["paths"] = Json::array();
  for (const std::vector<double>& path : one.paths)
    json["paths"].push_back(json_of(path));
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

/// The names of the columns behind those that every form has.
std::string interval_names(const std::vector<double>& levels, int paths) {
  std::string out = ",rondo";
  for (const double level : levels)
    out += ",rondo-lo-" + plain(level) + ",rondo-hi-" + plain(level);
  for (int k = 1; k <= paths; ++k)
    out += ",rondo-path-" + std::to_string(k);
  return out + "\n";
}

/// A forecast for each row that comes, until no more do.
void run_stream(const Forecaster& model, const ForecastCommand& command, const std::vector<double>& levels,
                const VerbCall& call) {
  if (command.anomaly || !command.plot.empty())
    fail(ErrorKind::option, std::string(command.anomaly ? "anomaly" : "plot") +
                                ": not of rows that come one at a time; give files");
  const InferenceMode weights_packed_once;
  RowStream stream(model.impl().network, command.columns,
                   {.horizon = command.horizon, .levels = levels, .paths = command.paths});
  if (!call.json) call.write("unique_id,cutoff,ds" + interval_names(levels, command.paths));
  const auto answer = [&](std::string_view line) {
    std::string out;
    for (const RowStream::Answer& one : stream.push(line))
      out += call.json ? json_line(one.forecast, levels, {}, one.cutoff)
                       : csv_of(one.forecast, one.cutoff + ",");
    if (!out.empty()) call.write(out);
  };
  std::string waiting;
  std::array<char, 1 << 16> bytes{};
  for (std::size_t count = 1; count > 0;) {
    count = call.read(bytes.data(), bytes.size());
    waiting.append(bytes.data(), count);
    std::size_t begin = 0;
    for (std::size_t end = waiting.find('\n'); end != waiting.npos; end = waiting.find('\n', begin)) {
      answer(std::string_view(waiting).substr(begin, end - begin));
      begin = end + 1;
    }
    waiting.erase(0, begin);
  }
  answer(waiting);
}

}  // namespace

void run_forecast(const Forecaster& model, const ForecastCommand& command, const VerbCall& call) {
  const std::vector<double> levels = levels_of(model, command.level);
  const int horizon = command.horizon > 0 ? command.horizon : model.horizon();
  if (horizon > model.horizon())
    call.notice("the model forecasts " + std::to_string(model.horizon()) +
                " steps at once; later ones are made from forecasts, and their intervals are too narrow");
  if (call.texts == std::vector<std::string>{"-"}) return run_stream(model, command, levels, call);
  const std::vector<SeriesPart> parts = series_of(model, command.columns, call);
  if (command.anomaly) return write_anomalies(model, parts, levels, call);
  const std::vector<SeriesForecast> all = forecasts_of(
      model.impl().network, parts, {.horizon = horizon, .levels = levels, .paths = command.paths});
  for (const SeriesForecast& one : all)
    if (!one.note.empty()) call.notice(one.id + ": no forecast: " + one.note);
  const int period = model.impl().network.input().period;
  std::string out = call.json ? "" : "unique_id,ds" + interval_names(levels, command.paths);
  SeasonalFallbacks fallbacks(period);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const PastValues past = std::span(parts[i].of().y).first(static_cast<std::size_t>(parts[i].end));
    if (call.json) fallbacks.add(parts[i].of().id, past, horizon);
    out += call.json ? json_line(all[i], levels,
                                 {{"naive", naive(past, horizon)},
                                  {"seasonal-naive", seasonal_naive(past, horizon, period)}})
                     : csv_of(all[i]);
  }
  for (const std::string& line : fallbacks.lines())
    call.notice(line);
  if (!command.plot.empty()) write_plot(command.plot, all, parts, levels);
  call.write(out);
}

void run_backtest(const Forecaster& model, const BacktestCommand& command, const VerbCall& call) {
  const std::vector<double> levels = levels_of(model, command.level);
  const Backtest result = backtest(model.impl().network, series_of(model, command.columns, call),
                                   {.windows = command.windows,
                                    .step = command.step,
                                    .horizon = command.horizon,
                                    .levels = levels,
                                    .anomaly = command.anomaly,
                                    .refit = command.refit,
                                    .notice = call.notice});
  for (const std::string& notice : result.notices)
    call.notice(notice);
  say_scores(result, call);
  call.write(call.json ? result.to_json() + "\n" : result.to_csv());
}

}  // namespace rondo::forecast

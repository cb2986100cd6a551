#include "tasks/forecast/application.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/lines.h"
#include "tasks/forecast/reading.h"
#include "tasks/forecast/verb.h"
#include "tasks/options/training.h"
#include "tasks/verb.h"

namespace rondo::forecast {
namespace {

namespace fs = std::filesystem;

Parts parts_of(Reading reading) {
  Parts parts;
  parts.train = std::move(reading.train);
  parts.valid = std::move(reading.valid);
  parts.test = std::move(reading.test);
  parts.notices = std::move(reading.notices);
  parts.reading = std::move(reading.record);
  return parts;
}

Evaluation summary_of(ForecastEvaluation evaluation) {
  const auto score = [](const char* name, Words title, double value, Better better, bool headline,
                        Form form = Form::number) {
    return Score{.name = name,
                 .title = std::move(title),
                 .value = value,
                 .form = form,
                 .better = better,
                 .headline = headline};
  };
  const ForecastScores& m = evaluation.model;
  const Better low = Better::lower;
  return {.examples = evaluation.windows,
          .counted = {"windows", "个窗口"},
          .scores = {score("mse", {"MSE, scaled", "均方误差（标准化）"}, m.mse, low, true),
                     score("mae", {"MAE, scaled", "平均绝对误差（标准化）"}, m.mae, low, true),
                     score("rmse", {"RMSE", "均方根误差"}, m.rmse, low, false),
                     score("absolute", {"MAE", "平均绝对误差"}, m.absolute, low, false),
                     score("smape", {"sMAPE", "sMAPE"}, m.smape, low, false),
                     score("mase", {"MASE", "MASE"}, m.mase, low, true),
                     score("wql", {"WQL", "加权分位数损失"}, m.wql, low, true),
                     score("coverage", {"80 % covers", "80% 区间覆盖率"}, m.coverage, Better::higher, true,
                           Form::share),
                     score("width", {"width of 80 %", "80% 区间宽度"}, m.width, low, false),
                     score("missing", {"missing targets", "缺失的目标值"},
                           static_cast<double>(evaluation.missing), low, false, Form::count)},
          .blocks = std::move(evaluation.blocks)};
}

/// The last window of a series with its forecast.
report::Lines last_window(const TrainedForecaster& model, const SeriesPart& part) {
  SeriesPart seen = part;
  seen.end = std::max<std::int64_t>(1, part.end - model.forecaster.horizon());
  const ForecastModel& network = model.model();
  const bool has = network->head().widest() >= 80;
  const SeriesForecast one =
      forecasts_of(network, {seen}, {.levels = has ? std::vector<double>{80} : std::vector<double>()})
          .front();
  const std::int64_t begin =
      std::max<std::int64_t>(0, seen.end - 2 * std::int64_t{model.forecaster.horizon()});
  const float none = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> past(static_cast<std::size_t>(seen.end - begin), none), y;
  for (std::int64_t t = begin; t < part.end; ++t)
    y.push_back(static_cast<float>(part.of().y[static_cast<std::size_t>(t)]));
  report::Lines lines{.title = {part.of().id + ": the last window", part.of().id + "：最后一个窗口"},
                      .x_title = {"steps", "步"},
                      .lines = {{{"values", "实际值"}, y}}};
  const auto add = [&](Words name, const std::vector<double>& values) {
    std::vector<float> all = past;
    all.insert(all.end(), values.begin(), values.end());
    all.resize(std::min(all.size(), y.size()));
    lines.lines.emplace_back(std::move(name), std::move(all));
  };
  add({"forecast", "预测"}, one.point);
  if (has) {
    add({"80 %, low", "80% 下限"}, one.low.front());
    add({"80 %, high", "80% 上限"}, one.high.front());
  }
  return lines;
}

}  // namespace

std::vector<std::string> ForecastTask::examples() {
  return {"rondo train forecast load.csv --horizon 24 --out load.rondo",
          "rondo train forecast sales.csv --id shop --target sold --known price --out sales.rondo",
          "rondo train forecast ETTh1.csv --lookback 96 --horizon 96 --valid-from 2017-06-26 "
          "--test-from 2017-10-24 --until 2018-02-21 --out m.rondo"};
}

std::vector<Verb> ForecastTask::verbs() {
  const auto forecast = [](const TrainedForecaster& model, const ForecastCommand& command,
                           const VerbCall& call) { run_forecast(model.forecaster, command, call); };
  const auto backtest = [](const TrainedForecaster& model, const BacktestCommand& command,
                           const VerbCall& call) { run_backtest(model.forecaster, command, call); };
  std::vector<Verb> verbs = {
      verb_of<ForecastTask, ForecastCommand>(
          "forecast", "forecast what follows the rows of a table",
          "files of series, as for training; -: rows from standard input, a forecast for each", +forecast,
          {"rondo forecast load.rondo load.csv --level 80,95 --plot next.svg > next.csv",
           "rondo forecast load.rondo load.csv --anomaly > scores.csv",
           "tail -n +1 -f load.csv | rondo forecast load.rondo - --json"}),
      verb_of<ForecastTask, BacktestCommand>(
          "backtest", "score forecasts from origins in the past", "files of series, as for training",
          +backtest,
          {"rondo backtest load.rondo load.csv --windows 10 --step 24 --json",
           "rondo backtest load.rondo load.csv --windows 10 --refit 5 > windows.csv"})};
  for (Verb& verb : verbs)
    verb.reads_files = true;
  return verbs;
}

void ForecastTask::check(const Options& options, const Reading& reading, const PlaceOf& place) {
  check_monitor(options.training, {"loss"}, place);
  HeadKind{options.network};
  if (!reading.columns.frequency.empty() && reading.columns.frequency != "rows" &&
      !parse_frequency(reading.columns.frequency))
    fail(ErrorKind::option, place("frequency") +
                                " must be such as 15min, 1h, D, B, W, M, Q, Y or rows, got " +
                                quote(reading.columns.frequency));
}

Parts ForecastTask::read(const std::vector<fs::path>& files, const Reading& reading,
                         const TrainedForecaster* model) {
  std::vector<std::string> notices;
  if (model == nullptr) {
    Framed framed = read_frame(files, reading, nullptr, notices);
    return parts_of(reading_of(std::move(framed), reading.split, notices));
  }
  const std::string& record = model->model().application().reading;
  if (record.empty())
    fail(ErrorKind::usage, "the model does not say how its data were read; evaluate it from C++");
  const Record like = Record::from_json(record);
  Framed framed = read_frame(files, reading, &like, notices);
  forecast::Reading all = reading_of(std::move(framed), reading.split, notices);
  Parts parts = parts_of(std::move(all));
  if (!parts.test.empty()) parts.train = parts.test;
  return parts;
}

Dataset ForecastTask::read_more(const fs::path& file, const Reading& reading, Parts& parts) {
  const Record like = Record::from_json(parts.reading);
  ReadingOptions own = reading;
  own.windows = {};
  return reading_of(read_frame({file}, own, &like, parts.notices), {}, {}).all;
}

void ForecastTask::hold_out(Parts& parts, double valid, double test, std::uint64_t) {
  forecast::Reading reading;
  reading.train = parts.train;
  reading.record = parts.reading;
  reading.valid = parts.valid;
  reading.test = parts.test;
  forecast::hold_out(reading, valid, test);
  parts.train = reading.train;
  parts.valid = reading.valid;
  parts.test = reading.test;
}

std::vector<std::string> ForecastTask::plan(Options& options, const Parts& parts, const PlaceOf&) {
  std::vector<std::string> reasons;
  options = Forecaster::plan(parts.train, parts.valid, std::move(options), &reasons);
  return reasons;
}

TrainedForecaster ForecastTask::train(const Options& options, const Parts& parts, TrainingRun run) {
  return {Forecaster::train(parts.train, parts.valid, options, std::move(run))};
}

TrainedForecaster ForecastTask::load(const fs::path& file) {
  return {Forecaster::load(file)};
}

Evaluation ForecastTask::nothing() {
  Evaluation nothing = summary_of({});
  nothing.examples = 0;
  return nothing;
}

Evaluation ForecastTask::evaluate(const TrainedForecaster& model, const Dataset& examples, int) {
  return summary_of(model.forecaster.evaluate(examples));
}

std::vector<std::string> ForecastTask::check_answering(const TrainedForecaster& model,
                                                       const Answering& answering) {
  checked_levels(model.model(), answering.level);
  check_lines(model.model());
  return {};
}

std::vector<Answer> ForecastTask::answer(const TrainedForecaster& model, std::span<const std::string> lines,
                                         const Answering& answering) {
  return answers_of(model.model(), lines, answering.level);
}

std::vector<report::Section> ForecastTask::sections(const TrainedForecaster& model, const Parts& parts,
                                                    const Evaluation& evaluation) {
  std::vector<report::Section> sections;
  if (evaluation.examples > 0) {
    report::Section windows{{"Last windows", "最后的窗口"}, {}};
    const std::vector<SeriesPart> all = parts_in(parts.test.take(4));
    for (const SeriesPart& part : all)
      windows.blocks.emplace_back(last_window(model, part));
    sections.push_back(std::move(windows));
    sections.push_back({{"Scores on the test part", "测试集成绩"}, evaluation.blocks});
  }
  return sections;
}

std::vector<Fact> ForecastTask::facts(const TrainedForecaster& model) {
  const ForecastInput& input = model.model().input();
  const auto count = [](std::string key, Words title, std::int64_t value) {
    return Fact{std::move(key), std::move(title), {grouped(value), grouped(value)}, std::to_string(value)};
  };
  const std::string steps = in_words(input.frequency);
  return {{"frequency", {"Frequency", "频率"}, {steps, steps}, dump_json(Json(steps))},
          count("series", {"Series", "序列数"}, static_cast<std::int64_t>(input.series.size())),
          count("lookback", {"Lookback", "回看步数"}, input.lookback),
          count("horizon", {"Horizon", "预测步数"}, input.horizon),
          count("period", {"Steps of a season", "季节周期"}, input.period)};
}

}  // namespace rondo::forecast

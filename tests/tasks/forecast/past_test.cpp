// What forecasters say of the past: anomalies, refits, seasonal fallbacks, errors by hour and month,
// influence.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "tasks/forecast/backtest.h"
#include "tasks/forecast/baselines.h"
#include "tasks/forecast/calendar.h"
#include "tasks/forecast/influence.h"
#include "tasks/forecast/scores.h"
#include "waves.h"

namespace rondo::test {
namespace {

using namespace rondo::forecast;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

TEST(ForecastAnomalies, AreDistancesInHalfWidths) {
  EXPECT_EQ(anomaly_score(12, 10, 14), 0);
  EXPECT_EQ(anomaly_score(10, 10, 14), 0) << "bounds are included";
  EXPECT_EQ(anomaly_score(15, 10, 14), 0.5);
  EXPECT_EQ(anomaly_score(4, 10, 14), 3);
  EXPECT_EQ(anomaly_score(5, 5, 5), 0);
  EXPECT_TRUE(std::isnan(anomaly_score(6, 5, 5))) << "no width to measure by";
  EXPECT_TRUE(std::isnan(anomaly_score(none, 10, 14)));
}

TEST(ForecastAnomalies, FindTheRowThatIsOut) {
  const Reading data = data_of(waves(200), {.windows = week});
  ForecasterOptions options = small();
  options.training.epochs = 10;
  const Forecaster model = Forecaster::train(data.train, {}, options);
  std::string text = waves(60);
  const std::size_t at = text.find("2022-02-10,") + 11;
  text.replace(at, text.find('\n', at) - at, "90");
  const Reading other = data_of(text, {.windows = week});
  const SeriesAnomalies rows = model.anomalies(other.all).front();
  ASSERT_EQ(rows.times.size(), 59U) << "all behind the first";
  const auto highest = std::max_element(rows.score.begin(), rows.score.end());
  EXPECT_EQ(rows.times[static_cast<std::size_t>(highest - rows.score.begin())], "2022-02-10");
  // Each row's forecast is that of a table which ends before it.
  const std::size_t row = 30;
  const std::string before = text.substr(0, text.find(rows.times[row]));
  const SeriesForecast one = model.forecast(data_of(before, {.windows = week}).all, {.levels = {80}}).front();
  EXPECT_EQ(one.point[0], rows.point[row]);
  EXPECT_EQ(one.low[0][0], rows.low[row]);
  EXPECT_EQ(one.high[0][0], rows.high[row]);
}

TEST(ForecastAnomalies, StandBesideBacktests) {
  const Reading data = data_of(waves(80), {.windows = week});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const Backtest result =
      backtest(model.impl().network, parts_in(data.all), {.windows = 2, .levels = {50, 80}, .anomaly = true});
  for (const BacktestForecast& one : result.forecasts)
    for (std::size_t t = 0; t < one.y.size(); ++t)
      EXPECT_EQ(one.anomaly[t], anomaly_score(one.y[t], one.low[1][t], one.high[1][t]));
  EXPECT_THAT(result.to_csv(), HasSubstr("theta,anomaly\n"));
  EXPECT_THAT(result.to_json(), HasSubstr("\"anomaly\""));
  expect_error(
      ErrorKind::option, [&] { backtest(model.impl().network, parts_in(data.all), {.anomaly = true}); },
      "--level");
}

/// What a backtest says of an origin, by its cutoff.
const BacktestForecast& at(const Backtest& result, const std::string& cutoff) {
  for (const BacktestForecast& one : result.forecasts)
    if (one.cutoff == cutoff) return one;
  ADD_FAILURE() << cutoff;
  return result.forecasts.front();
}

TEST(ForecastRefit, TrainsOnWhatLiesBeforeEachOrigin) {
  const std::string text = waves(90);
  const Reading data = data_of(text, {.windows = week});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  std::vector<std::string> said;
  const BacktestOptions options{
      .windows = 3, .refit = 1, .notice = [&](const std::string& line) { said.push_back(line); }};
  const Backtest result = backtest(model.impl().network, parts_in(data.all), options);
  ASSERT_EQ(said.size(), 4U);
  EXPECT_THAT(said[0], HasSubstr("3 trainings"));
  EXPECT_THAT(said[1], HasSubstr("refit 1 of 3"));
  const Backtest kept = backtest(model.impl().network, parts_in(data.all), {.windows = 3});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(result.forecasts[i].cutoff, kept.forecasts[i].cutoff);
    EXPECT_EQ(result.forecasts[i].points[1], kept.forecasts[i].points[1]) << "naive";
    EXPECT_NE(result.forecasts[i].points[0], kept.forecasts[i].points[0]);
    // The same training by hand.
    const std::string cutoff = result.forecasts[i].cutoff;
    const std::size_t row = text.find(cutoff);
    Reading before = data_of(text.substr(0, text.find('\n', row) + 1), {.windows = week});
    hold_out(before, 0.1, 0);
    ForecasterOptions by_hand = model.options();
    by_hand.training.monitor = "val_loss";
    const Forecaster own = Forecaster::train(before.train, before.valid, by_hand);
    EXPECT_EQ(own.forecast(before.all).front().point, result.forecasts[i].points[0]);
  }
}

TEST(ForecastRefit, EverySecondOriginSharesAModel) {
  const Reading data = data_of(waves(90), {.windows = week});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const auto with = [&](int refit) {
    return backtest(model.impl().network, parts_in(data.all), {.windows = 4, .refit = refit});
  };
  const Backtest each = with(1), second = with(2), first = with(4);
  for (const std::size_t shared : {0U, 2U})
    EXPECT_EQ(each.forecasts[shared].points[0], second.forecasts[shared].points[0]);
  for (const std::size_t older : {1U, 3U})
    EXPECT_NE(each.forecasts[older].points[0], second.forecasts[older].points[0]);
  EXPECT_EQ(each.forecasts[0].points[0], first.forecasts[0].points[0]);
  EXPECT_NE(second.forecasts[2].points[0], first.forecasts[2].points[0]);
}

TEST(ForecastRefit, LearnsNothingOfTheFuture) {
  const std::string text = waves(90);
  std::string other = text;
  const std::size_t at_row = other.find("2022-03-28,") + 11;
  other.replace(at_row, other.find('\n', at_row) - at_row, "9000");
  const Reading data = data_of(text, {.windows = week});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const BacktestOptions options{.windows = 3, .refit = 1};
  const Backtest one = backtest(model.impl().network, parts_in(data.all), options);
  const Backtest two =
      backtest(model.impl().network, parts_in(data_of(other, {.windows = week}).all), options);
  for (const char* cutoff : {"2022-03-10", "2022-03-17", "2022-03-24"})
    EXPECT_EQ(at(one, cutoff).points[0], at(two, cutoff).points[0]) << cutoff;
}

TEST(ForecastBaselines, SeasonalFallbacksAreSaid) {
  SeasonalFallbacks fallbacks(7);
  EXPECT_THAT(fallbacks.lines(), IsEmpty());
  const std::vector<double> b = {5, 6, 4};
  fallbacks.add("B", b, 6);
  EXPECT_EQ(fallbacks.none(), 4);
  EXPECT_EQ(fallbacks.earlier(), 0);
  std::vector<double> gap(21, 1);
  gap[15] = none;
  fallbacks.add("gap", gap, 7);
  EXPECT_EQ(fallbacks.none(), 4);
  EXPECT_EQ(fallbacks.earlier(), 1);
  EXPECT_THAT(fallbacks.lines(), ElementsAre(HasSubstr("no forecast: B (4 of 6 steps)"),
                                             HasSubstr("stands for it: gap (1 of 7 steps)")));
  SeasonalFallbacks far(2);
  far.add("far", std::vector<double>{1, 2}, 5);
  EXPECT_EQ(far.none() + far.earlier(), 0) << "the last season stands for all that are ahead";
}

TEST(ForecastBacktest, SaysWhereSeasonalNaiveHasNothing) {
  const Reading data = data_of(waves(60), {.windows = week});
  ForecasterOptions options = small();
  options.network.period = 7;
  const Forecaster model = Forecaster::train(data.train, {}, options);
  const Reading few = data_of("ds,y\n2024-01-01,5\n2024-01-02,6\n2024-01-03,4\n2024-01-04,1\n2024-01-05,2\n",
                              {.windows = {.lookback = 2, .horizon = 2}});
  const Backtest result = backtest(model.impl().network, parts_in(few.all), {.horizon = 2});
  EXPECT_THAT(result.notices, testing::Contains(HasSubstr("y (2 of 2 steps)")));
}

TEST(ForecastCalendar, ErrorsAreMeansOfTheirHourAndMonth) {
  CalendarErrors errors({"a", "b"}, {StepUnit::milliseconds, ms_of_hour});
  const std::int64_t day = *days_of({2024, 3, 5}) * ms_of_day;
  errors.add(0, day + 2 * ms_of_hour, -1);
  errors.add(0, day + 2 * ms_of_hour, 3);
  errors.add(0, day + 23 * ms_of_hour, none);
  errors.add(0, day + 40 * ms_of_day, 5);
  errors.add(1, day - 1, 7);
  const std::vector<report::Block> blocks = errors.blocks();
  ASSERT_EQ(blocks.size(), 2U);
  const auto& hours = std::get<report::Lines>(blocks[0]).lines;
  EXPECT_EQ(hours[0].second[2], 2);
  EXPECT_EQ(hours[0].second[0], 5);
  EXPECT_TRUE(std::isnan(hours[0].second[23]));
  EXPECT_EQ(hours[1].second[23], 7);
  const auto& months = std::get<report::Lines>(blocks[1]).lines;
  EXPECT_EQ(months[0].second[2], 2);
  EXPECT_EQ(months[0].second[3], 5);
  CalendarErrors yearly({"a"}, {StepUnit::months, 12}), rows({"a"}, {StepUnit::number, 1});
  yearly.add(0, day, 1);
  rows.add(0, 17, 1);
  EXPECT_THAT(yearly.blocks(), IsEmpty());
  EXPECT_THAT(rows.blocks(), IsEmpty());
}

TEST(ForecastInfluence, IsOfWhatTheForecastsDependOn) {
  Random random(11);
  std::vector<double> price(320), noise(320);
  for (std::size_t i = 0; i < price.size(); ++i) {
    price[i] = random.normal();
    noise[i] = random.normal();
  }
  std::string text = "ds,y,price,noise,kind\n";
  const std::int64_t first = *days_of({2022, 1, 1});
  for (int d = 0; d < 320; ++d) {
    const auto i = static_cast<std::size_t>(d);
    text += to_text((first + d) * ms_of_day, {TimeKind::moment, Detail::day}) + "," +
            std::to_string(10 * price[i]) + "," + std::to_string(price[i]) + "," + std::to_string(noise[i]) +
            (d % 3 == 0 ? ",a\n" : ",b\n");
  }
  Reading data =
      data_of(text, {.columns = {.known = {"price", "noise"}}, .windows = {.lookback = 7, .horizon = 2}});
  hold_out(data, 0.1, 0.2);
  ForecasterOptions options = small();
  options.training.epochs = 30;
  options.training.learning_rate = 0.01F;
  options.network.normalise = Normalise::none;
  const Forecaster model = Forecaster::train(data.train, data.valid, options);
  const ForecastInput& input = model.impl().network.input();
  const auto series = input.prepare(parts_in(data.test));
  const std::vector<Window> windows = input.windows(series);
  const Influences influences = influences_of(model.impl().network, series, windows);
  ASSERT_EQ(influences.without.size(), 3U);
  EXPECT_EQ(influences.without[0].name, "price");
  EXPECT_NEAR(influences.mae, model.evaluate(data.test).model.mae, 1e-6);
  EXPECT_GT(influences.without[0].mae, 2 * influences.mae);
  EXPECT_LT(influences.without[1].mae, influences.without[0].mae);
  EXPECT_NE(influences.without[2].mae, influences.mae) << "the class of the past is used";
}

TEST(ForecastEvaluation, HasCoverageCalendarAndInfluence) {
  Reading data =
      data_of(waves(200, ",price", [](int d) { return "," + std::to_string(d % 5); }), {.windows = week});
  hold_out(data, 0.1, 0.3);
  const Forecaster model = Forecaster::train(data.train, data.valid, small());
  const ForecastEvaluation evaluation = model.evaluate(data.test);
  std::vector<std::string> keys, titles;
  for (const report::Block& block : evaluation.blocks) {
    if (const auto* table = std::get_if<report::Table>(&block)) keys.push_back(table->key);
    if (const auto* lines = std::get_if<report::Lines>(&block)) titles.push_back(lines->title.en);
    if (const auto* table = std::get_if<report::Table>(&block);
        table != nullptr && table->key == "intervals") {
      ASSERT_EQ(table->rows.size(), 4U);
      EXPECT_EQ(std::get<std::string>(table->rows[3][0]), "80");
      EXPECT_EQ(std::get<double>(table->rows[3][1]), evaluation.model.coverage);
      EXPECT_EQ(std::get<double>(table->rows[3][2]), evaluation.model.width);
    }
  }
  EXPECT_THAT(keys, ElementsAre("baselines", "intervals", "influence"));
  EXPECT_THAT(titles, ElementsAre(HasSubstr("step ahead"), HasSubstr("month"), HasSubstr("within 80 %")));
}

}  // namespace
}  // namespace rondo::test

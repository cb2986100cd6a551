// Forecasters: windows, heads and their gradients, what is learned and what is not, forecasts and baselines.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/forecast/application.h"
#include "tasks/forecast/backtest.h"
#include "tasks/forecast/distributions.h"
#include "tasks/forecast/lines.h"
#include "tasks/forecast/reading.h"
#include "waves.h"

namespace rondo::test {
namespace {

using namespace rondo::forecast;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ForecastWindows, AreCutFromTheSeriesWithTheirFeatures) {
  const Reading data = data_of(
      "ds,y,price,kind\n2024-01-01,1,10,a\n2024-01-02,3,20,b\n2024-01-03,,30,a\n"
      "2024-01-04,7,40,b\n2024-01-05,9,50,a\n",
      {.columns = {.known = {"price"}}, .windows = {.lookback = 2, .horizon = 2}});
  ForecasterOptions options = small();
  options.network.segment = 2;
  options.network.normalise = Normalise::none;
  const ForecastInput input = ForecastInput::learn(data.train, options);
  EXPECT_TRUE(input.mask);
  EXPECT_EQ(input.past_features(), 1 + 1 + 2);
  EXPECT_EQ(input.future_features(), 1);
  const auto series = input.prepare(parts_in(data.train));
  const std::vector<Window> windows = input.windows(series);
  ASSERT_EQ(windows.size(), 2U);
  const WindowBatch batch = input.pack(series, windows);
  EXPECT_EQ(batch.segments.shape(), (Shape{2, 10}));
  const double spread = std::sqrt(10.0);  // of 1, 3, 7, 9 around 5
  EXPECT_NEAR(batch.segments.at(0), -4 / spread, 1e-6);
  EXPECT_EQ(batch.segments.at(1), 1) << "the mask";
  EXPECT_NEAR(batch.segments.at(2), -20 / std::sqrt(200.0), 1e-6) << "the price";
  EXPECT_THAT((std::vector<double>{batch.segments.at(3), batch.segments.at(4)}), ElementsAre(1, 0));
  EXPECT_TRUE(std::isnan(batch.targets.at(0)));
  EXPECT_NEAR(batch.targets.at(1), 2 / spread, 1e-6);
  EXPECT_NEAR(batch.future.at(1), 10 / std::sqrt(200.0), 1e-6);
  EXPECT_EQ(ForecastInput::from_json(input.to_json()).to_json(), input.to_json());
}

TEST(ForecastWindows, MissingTargetsAreInNoLoss) {
  const Reading data = data_of("ds,y\n2024-01-01,1\n2024-01-02,3\n2024-01-03,\n2024-01-04,7\n2024-01-05,9\n",
                               {.windows = {.lookback = 2, .horizon = 2}});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const ForecastInput& input = model.impl().network.input();
  const auto series = input.prepare(parts_in(data.train));
  const BatchLoss loss = model.impl().network->loss(input.pack(series, input.windows(series)));
  EXPECT_EQ(loss.weight, 3);
  EXPECT_TRUE(std::isfinite(loss.loss.item()));
}

class ForecastHeads : public testing::TestWithParam<
                          std::tuple<forecast::Head, forecast::Network, forecast::Decoding, forecast::Cell>> {
};

TEST_P(ForecastHeads, GradientsAreThoseOfTheLoss) {
  const auto [head, network, decoding, cell] = GetParam();
  const Reading data = data_of(waves(40), {.windows = {.lookback = 6, .horizon = 4}});
  ForecasterOptions options = small();
  options.network.head = head;
  options.network.network = network;
  options.network.decoding = decoding;
  options.network.cell = cell;
  options.network.segment = network == forecast::Network::segrnn ? 2 : 1;
  options.training.epochs = 1;
  Forecaster model = Forecaster::train(data.train, {}, options);
  for (const GradientCheck& check : model.impl().network.check_gradients(data.train, {}))
    EXPECT_TRUE(check.good()) << check.parameter;
}

INSTANTIATE_TEST_SUITE_P(
    All, ForecastHeads,
    testing::Values(std::tuple(forecast::Head::point, forecast::Network::segrnn, forecast::Decoding::direct,
                               forecast::Cell::gru),
                    std::tuple(forecast::Head::quantiles, forecast::Network::segrnn,
                               forecast::Decoding::direct, forecast::Cell::lstm),
                    std::tuple(forecast::Head::gaussian, forecast::Network::segrnn,
                               forecast::Decoding::recursive, forecast::Cell::gru),
                    std::tuple(forecast::Head::student, forecast::Network::encoder_decoder,
                               forecast::Decoding::direct, forecast::Cell::lstm),
                    std::tuple(forecast::Head::negative_binomial, forecast::Network::encoder_decoder,
                               forecast::Decoding::recursive, forecast::Cell::gru),
                    std::tuple(forecast::Head::quantiles, forecast::Network::encoder_decoder,
                               forecast::Decoding::recursive, forecast::Cell::lstm)));

TEST(ForecastHead, QuantilesNeverCross) {
  const HeadKind head(forecast::NetworkOptions{});
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    std::vector<float> raw;
    for (int k = 0; k < head.parameters(); ++k)
      raw.push_back(static_cast<float>(20 * random.normal()));
    const std::vector<double> levels = {0.025, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.975};
    std::vector<double> values(levels.size());
    head.quantiles(raw, levels, 1, values);
    EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
  }
}

TEST(ForecastHead, GaussianQuantilesAreThoseOfItsDistribution) {
  forecast::NetworkOptions options;
  options.head = forecast::Head::gaussian;
  const HeadKind head(options);
  const std::vector<float> raw = {10, 2};
  std::vector<double> values(2);
  head.quantiles(raw, std::vector<double>{0.1, 0.9}, 1, values);
  const double sigma = 1e-4 + softplus(2);
  EXPECT_NEAR(values[0], 10 + sigma * normal_quantile(0.1), 1e-6);
  EXPECT_NEAR(values[1] - values[0], 2 * sigma * normal_quantile(0.9), 1e-6);
}

TEST(Forecasting, LearnsAWeekAndBeatsNaive) {
  Reading data = data_of(waves(500), {.windows = week});
  hold_out(data);
  ForecasterOptions options = small();
  options.network.units = 24;
  options.training.epochs = 15;
  options.training.learning_rate = 0.01F;
  const Forecaster model = Forecaster::train(data.train, data.valid, options);
  EXPECT_EQ(model.options().network.period, 7);
  const ForecastEvaluation evaluation = model.evaluate(data.test);
  EXPECT_GT(evaluation.windows, 10);
  EXPECT_LT(evaluation.model.mae, evaluation.baselines[0].mae) << "naive";
  EXPECT_LT(evaluation.model.mase, 1);
  EXPECT_GT(evaluation.model.coverage, 0.5);
  const SeriesForecast one = model.forecast(data.all, {.horizon = 10, .levels = {50, 80}}).front();
  EXPECT_EQ(one.times.front(), "2023-05-16");
  EXPECT_EQ(one.point.size(), 10U);
  for (std::size_t t = 0; t < one.point.size(); ++t) {
    EXPECT_LE(one.low[1][t], one.low[0][t]);
    EXPECT_LE(one.low[0][t], one.point[t]);
    EXPECT_LE(one.point[t], one.high[0][t]);
    EXPECT_LE(one.high[0][t], one.high[1][t]);
  }
}

TEST(Forecasting, TheUsualAverageIsNoLongerThanTheTraining) {
  const Reading data = data_of(waves(100), {.windows = week});
  const auto average = [&](int epochs, float asked) {
    ForecasterOptions options;
    options.training.epochs = epochs;
    options.training.average = asked;
    return Forecaster::plan(data.train, {}, options).training.average;
  };
  const float usual = ForecasterOptions{}.training.average;
  const float few = average(10, usual);
  EXPECT_GT(few, 0.5F);
  EXPECT_LT(few, 0.97F);
  EXPECT_EQ(average(10'000, usual), usual);
  EXPECT_EQ(average(1, usual), 0) << "ten steps and fewer are not averaged";
  EXPECT_EQ(average(1, 0.9F), 0.9F) << "what was asked for stays";
}

TEST(Forecasting, SavesAndLoadsToTheSameBits) {
  const TemporaryFolder folder;
  const Reading data = data_of(waves(80), {.windows = week});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  model.save(folder / "m.rondo");
  const Forecaster loaded = Forecaster::load(folder / "m.rondo");
  EXPECT_EQ(model.forecast(data.all).front().point, loaded.forecast(data.all).front().point);
}

TEST(Forecasting, ForecastsDoNotDependOnOtherSeries) {
  std::string text = "unique_id,ds,y\n";
  for (const char* id : {"a", "b", "c"})
    for (int d = 1; d <= 28; ++d)
      text += std::string(id) + ",2024-02-" + (d < 10 ? "0" : "") + std::to_string(d) + "," +
              std::to_string((d * 7 + id[0]) % 11) + "\n";
  const Reading data = data_of(text, {.windows = {.lookback = 6, .horizon = 3}});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const auto all = model.forecast(data.all);
  const std::size_t second = 1;
  const auto alone = model.forecast(data.all.select(std::span(&second, 1)));
  EXPECT_EQ(all[1].point, alone[0].point);
}

/// Equal up to 2024-03-31; later b is 1000 times as large and colder, with a new word.
std::string leak(bool b) {
  std::string text = "ds,y,temp,kind\n";
  const std::int64_t first = *days_of({2024, 1, 1});
  for (int i = 0; i < 121; ++i) {
    const bool later = b && i > 90;
    const int y = 50 + (i * 13) % 17 + i % 7, temp = (i * 5) % 19;
    text += to_text((first + i) * ms_of_day, {TimeKind::moment, Detail::day}) + "," +
            std::to_string(later ? y * 1000 : y) + "," + std::to_string(later ? temp - 400 : temp) + "," +
            (later       ? "storm"
             : i % 7 > 4 ? "rest"
                         : "work") +
            "\n";
  }
  return text;
}

TEST(Forecasting, NothingIsLearnedFromWhatComesLater) {
  ReadingOptions options{.windows = {.lookback = 14, .horizon = 7}, .split = {.test_from = "2024-04-01"}};
  const TemporaryFolder folder;
  for (const bool valid : {false, true}) {
    std::vector<std::string> inputs, forecasts;
    for (const bool b : {false, true}) {
      Reading data = data_of(leak(b), options);
      if (valid) hold_out(data, 0.1, 0);
      const Forecaster model = Forecaster::train(data.train, data.valid, small());
      model.save(folder / "m.rondo");
      inputs.push_back(model.impl().network.input().to_json());
      std::string weights;
      for (const Parameter& parameter : model.impl().network.weights().parameters())
        for (const float weight : parameter.leaf->value.data<float>())
          weights += std::to_string(weight) + " ";
      forecasts.push_back(weights);
    }
    EXPECT_EQ(inputs[0], inputs[1]);
    EXPECT_EQ(forecasts[0], forecasts[1]);
    EXPECT_THAT(inputs[0], testing::Not(HasSubstr("storm")));
  }
}

TEST(Forecasting, ConstantSeriesAreForecastExactly) {
  std::string text = "unique_id,ds,y\n";
  for (const auto& [id, value] : {std::pair("five", 5), std::pair("zero", 0)})
    for (int d = 10; d < 30; ++d)
      text += std::string(id) + ",2024-01-" + std::to_string(d) + "," + std::to_string(value) + "\n";
  const Reading data = data_of(text, {.windows = {.lookback = 3, .horizon = 3}});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const auto all = model.forecast(data.all, {.levels = {80}});
  EXPECT_THAT(all[0].point, ElementsAre(5, 5, 5));
  EXPECT_THAT(all[1].high[0], ElementsAre(0, 0, 0));
}

TEST(Forecasting, ALogarithmIsRefusedForWhatHasNone) {
  const Reading data = data_of(
      "unique_id,ds,y\nbelow,2024-02-01,3\nbelow,2024-02-02,-1\nbelow,2024-02-03,4\n"
      "zeros,2024-02-01,0\nzeros,2024-02-02,0\nzeros,2024-02-03,1\n",
      {.windows = {.lookback = 1, .horizon = 1}});
  ForecasterOptions options = small();
  options.network.transform = Transform::log;
  expect_error(
      ErrorKind::data, [&] { Forecaster::train(data.train, {}, options); }, "below (2024-02-02, -1)",
      "zeros (2024-02-01, 0)", "--transform none");
}

TEST(Forecasting, TransformsGoThereAndBack) {
  for (const Transform transform : {Transform::none, Transform::log, Transform::log1p, Transform::box_cox})
    for (const double lambda : {-0.5, 0.0, 1.0, 2.0})
      EXPECT_NEAR(untransformed(transformed(3.25, transform, lambda), transform, lambda), 3.25, 1e-9);
  std::vector<double> grows;
  for (int i = 0; i < 200; ++i)
    grows.push_back(std::exp(0.05 * i));
  EXPECT_NEAR(box_cox_lambda(grows), 0, 0.25);
}

TEST(Forecasting, ConformalIntervalsCoverTheValidationPart) {
  Reading data = data_of(waves(300), {.windows = week});
  hold_out(data, 0.2, 0.1);
  ForecasterOptions options = small();
  options.network.head = forecast::Head::point;
  options.network.conformal = true;
  const Forecaster model = Forecaster::train(data.train, data.valid, options);
  const ForecastEvaluation evaluation = model.evaluate(data.valid);
  EXPECT_NEAR(evaluation.model.coverage, 0.8, 0.03);
}

TEST(Forecasting, LevelsAreInPercent) {
  const Reading data = data_of(waves(60), {.windows = week});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const auto with = [&](double level) { model.forecast(data.all, {.levels = {level}}); };
  expect_error(
      ErrorKind::option, [&] { with(0.8); }, "is 80 meant?");
  expect_error(
      ErrorKind::option, [&] { with(99); }, "widest interval", "95");
  ForecasterOptions options = small();
  options.network.head = forecast::Head::point;
  const Forecaster point = Forecaster::train(data.train, {}, options);
  expect_error(
      ErrorKind::option, [&] { point.forecast(data.all, {.levels = {80}}); }, "no intervals");
}

TEST(Forecasting, LinesOfNumbersAreAnswered) {
  const Reading data = data_of(waves(60), {.windows = week});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const std::vector<std::string> lines = {"20 21 NA 19", "", "20, 21, 19.5"};
  const std::vector<Answer> answers = answers_of(model.impl().network, lines, {80});
  EXPECT_EQ(std::count(answers[0].text.begin(), answers[0].text.end(), ' '), 6);
  EXPECT_EQ(answers[1].text, "");
  EXPECT_THAT(answers[2].json, HasSubstr("lo-80"));
  expect_error(
      ErrorKind::data,
      [&] {
        const std::vector<std::string> bad = {"20 x"};
        answers_of(model.impl().network, bad, {});
      },
      "'x'");
}

TEST(ForecastBacktest, ScoresAreThoseOfTheDefinitions) {
  const Reading data = data_of(
      "unique_id,ds,y\nA,2024-03-01,10\nA,2024-03-02,14\nA,2024-03-03,11\nA,2024-03-04,14\nA,2024-03-05,18\n"
      "A,2024-03-06,13\nA,2024-03-07,12\nA,2024-03-08,16\nA,2024-03-09,15\nA,2024-03-10,12\nA,2024-03-11,19\n"
      "A,2024-03-12,17\nshort,2024-03-12,1\n",
      {.windows = {.lookback = 4, .horizon = 3}});
  const Forecaster model = Forecaster::train(data.train, {}, small());
  const Backtest result = backtest(model.impl().network, parts_in(data.all), {.windows = 9});
  ASSERT_EQ(result.series.size(), 1U);
  EXPECT_EQ(result.series[0].origins, 2);
  ASSERT_EQ(result.notices.size(), 2U);
  EXPECT_THAT(result.notices[0], HasSubstr("fewer than 9 origins fit in: A (2)"));
  EXPECT_THAT(result.notices[1], HasSubstr("short"));
  const Backtest last = backtest(model.impl().network, parts_in(data.all), {.windows = 1});
  const MethodErrors& naive_errors = last.series[0].errors[1];
  EXPECT_EQ(naive_errors.mae, 3);
  EXPECT_NEAR(naive_errors.smape, 19.417211, 5e-7);
  EXPECT_THAT(last.forecasts[0].cutoff, "2024-03-09");
  EXPECT_THAT(last.to_csv(), HasSubstr("A,2024-03-10,2024-03-09,12,"));
}

}  // namespace
}  // namespace rondo::test

// DeepAR and time-delay networks as forecasters, and rows that come one at a time.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/checks.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/forecast/distributions.h"
#include "tasks/forecast/quantiles.h"
#include "tasks/forecast/scores.h"
#include "tasks/forecast/stream.h"
#include "waves.h"

namespace rondo::test {
namespace {

using namespace rondo::forecast;
using testing::HasSubstr;
using testing::SizeIs;

ForecasterOptions with(forecast::Network network, forecast::Head head = forecast::Head::quantiles,
                       forecast::Cell cell = forecast::Cell::gru) {
  ForecasterOptions options = small();
  options.network.network = network;
  options.network.head = head;
  options.network.cell = cell;
  options.training.epochs = 1;
  return options;
}

TEST(ForecastDistributions, StudentDrawsHaveItsQuantiles) {
  std::vector<double> all;
  Random random(5);
  for (int i = 0; i < 40'000; ++i) {
    const double u = random.uniform_open(), v = random.uniform_open();
    all.push_back(student_from(u, v, 3));
  }
  std::sort(all.begin(), all.end());
  for (const double level : {0.05, 0.25, 0.5, 0.9})
    EXPECT_NEAR(student_cdf(sorted_quantile(all, level), 3), level, 0.01);
}

TEST(ForecastNetworks, GradientsAreThoseOfTheLoss) {
  using forecast::Head;
  using forecast::Network;
  const Reading data = data_of(waves(40), {.windows = {.lookback = 6, .horizon = 4}});
  for (const auto& [network, head, cell] :
       {std::tuple(Network::deepar, Head::gaussian, forecast::Cell::gru),
        std::tuple(Network::deepar, Head::student, forecast::Cell::lstm),
        std::tuple(Network::deepar, Head::negative_binomial, forecast::Cell::gru),
        std::tuple(Network::tdnn, Head::quantiles, forecast::Cell::gru),
        std::tuple(Network::tdnn, Head::point, forecast::Cell::gru)}) {
    const Forecaster model = Forecaster::train(data.train, {}, with(network, head, cell));
    for (const GradientCheck& check : model.impl().network.check_gradients(data.train, {}))
      EXPECT_TRUE(check.good()) << name_of(network) << " " << name_of(head) << " " << check.parameter;
  }
}

TEST(ForecastNetworks, TheFirstStepOfDeepArIsItsDistribution) {
  const Reading data = data_of(waves(120), {.windows = week});
  ForecasterOptions options = with(forecast::Network::deepar, forecast::Head::gaussian);
  options.network.samples = 4000;
  options.training.epochs = 3;
  const Forecaster model = Forecaster::train(data.train, {}, options);
  const ForecastModel& network = model.impl().network;
  const auto series = network.input().prepare(parts_in(data.all));
  const std::vector<Window> windows = network.input().windows(series);
  const WindowBatch batch = network.input().pack(series, std::span(windows).first(2));
  const std::vector<double> levels = {0.1, 0.5, 0.9};
  std::vector<double> wanted(3), got(3);
  BatchQuantiles drawn(network, series, batch, levels);
  const Var numbers = network->numbers(batch);
  for (std::size_t row = 0; row < 2; ++row) {
    network->head().quantiles(numbers.values().subspan(row * 2, 2), levels, 1, wanted);
    drawn.of(row, 0, 1, got);
    const double spread = wanted[2] - wanted[0];
    for (std::size_t l = 0; l < 3; ++l)
      EXPECT_NEAR(got[l], wanted[l], 0.05 * spread);
  }
}

/// A path that is fed back step by step by hand: what is drawn at each step stands in for the truth.
TEST(ForecastNetworks, DeepArFeedsBackWhatItDrew) {
  const Reading data = data_of(waves(60), {.windows = {.lookback = 6, .horizon = 4}});
  const Forecaster model =
      Forecaster::train(data.train, {}, with(forecast::Network::deepar, forecast::Head::gaussian));
  const ForecastModel& network = model.impl().network;
  const auto series = network.input().prepare(parts_in(data.all));
  const std::vector<Window> windows = network.input().windows(series);
  WindowBatch batch = network.input().pack(series, std::span(windows).first(1));
  const std::vector<double> paths = drawn_paths(network, series, batch, 3);
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t t = 0; t < 4; ++t)
      batch.targets.data<float>()[t] = static_cast<float>(paths[k * 4 + t]);
    // Told the path, the network says at each step the distribution that its value was drawn from.
    const Var numbers = network->numbers(batch);
    for (std::size_t t = 0; t < 4; ++t) {
      const RandomBlock bits = random_block(1, mix(hash_of("deepar"), k), t);
      const double drawn = network->head().draw(numbers.values().subspan(t * 2, 2), 1,
                                                static_cast<double>(to_uniform_open(bits[0])),
                                                static_cast<double>(to_uniform_open(bits[1])));
      EXPECT_NEAR(drawn, paths[k * 4 + t], 1e-5);
    }
  }
}

TEST(ForecastNetworks, PathsAreSeededAndTheSameInAnyBatch) {
  std::string text = "unique_id,ds,y\n";
  for (const char* id : {"a", "b", "c"})
    for (int d = 1; d <= 28; ++d)
      text += std::string(id) + ",2024-02-" + (d < 10 ? "0" : "") + std::to_string(d) + "," +
              std::to_string((d * 7 + id[0]) % 11) + "\n";
  const Reading data = data_of(text, {.windows = {.lookback = 6, .horizon = 3}});
  for (const forecast::Head head : {forecast::Head::student, forecast::Head::negative_binomial}) {
    const Forecaster model = Forecaster::train(data.train, {}, with(forecast::Network::deepar, head));
    const ForecastRequest request{.levels = {80}, .paths = 5};
    const std::vector<SeriesForecast> all = model.forecast(data.all, request);
    ASSERT_THAT(all[1].paths, SizeIs(5));
    EXPECT_NE(all[1].paths[0], all[1].paths[1]);
    testing_support::for_each_thread_count([&] {
      const std::size_t second = 1;
      const SeriesForecast alone = model.forecast(data.all.select(std::span(&second, 1)), request).front();
      EXPECT_EQ(alone.paths, all[1].paths);
      EXPECT_EQ(alone.low, all[1].low);
      EXPECT_EQ(alone.point, all[1].point);
    });
    const std::vector<SeriesForecast> fewer = model.forecast(data.all, {.paths = 2});
    EXPECT_EQ(fewer[1].paths[1], all[1].paths[1]) << "the first of the same paths";
    if (head == forecast::Head::negative_binomial) {
      for (const double value : all[0].paths[0])
        EXPECT_EQ(value, std::floor(value)) << "counts";
    }
    const TemporaryFolder folder;
    model.save(folder / "m.rondo");
    EXPECT_EQ(Forecaster::load(folder / "m.rondo").forecast(data.all, request)[1].paths, all[1].paths);
  }
}

TEST(ForecastNetworks, LearnAWeek) {
  Reading data = data_of(waves(500), {.windows = week});
  hold_out(data);
  for (const auto& [network, head] : {std::pair(forecast::Network::deepar, forecast::Head::quantiles),
                                      std::pair(forecast::Network::tdnn, forecast::Head::quantiles)}) {
    ForecasterOptions options = with(network, head);
    options.network.units = 24;
    options.training.epochs = 15;
    options.training.learning_rate = 0.01F;
    const Forecaster model = Forecaster::train(data.train, data.valid, options);
    const ForecastEvaluation evaluation = model.evaluate(data.test);
    EXPECT_LT(evaluation.model.mase, 1) << name_of(network);
    EXPECT_GT(evaluation.model.coverage, 0.5) << name_of(network);
    if (network == forecast::Network::deepar) {
      EXPECT_EQ(model.options().network.head, forecast::Head::student) << "quantiles are no distribution";
    }
  }
}

TEST(ForecastNetworks, RefuseWhatTheyCannotDo) {
  const Reading data = data_of(waves(60), {.windows = week});
  const auto train = [&](ForecasterOptions options) { return Forecaster::train(data.train, {}, options); };
  expect_error(
      ErrorKind::option, [&] { train(with(forecast::Network::deepar, forecast::Head::point)); },
      "draws from a distribution");
  ForecasterOptions options = with(forecast::Network::tdnn);
  options.network.decoding = forecast::Decoding::recursive;
  expect_error(
      ErrorKind::option, [&] { train(options); }, "wanted direct");
  options = with(forecast::Network::deepar);
  options.network.segment = 2;
  expect_error(
      ErrorKind::option, [&] { train(options); }, "deepar takes single steps");
  const Forecaster tdnn = train(with(forecast::Network::tdnn)),
                   deepar = train(with(forecast::Network::deepar));
  expect_error(
      ErrorKind::option, [&] { tdnn.forecast(data.all, {.paths = 1}); }, "only a model of --network deepar");
  expect_error(
      ErrorKind::option, [&] { deepar.forecast(data.all, {.paths = 101}); }, "at most the 100");
  expect_error(
      ErrorKind::option, [&] { deepar.forecast(data.all, {.horizon = 8, .paths = 1}); },
      "the model's 7 steps");
}

/// A forecaster that knows how its data were read.
Forecaster knowing(const Reading& data, const ForecasterOptions& options) {
  Forecaster model = Forecaster::train(data.train, {}, options);
  ApplicationRecord record = model.impl().network.application();
  record.reading = data.record;
  model.impl().network.set_application(record);
  return model;
}

std::vector<std::string> lines_of_text(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    all.push_back(text.substr(at, text.find('\n', at) - at));
  return all;
}

TEST(ForecastStream, SaysWhatATableThatEndsThereSays) {
  std::string text = "ds,unique_id,y,heat\n";
  for (int d = 1; d <= 28; ++d)
    for (const char* id : {"a", "b"})
      text += "2024-02-" + std::string(d < 10 ? "0" : "") + std::to_string(d) + "," + id + "," +
              (d == 9 ? "NA" : std::to_string((d * 7 + id[0]) % 11)) + "," + (d % 3 == 0 ? "warm" : "cold") +
              "\n";
  const Reading data = data_of(text, {.windows = {.lookback = 6, .horizon = 3}});
  for (const bool calendar : {false, true}) {
    ForecasterOptions options = with(forecast::Network::segrnn);
    options.network.calendar = calendar;
    const Forecaster model = knowing(data, options);
    RowStream stream(model.impl().network, {}, {.levels = {80}});
    std::string seen;
    for (const std::string& line : lines_of_text(text)) {
      seen += line + "\n";
      const std::vector<RowStream::Answer> answers = stream.push(line + "\r");
      if (line.starts_with("ds")) {
        EXPECT_TRUE(answers.empty());
        continue;
      }
      ASSERT_EQ(answers.size(), 1U);
      EXPECT_EQ(answers[0].cutoff, line.substr(0, 10));
      const Record like = Record::from_json(data.record);
      std::vector<std::string> notices;
      const Reading table = reading_of(parse_frame(seen, "t.csv", {}, &like, notices), {}, {});
      const SeriesForecast& got = answers[0].forecast;
      for (const SeriesForecast& wanted : model.forecast(table.all, {.levels = {80}}))
        if (wanted.id == got.id) {
          EXPECT_EQ(got.times, wanted.times);
          EXPECT_EQ(got.point, wanted.point) << line;
          EXPECT_EQ(got.low, wanted.low);
        }
    }
    EXPECT_TRUE(stream.push("").empty());
    const auto before = stream.push("2024-03-01,a,4,cold").front().forecast.point;
    expect_error(
        ErrorKind::data, [&] { stream.push("2024-03-02,a,four,cold"); }, "at line 60", "'four'");
    EXPECT_NE(stream.push("2024-03-02,a,5,cold").front().forecast.point, before) << "and goes on";
  }
}

TEST(ForecastStream, TakesLinesOfNumbersAndWideTables) {
  std::string text, wide = "ds,one,two\n";
  for (int i = 0; i < 40; ++i) {
    text += std::to_string(i * i % 7) + "\n";
    wide += to_text((19'000 + i) * ms_of_day, {TimeKind::moment, Detail::day}) + "," +
            std::to_string(i * i % 7) + "," + std::to_string(i % 5) + "\n";
  }
  const Forecaster numbers =
      knowing(data_of(text, {.windows = {.lookback = 4, .horizon = 2}}), with(forecast::Network::segrnn));
  RowStream stream(numbers.impl().network, {}, {});
  for (const char* line : {"3", "1", "4"})
    EXPECT_THAT(stream.push(line), SizeIs(1)) << line;
  const Forecaster two =
      knowing(data_of(wide, {.windows = {.lookback = 4, .horizon = 2}}), with(forecast::Network::segrnn));
  RowStream columns(two.impl().network, {}, {});
  EXPECT_THAT(columns.push("ds,one,two"), SizeIs(0));
  const auto answers = columns.push("2024-01-01,5,3");
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_EQ(answers[0].forecast.id, "one");
  EXPECT_EQ(answers[1].forecast.times[1], "2024-01-03");
}

TEST(ForecastStream, RefusesColumnsKnownInAdvance) {
  const Reading data = data_of(waves(60, ",price", [](int d) { return "," + std::to_string(d % 3); }),
                               {.columns = {.known = {"price"}}, .windows = week});
  const Forecaster model = knowing(data, with(forecast::Network::segrnn));
  expect_error(
      ErrorKind::usage, [&] { RowStream(model.impl().network, {}, {}); }, "'price'", "give a file");
}

}  // namespace
}  // namespace rondo::test

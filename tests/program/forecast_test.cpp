// Forecasters from the command line: tables in, forecasts and backtests out, and what is refused.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;

/// Rows in the order in which they stand in a file.
std::string day(int month, int number) {
  return "2024-0" + std::to_string(month) + (number < 10 ? "-0" : "-") + std::to_string(number);
}

/// Two series of two months, the newest row first where `turned`.
std::string shops(bool turned) {
  std::string rows;
  for (const char* id : {"a", "b"})
    for (int i = 0; i < 60; ++i) {
      const int month = i < 31 ? 1 : 2, number = i < 31 ? i + 1 : i - 30;
      const std::string row = std::string(id) + "," + day(month, number) + "," +
                              std::to_string((id[0] - 'a' + 1) * (10 + (i % 7) * (i % 7) % 5 + i * i % 3)) +
                              "\n";
      rows = turned ? row + rows : rows + row;
    }
  return "unique_id,ds,y\n" + rows;
}

class ForecastProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "");
    write(folder_->path() / "shops.csv", shops(false));
    write(folder_->path() / "turned.csv", shops(true));
    trained_ = run(training("shops.csv", "m.rondo"));
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override { ASSERT_EQ(trained_.status, 0) << trained_.err; }

  static Words training(const std::string& data, const std::string& out) {
    return {"train", "forecast",  data, "--out",           out,    "--lookback",
            "14",    "--horizon", "7",  "--period",        "7",    "--units",
            "8",     "--epochs",  "3",  "--learning-rate", "0.01", "--json"};
  }
  static Outcome run(const Words& words, const std::string& input = {}) {
    return run_program(words, input, folder_->path());
  }
  static Json json_of(const Outcome& outcome) {
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return parse_json(outcome.out, {.name = "output"});
  }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline Outcome trained_;
};

TEST_F(ForecastProgram, ShowsWhatHappensInside) {
  const Json seen = json_of(run({"inspect", "m.rondo", "--data", "shops.csv", "--example", "2", "--json"}));
  EXPECT_EQ(seen["text"], "b");
  const auto segments = seen["integrated_gradients"]["tokens"].size();
  EXPECT_GT(segments, 1U);
  EXPECT_EQ(seen["left_out"]["values"].size(), segments);
  // 14 values, then 7 steps of the forecast that 'rondo forecast' prints, too.
  ASSERT_EQ(seen["forecast"]["forecast"].size(), 21U);
  const std::string lines = run({"forecast", "m.rondo", "shops.csv", "--json"}).out;  // one for each series
  const Json point = parse_json(lines.substr(lines.find('\n') + 1), {.name = "output"})["rondo"];
  ASSERT_EQ(point.size(), 7U);
  for (std::size_t i = 0; i < point.size(); ++i)
    EXPECT_NEAR(seen["forecast"]["forecast"][14 + i].get<double>(), point[i].get<double>(), 1e-3);
  const Outcome page = run({"inspect", "m.rondo", "--data", "shops.csv", "--html", "page.html"});
  ASSERT_EQ(page.status, 0) << page.err;
  EXPECT_THAT(read_bytes(folder_->path() / "page.html"), HasSubstr("Level encoder"));
}

TEST_F(ForecastProgram, PrintsTheFormOfNixtlasTools) {
  const Outcome outcome = run({"forecast", "m.rondo", "shops.csv", "--level", "50,80", "--plot", "p.svg"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(
      outcome.out,
      StartsWith("unique_id,ds,rondo,rondo-lo-50,rondo-hi-50,rondo-lo-80,rondo-hi-80\na,2024-03-01,"));
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 15);
  EXPECT_THAT(read_bytes(folder_->path() / "p.svg"), StartsWith("<svg"));
  const Outcome json = run({"forecast", "m.rondo", "shops.csv", "--json", "--horizon", "9"});
  const Json first = parse_json(json.out.substr(0, json.out.find('\n')), {.name = "output"});
  EXPECT_EQ(first["ds"].size(), 9U);
  EXPECT_EQ(first["ds"][8], "2024-03-09");
  EXPECT_EQ(first["rondo-lo-80"].size(), 9U);
  EXPECT_THAT(json.err, HasSubstr("made from forecasts"));
}

TEST_F(ForecastProgram, NamesSeveralColumnsWithCommas) {
  std::string table = "ds,a,b,price\n";
  for (int i = 1; i <= 28; ++i)
    table += day(2, i) + "," + std::to_string(i % 7) + "," + std::to_string(i % 3) + ",1.5\n";
  write(folder_->path() / "wide.csv", table);
  const Outcome outcome = run({"train", "forecast", "wide.csv", "--target", "a, b", "--known", "price",
                               "--dry-run", "--out", "w.rondo", "--lookback", "4", "--horizon", "2"});
  EXPECT_THAT(outcome.err, HasSubstr("to forecast: 'a' and 'b'"));
  EXPECT_THAT(run({"train", "forecast", "--help"}).out, HasSubstr("--target COLUMN,..."));
}

TEST_F(ForecastProgram, TheOrderOfRowsChangesNothing) {
  const Outcome turned = run(training("turned.csv", "t.rondo"));
  ASSERT_EQ(turned.status, 0) << turned.err;
  EXPECT_THAT(turned.err, HasSubstr("not in order of time"));
  EXPECT_EQ(read_bytes(folder_->path() / "t.rondo"), read_bytes(folder_->path() / "m.rondo"));
  EXPECT_EQ(run({"forecast", "m.rondo", "turned.csv"}).out, run({"forecast", "m.rondo", "shops.csv"}).out);
}

TEST_F(ForecastProgram, BacktestsFromOriginsInThePast) {
  const Json json = json_of(run({"backtest", "m.rondo", "shops.csv", "--windows", "2", "--json"}));
  EXPECT_EQ(json["series"].size(), 2U);
  EXPECT_EQ(json["series"][0]["windows"], 2);
  EXPECT_EQ(json["forecasts"].size(), 4U);
  EXPECT_EQ(json["forecasts"][1]["cutoff"], "2024-02-22");
  EXPECT_EQ(json["mean"]["naive"]["mase_series"], 2);
  EXPECT_TRUE(json["mean"]["seasonal-naive"]["owa"].is_number());
  const Outcome csv = run({"backtest", "m.rondo", "shops.csv"});
  EXPECT_THAT(csv.out,
              StartsWith("unique_id,ds,cutoff,y,rondo,rondo-lo-80,rondo-hi-80,naive,seasonal-naive"));
  EXPECT_THAT(csv.err, HasSubstr("MASE"));
}

TEST_F(ForecastProgram, EvaluatesPredictsChecksQuantizesAndReports) {
  const Json trained = parse_json(trained_.out, {.name = "output"});
  EXPECT_GT(trained["examples"], 0);
  EXPECT_GT(trained["baselines"].size(), 4U);
  const Json scored = json_of(run({"eval", "m.rondo", "shops.csv", "--json"}));
  EXPECT_TRUE(scored["mase"].is_number());
  EXPECT_THAT(run({"eval", "m.rondo", "shops.csv", "--test-from", "2024-02-20"}).out,
              HasSubstr("seasonal-naive"));
  const Outcome line = run({"predict", "m.rondo", "10 11 14 10 12"});
  EXPECT_EQ(std::count(line.out.begin(), line.out.end(), ' '), 6) << line.err;
  EXPECT_EQ(run({"gradcheck", "m.rondo", "shops.csv", "--elements", "3"}).status, 0);
  ASSERT_EQ(run({"quantize", "m.rondo", "--out", "q.rondo"}).status, 0);
  EXPECT_EQ(run({"forecast", "q.rondo", "shops.csv"}).status, 0);
  EXPECT_THAT(run({"inspect", "m.rondo"}).out, HasSubstr("daily"));
  EXPECT_THAT(read_bytes(folder_->path() / "m.rondo.run" / "report.html"), HasSubstr("seasonal-naive"));
}

TEST_F(ForecastProgram, ProposesACommandThatWorks) {
  Words words = training("shops.csv", "two words.rondo");
  words.pop_back();
  const Outcome outcome = run(words);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("next    rondo forecast 'two words.rondo' shops.csv\n"));
  EXPECT_EQ(run({"forecast", "two words.rondo", "shops.csv"}).status, 0);
  EXPECT_EQ(run({"predict", "m.rondo", "12 15 11"}).status, 0) << "as the help of predict says";
}

TEST_F(ForecastProgram, AnswersRowsAsTheyCome) {
  const std::string rows = shops(false);
  const std::string some = rows.substr(0, rows.find("a,2024-01-11"));
  const Outcome csv = run({"forecast", "m.rondo", "-"}, some);
  ASSERT_EQ(csv.status, 0) << csv.err;
  EXPECT_THAT(csv.out,
              StartsWith("unique_id,cutoff,ds,rondo,rondo-lo-80,rondo-hi-80\na,2024-01-01,2024-01-02,"));
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 1 + 10 * 7);
  const Outcome json = run({"forecast", "m.rondo", "-", "--json", "--horizon", "2"}, rows);
  ASSERT_EQ(json.status, 0) << json.err;
  EXPECT_EQ(std::count(json.out.begin(), json.out.end(), '\n'), 120);
  const std::string last = json.out.substr(json.out.rfind('\n', json.out.size() - 2) + 1);
  const Json streamed = parse_json(last, {.name = "output"});
  const std::string whole = run({"forecast", "m.rondo", "shops.csv", "--json", "--horizon", "2"}).out;
  const Json of_file = parse_json(whole.substr(whole.find('\n') + 1), {.name = "output"});
  EXPECT_EQ(streamed["cutoff"], "2024-02-29");
  for (const char* key : {"unique_id", "ds", "rondo", "rondo-lo-80", "rondo-hi-80"})
    EXPECT_EQ(streamed[key], of_file[key]) << key;
  const Outcome bad = run({"forecast", "m.rondo", "-"}, some + "a,2024-01-11\n");
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("at line 12"));
  EXPECT_EQ(bad.out, csv.out) << "what came before was answered";
}

TEST_F(ForecastProgram, ScoresRowsAndTrainsAnew) {
  const Outcome rows = run({"forecast", "m.rondo", "shops.csv", "--anomaly"});
  ASSERT_EQ(rows.status, 0) << rows.err;
  EXPECT_THAT(rows.out, StartsWith("unique_id,ds,y,rondo,rondo-lo-80,rondo-hi-80,anomaly\na,2024-01-02,"));
  EXPECT_EQ(std::count(rows.out.begin(), rows.out.end(), '\n'), 1 + 2 * 59);
  EXPECT_THAT(rows.err, HasSubstr("of 118 rows lie outside"));
  const Outcome anew =
      run({"backtest", "m.rondo", "shops.csv", "--windows", "2", "--refit", "2", "--anomaly"});
  ASSERT_EQ(anew.status, 0) << anew.err;
  EXPECT_THAT(anew.err, HasSubstr("1 training from scratch"));
  EXPECT_THAT(anew.out, HasSubstr(",anomaly\n"));
}

TEST_F(ForecastProgram, SaysWhereSeasonalNaiveHasNothing) {
  write(folder_->path() / "short.csv", "unique_id,ds,y\nB,2024-01-28,5\nB,2024-01-29,6\nB,2024-01-30,4\n");
  const Outcome outcome = run({"forecast", "m.rondo", "short.csv", "--json", "--horizon", "6"});
  const Json json = json_of(outcome);
  EXPECT_EQ(json["naive"], (std::vector<int>(6, 4)));
  for (const std::size_t step : {0U, 1U, 2U, 3U})
    EXPECT_TRUE(json["seasonal-naive"][step].is_null());
  EXPECT_EQ(json["seasonal-naive"][4], 5);
  EXPECT_EQ(json["seasonal-naive"][5], 6);
  EXPECT_THAT(outcome.err, HasSubstr("B (4 of 6 steps)"));
}

struct Refusal {
  const char* rows;
  Words options;
  const char* says;
};

TEST_F(ForecastProgram, RefusesWithACure) {
  const std::string good = "ds,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2024-01-04,4\n2024-01-05,5\n";
  const Refusal table[] = {
      {"ds,y\n2024-01-01,1\n2024-01-02\n", {}, "line 3"},
      {"ds,y\n2024-01-01,1\n2024-02-30,2\n2024-01-03,2\n", {"--time", "ds"}, "2024-02-30"},
      {"ds,y\n2024-01-01,1\n2024-01-01,2\n2024-01-02,2\n2024-01-03,2\n", {}, "--duplicates"},
      {"ds,y\n2024-01-01,1\n2024-01-05,2\n2024-03-03,2\n2024-07-19,4\n", {}, "--frequency"},
      {"ds,y\n2024-01-01,one\n2024-01-02,two\n", {}, "wanted a number to forecast"},
      {"ds,y\n2024-01-01,1\n2024-01-02,2\n",
       {"--lookback", "8", "--horizon", "6"},
       "longest 2, lookback 8 + horizon 6 need 14"},
      {good.c_str(), {"--target", "z"}, "no column 'z'"},
      {good.c_str(), {"--frequency", "1fortnight"}, "--frequency"},
      {good.c_str(), {"--quantiles", "0.9,0.1"}, "quantiles must ascend"},
      {good.c_str(), {"--test-from", "someday"}, "--test-from"},
      {good.c_str(), {"--monitor", "mae"}, "--monitor"},
      {"ds,y\n2024-01-01,1\n2024-01-02,0\n2024-01-03,3\n2024-01-04,4\n",
       {"--transform", "log", "--lookback", "1"},
       "2024-01-02, 0"},
      {"ds,y\n2024-01-01,1\n2024-01-02,-2\n2024-01-03,3\n2024-01-04,4\n",
       {"--head", "negative_binomial", "--lookback", "1"},
       "for counts"},
      {"", {}, "bad.csv"}};
  for (const Refusal& row : table) {
    write(folder_->path() / "bad.csv", row.rows);
    Words words = {"train", "forecast", "bad.csv", "--out", "x.rondo"};
    words.insert(words.end(), row.options.begin(), row.options.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 2) << row.says << "\n" << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(row.says));
    EXPECT_FALSE(std::filesystem::exists(folder_->path() / "x.rondo"));
  }
  for (const auto& [words, says] :
       {std::pair(Words{"forecast", "m.rondo"}, "DATA"),
        std::pair(Words{"forecast", "m.rondo", "none.csv"}, "none.csv"),
        std::pair(Words{"forecast", "m.rondo", "shops.csv", "--level", "0.8"}, "80"),
        std::pair(Words{"backtest", "m.rondo", "shops.csv", "--horizon", "8"}, "7"),
        std::pair(Words{"forecast", "m.rondo", "shops.csv", "--paths", "3"}, "--network deepar"),
        std::pair(Words{"forecast", "m.rondo", "-", "--anomaly"}, "give files"),
        std::pair(Words{"predict", "m.rondo", "ten"}, "'ten'")}) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 2) << says;
    EXPECT_THAT(outcome.err, HasSubstr(says));
  }
}

}  // namespace
}  // namespace rondo::test

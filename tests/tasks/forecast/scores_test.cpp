// Scores of forecasts and baselines: numbers that follow from the published definitions, and every
// denominator of zero.
#include "tasks/forecast/scores.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tasks/forecast/baselines.h"
#include "tasks/forecast/distributions.h"

namespace rondo::forecast {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;
using Values = std::vector<double>;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

auto near(double value) {
  return DoubleNear(value, 5e-7);
}

TEST(ForecastScores, SmapeDefinesZeroByZero) {
  const auto one = [](double y, double f) { return smape(Values{y}, Values{f}); };
  EXPECT_EQ(one(0, 0), 0);
  EXPECT_EQ(one(0, 3), 200);
  EXPECT_EQ(one(2, -2), 200);
  EXPECT_THAT(smape(Values{0, 0, 4}, Values{0, 3, 4}), near(66.666667));
  EXPECT_TRUE(std::isnan(smape(Values{missing}, Values{1})));
}

TEST(ForecastScores, OfTwoSeriesAsWorkedOutByHand) {
  const Values train = {10, 14, 11, 14, 18, 13, 12, 16, 15}, test = {12, 19, 17};
  const auto [scale, pairs] = season_error(train, 1);
  EXPECT_EQ(pairs, 8);
  const Values f = naive(train, 3);
  EXPECT_THAT(f, ElementsAre(15, 15, 15));
  EXPECT_EQ(mean_absolute_error(test, f), 3);
  EXPECT_THAT(smape(test, f), near(19.417211));
  EXPECT_THAT(mase(3, 3.125), near(0.96));
  EXPECT_TRUE(std::isnan(mase(0, 0))) << "even without any error";
  EXPECT_TRUE(std::isnan(mase(1, missing)));
  EXPECT_GT(scale, 0);
}

TEST(ForecastScores, OwaIsOfMeansAndUndefinedBesideAPerfectNaive) {
  EXPECT_THAT(owa(10, 0.5, 20, 1), near(0.5));
  EXPECT_TRUE(std::isnan(owa(10, 0.5, 0, 1)));
}

TEST(ForecastScores, MissingValuesAreLeftOut) {
  EXPECT_EQ(mean_squared_error(Values{1, missing, 3}, Values{2, 5, missing}), 1);
  const DefinedMean mean = mean_of_defined(Values{1.1, missing, 1.6});
  EXPECT_THAT(mean.value, near(1.35));
  EXPECT_EQ(mean.count, 2);
}

struct QuantileRow {
  double y;
  Values quantiles;
};
const std::vector<QuantileRow> table = {
    {10, {8, 10, 13}}, {12, {12, 14, 15}}, {9, {5, 7, 9}}, {20, {16, 15, 19}}, {0, {-2, 1, 3}}};

TEST(ForecastScores, QuantilesAsGivenAndSorted) {
  QuantileSums given({0.1, 0.5, 0.9}), sorted({0.1, 0.5, 0.9});
  IntervalSums interval, sorted_interval;
  for (QuantileRow row : table) {
    given.add(row.y, row.quantiles);
    interval.add(row.y, row.quantiles[0], row.quantiles[2]);
    std::sort(row.quantiles.begin(), row.quantiles.end());
    sorted.add(row.y, row.quantiles);
    sorted_interval.add(row.y, row.quantiles[0], row.quantiles[2]);
  }
  EXPECT_THAT(given.mean_pinball(), ElementsAre(near(0.24), near(1), near(0.36)));
  EXPECT_THAT(given.weighted(), ElementsAre(near(0.047059), near(0.196078), near(0.070588)));
  EXPECT_THAT(given.mean_weighted(), near(0.104575));
  EXPECT_THAT(given.crps(), near(1.066667));
  EXPECT_THAT(sorted.mean_pinball(), ElementsAre(near(0.26), near(0.9), near(0.36)));
  EXPECT_THAT(sorted.weighted(), ElementsAre(near(0.050980), near(0.176471), near(0.070588)));
  EXPECT_THAT(sorted.mean_weighted(), near(0.099346));
  EXPECT_THAT(sorted.crps(), near(1.013333));
  EXPECT_THAT(interval.coverage(), near(0.8)) << "bounds are included";
  EXPECT_THAT(interval.width(), near(4));
  EXPECT_THAT(sorted_interval.width(), near(4.2));
}

TEST(ForecastScores, OfZerosTheWeightedQuantileLossIsUndefined) {
  QuantileSums sums({0.5});
  sums.add(0, Values{0});
  EXPECT_TRUE(std::isnan(sums.mean_weighted()));
  EXPECT_TRUE(std::isnan(IntervalSums().coverage()));
}

TEST(ForecastDistributions, AgreeWithPublishedNumbers) {
  EXPECT_THAT(normal_crps(0, 1, 0), near(0.233695));
  EXPECT_THAT(normal_crps(0, 1, 1), near(0.602441));
  EXPECT_THAT(normal_crps(10, 2, 13), near(1.988848));
  EXPECT_EQ(normal_crps(10, 0, 13), 3);
  EXPECT_THAT(10 + 2 * normal_quantile(0.1), near(7.436897));
  EXPECT_THAT(10 + 2 * normal_quantile(0.9), near(12.563103));
  EXPECT_THAT(student_quantile(0.975, 5), near(2.570582));
  EXPECT_THAT(student_quantile(0.1, 2.5), DoubleNear(-student_quantile(0.9, 2.5), 1e-9));
  EXPECT_THAT(student_cdf(student_quantile(0.8, 3), 3), near(0.8));
  EXPECT_THAT(digamma(1), near(-0.577215665));
  EXPECT_THAT(digamma(0.5), near(-1.963510026));
  // Mean 2 and variance 4: r = 2, p = 1/2. P(0) = 1/4, P(1) = 1/4, P(2) = 3/16.
  EXPECT_EQ(negative_binomial_quantile(0.2, 2, 0.5), 0);
  EXPECT_EQ(negative_binomial_quantile(0.45, 2, 0.5), 1);
  EXPECT_EQ(negative_binomial_quantile(0.6, 2, 0.5), 2);
}

TEST(ForecastBaselines, SeasonalNaiveStepsBackByDateAndOverGaps) {
  // Three weeks; rows 9 and 16 are absent, 17 and 19 have no value.
  const Values past = {10, 24, 33, 41, 58, 90,      77,      13, 22,      missing, 46,
                       55, 97, 70, 15, 27, missing, missing, 61, missing, 75};
  EXPECT_THAT(seasonal_naive(past, 7, 7), ElementsAre(15, 27, 33, 46, 61, 97, 75));
  const auto [week, week_pairs] = season_error(past, 7);
  EXPECT_THAT(week, near(4.5));
  EXPECT_EQ(week_pairs, 10);
  const auto [day, day_pairs] = season_error(past, 1);
  EXPECT_THAT(day, near(23.923077));
  EXPECT_EQ(day_pairs, 13);
}

TEST(ForecastBaselines, WithoutASeasonBehindThereIsNone) {
  const Values short_one = {5, 6, 4};
  const Values found = seasonal_naive(short_one, 6, 7);
  EXPECT_TRUE(std::all_of(found.begin(), found.begin() + 4, [](double v) { return std::isnan(v); }));
  EXPECT_EQ(found[4], 5);
  EXPECT_EQ(found[5], 6);
  EXPECT_TRUE(std::isnan(naive(Values{missing}, 1)[0]));
  EXPECT_TRUE(std::isnan(theta({}, 1, 1)[0]));
}

TEST(ForecastBaselines, DriftAndThetaFollowALine) {
  Values line;
  for (int t = 0; t < 40; ++t)
    line.push_back(3 + 2 * t);
  EXPECT_THAT(drift(line, 2), ElementsAre(near(83), near(85)));
  const Values ahead = theta(line, 2, 1);
  EXPECT_NEAR(ahead[0], 82, 1.01);
  EXPECT_GT(ahead[1], ahead[0]);
}

TEST(ForecastBaselines, NaiveTwoPutsTheSeasonBack) {
  Values y;
  for (int t = 0; t < 48; ++t)
    y.push_back(100 * (t % 4 == 0 ? 2 : 1));
  const Values ahead = naive2(y, 4, 4);
  EXPECT_NEAR(ahead[0] / ahead[1], 2, 1e-9);
}

}  // namespace
}  // namespace rondo::forecast

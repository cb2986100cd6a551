// Choosing one token from the scores of all.
#include "decode/sampling.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace rondo::decode {
namespace {

std::vector<double> shares(Sampling options, const std::vector<float>& logits, int draws = 40'000) {
  Sampler sampler(options);
  Random random(3);
  std::vector<double> counts(logits.size());
  for (int i = 0; i < draws; ++i)
    counts[static_cast<std::size_t>(sampler(logits, random))] += 1.0 / draws;
  return counts;
}

void expect_shares(const std::vector<double>& got, const std::vector<double>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], wanted[i], 0.01) << i;
}

const std::vector<float> four = {std::log(0.1F), std::log(0.4F), std::log(0.3F), std::log(0.2F)};

TEST(Sampling, DrawsByTheSharesOfSoftmax) {
  expect_shares(shares({}, four), {0.1, 0.4, 0.3, 0.2});
  // Squares of the shares, made to sum to 1: temperature 1/2.
  expect_shares(shares({.temperature = 0.5F}, four), {0.01 / 0.3, 0.16 / 0.3, 0.09 / 0.3, 0.04 / 0.3});
}

TEST(Sampling, TemperatureZeroTakesTheFirstOfTheLikeliest) {
  const std::vector<float> tied = {0, 2, 2, 1};
  Random random(1);
  Sampler coldest({.temperature = 0, .top_k = 3, .top_p = 0.1F});
  Sampler nearly({.temperature = 1e-30F});
  const std::vector<float> clear = {0, 2, 2.5F, 1};
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(coldest(tied, random), 1);
    EXPECT_EQ(nearly(clear, random), 2);
  }
}

TEST(Sampling, KeepsTheLikeliestByNumberShareAndRatio) {
  expect_shares(shares({.top_k = 2}, four), {0, 4.0 / 7, 3.0 / 7, 0});
  expect_shares(shares({.top_p = 0.69F}, four), {0, 4.0 / 7, 3.0 / 7, 0});
  expect_shares(shares({.top_p = 0.71F}, four), {0, 4.0 / 9, 3.0 / 9, 2.0 / 9});
  expect_shares(shares({.top_p = 0}, four), {0, 1, 0, 0});
  expect_shares(shares({.min_p = 0.6F}, four), {0, 4.0 / 7, 3.0 / 7, 0});
  expect_shares(shares({.top_k = 1, .top_p = 0.9F, .min_p = 0.1F}, four), {0, 1, 0, 0});
}

TEST(Sampling, NeverChoosesWhatIsForbidden) {
  std::vector<float> logits = four;
  logits[1] = -std::numeric_limits<float>::infinity();
  expect_shares(shares({}, logits), {1.0 / 6, 0, 3.0 / 6, 2.0 / 6});
}

TEST(Sampling, DrawsOneNumberWhateverTheOptions) {
  Random a(5), b(5);
  Sampler greedy({.temperature = 0}), all({});
  greedy(four, a);
  all(four, b);
  EXPECT_EQ(a.bits64(), b.bits64());
}

TEST(Sampling, PenaltyDividesScoresAboveZeroAndMultipliesTheOthers) {
  std::vector<float> logits = {2, -1, 0.5F};
  penalise_repetition(logits, std::vector<std::uint8_t>{1, 1, 0}, 2);
  EXPECT_EQ(logits, (std::vector<float>{1, -2, 0.5F}));
  EXPECT_NEAR(std::exp(log_probability(logits, 0)), 0.6037, 5e-5);
  EXPECT_NEAR(std::exp(log_probability(logits, 1)), 0.0301, 5e-5);
  EXPECT_NEAR(std::exp(log_probability(logits, 2)), 0.3662, 5e-5);
}

}  // namespace
}  // namespace rondo::decode

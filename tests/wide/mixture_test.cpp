// A network and a wide classifier together: the probabilities, and the weights that fit best.
#include "wide/mixture.h"

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace rondo {
namespace {

using wide::MixtureLesson;

/// `size` texts of three classes. The halves see the class under noise of so much.
MixtureLesson lesson_of(std::size_t size, double network_noise, double wide_noise) {
  MixtureLesson lesson;
  std::mt19937 random(7);
  std::normal_distribution<double> noise;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t label = i % 3;
    lesson.labels.push_back(static_cast<std::int32_t>(label));
    std::vector<float> shares(3), scores(3);
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const double truth = c == label ? 1.0 : 0.0;
      shares[c] = static_cast<float>(std::exp(2 * truth + network_noise * noise(random)));
      sum += static_cast<double>(shares[c]);
      scores[c] = static_cast<float>(2 * truth - 1 + wide_noise * noise(random));
    }
    for (float& share : shares)
      share = static_cast<float>(static_cast<double>(share) / sum);
    lesson.network.push_back(shares);
    lesson.scores.push_back(scores);
  }
  return lesson;
}

/// The loss that fitted_weights() makes least, from the probabilities of mix().
double loss_of(const MixtureLesson& lesson, const MixtureWeights& weights, const MixtureWeights& before) {
  double loss = 0;
  std::vector<float> shares(3);
  for (std::size_t i = 0; i < lesson.labels.size(); ++i) {
    wide::mix(lesson.network.empty() ? std::span<const float>() : lesson.network[i], lesson.scores[i],
              weights, shares);
    loss -= std::log(static_cast<double>(shares[static_cast<std::size_t>(lesson.labels[i])])) *
            (lesson.costs.empty() ? 1.0 : static_cast<double>(lesson.costs[i]));
  }
  const double off0 = static_cast<double>(weights.network - before.network),
               off1 = static_cast<double>(weights.wide - before.wide);
  return loss + (off0 * off0 + off1 * off1) / 2;
}

void expect_least(const MixtureLesson& lesson) {
  const MixtureWeights found = wide::fitted_weights(lesson, {});
  const double least = loss_of(lesson, found, {});
  for (const auto& [a, b] : {std::pair(0.02F, 0.F), {-0.02F, 0.F}, {0.F, 0.02F}, {0.F, -0.02F}}) {
    const MixtureWeights near{.network = found.network + a, .wide = found.wide + b};
    const bool allowed = near.network >= 0 && near.wide >= 0 && !(lesson.network.empty() && a != 0);
    EXPECT_TRUE(!allowed || loss_of(lesson, near, {}) > least) << a << " " << b;
  }
}

TEST(Mixture, IsASoftmaxOfWeightedLogarithms) {
  const std::array<float, 2> network = {0.8F, 0.2F}, scores = {-1.0F, 1.0F};
  std::array<float, 2> shares{};
  wide::mix(network, scores, {.network = 0.5F, .wide = 2}, shares);
  const double wide0 = 1 / (1 + std::exp(1.0)), wide1 = 1 / (1 + std::exp(-1.0));
  const double a = std::sqrt(0.8) * wide0 * wide0, b = std::sqrt(0.2) * wide1 * wide1;
  EXPECT_NEAR(shares[0], a / (a + b), 1e-6);
  EXPECT_NEAR(shares[1], b / (a + b), 1e-6);
}

TEST(Mixture, OfOneHalfIsThatHalf) {
  const std::array<float, 3> network = {0.7F, 0.2F, 0.1F}, scores = {-1.0F, 2.0F, 0.5F};
  std::array<float, 3> shares{};
  wide::mix(network, scores, {.network = 1, .wide = 0}, shares);
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_NEAR(shares[c], network[c], 1e-6);
  wide::mix({}, scores, {.network = 0, .wide = 1}, shares);
  EXPECT_GT(shares[1], shares[2]);
  EXPECT_GT(shares[2], shares[0]);
}

TEST(Mixture, OfNumbersOutOfBoundsIsFinite) {
  const std::array<float, 2> network = {0.0F, 1.0F}, scores = {1e30F, -1e30F};
  std::array<float, 2> shares{};
  wide::mix(network, scores, {}, shares);
  EXPECT_NEAR(shares[0] + shares[1], 1, 1e-6);
  EXPECT_TRUE(std::isfinite(shares[0]));
}

TEST(Mixture, WeightsHaveTheLeastLoss) {
  expect_least(lesson_of(300, 0.5, 1));
  expect_least(lesson_of(300, 2, 0.3));
  MixtureLesson weighed = lesson_of(60, 1, 1);
  for (std::size_t i = 0; i < 60; ++i)
    weighed.costs.push_back(i < 30 ? 0.0F : 5.0F);
  expect_least(weighed);
  MixtureLesson alone = lesson_of(100, 1, 1);
  alone.network.clear();
  expect_least(alone);
  EXPECT_EQ(wide::fitted_weights(alone, {}).network, 0);
}

TEST(Mixture, TheBetterHalfSaysMore) {
  const MixtureWeights network = wide::fitted_weights(lesson_of(600, 0.3, 3), {});
  EXPECT_GT(network.network, 3 * network.wide);
  const MixtureWeights branch = wide::fitted_weights(lesson_of(600, 3, 0.3), {});
  EXPECT_GT(branch.wide, 3 * branch.network);
}

TEST(Mixture, AHalfThatIsWorseThanNoneIsLeftOut) {
  MixtureLesson lesson = lesson_of(300, 0.5, 0.5);
  for (std::vector<float>& scores : lesson.scores)
    for (float& score : scores)
      score = -score;
  const MixtureWeights weights = wide::fitted_weights(lesson, {});
  EXPECT_EQ(weights.wide, 0);
  EXPECT_GT(weights.network, 0.1F);
  expect_least(lesson);
}

TEST(Mixture, FewTextsChangeLittle) {
  const MixtureWeights before{.network = 0.5F, .wide = 0.6F};
  EXPECT_EQ(wide::fitted_weights({}, before).wide, before.wide);
  const MixtureWeights after = wide::fitted_weights(lesson_of(6, 0.1, 0.1), before);
  EXPECT_LT(after.network, 2) << "where the texts alone would have them grow without end";
  EXPECT_LT(after.wide, 2);
}

}  // namespace
}  // namespace rondo

// Beam search on models that are tables: against all sequences, and the rules of ends and lengths.
#include "decode/search.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"

namespace rondo::decode {
namespace {

/// ln P of the next token depends on the input and on the last token. Token 0 begins, 1 ends.
class Chain final : public SearchModel {
 public:
  static constexpr std::size_t columns = 5;
  explicit Chain(std::vector<std::uint64_t> inputs) : rows_(std::move(inputs)) {}
  static std::vector<float> logits(std::uint64_t input, std::int32_t last) {
    Random random(input, static_cast<std::uint64_t>(last));
    std::vector<float> all;
    for (std::size_t i = 0; i < columns; ++i)
      all.push_back(random.uniform(-2, 2));
    return all;
  }
  void select(std::span<const std::int32_t> rows) override {
    std::vector<std::uint64_t> next;
    for (const std::int32_t row : rows)
      next.push_back(rows_[static_cast<std::size_t>(row)]);
    rows_ = std::move(next);
  }
  std::span<const float> step(std::span<const std::int32_t> tokens) override {
    EXPECT_EQ(tokens.size(), rows_.size());
    held_.clear();
    for (std::size_t i = 0; i < rows_.size(); ++i)
      for (const float logit : logits(rows_[i], tokens[i]))
        held_.push_back(logit);
    return held_;
  }

 private:
  std::vector<std::uint64_t> rows_;
  std::vector<float> held_;
};

/// The best of all ended sequences of at most `longest` - 1 tokens.
void best_of_all(std::uint64_t input, std::vector<std::int32_t>& tokens, double sum, std::size_t longest,
                 double exponent, Found& best) {
  const std::vector<float> logits = Chain::logits(input, tokens.empty() ? 0 : tokens.back());
  double whole = 0;
  for (const float logit : logits)
    whole += std::exp(static_cast<double>(logit));
  const auto log_probability = [&](std::size_t token) {
    return sum + static_cast<double>(logits[token]) - std::log(whole);
  };
  const double ended = normalized(log_probability(1), tokens.size() + 1, exponent);
  if (best.tokens.empty() && !best.ended ? true : ended > best.score)
    best = {tokens, log_probability(1), ended, true};
  if (tokens.size() + 1 >= longest) return;
  for (std::int32_t token = 2; token < 5; ++token) {
    tokens.push_back(token);
    best_of_all(input, tokens, log_probability(static_cast<std::size_t>(token)), longest, exponent, best);
    tokens.pop_back();
  }
}

SearchOptions options(std::size_t beam, double normalize) {
  return {.beam = beam, .normalize = normalize, .best = 1, .begin = 0, .end = 1, .forbidden = 0};
}

/// A Chain of which token 2 never comes: its logit is -infinity, or it is left out of an input's list. Even
/// inputs have all others, odd ones no token 3 either; rows are filled up.
class Listed final : public SearchModel {
 public:
  Listed(std::vector<std::uint64_t> inputs, bool lists) : rows_(std::move(inputs)), lists_(lists) {}
  void select(std::span<const std::int32_t> rows) override {
    std::vector<std::uint64_t> next;
    for (const std::int32_t row : rows)
      next.push_back(rows_[static_cast<std::size_t>(row)]);
    rows_ = std::move(next);
  }
  std::span<const float> step(std::span<const std::int32_t> tokens) override {
    held_.clear();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::vector<float> all = Chain::logits(rows_[i], tokens[i]);
      std::vector<float> row(Chain::columns, lists_ ? 99.0F : -std::numeric_limits<float>::infinity());
      const std::span<const std::int32_t> list = list_of(rows_[i]);
      for (std::size_t k = 0; k < list.size(); ++k)
        row[lists_ ? k : static_cast<std::size_t>(list[k])] = all[static_cast<std::size_t>(list[k])];
      held_.insert(held_.end(), row.begin(), row.end());
    }
    return held_;
  }
  std::span<const std::int32_t> tokens_of(std::size_t row) const override {
    return lists_ ? list_of(rows_[row]) : std::span<const std::int32_t>();
  }

 private:
  static std::span<const std::int32_t> list_of(std::uint64_t input) {
    static constexpr std::int32_t even[] = {0, 1, 3, 4}, odd[] = {0, 1, 4};
    return input % 2 == 0 ? std::span<const std::int32_t>(even) : odd;
  }
  std::vector<std::uint64_t> rows_;
  bool lists_;
  std::vector<float> held_;
};

TEST(Search, ListsOfTokensAreWhatTheOthersAtMinusInfinityAre) {
  const std::vector<std::uint64_t> inputs = {1, 2, 3, 4, 5, 6};
  const std::vector<std::size_t> longest(inputs.size(), 6);
  for (const std::size_t beam : {1, 3}) {
    Listed listed(inputs, true), masked(inputs, false);
    const auto got = search(listed, longest, options(beam, 1)),
               wanted = search(masked, longest, options(beam, 1));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      ASSERT_EQ(got[i].size(), wanted[i].size());
      EXPECT_EQ(got[i].front().tokens, wanted[i].front().tokens);
      EXPECT_NEAR(got[i].front().log_probability, wanted[i].front().log_probability, 1e-6);
    }
  }
  Listed listed(inputs, true), masked(inputs, false);
  const auto got = draw(listed, longest, options(1, 1), 1, inputs),
             wanted = draw(masked, longest, options(1, 1), 1, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    EXPECT_EQ(got[i].tokens, wanted[i].tokens);
}

TEST(Search, AWideBeamFindsTheBestOfAll) {
  for (const std::uint64_t input : {1U, 2U, 3U, 4U})
    for (const double exponent : {0.0, 0.6, 1.0}) {
      Chain model({input});
      const std::size_t longest = 5;
      const Found found = search(model, std::vector{longest}, options(1000, exponent)).front().front();
      Found best;
      std::vector<std::int32_t> tokens;
      best_of_all(input, tokens, 0, longest, exponent, best);
      EXPECT_EQ(found.tokens, best.tokens) << input << " " << exponent;
      EXPECT_NEAR(found.score, best.score, 1e-5);
    }
}

TEST(Search, TheSameAloneAndBesideOthers) {
  const std::vector<std::uint64_t> inputs = {7, 8, 9, 10, 11};
  const std::vector<std::size_t> longest = {4, 9, 2, 7, 5};
  Chain together(inputs);
  const auto all = search(together, longest, options(3, 0.6));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Chain alone({inputs[i]});
    const auto one = search(alone, std::vector{longest[i]}, options(3, 0.6));
    EXPECT_EQ(all[i].front().tokens, one.front().front().tokens);
    EXPECT_EQ(all[i].front().score, one.front().front().score);
  }
}

TEST(Search, LengthsAreNormalisedAsMarianDoes) {
  EXPECT_NEAR(normalized(-0.9, 2, 0), -0.9, 1e-12);
  EXPECT_NEAR(normalized(-1.2, 4, 1), -0.3, 1e-12);
  EXPECT_NEAR(normalized(-1.2, 4, 0.6), -0.5223, 5e-5);
  EXPECT_NEAR(normalized(-0.9, 2, 0.6), -0.5938, 5e-5);
  EXPECT_EQ(normalized(-0.5, 0, 1), -0.5);
}

TEST(Search, EndsAtTheLongestLength) {
  Chain model({12});
  auto never = options(2, 0);
  never.end = 100;  // never comes
  const Found found = search(model, std::vector<std::size_t>{6}, never).front().front();
  EXPECT_EQ(found.tokens.size(), 6U);
  EXPECT_FALSE(found.ended);
}

TEST(Draw, IsAFunctionOfTheSeedAndOfTheInput) {
  Chain a({1, 2}), b({2});
  const std::vector<std::uint64_t> seeds = {5, 6};
  const auto both = draw(a, std::vector<std::size_t>{9, 9}, options(1, 0), 1, seeds);
  const auto one = draw(b, std::vector<std::size_t>{9}, options(1, 0), 1, std::span(seeds).subspan(1));
  EXPECT_EQ(both[1].tokens, one[0].tokens);
  EXPECT_EQ(both[1].log_probability, one[0].log_probability);
}

}  // namespace
}  // namespace rondo::decode

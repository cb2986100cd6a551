/// Small data and models that several tests train.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <rondo/model.h>

namespace rondo::testing_support {

/// Sentences of a few words, "good" or "bad" by one word among others; `count` of them, by seed.
Dataset small_reviews(std::size_t count = 60, std::uint64_t seed = 1);
/// Sequences of `width` numbers a step whose class ("down", "up") is the sign of their sum.
Dataset small_signals(std::size_t count = 60, int width = 3, std::uint64_t seed = 1);
/// The same with a class a step: the sign of the sum so far.
Dataset small_step_signals(std::size_t count = 40, int width = 3, std::uint64_t seed = 1);
/// The same with one number an example, their mean.
Dataset small_regression(std::size_t count = 60, int width = 3, std::uint64_t seed = 1);

/// Tokens, an embedding, a bidirectional LSTM and a sigmoid: compiled, not trained.
Sequential small_classifier(std::uint64_t seed = 1);

/// All weights, one after another.
std::vector<float> weights_of(const Sequential& model);

}  // namespace rondo::testing_support

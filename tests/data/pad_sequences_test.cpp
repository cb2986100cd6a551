#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data/pad_sequences.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

using data::PadOptions;
using data::Side;
using test::expect_error;

using Ids = std::vector<std::int32_t>;

Ids padded(const std::vector<Ids>& sequences, const PadOptions& options = {}) {
  const Tensor result = data::pad_sequences(sequences, options);
  EXPECT_EQ(result.shape()[0], static_cast<std::int64_t>(sequences.size()));
  const auto numbers = result.data<std::int32_t>();
  return {numbers.begin(), numbers.end()};
}

/// What Keras 2's pad_sequences gives.
TEST(PadSequences, DoesAsKeras) {
  const std::vector<Ids> three = {{1}, {2, 3}, {4, 5, 6}};
  EXPECT_EQ(padded(three), (Ids{0, 0, 1, 0, 2, 3, 4, 5, 6}));
  EXPECT_EQ(padded(three, {.padding = Side::post}), (Ids{1, 0, 0, 2, 3, 0, 4, 5, 6}));
  EXPECT_EQ(padded(three, {.value = -1}), (Ids{-1, -1, 1, -1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(padded(three, {.maxlen = 2}), (Ids{0, 1, 2, 3, 5, 6}));
  EXPECT_EQ(padded(three, {.maxlen = 2, .truncating = Side::post}), (Ids{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(padded(three, {.maxlen = 4, .padding = Side::post}), (Ids{1, 0, 0, 0, 2, 3, 0, 0, 4, 5, 6, 0}));
  EXPECT_EQ(padded({{}, {7}}), (Ids{0, 7}));
}

TEST(PadSequences, OfNumbers) {
  const std::vector<std::vector<float>> two = {{1.5F}, {2, 3}};
  const Tensor result = data::pad_sequences(two, {.value = 0.5});
  EXPECT_THAT(result.data<float>(), testing::ElementsAre(0.5F, 1.5F, 2, 3));
}

TEST(PadSequences, OfNothingIsNothing) {
  EXPECT_EQ(data::pad_sequences(std::vector<Ids>{}).shape(), (Shape{0, 0}));
}

TEST(PadSequences, SaysWhatItDoesNotTake) {
  const std::vector<Ids> one = {{1}};
  expect_error(
      ErrorKind::option, [&] { data::pad_sequences(one, {.maxlen = -1}); }, "pad_sequences", "maxlen", "-1");
  for (const double value : {0.5, 3e9})
    expect_error(
        ErrorKind::option, [&] { data::pad_sequences(one, {.value = value}); }, "pad_sequences", "value");
}

}  // namespace
}  // namespace rondo

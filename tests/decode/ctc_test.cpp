// Reading labels from frames: the greedy path, and the sum over paths by a beam of prefixes.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/ctc_search.h>
#include <rondo/error.h>

namespace rondo {
namespace {

using Labels = std::vector<std::int32_t>;
using Rows = std::vector<std::vector<float>>;

const Rows six = {{.2F, .7F, .1F}, {.1F, .8F, .1F}, {.6F, .3F, .1F},
                  {.1F, .6F, .3F}, {.1F, .2F, .7F}, {.2F, .1F, .7F}};

template <class Search>
Search pushed(Search search, const Rows& rows) {
  for (std::vector<float> row : rows) {
    for (float& x : row)
      x = std::log(x);
    search.push(row);
  }
  return search;
}

TEST(CTCSearch, GreedyAndBeamDiffer) {
  const CTCReading greedy = pushed(CTCGreedy(), six).reading();
  EXPECT_EQ(greedy.labels, (Labels{1, 1, 2}));
  EXPECT_EQ(greedy.frames, (std::vector<std::int64_t>{0, 3, 4}));
  const std::vector<CTCReading> found = pushed(CTCBeam({.beam = 100}), six).best(2);
  EXPECT_EQ(found[0].labels, (Labels{1, 2}));
  EXPECT_NEAR(std::exp(found[0].log_probability), 0.31957, 1e-5);
  EXPECT_EQ(found[1].labels, (Labels{1, 1, 2}));
  EXPECT_NEAR(std::exp(found[1].log_probability), 0.26479, 1e-5);
}

TEST(CTCSearch, ManyPathsBeatTheLikeliest) {
  const Rows rows = {{.6F, .4F}, {.6F, .4F}};
  EXPECT_TRUE(pushed(CTCGreedy(), rows).reading().labels.empty());
  const CTCReading best = pushed(CTCBeam(), rows).best().front();
  EXPECT_EQ(best.labels, Labels{1});
  EXPECT_NEAR(std::exp(best.log_probability), 0.64, 1e-6);
}

TEST(CTCSearch, EqualNeighboursNeedABlank) {
  const Rows rows = {{.01F, .99F}, {.98F, .02F}, {.01F, .99F}};
  EXPECT_EQ(pushed(CTCGreedy(), rows).reading().labels, (Labels{1, 1}));
  EXPECT_EQ(pushed(CTCBeam(), rows).best().front().labels, (Labels{1, 1}));
}

TEST(CTCSearch, BeamOfAllPrefixesSumsToOne) {
  double sum = 0;
  for (const CTCReading& one : pushed(CTCBeam({.beam = 10'000, .threshold = 0}), six).best(10'000))
    sum += std::exp(one.log_probability);
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(CTCSearch, LanguageModelDecides) {
  // b is a little likelier than a; the language knows only a.
  const Rows rows = {{.1F, .4F, .5F}};
  const auto model = [](std::span<const std::int32_t>, std::int32_t next) {
    return next == 2 ? -5.0 : next == 1 ? -0.1 : 0.0;
  };
  EXPECT_EQ(pushed(CTCBeam(), rows).best().front().labels, Labels{2});
  EXPECT_EQ(pushed(CTCBeam({.language_model = model, .weight = 1}), rows).best().front().labels, Labels{1});
  EXPECT_EQ(pushed(CTCBeam({.language_model = model, .weight = 0}), rows).best().front().labels, Labels{2});
}

TEST(CTCSearch, BonusForLabels) {
  const Rows rows = {{.6F, .4F}};
  EXPECT_TRUE(pushed(CTCBeam(), rows).best().front().labels.empty());
  EXPECT_EQ(pushed(CTCBeam({.bonus = 1}), rows).best().front().labels, Labels{1});
}

TEST(CTCSearch, ResultSoFar) {
  CTCBeam beam;
  EXPECT_TRUE(beam.best().front().labels.empty());
  EXPECT_EQ(beam.best().front().log_probability, 0);
  beam = pushed(std::move(beam), {six[0], six[1]});
  EXPECT_EQ(beam.best().front().labels, Labels{1});
  EXPECT_EQ(beam.frames(), 2);
  EXPECT_THROW(CTCBeam({.beam = 0}), Error);
}

}  // namespace
}  // namespace rondo

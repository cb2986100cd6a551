// Conditional random fields against a list of all sequences of tags.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/crf.h>
#include <rondo/ops.h>

#include "base/random.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/op_cases.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;
using Tags = std::vector<std::int32_t>;
using Flags = std::vector<std::uint8_t>;

/// A batch and a chain, drawn by seed.
struct Field {
  std::int64_t count;
  Sequences scores;
  CRFWeights chain;
  TagRules rules;
};

Field field_of(std::int64_t count, std::vector<std::int32_t> lengths, std::uint64_t seed, double scale = 1.5,
               DType type = DType::f64) {
  const auto layout = Layout::of(lengths);
  const auto draw = [&](Shape shape, std::uint64_t place) {
    return Var(random_tensor(shape, seed * 10 + place, type, -scale, scale));
  };
  return {count,
          {draw({layout->rows(), count}, 1), layout},
          {draw({count, count}, 2), draw({count}, 3), draw({count}, 4)},
          {}};
}

bool allowed(const Flags& flags, std::size_t place) {
  return flags.empty() || flags[place] != 0;
}
double at(const Var& x, std::int64_t place) {
  return x.defined() ? x.value().at(place) : 0.0;
}

/// s(y), or -inf where the rules forbid it, straight from the definition.
double score_of(const Field& f, std::int64_t sequence, const Tags& tags) {
  double score = 0;
  bool may = true;
  for (std::size_t t = 0; t < tags.size(); ++t) {
    const std::int64_t row = f.scores.layout()->row(sequence, static_cast<std::int64_t>(t)), tag = tags[t];
    score += f.scores.rows().value().at(row * f.count + tag);
    const std::int64_t pair = t == 0 ? tag : tags[t - 1] * f.count + tag;
    score += t == 0 ? at(f.chain.start, pair) : at(f.chain.transitions, pair);
    may = may && allowed(t == 0 ? f.rules.start : f.rules.transitions, static_cast<std::size_t>(pair));
  }
  score += at(f.chain.end, tags.back());
  may = may && allowed(f.rules.end, static_cast<std::size_t>(tags.back()));
  return may ? score : -std::numeric_limits<double>::infinity();
}

/// All that the rules allow for a sequence, the likeliest first.
std::vector<TagPath> all_paths(const Field& f, std::int64_t sequence) {
  std::vector<TagPath> paths;
  Tags tags(static_cast<std::size_t>(f.scores.layout()->length(sequence)), 0);
  for (bool more = true; more;) {
    const double score = score_of(f, sequence, tags);
    if (std::isfinite(score)) paths.push_back({tags, score, 0});
    more = false;
    for (std::size_t t = 0; t < tags.size() && !more; ++t) {
      more = ++tags[t] < f.count;
      if (!more) tags[t] = 0;
    }
  }
  std::stable_sort(paths.begin(), paths.end(),
                   [](const TagPath& a, const TagPath& b) { return a.score > b.score; });
  double total = 0;
  for (const TagPath& path : paths)
    total += std::exp(path.score - paths.front().score);
  for (TagPath& path : paths)
    path.log_probability = path.score - paths.front().score - std::log(total);
  return paths;
}

Tensor packed_tags(const Field& f, const std::vector<Tags>& of_sequences) {
  Tensor packed = Tensor::uninitialised({f.scores.layout()->rows()}, DType::i32);
  for (std::size_t i = 0; i < of_sequences.size(); ++i)
    for (std::size_t t = 0; t < of_sequences[i].size(); ++t)
      packed.data<std::int32_t>()[static_cast<std::size_t>(f.scores.layout()->row(
          static_cast<std::int64_t>(i), static_cast<std::int64_t>(t)))] = of_sequences[i][t];
  return packed;
}

Tags tags_of(const Field& f, const Tensor& packed, std::int64_t sequence) {
  Tags tags;
  for (std::int64_t t = 0; t < f.scores.layout()->length(sequence); ++t)
    tags.push_back(
        packed.data<std::int32_t>()[static_cast<std::size_t>(f.scores.layout()->row(sequence, t))]);
  return tags;
}

/// Everything about a field, against the list.
void expect_as_listed(const Field& f) {
  const Layout& layout = *f.scores.layout();
  const std::vector<double> weights = [&] {
    std::vector<double> some;
    for (std::int64_t i = 0; i < layout.sequences(); ++i)
      some.push_back(0.5 + static_cast<double>(i));
    return some;
  }();
  const Tensor marginals = crf_marginals(f.scores, f.chain, f.rules);
  const Tensor best = crf_tags(f.scores, f.chain, f.rules);
  const auto several = crf_best(f.scores, f.chain, f.rules, 7);
  std::vector<Tags> given;
  double loss = 0, weight = 0;
  for (std::int64_t i = 0; i < layout.sequences(); ++i) {
    const std::vector<TagPath> paths = all_paths(f, i);
    ASSERT_FALSE(paths.empty());
    const double tolerance = 1e-13 * std::max(1e3, std::abs(paths.front().score));
    EXPECT_EQ(tags_of(f, best, i), paths.front().tags);
    const auto& ways = several[static_cast<std::size_t>(layout.order()[static_cast<std::size_t>(i)])];
    ASSERT_EQ(ways.size(), std::min<std::size_t>(7, paths.size()));
    for (std::size_t k = 0; k < ways.size(); ++k) {
      EXPECT_EQ(ways[k].tags, paths[k].tags);
      EXPECT_NEAR(ways[k].score, paths[k].score, tolerance);
      EXPECT_NEAR(ways[k].log_probability, paths[k].log_probability, tolerance);
    }
    for (std::int64_t t = 0; t < layout.length(i); ++t)
      for (std::int64_t k = 0; k < f.count; ++k) {
        double share = 0;
        for (const TagPath& path : paths)
          if (path.tags[static_cast<std::size_t>(t)] == k) share += std::exp(path.log_probability);
        EXPECT_NEAR(marginals.at(layout.row(i, t) * f.count + k), share, tolerance);
      }
    given.push_back(paths[paths.size() / 2].tags);
    loss -= weights[static_cast<std::size_t>(i)] * paths[paths.size() / 2].log_probability;
    weight += weights[static_cast<std::size_t>(i)] * static_cast<double>(layout.length(i));
  }
  const Var got =
      crf_loss(f.scores, packed_tags(f, given), f.chain, f.rules, Tensor::of({layout.sequences()}, weights));
  EXPECT_NEAR(got.value().at(0), loss / weight, 1e-9 * std::max(1.0, loss / weight));
}

/// Rules drawn at random that leave each length some tags: tag 0 may be anywhere.
TagRules random_rules(std::int64_t count, std::uint64_t seed) {
  Random random(seed);
  const auto draw = [&](std::int64_t size) {
    Flags flags;
    for (std::int64_t i = 0; i < size; ++i)
      flags.push_back(i == 0 || random.below(2) == 0 ? 1 : 0);
    return flags;
  };
  return {draw(count * count), draw(count), draw(count)};
}

TEST(CRF, AsAListOfAllSequencesSays) {
  for (std::int64_t count = 1; count <= 4; ++count)
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      SCOPED_TRACE(std::to_string(count) + " tags, seed " + std::to_string(seed));
      Field f = field_of(count, {2, 5, 1, 4, 4}, seed);
      expect_as_listed(f);
      f.rules = random_rules(count, seed);
      expect_as_listed(f);
      f.chain = {};
      expect_as_listed(f);
      f.chain.transitions = field_of(count, {1}, seed + 50).chain.transitions;
      expect_as_listed(f);
    }
}

TEST(CRF, LargeScoresLoseNothing) {
  for (const double scale : {50.0, 800.0, 1e4, 1e6}) {
    SCOPED_TRACE(scale);
    Field f = field_of(3, {4, 3, 1}, 9, scale);
    expect_as_listed(f);
    f.rules = random_rules(3, 2);
    expect_as_listed(f);
  }
}

/// The tag of every allowed sequence is far below the others: sums of powers vanish at each step.
TEST(CRF, AWayThroughTagsFarBelowTheOthers) {
  Field f = field_of(2, {6}, 4);
  f.rules = {.transitions = {1, 0, 0, 1}, .start = {}, .end = {0, 1}};
  Tensor scores = f.scores.rows().value().clone();
  for (std::int64_t t = 0; t < 6; ++t)
    scores.data<double>()[static_cast<std::size_t>(2 * t + 1)] -= 5000;
  f.scores = {Var(scores), f.scores.layout()};
  expect_as_listed(f);
  EXPECT_THAT(tags_of(f, crf_tags(f.scores, f.chain, f.rules), 0), testing::Each(1));
}

/// The same with a choice among two such tags.
TEST(CRF, GradientsWhereSumsOfPowersVanish) {
  const TagRules rules{.transitions = {1, 0, 0, 0, 1, 1, 0, 1, 1}, .start = {}, .end = {0, 1, 1}};
  const auto layout = Layout::of(std::vector<std::int32_t>{5, 2});
  Tensor scores = random_tensor({7, 3}, 1);
  for (std::int64_t row = 0; row < 7; ++row)
    scores.data<double>()[static_cast<std::size_t>(3 * row)] += 3000;
  const Tensor tags = Tensor::of({7}, std::vector<std::int32_t>{1, 2, 2, 1, 1, 1, 2});
  const std::vector<Tensor> inputs = {scores, random_tensor({3, 3}, 2)};
  gradient_check(
      [&](std::span<const Var> x) {
        return crf_loss({x[0], layout}, tags, {x[1], {}, {}}, rules);
      },
      inputs, {.tolerance = 1e-6});
}

TEST(CRF, GradientsUnderRulesAndWeights) {
  const TagRules rules = random_rules(4, 6);
  const auto layout = Layout::of(std::vector<std::int32_t>{3, 6, 1, 4});
  const Tensor weights = random_tensor({4}, 3, DType::f64, 0.2, 2);
  const Field tagged = [&] {
    Field f = field_of(4, {3, 6, 1, 4}, 8);
    f.rules = rules;
    return f;
  }();
  const Tensor tags = crf_tags(tagged.scores, {}, rules);
  const std::vector<Tensor> inputs = {random_tensor({14, 4}, 1), random_tensor({4, 4}, 2),
                                      random_tensor({4}, 3), random_tensor({4}, 4)};
  const auto loss = [&](std::span<const Var> x) {
    return crf_loss({x[0], layout}, tags, {x[1], x[2], x[3]}, rules, weights);
  };
  gradient_check(loss, inputs);
  gradient_check(
      [&](std::span<const Var> x) {
        return crf_loss({x[0], layout}, tags, {}, rules);
      },
      std::span(inputs).first(1));
  // What is forbidden has no part in any sum.
  const Differentiated slopes = differentiate(loss, inputs);
  for (std::size_t i = 0; i < rules.transitions.size(); ++i)
    if (rules.transitions[i] == 0) {
      EXPECT_EQ(slopes.gradients[1].at(static_cast<std::int64_t>(i)), 0);
    }
}

TEST(CRF, AloneAndInAnyBatchTheSameBits) {
  for (const DType type : {DType::f32, DType::f64}) {
    const Field f = field_of(5, {9, 2, 9, 5, 1, 30}, 3, 4, type);
    const Layout& layout = *f.scores.layout();
    const Tensor marginals = crf_marginals(f.scores, f.chain), tags = crf_tags(f.scores, f.chain);
    for (std::int64_t i = 0; i < layout.sequences(); ++i) {
      std::vector<std::int32_t> rows;
      for (std::int64_t t = 0; t < layout.length(i); ++t)
        rows.push_back(static_cast<std::int32_t>(layout.row(i, t)));
      Field one = f;
      one.scores = {select_rows(f.scores.rows(), rows), Layout::uniform(1, layout.length(i))};
      expect_same_bits(crf_marginals(one.scores, f.chain), select_rows(Var(marginals), rows).value(),
                       "marginals");
      EXPECT_EQ(tags_of(one, crf_tags(one.scores, f.chain), 0), tags_of(f, tags, i));
      EXPECT_EQ(crf_best(one.scores, f.chain, {}, 3)[0][2].score,
                crf_best(f.scores, f.chain, {},
                         3)[static_cast<std::size_t>(layout.order()[static_cast<std::size_t>(i)])][2]
                    .score);
    }
  }
}

TEST(CRF, ThreadsChangeNothing) {
  const Field f = field_of(7, std::vector<std::int32_t>(120, 40), 5, 4, DType::f32);
  std::vector<Tensor> marginals, tags;
  for_each_thread_count([&] {
    marginals.push_back(crf_marginals(f.scores, f.chain));
    tags.push_back(crf_tags(f.scores, f.chain));
    expect_same_bits(marginals.back(), marginals.front(), "marginals");
    expect_same_bits(tags.back(), tags.front(), "tags");
  });
}

TEST(CRF, OneStepHasStartAndEndOnly) {
  Field f = field_of(3, {1}, 2);
  const double wanted = at(f.chain.start, 1) + at(f.scores.rows(), 1) + at(f.chain.end, 1);
  double total = 0;
  for (std::int64_t k = 0; k < 3; ++k)
    total += std::exp(at(f.chain.start, k) + at(f.scores.rows(), k) + at(f.chain.end, k));
  EXPECT_NEAR(crf_loss(f.scores, packed_tags(f, {{1}}), f.chain).value().at(0), std::log(total) - wanted,
              1e-12);
}

TEST(CRF, WithoutWeightNothingCounts) {
  const Field f = field_of(2, {2, 1}, 2);
  const Var loss = crf_loss(f.scores, packed_tags(f, {{0, 1}, {1}}), f.chain, {}, Tensor::zeros({2}));
  EXPECT_EQ(loss.value().at(0), 0);
}

// What is never said, whatever the scores

bool keeps(const TagRules& rules, const Tags& tags, std::size_t count) {
  const auto tag = [&](std::size_t t) { return static_cast<std::size_t>(tags[t]); };
  if (!allowed(rules.start, tag(0)) || !allowed(rules.end, tag(tags.size() - 1))) return false;
  for (std::size_t t = 1; t < tags.size(); ++t)
    if (!allowed(rules.transitions, tag(t - 1) * count + tag(t))) return false;
  return true;
}

std::vector<std::string> tags_for(TagScheme scheme) {
  if (scheme == TagScheme::bmes) return {"B-X", "B-Y", "E-X", "E-Y", "M-X", "M-Y", "O", "S-X", "S-Y"};
  if (scheme == TagScheme::bioes) return {"B-X", "B-Y", "E-X", "E-Y", "I-X", "I-Y", "O", "S-X", "S-Y"};
  return {"B-X", "B-Y", "I-X", "I-Y", "O"};
}

TEST(CRF, NeverSaysWhatASchemeForbids) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const double odd[] = {0, 1, 1e300, -1e300, infinite, -infinite, std::nan("")};
  for (const TagScheme scheme : {TagScheme::iob1, TagScheme::iob2, TagScheme::bioes, TagScheme::bmes}) {
    SCOPED_TRACE(name_of(scheme));
    const std::vector<std::string> names = tags_for(scheme);
    const TagRules rules = tag_rules(scheme, names);
    Random random(3);
    for (int round = 0; round < 40; ++round) {
      Field f = field_of(static_cast<std::int64_t>(names.size()), {1, 2, 9, 30}, 1);
      Tensor scores = Tensor::zeros(f.scores.rows().shape(), DType::f64);
      for (double& x : scores.data<double>())
        x = round < 10 ? odd[random.below(static_cast<std::uint64_t>(round) + 1) % 7] : random.uniform(-9, 9);
      f.scores = {Var(scores), f.scores.layout()};
      const Tensor tags = crf_tags(f.scores, f.chain, rules);
      for (std::int64_t i = 0; i < 4; ++i)
        EXPECT_TRUE(keeps(rules, tags_of(f, tags, i), names.size()));
      for (const auto& paths : crf_best(f.scores, f.chain, rules, 5))
        for (const TagPath& path : paths)
          EXPECT_TRUE(keeps(rules, path.tags, names.size()));
    }
  }
}

TEST(CRF, OfEqualTagsTheLowestWin) {
  const Sequences scores(Var(Tensor::zeros({5, 3})), Layout::uniform(1, 5));
  const Tensor tags = crf_tags(scores, {});
  EXPECT_THAT(tags.data<std::int32_t>(), testing::Each(0));
  EXPECT_THAT(crf_best(scores, {}, {}, 1)[0][0].tags, testing::Each(0));
}

// Faults

TEST(CRF, RefusesWhatDoesNotFit) {
  const Field f = field_of(3, {3, 2}, 1);
  const Tensor good = packed_tags(f, {{0, 1, 2}, {2, 1}});
  const auto loss = [&](const Tensor& tags, const CRFWeights& chain, const TagRules& rules = {},
                        const Tensor& weights = {}) {
    return [=, &f] { crf_loss(f.scores, tags, chain, rules, weights); };
  };
  expect_error(ErrorKind::shape, loss(packed_tags(f, {{0, 1, 3}, {2, 1}}), f.chain), "within [0, 3)",
               "got 3");
  expect_error(ErrorKind::shape, loss(Tensor::zeros({4}, DType::i32), f.chain), "tags i32 [5]");
  expect_error(ErrorKind::shape, loss(good, {f.chain.start, f.chain.start, f.chain.end}), "'transitions'");
  expect_error(ErrorKind::shape, loss(good, {Var(f.chain.transitions.value().to(DType::f32)), {}, {}}),
               "'transitions' f64");
  expect_error(ErrorKind::shape, loss(good, f.chain, {.transitions = {}, .start = {1, 1}, .end = {}}),
               "rules of 3 for 'start'", "got 2");
  expect_error(ErrorKind::shape, loss(good, f.chain, {}, Tensor::zeros({5})), "'weights' [2]");
  expect_error(
      ErrorKind::option, [&] { crf_best(f.scores, f.chain, {}, 0); }, "at least 1");
}

TEST(CRF, RefusesTagsThatTheRulesForbid) {
  const Field f = field_of(2, {3, 2}, 1);
  const TagRules rules{.transitions = {1, 0, 1, 1}, .start = {}, .end = {1, 0}};
  const auto loss = [&](const std::vector<Tags>& tags, TagRules with) {
    return [=, &f] { crf_loss(f.scores, packed_tags(f, tags), f.chain, with); };
  };
  expect_error(ErrorKind::data, loss({{1, 0, 1}, {0, 0}}, rules),
               "sequence 0 goes from tag 0 to 1 at step 2");
  expect_error(ErrorKind::data, loss({{1, 1, 0}, {1, 1}}, rules), "sequence 1 ends with tag 1");
  expect_error(ErrorKind::data, loss({{1, 1, 0}, {1, 0}}, {.transitions = {}, .start = {1, 0}, .end = {}}),
               "begins with tag 1");
}

TEST(CRF, RefusesASequenceThatCanHaveNoTags) {
  const Field f = field_of(2, {3, 1}, 1);
  const TagRules rules{.transitions = {}, .start = {1, 0}, .end = {0, 1}};
  expect_error(
      ErrorKind::data, [&] { crf_tags(f.scores, f.chain, rules); }, "no tags at all for a sequence of 1");
  expect_error(
      ErrorKind::data, [&] { crf_marginals(f.scores, f.chain, rules); }, "crf_marginals", "of 1");
  expect_error(
      ErrorKind::data, [&] { crf_best(f.scores, f.chain, rules, 2); }, "crf_best", "of 1");
}

// Schemes

/// "1 0 1": which of the tags may follow `before` ("" begins a sequence), and, last, whether it may end
/// there.
std::string after(TagScheme scheme, const std::vector<std::string>& tags, const std::string& before) {
  const TagRules rules = tag_rules(scheme, tags);
  const auto place = static_cast<std::size_t>(std::find(tags.begin(), tags.end(), before) - tags.begin());
  std::string text;
  for (std::size_t k = 0; k < tags.size(); ++k)
    if (before.empty() ? rules.start[k] : rules.transitions[place * tags.size() + k]) text += tags[k] + " ";
  return text + (before.empty() || rules.end[place] == 0 ? "" : "end");
}

TEST(TagRules, OfEachScheme) {
  const std::vector<std::string> iob = {"O", "B-A", "I-A", "B-B-C", "I-B-C"};
  EXPECT_EQ(after(TagScheme::iob2, iob, ""), "O B-A B-B-C ");
  EXPECT_EQ(after(TagScheme::iob2, iob, "O"), "O B-A B-B-C end");
  EXPECT_EQ(after(TagScheme::iob2, iob, "I-A"), "O B-A I-A B-B-C end");
  EXPECT_EQ(after(TagScheme::iob1, iob, ""), "O I-A I-B-C ");
  EXPECT_EQ(after(TagScheme::iob1, iob, "I-A"), "O B-A I-A I-B-C end");
  EXPECT_EQ(after(TagScheme::iob1, iob, "O"), "O I-A I-B-C end");
  const std::vector<std::string> bmes = {"B", "M", "E", "S"};
  EXPECT_EQ(after(TagScheme::bmes, bmes, ""), "B S ");
  EXPECT_EQ(after(TagScheme::bmes, bmes, "B"), "M E ");
  EXPECT_EQ(after(TagScheme::bmes, bmes, "E"), "B S end");
  const std::vector<std::string> bilou = {"O", "B-A", "I-A", "L-A", "U-A", "L-B", "B-B"};
  EXPECT_EQ(after(TagScheme::bioes, bilou, "B-A"), "I-A L-A ");
  EXPECT_EQ(after(TagScheme::bioes, bilou, "U-A"), "O B-A U-A B-B end");
  EXPECT_EQ(tag_rules(TagScheme::none, bmes), TagRules{});
  EXPECT_EQ(tag_rules(TagScheme::iob2, {}), TagRules{});
}

/// No single characters in the data: the rule of the end goes, or a sequence of one could not be tagged.
TEST(TagRules, LeaveTagsForEveryLength) {
  const std::vector<std::string> pairs = {"B", "E"}, lone = {"I-A"}, never_ends = {"B-A", "M-A"};
  EXPECT_THAT(tag_rules(TagScheme::bmes, pairs).end, testing::Each(1));
  EXPECT_EQ(tag_rules(TagScheme::bmes, pairs).start, (Flags{1, 0}));
  EXPECT_THAT(tag_rules(TagScheme::iob2, lone).start, testing::Each(1));
  for (const auto& [scheme, tags] : {std::pair{TagScheme::bmes, pairs},
                                     {TagScheme::iob2, lone},
                                     {TagScheme::bmes, never_ends},
                                     {TagScheme::bioes, {"E-A"}}}) {
    const TagRules rules = tag_rules(scheme, tags);
    const auto count = static_cast<std::int64_t>(tags.size());
    const Field f = field_of(count, {1, 2, 3, 8}, 1);
    EXPECT_NO_THROW(crf_tags(f.scores, f.chain, rules));
  }
}

TEST(TagRules, RefuseATagOfNoScheme) {
  const std::vector<std::string> parts = {"NN", "VB"}, half = {"B-", "O"}, inside = {"B-A", "M-A"};
  const auto rules = [](TagScheme scheme, const std::vector<std::string>& tags) {
    return [=] { tag_rules(scheme, tags); };
  };
  expect_error(ErrorKind::data, rules(TagScheme::iob2, parts), "'NN' is none of the scheme iob2", "B-TYPE");
  expect_error(ErrorKind::data, rules(TagScheme::bioes, half), "'B-'");
  expect_error(ErrorKind::data, rules(TagScheme::bioes, inside), "'M-A'");
  expect_error(ErrorKind::data, rules(TagScheme::iob1, {"S-A"}), "'S-A'");
}

}  // namespace
}  // namespace rondo::testing_support

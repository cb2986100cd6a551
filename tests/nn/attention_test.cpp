// The module of attention: its parameters, and that each score is the operation of attention.h.
#include <cmath>

#include <gtest/gtest.h>

#include <rondo/attention.h>
#include <rondo/nn.h>
#include <rondo/ops.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using Places = std::vector<std::int32_t>;

struct Made {
  std::shared_ptr<ParameterStore> store = std::make_shared<ParameterStore>(3, DType::f64);
  Sequences memory{Var(random_tensor({9, 6}, 1)), Layout::of(Places{2, 4, 3})};
  Var query{random_tensor({3, 6}, 2)};
  Places places = {2, 0, 1};

  Var get(const char* name) const { return Var(store->get(name)); }
  nn::Attention module(AttentionOptions options) const { return {Scope(store) / "a", 6, 6, options}; }
  Tensor context(const nn::Attention& a) const { return a(query, a.prepare(memory), places).context.value(); }
};

TEST(AttentionModule, EachScoreIsTheOperation) {
  const Made m;
  const auto plain = [&](const Var& q, const Var& k, double scale, const Var& direction = {}) {
    return attend(q, k, m.memory, m.places, scale, direction).context.value();
  };
  const Var& rows = m.memory.rows();
  expect_same_bits(m.context(m.module({.score = AttentionScore::dot})), plain(m.query, rows, 1), "dot");
  expect_same_bits(m.context(m.module({})), plain(m.query, rows, 1 / std::sqrt(6.0)), "scaled");
  const nn::Attention bilinear(Scope(m.store) / "b", 6, 6, {.score = AttentionScore::bilinear});
  expect_same_bits(m.context(bilinear), plain(linear(m.query, m.get("b.query_weight")), rows, 1), "bilinear");
  const nn::Attention additive = m.module({.score = AttentionScore::additive, .units = 5});
  expect_same_bits(m.context(additive),
                   plain(linear(m.query, m.get("a.query_weight")),
                         linear(rows, m.get("a.memory_weight"), m.get("a.bias")), 1, m.get("a.direction")),
                   "additive");
}

TEST(AttentionModule, HeadsStandSideBySide) {
  const Made m;
  const nn::Attention heads = m.module({.units = 4, .heads = 2});
  EXPECT_EQ(heads.features(), 4);
  const Attended got = heads(m.query, heads.prepare(m.memory), m.places);
  const Var q = linear(m.query, m.get("a.query_weight")), k = linear(m.memory.rows(), m.get("a.key_weight")),
            v = linear(m.memory.rows(), m.get("a.value_weight"));
  for (std::int64_t h = 0; h < 2; ++h) {
    const auto part = [&](const Var& x) { return slice_columns(x, 2 * h, 2 * h + 2); };
    const Attended one = attend(part(q), part(k), {part(v), m.memory.layout()}, m.places, 1 / std::sqrt(2.0));
    expect_same_bits(part(got.context).value(), one.context.value(), "head");
  }
  for (std::int64_t i = 0; i < 3; ++i) {
    double sum = 0;
    for (const double weight : got.of(i))
      sum += weight;
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

TEST(AttentionModule, RefusesSizesThatDoNotFitTheScore) {
  const auto store = std::make_shared<ParameterStore>();
  test::expect_error(
      ErrorKind::option, [&] { nn::Attention(Scope(store), 4, 6); }, "bilinear or additive");
  test::expect_error(
      ErrorKind::option, [&] { nn::Attention(Scope(store), 4, 4, {.units = 5, .heads = 2}); },
      "multiple of heads");
}

}  // namespace
}  // namespace rondo::testing_support

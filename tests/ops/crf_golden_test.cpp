// Conditional random fields against the forward algorithm in PyTorch: tests/golden/make_crf.py.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/crf.h>

#include "support/checks.h"
#include "support/golden.h"

namespace rondo::testing_support {
namespace {

struct Case {
  std::string name;
  std::vector<std::int32_t> lengths;
};
const Case cases[] = {{"one", {1}}, {"short", {4, 3, 3, 1}}, {"long", {17, 12, 9, 9, 2}}, {"single", {5, 2}}};

const Golden& golden() {
  static const Golden data = read_golden("crf.safetensors");
  return data;
}

Tensor whole_numbers(const Tensor& x) {
  Tensor numbers = Tensor::uninitialised(x.shape(), DType::i32);
  for (std::int64_t i = 0; i < x.size(); ++i)
    numbers.data<std::int32_t>()[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(x.at(i));
  return numbers;
}

/// Two likely ways to tag each sequence may be equally likely to the rounding of f32 only.
void expect_golden(const Case& of, DType type, double tolerance) {
  SCOPED_TRACE(of.name + " in " + std::string(name_of(type)));
  const auto read = [&](const std::string& name) -> const Tensor& {
    return golden().at(of.name + "/" + name);
  };
  const auto layout = Layout::of(of.lengths);
  const auto take = [&](const std::string& name) { return parameter(read(name).to(type)); };
  const Var scores = take("scores"), start = take("start"), end = take("end"),
            transitions = take("transitions");
  const CRFWeights chain{transitions, start, end};
  const Recording recording;
  const Var loss =
      crf_loss({scores, layout}, whole_numbers(read("tags")), chain, {}, read("weights").to(type));
  loss.backward();
  expect_close(loss.value().reshape({1}), read("loss"), tolerance, "loss");
  expect_close(scores.leaf()->gradient, read("d.scores"), tolerance, "d.scores");
  expect_close(transitions.leaf()->gradient, read("d.transitions"), tolerance, "d.transitions");
  expect_close(start.leaf()->gradient, read("d.start"), tolerance, "d.start");
  expect_close(end.leaf()->gradient, read("d.end"), tolerance, "d.end");
  expect_close(crf_marginals({scores, layout}, chain), read("marginals"), tolerance, "marginals");
}

TEST(CRFGolden, F64) {
  for (const Case& of : cases)
    expect_golden(of, DType::f64, 1e-12);
}

TEST(CRFGolden, F32) {
  for (const Case& of : cases)
    expect_golden(of, DType::f32, 1e-6);
}

TEST(CRFGolden, LikeliestTags) {
  std::size_t compared = 0;
  for (const Case& of : cases) {
    const auto layout = Layout::of(of.lengths);
    const auto read = [&](const std::string& name) { return Var(golden().at(of.name + "/" + name)); };
    const auto best =
        crf_best({read("scores"), layout}, {read("transitions"), read("start"), read("end")}, {}, 5);
    for (std::size_t i = 0; i < best.size(); ++i) {
      const std::string key = of.name + "/best." + std::to_string(i);
      if (!golden().contains(key)) continue;
      const Tensor tags = golden().at(key), log_p = golden().at(of.name + "/log_p." + std::to_string(i));
      ASSERT_EQ(static_cast<std::int64_t>(best[i].size()), tags.rows()) << key;
      for (std::int64_t k = 0; k < tags.rows(); ++k, ++compared) {
        const TagPath& path = best[i][static_cast<std::size_t>(k)];
        EXPECT_NEAR(path.log_probability, log_p.at(k), 1e-12);
        for (std::int64_t t = 0; t < tags.columns(); ++t)
          EXPECT_EQ(path.tags[static_cast<std::size_t>(t)], tags.at(k * tags.columns() + t)) << key;
      }
    }
  }
  EXPECT_EQ(compared, 23U);
}

}  // namespace
}  // namespace rondo::testing_support

#include <cmath>
#include <limits>

#include "kernels/guarded.h"

namespace rondo::test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

template <class Call>
void check(std::size_t arrays, double tolerance, Index smallest, Call call) {
  for (const Index n : sizes()) {
    if (n < smallest) continue;
    std::vector<std::vector<float>> rows;
    for (unsigned i = 0; i < arrays; ++i)
      rows.push_back(uniform(n, 5 * i + static_cast<unsigned>(n)));
    expect_like_reference(rows, tolerance, [&](const auto& table, const auto& r) {
      return static_cast<double>(call(table, n, r));
    });
  }
}

TEST(Reductions, AgreeWithTheReference) {
  check(1, 3e-4, 0, [](const auto& k, Index n, const auto& r) { return k.sum(n, r[0]); });
  check(2, 3e-4, 0, [](const auto& k, Index n, const auto& r) { return k.dot(n, r[0], r[1]); });
  check(1, 1e-12, 0, [](const auto& k, Index n, const auto& r) { return k.sum_squares(n, r[0]); });
  check(1, 0, 1, [](const auto& k, Index n, const auto& r) { return k.max(n, r[0]); });
  check(2, 2e-4, 1, [](const auto& k, Index n, const auto& r) { return k.exp_sum(n, 1, r[0], r[1]); });
  check(2, 2e-6, 1, [](const auto& k, Index n, const auto& r) { return k.softmax(n, r[0], r[1]); });
  check(1, 2e-6, 1, [](const auto& k, Index n, const auto& r) { return k.softmax(n, r[0], r[0]); });
  check(1, 2e-6, 1, [](const auto& k, Index n, const auto& r) {
    return k.softmax(n, r[0], static_cast<std::remove_reference_t<decltype(r[0])>>(nullptr));
  });
  check(3, 1e-3, 1, [](const auto& k, Index n, const auto& r) {
    k.softmax_backward(n, r[0], r[1], r[2]);
    return 0.0;
  });
  check(2, 1e-5, 2, [](const auto& k, Index n, const auto& r) { return k.normalize(n, r[0], 1e-5F, r[1]); });
  check(3, 1e-4, 2, [](const auto& k, Index n, const auto& r) {
    k.normalize_backward(n, r[0], r[1], 0.5F, r[2]);
    return 0.0;
  });
}

TEST(Reductions, OfNothing) {
  on_every_isa([](const Kernels<float>& table) {
    EXPECT_EQ(table.sum(0, nullptr), 0);
    EXPECT_EQ(table.dot(0, nullptr, nullptr), 0);
    EXPECT_EQ(table.sum_squares(0, nullptr), 0);
    EXPECT_EQ(table.max(0, nullptr), -infinity);
  });
}

TEST(Reductions, OneThatIsNotANumberIsSeen) {
  on_every_isa([](const Kernels<float>& table) {
    for (const Index n : {1, 7, 16, 33, 1030}) {
      for (const Index place : {Index{0}, n / 2, n - 1}) {
        auto x = uniform(n, 3);
        x[static_cast<std::size_t>(place)] = not_a_number;
        std::vector<float> y(x.size());
        EXPECT_TRUE(std::isnan(table.sum(n, x.data())));
        EXPECT_TRUE(std::isnan(table.dot(n, x.data(), x.data())));
        EXPECT_TRUE(std::isnan(table.sum_squares(n, x.data())));
        EXPECT_TRUE(std::isnan(table.max(n, x.data())));
        EXPECT_TRUE(std::isnan(table.exp_sum(n, 1, x.data(), y.data())));
        EXPECT_TRUE(std::isnan(y[static_cast<std::size_t>(place)]));
        EXPECT_TRUE(std::isnan(table.softmax(n, x.data(), y.data())));
        EXPECT_TRUE(std::isnan(y[static_cast<std::size_t>(place)]));
        EXPECT_TRUE(std::isnan(table.normalize(n, x.data(), 1e-5F, y.data())));
      }
    }
  });
}

TEST(Reductions, SoftmaxOfExtremes) {
  on_every_isa([](const Kernels<float>& table) {
    const std::vector<float> x = {1000, -1000, 1000, -infinity};
    std::vector<float> y(4);
    EXPECT_NEAR(table.softmax(4, x.data(), y.data()), 1000 + std::log(2.0F), 1e-4F);
    EXPECT_EQ(y, (std::vector<float>{0.5F, 0, 0.5F, 0}));
  });
}

TEST(Reductions, BitsDoNotDependOnAlignment) {
  on_every_isa([](const Kernels<float>& table) {
    const auto x = uniform(1500, 9);
    Guarded<float> aligned(x, 0);
    const float sum = table.sum(1500, aligned.data()), dot = table.dot(1500, aligned.data(), x.data());
    for (std::size_t shift = 1; shift < 16; ++shift) {
      Guarded<float> shifted(x, shift);
      EXPECT_EQ(table.sum(1500, shifted.data()), sum);
      EXPECT_EQ(table.dot(1500, shifted.data(), x.data()), dot);
    }
  });
}

}  // namespace
}  // namespace rondo::test

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/guarded.h"

namespace rondo::test {
namespace {

using Unary = void (*Kernels<float>::*)(Index, const float*, float*);
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

template <class Call>
void check(std::size_t arrays, double tolerance, Call call) {
  for (const Index n : sizes()) {
    std::vector<std::vector<float>> rows;
    for (unsigned i = 0; i < arrays; ++i)
      rows.push_back(uniform(n, 7 * i + static_cast<unsigned>(n)));
    expect_like_reference(rows, tolerance, [&](const auto& table, const auto& r) {
      call(table, n, r);
      return 0.0;
    });
  }
}

TEST(Elementwise, AgreesWithTheReference) {
  check(2, 4e-7, [](const auto& k, Index n, const auto& r) { k.sigmoid(n, r[0], r[1]); });
  check(2, 4e-7, [](const auto& k, Index n, const auto& r) { k.tanh(n, r[0], r[1]); });
  check(2, 0, [](const auto& k, Index n, const auto& r) { k.relu(n, r[0], r[1]); });
  check(2, 4e-7, [](const auto& k, Index n, const auto& r) { k.exp(n, r[0], r[1]); });
  check(3, 2e-6, [](const auto& k, Index n, const auto& r) { k.sigmoid_backward(n, r[0], r[1], r[2]); });
  check(3, 2e-6, [](const auto& k, Index n, const auto& r) { k.tanh_backward(n, r[0], r[1], r[2]); });
  check(3, 4e-7, [](const auto& k, Index n, const auto& r) { k.relu_backward(n, r[0], r[1], r[2]); });
  check(3, 4e-7, [](const auto& k, Index n, const auto& r) { k.add(n, r[0], r[1], r[2]); });
  check(3, 4e-7, [](const auto& k, Index n, const auto& r) { k.subtract(n, r[0], r[1], r[2]); });
  check(3, 4e-7, [](const auto& k, Index n, const auto& r) { k.multiply(n, r[0], r[1], r[2]); });
  check(3, 1e-6, [](const auto& k, Index n, const auto& r) { k.multiply_add(n, r[0], r[1], r[2]); });
  check(2, 1e-6, [](const auto& k, Index n, const auto& r) { k.scale_add(n, 0.75F, r[0], r[1]); });
  check(2, 0, [](const auto& k, Index n, const auto& r) { k.scale(n, 0.5F, r[0], r[1]); });
}

TEST(Elementwise, AddsSomeRowsToOthers) {
  constexpr Index rows = 3, gap = 3;
  for (const Index n : sizes())
    expect_like_reference({uniform(rows * (n + gap), 3), uniform(rows * (n + 1), 4)}, 4e-7,
                          [&](const auto& k, const auto& r) {
                            k.add_to(rows, n, {r[0], n + gap}, {r[1], n + 1});
                            return 0.0;
                          });
}

TEST(Elementwise, AddsRowsInOrder) {
  constexpr Index rows = 5, gap = 3;
  for (const Index n : sizes())
    expect_like_reference({uniform(rows * (n + gap), 3), uniform(n, 4)}, 2e-6,
                          [&](const auto& k, const auto& r) {
                            k.add_rows(rows, n, {r[0], n + gap}, r[1]);
                            return 0.0;
                          });
  on_every_isa([&](const Kernels<float>& table) {
    for (const Index n : sizes()) {
      const std::vector<float> x = uniform(rows * n, 3);
      std::vector<float> got = uniform(n, 4), wanted = got;
      table.add_rows(rows, n, {x.data(), n}, got.data());
      for (Index row = 0; row < rows; ++row)
        table.add(n, wanted.data(), x.data() + row * n, wanted.data());
      EXPECT_EQ(got, wanted) << n;
    }
  });
}

TEST(Elementwise, WorksInPlace) {
  check(1, 4e-7, [](const auto& k, Index n, const auto& r) { k.sigmoid(n, r[0], r[0]); });
  check(2, 1e-6, [](const auto& k, Index n, const auto& r) { k.multiply(n, r[0], r[1], r[0]); });
}

/// `spots` floats spread over every exponent between low and high.
void expect_accurate(Unary function, double (*exact)(double), float low, float high, double absolute,
                     double relative) {
  constexpr Index spots = 200'000;
  const auto x = uniform(spots, 11, low, high);
  std::vector<float> y(x.size());
  on_every_isa([&](const Kernels<float>& table) {
    (table.*function)(spots, x.data(), y.data());
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double wanted = exact(double(x[i]));
      const double allowed = absolute + relative * std::abs(wanted);
      worst = std::max(worst, std::abs(double(y[i]) - wanted) / allowed);
    }
    EXPECT_LE(worst, 1.0) << "between " << low << " and " << high;
  });
}

TEST(Elementwise, FunctionsAreAccurate) {
  const auto exact_sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  for (const float reach : {0.01F, 1.0F, 10.0F, 80.0F}) {
    expect_accurate(&Kernels<float>::sigmoid, exact_sigmoid, -reach, reach, 2e-7, 0);
    expect_accurate(&Kernels<float>::sigmoid, exact_sigmoid, -reach, reach, 0, reach > 1 ? 5e-6 : 5e-7);
    expect_accurate(&Kernels<float>::tanh, std::tanh, -reach, reach, 0, 5e-7);
    expect_accurate(&Kernels<float>::exp, std::exp, -reach, reach, 0, 3e-7);
  }
  expect_accurate(&Kernels<float>::log, std::log, 1e-30F, 1e-3F, 0, 3e-7);
  expect_accurate(&Kernels<float>::log, std::log, 0.5F, 2.0F, 0, 3e-7);
  expect_accurate(&Kernels<float>::log, std::log, 2.0F, 1e30F, 0, 3e-7);
}

struct Special {
  Unary function;
  float x, y;
};

TEST(Elementwise, TanhNeverLeavesItsRange) {
  on_every_isa([](const Kernels<float>& table) {
    for (float x = 4; x < 12; x += 1e-3F) {
      float high = 0, low = 0;
      const float minus = -x;
      table.tanh(1, &x, &high);
      table.tanh(1, &minus, &low);
      EXPECT_LE(high, 1) << x;
      EXPECT_EQ(low, -high) << x;
    }
  });
}

TEST(Elementwise, EndsOfTheRange) {
  using K = Kernels<float>;
  const Special cases[] = {
      {&K::sigmoid, infinity, 1},
      {&K::sigmoid, -infinity, 0},
      {&K::sigmoid, 0, 0.5F},
      {&K::tanh, infinity, 1},
      {&K::tanh, -infinity, -1},
      {&K::tanh, 0, 0},
      {&K::tanh, 100, 1},
      {&K::tanh, -100, -1},
      {&K::relu, -infinity, 0},
      {&K::relu, infinity, infinity},
      {&K::exp, infinity, infinity},
      {&K::exp, -infinity, 0},
      {&K::exp, 0, 1},
      {&K::exp, 100, infinity},
      {&K::exp, -200, 0},
      {&K::log, 0, -infinity},
      {&K::log, 1, 0},
      {&K::log, infinity, infinity},
  };
  on_every_isa([&](const Kernels<float>& table) {
    for (const auto& [function, x, wanted] : cases) {
      float y = -7;
      (table.*function)(1, &x, &y);
      EXPECT_TRUE(y == wanted || std::abs(y - wanted) <= 1.2e-7F)
          << y << " at " << x << ", wanted " << wanted;
    }
    const float negative = -1;
    float y = 0;
    table.log(1, &negative, &y);
    EXPECT_TRUE(std::isnan(y));
  });
}

TEST(Elementwise, WhatIsNotANumberStaysSo) {
  using K = Kernels<float>;
  on_every_isa([](const Kernels<float>& table) {
    for (const Unary function : {&K::sigmoid, &K::tanh, &K::relu, &K::exp, &K::log}) {
      for (const Index n : {1, 8, 16, 21}) {
        const std::vector<float> x(static_cast<std::size_t>(n), not_a_number);
        std::vector<float> y(x.size(), 0);
        (table.*function)(n, x.data(), y.data());
        for (const float value : y)
          EXPECT_TRUE(std::isnan(value));
      }
    }
  });
}

TEST(Elementwise, BitsDoNotDependOnThePlace) {
  using K = Kernels<float>;
  on_every_isa([](const Kernels<float>& table) {
    for (const Unary function : {&K::sigmoid, &K::tanh, &K::exp, &K::log}) {
      const auto x = uniform(67, 5, 0.01F, 5);
      std::vector<float> y(x.size());
      (table.*function)(67, x.data(), y.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        float alone = 0;
        (table.*function)(1, &x[i], &alone);
        ASSERT_EQ(std::bit_cast<std::uint32_t>(alone), std::bit_cast<std::uint32_t>(y[i])) << "place " << i;
      }
    }
  });
}

TEST(Elementwise, MaxKeepsTheFirstWinner) {
  on_every_isa([](const Kernels<float>& table) {
    for (const Index n : sizes()) {
      const auto count = static_cast<std::size_t>(n);
      std::vector<float> best(count, -infinity);
      std::vector<std::int32_t> winner(count, -1);
      std::vector<std::vector<float>> rows;
      for (unsigned row = 0; row < 5; ++row)
        rows.push_back(uniform(n, row / 2, -1, 1));  // with ties
      if (count > 2) rows[3][2] = not_a_number;
      for (std::size_t row = 0; row < rows.size(); ++row) {
        Guarded<float> y(best, 3);
        Guarded<std::int32_t> marks(winner, 5);
        table.max_with_index(n, rows[row].data(), static_cast<std::int32_t>(row), y.data(), marks.data());
        EXPECT_TRUE(y.intact() && marks.intact());
        best = y.values();
        winner = marks.values();
      }
      for (std::size_t i = 0; i < count; ++i) {
        if (i == 2) {
          EXPECT_TRUE(std::isnan(best[i]) && winner[i] == 3);
          continue;
        }
        std::size_t wanted = 0;
        for (std::size_t row = 1; row < rows.size(); ++row)
          wanted = rows[row][i] > rows[wanted][i] ? row : wanted;
        EXPECT_EQ(winner[i], static_cast<std::int32_t>(wanted));
        EXPECT_EQ(best[i], rows[wanted][i]);
      }
    }
  });
}

}  // namespace
}  // namespace rondo::test

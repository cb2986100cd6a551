#include <cmath>
#include <limits>

#include "kernels/guarded.h"

namespace rondo::test {
namespace {

template <class Call>
void check(std::vector<Index> widths, bool activated, Call call) {
  for (const Index h_size : sizes()) {
    if (h_size > 1100) continue;
    std::vector<std::vector<float>> rows;
    for (unsigned i = 0; i < widths.size(); ++i) {
      const float low = i == 0 && activated ? 0 : -2;
      rows.push_back(uniform(widths[i] * h_size, 3 * i + 1, low, i == 0 && activated ? 1.0F : 2.0F));
    }
    expect_like_reference(rows, 3e-6, [&](const auto& table, const auto& r) {
      call(table, h_size, r);
      return 0.0;
    });
  }
}

TEST(Cells, AgreeWithTheReference) {
  check({4, 1, 1, 1}, false,
        [](const auto& k, Index h, const auto& r) { k.lstm_forward(h, r[0], r[1], r[2], r[3]); });
  check({4, 1, 1, 1, 1}, true,
        [](const auto& k, Index h, const auto& r) { k.lstm_backward(h, r[0], r[1], r[2], r[3], r[4]); });
  check({3, 1, 1, 1}, false,
        [](const auto& k, Index h, const auto& r) { k.gru_forward(h, r[0], r[1], r[2], r[3]); });
  check({3, 1, 1, 1, 1}, true,
        [](const auto& k, Index h, const auto& r) { k.gru_backward(h, r[0], r[1], r[2], r[3], r[4]); });
}

TEST(Cells, MayOverwriteTheStateBefore) {
  check({4, 1, 1}, false,
        [](const auto& k, Index h, const auto& r) { k.lstm_forward(h, r[0], r[1], r[1], r[2]); });
  check({3, 1, 1}, false,
        [](const auto& k, Index h, const auto& r) { k.gru_forward(h, r[0], r[1], r[2], r[2]); });
}

/// The derivative by each pre-activation and state, against a difference in f64.
TEST(Cells, BackwardIsTheDerivativeOfForward) {
  const auto& k = reference_kernels<double>();
  const double dh = 0.7, dc = -0.4, step = 1e-6;
  const double before[4] = {0.3, -0.8, 1.1, 0.5}, c_before = 0.9;
  const auto lstm = [&](const double* pre, double c0) {
    double gates[4], c = 0, h = 0;
    std::copy_n(pre, 4, gates);
    k.lstm_forward(1, gates, &c0, &c, &h);
    return dh * h + dc * c;
  };
  double gates[4], c = 0, h = 0, slope = dc;
  std::copy_n(before, 4, gates);
  k.lstm_forward(1, gates, &c_before, &c, &h);
  k.lstm_backward(1, gates, &c_before, &c, &dh, &slope);
  for (std::size_t gate = 0; gate < 4; ++gate) {
    double up[4], down[4];
    std::copy_n(before, 4, up);
    std::copy_n(before, 4, down);
    up[gate] += step;
    down[gate] -= step;
    EXPECT_NEAR(gates[gate], (lstm(up, c_before) - lstm(down, c_before)) / (2 * step), 1e-9) << gate;
  }
  EXPECT_NEAR(slope, (lstm(before, c_before + step) - lstm(before, c_before - step)) / (2 * step), 1e-9);
}

TEST(Cells, GruBackwardIsTheDerivativeOfForward) {
  const auto& k = reference_kernels<double>();
  const double step = 1e-6;
  // r, z, n before activation, the recurrent part of n, the state before
  const double point[5] = {0.4, -0.6, 0.2, 0.8, -0.5};
  const auto gru = [&](const double* at) {
    double gates[3] = {at[0], at[1], at[2]}, h = 0;
    k.gru_forward(1, gates, at + 3, at + 4, &h);
    return 0.7 * h;
  };
  double gates[3] = {point[0], point[1], point[2]}, h = 0, dh = 0.7, dhn = 0;
  k.gru_forward(1, gates, point + 3, point + 4, &h);
  k.gru_backward(1, gates, point + 3, point + 4, &dh, &dhn);
  const double slopes[5] = {gates[0], gates[1], gates[2], dhn, dh};
  for (std::size_t i = 0; i < 5; ++i) {
    double up[5], down[5];
    std::copy_n(point, 5, up);
    std::copy_n(point, 5, down);
    up[i] += step;
    down[i] -= step;
    EXPECT_NEAR(slopes[i], (gru(up) - gru(down)) / (2 * step), 1e-9) << i;
  }
}

TEST(Cells, WhatIsNotANumberReachesTheState) {
  const float bad = std::numeric_limits<float>::quiet_NaN();
  on_every_isa([&](const Kernels<float>& table) {
    for (std::size_t gate = 0; gate < 4; ++gate) {
      float gates[4] = {0, 0, 0, 0}, c_before = 1, c = 0, h = 0;
      gates[gate] = bad;
      table.lstm_forward(1, gates, &c_before, &c, &h);
      EXPECT_TRUE(std::isnan(h));
    }
    for (std::size_t gate = 0; gate < 3; ++gate) {
      float gates[3] = {0, 0, 0}, hn = 1, h_before = 0.5F, h = 0;
      gates[gate] = bad;
      table.gru_forward(1, gates, &hn, &h_before, &h);
      EXPECT_TRUE(std::isnan(h));
    }
  });
}

TEST(Cells, AUnitsBitsDoNotDependOnItsPlace) {
  on_every_isa([](const Kernels<float>& table) {
    constexpr Index h_size = 37;
    const auto pre = uniform(4 * h_size, 1), c_before = uniform(h_size, 2);
    auto gates = pre;
    std::vector<float> c(h_size), h(h_size);
    table.lstm_forward(h_size, gates.data(), c_before.data(), c.data(), h.data());
    for (std::size_t u = 0; u < h_size; ++u) {
      float alone[4] = {pre[u], pre[h_size + u], pre[2 * h_size + u], pre[3 * h_size + u]}, c1 = 0, h1 = 0;
      table.lstm_forward(1, alone, &c_before[u], &c1, &h1);
      EXPECT_EQ(c1, c[u]);
      EXPECT_EQ(h1, h[u]);
    }
  });
}

}  // namespace
}  // namespace rondo::test

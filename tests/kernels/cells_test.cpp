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

/// One row, whose arrays lie as they come.
template <class T>
Strided<T> row(T* data) {
  return {data, 0};
}

TEST(Cells, AgreeWithTheReference) {
  check({1, 1}, false,
        [](const auto& k, Index h, const auto& r) { k.rnn_tanh_forward(1, h, row(r[0]), row(r[1])); });
  check({1, 1}, false,
        [](const auto& k, Index h, const auto& r) { k.rnn_relu_forward(1, h, row(r[0]), row(r[1])); });
  check({1, 1, 1}, false, [](const auto& k, Index h, const auto& r) {
    k.rnn_tanh_backward(1, h, row(r[0]), row(r[1]), row(r[2]));
  });
  check({1, 1, 1}, false, [](const auto& k, Index h, const auto& r) {
    k.rnn_relu_backward(1, h, row(r[0]), row(r[1]), row(r[2]));
  });
  check({4, 1, 4, 1, 1}, false, [](const auto& k, Index h, const auto& r) {
    k.lstm_forward(1, h, row(r[0]), row(r[1]), row(r[2]), row(r[3]), row(r[4]));
    std::fill_n(r[0], 4 * h, 0.0F);  // what is left there is nobody's business
  });
  check({4, 1, 1, 1, 1, 4}, true, [](const auto& k, Index h, const auto& r) {
    k.lstm_backward(1, h, row(r[0]), row(r[1]), row(r[2]), row(r[3]), row(r[4]), row(r[5]));
  });
  check({3, 1, 1, 4, 1}, false, [](const auto& k, Index h, const auto& r) {
    k.gru_forward(1, h, row(r[0]), row(r[0] + 2 * h), row(r[1]), row(r[2]), row(r[3]), row(r[4]));
  });
  check({4, 1, 1, 3, 1}, true, [](const auto& k, Index h, const auto& r) {
    k.gru_backward(1, h, row(r[0]), row(r[1]), row(r[2]), row(r[3]), row(r[3] + 2 * h), row(r[4]));
  });
}

TEST(Cells, MayOverwriteTheStateBeforeAndKeepNothing) {
  check({4, 1, 1}, false, [](const auto& k, Index h, const auto& r) {
    k.lstm_forward(1, h, row(r[0]), row(r[1]), {}, row(r[1]), row(r[2]));
    std::fill_n(r[0], 4 * h, 0.0F);
  });
  check({3, 1, 1}, false, [](const auto& k, Index h, const auto& r) {
    k.gru_forward(1, h, row(r[0]), row(r[0] + 2 * h), row(r[1]), row(r[2]), {}, row(r[2]));
  });
}

TEST(Cells, TakeRowsWithAnyStrides) {
  constexpr Index rows = 5, h = 37, stride = 7 * h;
  on_every_isa([](const Kernels<float>& table) {
    auto memory = uniform(rows * stride, 8, -2, 2);
    const auto before = memory;
    const auto at = [](float* base, Index place) { return Strided<float>{base + place * h, stride}; };
    std::vector<float> kept(static_cast<std::size_t>(rows * 4 * h)), c(static_cast<std::size_t>(rows * h));
    table.lstm_forward(rows, h, at(memory.data(), 0), {memory.data() + 4 * h, 0}, {kept.data(), 4 * h},
                       {c.data(), h}, at(memory.data(), 6));
    for (Index i = 0; i < rows; ++i) {
      auto alone = before;
      std::vector<float> kept_alone(static_cast<std::size_t>(4 * h)), c_alone(static_cast<std::size_t>(h)),
          h_alone(static_cast<std::size_t>(h));
      table.lstm_forward(1, h, row(alone.data() + i * stride), row(alone.data() + 4 * h),
                         row(kept_alone.data()), row(c_alone.data()), row(h_alone.data()));
      EXPECT_TRUE(std::equal(kept_alone.begin(), kept_alone.end(), kept.begin() + i * 4 * h));
      EXPECT_TRUE(std::equal(c_alone.begin(), c_alone.end(), c.begin() + i * h));
      EXPECT_TRUE(std::equal(h_alone.begin(), h_alone.end(), memory.begin() + i * stride + 6 * h));
    }
  });
}

TEST(Cells, OfASimpleNetworkTakeRowsWithAnyStrides) {
  constexpr Index rows = 5, h = 37, stride = 3 * h;
  on_every_isa([](const Kernels<float>& table) {
    for (const bool relu : {false, true}) {
      const auto forward = relu ? table.rnn_relu_forward : table.rnn_tanh_forward;
      const auto backward = relu ? table.rnn_relu_backward : table.rnn_tanh_backward;
      const auto gates = uniform(rows * stride, 8, -2, 2), dh = uniform(rows * (h + 1), 9);
      std::vector<float> out(static_cast<std::size_t>(rows * (h + 2)), 7), slopes = out;
      forward(rows, h, {gates.data(), stride}, {out.data(), h + 2});
      backward(rows, h, {out.data(), h + 2}, {dh.data(), h + 1}, {slopes.data(), h + 2});
      for (Index i = 0; i < rows; ++i) {
        std::vector<float> out_alone(static_cast<std::size_t>(h)), slopes_alone = out_alone;
        forward(1, h, row(gates.data() + i * stride), row(out_alone.data()));
        backward(1, h, row<const float>(out_alone.data()), row(dh.data() + i * (h + 1)),
                 row(slopes_alone.data()));
        EXPECT_TRUE(std::equal(out_alone.begin(), out_alone.end(), out.begin() + i * (h + 2)));
        EXPECT_TRUE(std::equal(slopes_alone.begin(), slopes_alone.end(), slopes.begin() + i * (h + 2)));
        EXPECT_EQ(out[static_cast<std::size_t>(i * (h + 2) + h)], 7) << "beside the row";
      }
    }
  });
}

/// The derivative by each pre-activation and state, against a difference in f64.
TEST(Cells, BackwardIsTheDerivativeOfForward) {
  const auto& k = reference_kernels<double>();
  const double dh = 0.7, dc = -0.4, step = 1e-6;
  const double before[4] = {0.3, -0.8, 1.1, 0.5}, c_before = 0.9;
  const auto lstm = [&](const double* pre, double c0) {
    double gates[4], c = 0, h = 0;
    std::copy_n(pre, 4, gates);
    k.lstm_forward(1, 1, row(gates), row(&c0), {}, row(&c), row(&h));
    return dh * h + dc * c;
  };
  double gates[4], kept[4], slopes[4], c = 0, h = 0, slope = dc;
  std::copy_n(before, 4, gates);
  k.lstm_forward(1, 1, row(gates), row(&c_before), row(kept), row(&c), row(&h));
  k.lstm_backward(1, 1, row(kept), row(&c_before), row(&c), row(&dh), row(&slope), row(slopes));
  for (std::size_t gate = 0; gate < 4; ++gate) {
    double up[4], down[4];
    std::copy_n(before, 4, up);
    std::copy_n(before, 4, down);
    up[gate] += step;
    down[gate] -= step;
    EXPECT_NEAR(slopes[gate], (lstm(up, c_before) - lstm(down, c_before)) / (2 * step), 1e-9) << gate;
  }
  EXPECT_NEAR(slope, (lstm(before, c_before + step) - lstm(before, c_before - step)) / (2 * step), 1e-9);
}

TEST(Cells, GruBackwardIsTheDerivativeOfForward) {
  const auto& k = reference_kernels<double>();
  const double step = 1e-6;
  // r, z, n before activation, the recurrent part of n, the state before
  const double point[5] = {0.4, -0.6, 0.2, 0.8, -0.5};
  const auto gru = [&](const double* at) {
    double h = 0;
    k.gru_forward(1, 1, row(at), row(at + 2), row(at + 3), row(at + 4), {}, row(&h));
    return 0.7 * h;
  };
  double kept[4], dgates[3], h = 0, dh = 0.7, dhn = 0;
  k.gru_forward(1, 1, row(point), row(point + 2), row(point + 3), row(point + 4), row(kept), row(&h));
  k.gru_backward(1, 1, row(kept), row(point + 4), row(&dh), row(dgates), row(dgates + 2), row(&dhn));
  const double slopes[5] = {dgates[0], dgates[1], dgates[2], dhn, dh};
  for (std::size_t i = 0; i < 5; ++i) {
    double up[5], down[5];
    std::copy_n(point, 5, up);
    std::copy_n(point, 5, down);
    up[i] += step;
    down[i] -= step;
    EXPECT_NEAR(slopes[i], (gru(up) - gru(down)) / (2 * step), 1e-9) << i;
  }
}

TEST(Cells, RnnBackwardIsTheDerivativeOfForward) {
  const auto& k = reference_kernels<double>();
  const double step = 1e-6, dh = 0.7;
  for (const double at : {0.4, -0.6}) {
    const double up = at + step, down = at - step;
    for (const bool relu : {false, true}) {
      const auto forward = relu ? k.rnn_relu_forward : k.rnn_tanh_forward;
      const auto backward = relu ? k.rnn_relu_backward : k.rnn_tanh_backward;
      double h = 0, h_up = 0, h_down = 0, slope = 5;
      forward(1, 1, row(&at), row(&h));
      forward(1, 1, row(&up), row(&h_up));
      forward(1, 1, row(&down), row(&h_down));
      backward(1, 1, row<const double>(&h), row(&dh), row(&slope));
      EXPECT_NEAR(slope, dh * (h_up - h_down) / (2 * step), 1e-9) << at << relu;
    }
  }
}

TEST(Cells, WhatIsNotANumberReachesTheState) {
  const float bad = std::numeric_limits<float>::quiet_NaN();
  on_every_isa([&](const Kernels<float>& table) {
    for (const auto forward : {table.rnn_tanh_forward, table.rnn_relu_forward}) {
      float h = 0;
      forward(1, 1, row(&bad), row(&h));
      EXPECT_TRUE(std::isnan(h));
    }
    for (std::size_t gate = 0; gate < 4; ++gate) {
      float gates[4] = {0, 0, 0, 0}, c_before = 1, c = 0, h = 0;
      gates[gate] = bad;
      table.lstm_forward(1, 1, row(gates), row(&c_before), {}, row(&c), row(&h));
      EXPECT_TRUE(std::isnan(h));
    }
    for (std::size_t gate = 0; gate < 3; ++gate) {
      float gates[3] = {0, 0, 0}, hn = 1, h_before = 0.5F, h = 0;
      gates[gate] = bad;
      table.gru_forward(1, 1, row(gates), row(gates + 2), row(&hn), row(&h_before), {}, row(&h));
      EXPECT_TRUE(std::isnan(h));
    }
  });
}

TEST(Cells, AUnitsBitsDoNotDependOnItsPlace) {
  on_every_isa([](const Kernels<float>& table) {
    constexpr Index h_size = 37;
    const auto pre = uniform(4 * h_size, 1), c_before = uniform(h_size, 2);
    std::vector<float> c(h_size), h(h_size);
    auto gates = pre;
    table.lstm_forward(1, h_size, row(gates.data()), row(c_before.data()), {}, row(c.data()), row(h.data()));
    for (std::size_t u = 0; u < h_size; ++u) {
      float alone[4] = {pre[u], pre[h_size + u], pre[2 * h_size + u], pre[3 * h_size + u]}, c1 = 0, h1 = 0;
      table.lstm_forward(1, 1, row(alone), row(&c_before[u]), {}, row(&c1), row(&h1));
      EXPECT_EQ(c1, c[u]);
      EXPECT_EQ(h1, h[u]);
    }
  });
}

}  // namespace
}  // namespace rondo::test

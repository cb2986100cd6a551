#include <cmath>
#include <functional>
#include <limits>

#include <pthread.h>
#include <sys/mman.h>

#include "kernels/guarded.h"

namespace rondo::test {
namespace {

std::size_t at(Index i) {
  return static_cast<std::size_t>(i);
}

/// A product with operands in memory and its result in guarded memory with a gap after every row.
struct Case {
  Index m, n, k;
  bool a_transposed = false, b_transposed = false;
  std::vector<float> a = uniform(m * k, 1, -1, 1), b = uniform(k * n, 2, -1, 1), bias = uniform(n, 3, -1, 1);
  std::vector<float> before = uniform(m * n, 4, -1, 1);

  Operand<float> left() const {
    return a_transposed ? Operand<float>{a.data(), 1, m} : Operand<float>{a.data(), k, 1};
  }
  Operand<float> right() const {
    return b_transposed ? Operand<float>{b.data(), k, 1} : Operand<float>{b.data(), 1, n};
  }

  std::vector<float> packed(const Kernels<float>& table) const {
    const Index panels = (n + table.panel_columns - 1) / table.panel_columns;
    std::vector<float> values[2];
    for (const Write where : {Write::near, Write::far}) {
      Guarded<float> memory(std::vector<float>(at(panels * table.panel_columns * k), 77), 0);
      table.pack(n, k, right(), memory.data(), where);
      EXPECT_TRUE(memory.intact());
      values[static_cast<int>(where)] = memory.values();
    }
    EXPECT_EQ(values[0], values[1]);
    return values[0];
  }
  /// Rows [begin, end) of the product, as they stand after one call.
  std::vector<float> rows(const Kernels<float>& table, Index begin, Index end, bool with_bias,
                          bool accumulate) const {
    const Index gap = 3;
    std::vector<float> start(at((end - begin) * (n + gap)), -5);
    for (Index i = begin; i < end; ++i) {
      std::copy_n(before.begin() + i * n, n, start.begin() + (i - begin) * (n + gap));
    }
    Guarded<float> c(start, 1);
    const Operand<float> part{left().data + begin * left().stride, left().stride, left().k_stride};
    const ChainStart<float> from = accumulate  ? ChainStart<float>{c.data(), n + gap}
                                   : with_bias ? ChainStart<float>{bias.data()}
                                               : ChainStart<float>{};
    table.product(end - begin, n, k, part, packed(table).data(), from, c.data(), n + gap);
    EXPECT_TRUE(c.intact());
    const auto all = c.values();
    std::vector<float> result;
    for (Index i = 0; i < end - begin; ++i) {
      result.insert(result.end(), all.begin() + i * (n + gap), all.begin() + i * (n + gap) + n);
      for (Index j = n; j < n + gap; ++j)
        EXPECT_EQ(all[at(i * (n + gap) + j)], -5) << "beside row " << i;
    }
    return result;
  }
  std::vector<float> run(const Kernels<float>& table, bool with_bias = false, bool accumulate = false) const {
    return rows(table, 0, m, with_bias, accumulate);
  }
  double exact(Index i, Index j) const {
    double sum = 0;
    for (Index p = 0; p < k; ++p) {
      sum += double(left().data[i * left().stride + p * left().k_stride]) *
             double(right().data[j * right().stride + p * right().k_stride]);
    }
    return sum;
  }
};

void expect_right(const Case& c) {
  const double tolerance = 2e-7 * static_cast<double>(c.k + 1);
  std::vector<double> exact;
  for (Index i = 0; i < c.m; ++i) {
    for (Index j = 0; j < c.n; ++j)
      exact.push_back(c.exact(i, j));
  }
  on_every_isa([&](const Kernels<float>& table) {
    const auto plain = c.run(table), biased = c.run(table, true), added = c.run(table, false, true);
    for (Index i = 0; i < c.m * c.n; ++i) {
      ASSERT_NEAR(double(plain[at(i)]), exact[at(i)], tolerance)
          << c.m << "x" << c.n << "x" << c.k << " at " << i;
      ASSERT_NEAR(double(biased[at(i)]), exact[at(i)] + double(c.bias[at(i % c.n)]), tolerance);
      ASSERT_NEAR(double(added[at(i)]), exact[at(i)] + double(c.before[at(i)]), tolerance);
    }
  });
}

TEST(Products, AreRightForEveryHeight) {
  for (Index m = 1; m <= 67; ++m)
    expect_right({.m = m, .n = 35, .k = 11});
}
TEST(Products, AreRightForEveryWidth) {
  for (Index n = 1; n <= 67; ++n)
    expect_right({.m = 5, .n = n, .k = 11});
  expect_right({.m = 1, .n = 300, .k = 20});
  expect_right({.m = 2, .n = 300, .k = 20});
}
TEST(Products, AreRightForEveryDepth) {
  for (Index k = 0; k <= 67; ++k)
    expect_right({.m = 7, .n = 20, .k = k});
  for (const Index k : {255, 256, 257, 300, 511, 513, 700})
    expect_right({.m = 14, .n = 40, .k = k});
}
TEST(Products, AreRightForTransposedOperands) {
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) {
      for (const Index m : {1, 2, 6, 12, 13, 50}) {
        for (const Index k : {1, 3, 8, 21, 300}) {
          expect_right({.m = m, .n = 45, .k = k, .a_transposed = a, .b_transposed = b});
        }
      }
    }
  }
}

TEST(Products, ARowsBitsDoNotDependOnItsCompany) {
  for (const bool transposed : {false, true}) {
    const Case c{.m = 49, .n = 150, .k = 403, .a_transposed = transposed};
    on_every_isa([&](const Kernels<float>& table) {
      const auto whole = c.run(table, true);
      for (const Index height : {1, 2, 3, 5, 12, 20}) {
        for (Index begin = 0; begin < c.m; begin += height) {
          const Index end = std::min(c.m, begin + height);
          const auto part = c.rows(table, begin, end, true, false);
          ASSERT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + begin * c.n)) << height << " rows";
        }
      }
    });
  }
}

TEST(Products, AColumnsBitsDoNotDependOnItsPlace) {
  const Case c{.m = 13, .n = 70, .k = 300, .b_transposed = true};
  on_every_isa([&](const Kernels<float>& table) {
    const auto whole = c.run(table);
    for (Index first = 0; first < c.n; first += 9) {
      const Index width = std::min<Index>(9, c.n - first);
      Case part{.m = c.m, .n = width, .k = c.k, .b_transposed = true};
      part.b.assign(c.b.begin() + first * c.k, c.b.begin() + (first + width) * c.k);
      const auto some = part.run(table);
      for (Index i = 0; i < c.m; ++i) {
        for (Index j = 0; j < width; ++j)
          ASSERT_EQ(some[at(i * width + j)], whole[at(i * c.n + first + j)]);
      }
    }
  });
}

/// Steps packed some at a time give what `pack` gives.
TEST(Products, PackedInPartsAreTheSame) {
  for (const Index n : {1, 8, 16, 31, 32, 45, 100}) {
    const Case c{.n = n, .k = 37};
    on_every_isa([&](const Kernels<float>& table) {
      const auto whole = c.packed(table);
      Guarded<float> memory(std::vector<float>(whole.size(), 77), 0);
      for (Index step = 0, count = 1; step < c.k; step += count, count = std::min(count + 3, c.k - step))
        table.pack_steps(n, count, {c.b.data() + step * n, n}, memory.data() + step * table.panel_columns,
                         c.k);
      EXPECT_TRUE(memory.intact());
      ASSERT_EQ(memory.values(), whole) << n << " columns";
      const Index width = table.panel_columns, last = n / width * width;
      for (Index step = 0; step < c.k && last < n; ++step) {
        const auto panel = whole.begin() + last * c.k + step * width;
        ASSERT_EQ(std::vector<float>(panel, panel + n - last),
                  std::vector<float>(c.b.begin() + step * n + last, c.b.begin() + (step + 1) * n));
        ASSERT_EQ(std::vector<float>(panel + n - last, panel + width),
                  std::vector<float>(at(width - n + last)));
      }
    });
  }
}

/// A left operand laid out for several right ones gives what `product` gives, bit for bit.
TEST(Products, InTwoPartsAreTheSame) {
  for (const Index m : {1, 2, 5, 12, 13, 20, 33, 96}) {
    for (const Index k : {1, 7, 8, 100, 511, -513, 1100, -1100, -100, -1}) {
      const Case c{.m = m, .n = 45, .k = std::abs(k), .a_transposed = k < 0};
      on_every_isa([&](const Kernels<float>& table) {
        const auto packed = c.packed(table), ahead = uniform(1000, 5);
        Guarded<float> memory(std::vector<float>(at(laid_size(m, c.k)), 3), 2);
        const Laid<float> laid = table.lay(m, c.k, c.left(), memory.data());
        EXPECT_TRUE(memory.intact());
        Guarded<float> result(c.before, 0);
        table.product_laid(m, c.n, c.k, laid, packed.data(), {result.data(), c.n}, result.data(), c.n,
                           {ahead.data(), 1000});
        EXPECT_TRUE(result.intact());
        ASSERT_EQ(result.values(), c.run(table, false, true)) << m << " x " << k;
      });
    }
  }
}

/// Chains may start from rows of another matrix.
TEST(Products, StartElsewhere) {
  const Case c{.m = 14, .n = 45, .k = 30};
  on_every_isa([&](const Kernels<float>& table) {
    std::vector<float> elsewhere(at(c.m * 50)), result(at(c.m * c.n), 9);
    for (Index i = 0; i < c.m; ++i)
      std::copy_n(c.before.begin() + i * c.n, c.n, elsewhere.begin() + i * 50);
    table.product(c.m, c.n, c.k, c.left(), c.packed(table).data(), {elsewhere.data(), 50}, result.data(),
                  c.n);
    EXPECT_EQ(result, c.run(table, false, true));
  });
}

/// k in two calls, the second accumulating, is one chain: x·W, then h·U.
TEST(Products, AccumulatingGoesOnWithTheSameChain) {
  for (const Index cut : {1, 8, 100, 256, 300}) {
    const Case c{.m = 11, .n = 50, .k = 403};
    on_every_isa([&](const Kernels<float>& table) {
      const auto whole = c.run(table, true);
      Case head{.m = c.m, .n = c.n, .k = cut}, tail{.m = c.m, .n = c.n, .k = c.k - cut};
      for (Index i = 0; i < c.m; ++i) {
        std::copy_n(c.a.begin() + i * c.k, cut, head.a.begin() + i * cut);
        std::copy_n(c.a.begin() + i * c.k + cut, c.k - cut, tail.a.begin() + i * (c.k - cut));
      }
      std::copy_n(c.b.begin(), cut * c.n, head.b.begin());
      std::copy_n(c.b.begin() + cut * c.n, (c.k - cut) * c.n, tail.b.begin());
      head.bias = c.bias;
      tail.before = head.run(table, true);
      EXPECT_EQ(tail.run(table, false, true), whole) << "cut at " << cut;
    });
  }
}

TEST(Products, OfNothingTouchNothing) {
  on_every_isa([](const Kernels<float>& table) {
    for (const Index m : {0, 3}) {
      const Case c{.m = m, .n = m == 0 ? 5 : 0, .k = 4};
      EXPECT_TRUE(c.run(table).empty());
    }
    const Case no_depth{.m = 3, .n = 20, .k = 0};
    EXPECT_EQ(no_depth.run(table), std::vector<float>(60, 0));
    EXPECT_EQ(no_depth.run(table, false, true), no_depth.before);
  });
}

TEST(Products, WhatIsNotANumberStaysInItsRowAndColumn) {
  Case c{.m = 14, .n = 40, .k = 30};
  c.a[at(5 * c.k + 7)] = std::numeric_limits<float>::quiet_NaN();
  on_every_isa([&](const Kernels<float>& table) {
    const auto result = c.run(table);
    for (Index i = 0; i < c.m; ++i) {
      for (Index j = 0; j < c.n; ++j)
        EXPECT_EQ(std::isnan(result[at(i * c.n + j)]), i == 5);
    }
  });
}

TEST(Products, TheReferenceInF64IsExact) {
  const auto& table = reference_kernels<double>();
  const double a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8}, bias[] = {0.5, -0.5};
  double packed[16], c[4];
  table.pack(2, 2, {b, 1, 2}, packed, Write::near);
  table.product(2, 2, 2, {a, 2, 1}, packed, {bias}, c, 2);
  EXPECT_EQ(std::vector<double>(c, c + 4), (std::vector<double>{19.5, 21.5, 43.5, 49.5}));
}

/// Runs `body` on a thread with that much stack, below which there is nothing for a long way.
void on_stack_of(std::size_t bytes, std::function<void()> body) {
  constexpr std::size_t nothing = 1 << 20;
  void* const memory =
      mmap(nullptr, nothing + bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  void* const stack = static_cast<char*>(memory) + nothing;
  ASSERT_EQ(mprotect(stack, bytes, PROT_READ | PROT_WRITE), 0);
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstack(&attributes, stack, bytes), 0);
  const auto run = [](void* given) -> void* {
    (*static_cast<std::function<void()>*>(given))();
    return nullptr;
  };
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &body), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  munmap(memory, nothing + bytes);
}

/// include/rondo/runtime.h says how much a thread has to have.
TEST(Products, GetByWithLittleStack) {
  constexpr Index k = 1024, n = 40;
  on_every_isa([](const Kernels<float>& table) {
    const Index panels = (n + table.panel_columns - 1) / table.panel_columns;
    const std::vector<float> b(static_cast<std::size_t>(panels * table.panel_columns * k), 0.5F);
    for (const auto& [rows, bytes] : {std::pair<Index, std::size_t>{48, 320 << 10}, {4, 96 << 10}}) {
      const std::vector<float> a(static_cast<std::size_t>(rows * k), 0.25F);
      std::vector<float> c(static_cast<std::size_t>(rows * n));
      on_stack_of(bytes, [&, height = rows] {
        table.product(height, n, k, {a.data(), k, 1}, b.data(), {}, c.data(), n);
      });
      EXPECT_EQ(c, std::vector<float>(c.size(), 0.125F * k)) << rows << " rows";
    }
  });
}

}  // namespace
}  // namespace rondo::test

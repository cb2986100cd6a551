#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <sys/mman.h>

#include "base/random.h"
#include "kernels/guarded.h"

namespace rondo::test {
namespace {

std::size_t at(Index i) {
  return static_cast<std::size_t>(i);
}
float widened(std::uint16_t upper) {
  return std::bit_cast<float>(std::uint32_t{upper} << 16);
}

using Bits = RoundedRows<float> Kernels<float>::*;
constexpr std::array<Bits, 2> all_bits = {&Kernels<float>::in_12_bits, &Kernels<float>::in_8_bits};
/// The largest number of so many bits.
int most_in(Bits bits) {
  return bits == &Kernels<float>::in_12_bits ? most_in_12_bits : most_in_8_bits;
}

/// Matrices of both types with the same number of rows on the left; results in guarded memory with gaps.
struct Case {
  Index m, n, k;
  std::vector<float> a = uniform(m * k, 1, -1, 1), bias = uniform(n, 3, -1, 1);
  std::vector<float> before = uniform(m * n, 4, -1, 1), scales = uniform(n, 5, 0.001F, 0.01F);
  std::vector<std::uint16_t> bf16 = halves();
  std::vector<std::int8_t> int8 = bytes();

  std::vector<std::uint16_t> halves() const {
    std::vector<std::uint16_t> all;
    for (const float value : uniform(n * k, 2, -1, 1))
      all.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
    return all;
  }
  std::vector<std::int8_t> bytes() const {
    std::vector<std::int8_t> all;
    for (const float value : uniform(n * k, 6, -127, 127))
      all.push_back(static_cast<std::int8_t>(std::lround(value)));
    return all;
  }

  template <class Number, class Size, class Pack>
  std::vector<Number> packed(const std::vector<Number>& columns, Size size, Pack pack) const {
    Guarded<Number> memory(std::vector<Number>(at(size(n, k)), Number(77)), 0);
    pack(n, k, columns.data(), memory.data());
    EXPECT_TRUE(memory.intact());
    return memory.values();
  }

  /// run(row, c, stride, bias, accumulate) on rows [begin, end) at a time.
  template <class Run>
  std::vector<float> rows(Index height, bool with_bias, bool accumulate, Run run) const {
    constexpr Index gap = 3;
    std::vector<float> result;
    for (Index begin = 0; begin < m; begin += height) {
      const Index count = std::min(height, m - begin);
      std::vector<float> start(at(count * (n + gap)), -5);
      for (Index i = 0; i < count; ++i)
        std::copy_n(before.begin() + (begin + i) * n, n, start.begin() + i * (n + gap));
      Guarded<float> c(start, 1);
      run(begin, count, c.data(), n + gap, with_bias ? bias.data() : nullptr, accumulate);
      EXPECT_TRUE(c.intact());
      const auto all = c.values();
      for (Index i = 0; i < count; ++i) {
        result.insert(result.end(), all.begin() + i * (n + gap), all.begin() + i * (n + gap) + n);
        for (Index j = n; j < n + gap; ++j)
          EXPECT_EQ(all[at(i * (n + gap) + j)], -5) << "beside row " << i;
      }
    }
    return result;
  }

  std::vector<float> in_bf16(const Kernels<float>& table, Index height, bool with_bias = false,
                             bool accumulate = false) const {
    const auto weights = packed(bf16, table.bf16_size, table.pack_bf16);
    return rows(height, with_bias, accumulate, [&](Index row, Index count, auto... rest) {
      table.product_bf16(count, n, k, a.data() + row * k, k, weights.data(), rest_bias(rest...),
                         rest_c(rest...), n + 3, accumulate);
    });
  }
  /// The same numbers through the product in f32.
  std::vector<float> in_f32(const Kernels<float>& table, bool with_bias = false,
                            bool accumulate = false) const {
    std::vector<float> wide;
    for (const std::uint16_t number : bf16)
      wide.push_back(widened(number));
    const Index panels = (n + table.panel_columns - 1) / table.panel_columns;
    std::vector<float> weights(at(panels * table.panel_columns * k));
    table.pack(n, k, {wide.data(), k, 1}, weights.data(), Write::near);
    return rows(m, with_bias, accumulate, [&](Index, Index count, auto... rest) {
      float* const c = rest_c(rest...);
      table.product(count, n, k, {a.data(), k, 1}, weights.data(),
                    accumulate ? ChainStart<float>{c, n + 3} : ChainStart<float>{rest_bias(rest...)}, c,
                    n + 3);
    });
  }
  /// With left rows of 8 or 12 bits.
  std::vector<float> in_int8(Bits bits, const Kernels<float>& table, Index height, bool with_bias = false,
                             bool accumulate = false) const {
    const auto weights = packed(int8, table.int8_size, table.pack_int8);
    const RoundedRows<float>& left = table.*bits;
    const Index length = left.size(k);
    std::vector<std::int16_t> q(at(m * length));
    std::vector<float> a_scales(at(m));
    for (Index row = 0; row < m; ++row)
      a_scales[at(row)] = left.round(k, a.data() + row * k, q.data() + row * length);
    return rows(height, with_bias, accumulate, [&](Index row, Index count, auto... rest) {
      left.product(count, n, k, q.data() + row * length, length, a_scales.data() + row, weights.data(),
                   scales.data(), rest_bias(rest...), rest_c(rest...), n + 3, accumulate);
    });
  }
  static float* rest_c(float* c, Index, const float*, bool) { return c; }
  static const float* rest_bias(float*, Index, const float* bias, bool) { return bias; }

  /// What the 8-bit product stands for, in f64.
  double exact_int8(Index row, Index column) const {
    double sum = 0;
    for (Index p = 0; p < k; ++p)
      sum += double(a[at(row * k + p)]) * double(int8[at(column * k + p)]);
    return sum * double(scales[at(column)]);
  }
};

void expect_right_in_int8(const Case& c, Bits bits, const Kernels<float>& table) {
  const auto plain = c.in_int8(bits, table, c.m), biased = c.in_int8(bits, table, c.m, true),
             added = c.in_int8(bits, table, c.m, false, true);
  // The left numbers are within half of 1 / 2047 or 1 / 127.
  const double tolerance = 1e-6 + static_cast<double>(c.k) * 0.5 / most_in(bits) * 127 * 0.01;
  for (Index i = 0; i < c.m * c.n; ++i) {
    const double exact = c.exact_int8(i / c.n, i % c.n);
    ASSERT_NEAR(double(plain[at(i)]), exact, tolerance) << c.m << "x" << c.n << "x" << c.k << " at " << i;
    ASSERT_NEAR(double(biased[at(i)] - plain[at(i)]), double(c.bias[at(i % c.n)]), 1e-5);
    ASSERT_NEAR(double(added[at(i)] - plain[at(i)]), double(c.before[at(i)]), 1e-5);
  }
}

void expect_right(const Case& c) {
  on_every_isa([&](const Kernels<float>& table) {
    EXPECT_EQ(c.in_bf16(table, c.m), c.in_f32(table)) << c.m << "x" << c.n << "x" << c.k;
    EXPECT_EQ(c.in_bf16(table, c.m, true), c.in_f32(table, true));
    EXPECT_EQ(c.in_bf16(table, c.m, false, true), c.in_f32(table, false, true));
    for (const Bits bits : all_bits)
      expect_right_in_int8(c, bits, table);
  });
}

TEST(SmallProducts, AreRightForEveryHeight) {
  for (Index m = 1; m <= 19; ++m)
    expect_right({.m = m, .n = 75, .k = 12});
}
TEST(SmallProducts, AreRightForEveryWidth) {
  for (Index n = 1; n <= 150; ++n)
    expect_right({.m = n % 5 + 1, .n = n, .k = 7});
}
TEST(SmallProducts, AreRightForEveryDepth) {
  for (Index k = 0; k <= 35; ++k)
    expect_right({.m = 2, .n = 33, .k = k});
  for (const Index k : {300, 8191, 8192, 8193, 20000})
    expect_right({.m = 3, .n = 20, .k = k});
}

/// Sums of 32 bits are exact, so every instruction set gives the same bits.
TEST(SmallProducts, In8BitsAreTheSameOnEveryInstructionSet) {
  Random random(8);
  const auto below = [&random](std::uint64_t n) { return static_cast<Index>(random.below(n)); };
  for (int i = 0; i < 60; ++i) {
    const Index k = i % 4 == 0 ? small_depth - 20 + below(40) : below(700);
    const Case c{.m = 1 + below(19), .n = 1 + below(150), .k = k};
    for (const Bits bits : all_bits) {
      const auto wanted = c.in_int8(bits, reference_kernels<float>(), c.m, true);
      on_every_isa([&](const Kernels<float>& table) {
        EXPECT_EQ(c.in_int8(bits, table, c.m, true), wanted) << c.m << "x" << c.n << "x" << c.k;
      });
    }
  }
}

TEST(SmallProducts, ARowsBitsDoNotDependOnItsCompany) {
  const Case c{.m = 21, .n = 150, .k = 203};
  on_every_isa([&](const Kernels<float>& table) {
    const auto bf16 = c.in_bf16(table, c.m, true);
    for (const Index height : {1, 2, 3, 4, 5, 6, 7, 8, 13}) {
      EXPECT_EQ(c.in_bf16(table, height, true), bf16) << height << " rows";
      for (const Bits bits : all_bits)
        EXPECT_EQ(c.in_int8(bits, table, height, true), c.in_int8(bits, table, c.m, true))
            << height << " rows";
    }
  });
}

TEST(SmallProducts, TheLargestNumbersDoNotOverflow) {
  Case c{.m = 1, .n = 40, .k = small_depth};
  std::fill(c.a.begin(), c.a.end(), -1.0F);
  std::fill(c.scales.begin(), c.scales.end(), 1.0F);
  for (const int weight : {127, -127}) {
    std::fill(c.int8.begin(), c.int8.end(), static_cast<std::int8_t>(weight));
    on_every_isa([&](const Kernels<float>& table) {
      for (const Bits bits : all_bits)
        for (const float value : c.in_int8(bits, table, 1))
          ASSERT_NEAR(double(value), -weight * double(small_depth), 1);
    });
  }
}

/// The numbers of a quantised row, whatever its layout: its product with the unit matrix.
std::vector<int> numbers_of(Bits bits, const Kernels<float>& table, Index k,
                            const std::vector<std::int16_t>& q) {
  std::vector<std::int8_t> unit(at(k * k)), packed(at(table.int8_size(k, k)));
  for (Index i = 0; i < k; ++i)
    unit[at(i * k + i)] = 1;
  table.pack_int8(k, k, unit.data(), packed.data());
  const std::vector<float> ones(at(k), 1);
  std::vector<float> c(at(k));
  (table.*bits)
      .product(1, k, k, q.data(), 0, ones.data(), packed.data(), ones.data(), nullptr, c.data(), k, false);
  return {c.begin(), c.end()};
}

void expect_rounded(Bits bits, const Kernels<float>& table, const std::vector<float>& a) {
  const auto k = static_cast<Index>(a.size());
  Guarded<std::int16_t> q(std::vector<std::int16_t>(at((table.*bits).size(k)), 99), 1);
  const float scale = (table.*bits).round(k, a.data(), q.data());
  EXPECT_TRUE(q.intact());
  const auto values = numbers_of(bits, table, k, q.values());
  int largest = 0;
  for (Index i = 0; i < k; ++i) {
    ASSERT_NEAR(double(a[at(i)]), double(scale) * values[at(i)], 0.5001 * double(scale));
    largest = std::max(largest, std::abs(int{values[at(i)]}));
  }
  EXPECT_EQ(largest, most_in(bits));
  const Kernels<float>& reference = reference_kernels<float>();
  std::vector<std::int16_t> wanted(at((reference.*bits).size(k)));
  EXPECT_EQ((reference.*bits).round(k, a.data(), wanted.data()), scale);
  EXPECT_EQ(values, numbers_of(bits, reference, k, wanted));
}

TEST(SmallProducts, RoundingKeepsSoManyBits) {
  for (const Index k : {1, 2, 15, 16, 17, 33, 100})
    on_every_isa([&](const Kernels<float>& table) {
      for (const Bits bits : all_bits)
        expect_rounded(bits, table, uniform(k, 7, -3, 3));
    });
}

TEST(SmallProducts, RoundingKeepsZerosAndTellsWhatIsNotFinite) {
  on_every_isa([](const Kernels<float>& table) {
    for (const Bits bits : all_bits) {
      const std::vector<std::int16_t> before(at((table.*bits).size(19)), 5);
      for (const float tiny : {0.0F, 1e-38F, -1e-31F}) {
        const std::vector<float> a(19, tiny);
        auto q = before;
        EXPECT_EQ((table.*bits).round(19, a.data(), q.data()), 0);
        EXPECT_EQ(numbers_of(bits, table, 19, q), std::vector<int>(19, 0));
      }
      for (const float odd :
           {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
        for (const std::size_t place : {0, 7, 18}) {
          std::vector<float> a(19, 0.5F);
          a[place] = odd;
          auto q = before;
          EXPECT_TRUE(std::isnan((table.*bits).round(19, a.data(), q.data())));
          EXPECT_EQ(numbers_of(bits, table, 19, q), std::vector<int>(19, 0));
        }
    }
  });
}

/// Memory that ends where a page begins that nobody may touch. Sanitizers do not see what assembly reads.
class Fenced {
 public:
  explicit Fenced(Index bytes)
      : size_((static_cast<std::size_t>(bytes) + page - 1) / page * page + page),
        begin_(static_cast<char*>(
            mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))),
        data_(begin_ + size_ - page - (static_cast<std::size_t>(bytes) + 15) / 16 * 16) {
    mprotect(begin_ + size_ - page, page, PROT_NONE);
  }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;
  ~Fenced() { munmap(begin_, size_); }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data_);
  }

 private:
  static constexpr std::size_t page = 4096;
  std::size_t size_;
  char *begin_, *data_;
};

TEST(SmallProducts, In8BitsReadNothingBehindTheirOperands) {
  for (const auto& [m, n, k] : {std::array<Index, 3>{1, 5, 3}, {9, 33, 100}, {17, 130, 64}, {40, 16, 65}}) {
    const Case c{.m = m, .n = n, .k = k};
    on_every_isa([&, &m = m, &n = n, &k = k](const Kernels<float>& table) {
      for (const Bits bits : all_bits) {
        const RoundedRows<float>& left = table.*bits;
        const Fenced packed(table.int8_size(n, k)), q(2 * m * left.size(k));
        table.pack_int8(n, k, c.int8.data(), packed.as<std::int8_t>());
        std::vector<float> scales(at(m)), result(at(m * n));
        for (Index row = 0; row < m; ++row)
          scales[at(row)] = left.round(k, c.a.data() + row * k, q.as<std::int16_t>() + row * left.size(k));
        left.product(m, n, k, q.as<std::int16_t>(), left.size(k), scales.data(), packed.as<std::int8_t>(),
                     c.scales.data(), c.bias.data(), result.data(), n, false);
        EXPECT_NE(result.back(), 0);
      }
    });
  }
}

TEST(SmallProducts, OfNothingTouchNothing) {
  on_every_isa([](const Kernels<float>& table) {
    const Case none{.m = 3, .n = 0, .k = 4};
    EXPECT_TRUE(none.in_bf16(table, 3).empty());
    for (const Bits bits : all_bits)
      EXPECT_TRUE(none.in_int8(bits, table, 3).empty());
  });
}

}  // namespace
}  // namespace rondo::test

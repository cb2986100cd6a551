#include "tensor/matmul.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/runtime.h>

namespace rondo {
namespace {

std::size_t at(Index i) {
  return static_cast<std::size_t>(i);
}

template <class T>
std::vector<T> numbers(Index count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> values(at(count));
  for (auto& value : values)
    value = uniform(random);
  return values;
}

/// One product of every kind by plain loops in f64.
template <class T>
struct Case {
  Index m, n, k;
  std::vector<T> a = numbers<T>(m * k, 1), b = numbers<T>(k * n, 2), bias = numbers<T>(n, 3);
  std::vector<T> start = numbers<T>(m * n, 4);

  std::vector<T> run(Start from, bool a_transposed, bool b_transposed) const {
    const Operand<T> left = a_transposed ? Operand<T>{a.data(), 1, m} : Operand<T>{a.data(), k, 1};
    const Operand<T> right = b_transposed ? Operand<T>{b.data(), k, 1} : Operand<T>{b.data(), 1, n};
    std::vector<T> c = start;
    matmul(m, n, k, left, right, c.data(), n, from, from == Start::bias ? bias.data() : nullptr);
    return c;
  }
  double expected(Start from, bool a_transposed, bool b_transposed, Index i, Index j) const {
    double sum = from == Start::bias     ? double(bias[at(j)])
                 : from == Start::result ? double(start[at(i * n + j)])
                                         : 0;
    for (Index p = 0; p < k; ++p) {
      sum += double(a[at(a_transposed ? p * m + i : i * k + p)]) *
             double(b[at(b_transposed ? j * k + p : p * n + j)]);
    }
    return sum;
  }
};

template <class T>
void compare(Index m, Index n, Index k) {
  const Case<T> product{m, n, k};
  const double tolerance = (std::is_same_v<T, float> ? 3e-7 : 1e-15) * static_cast<double>(k + 1);
  for (const Start from : {Start::zero, Start::bias, Start::result}) {
    for (const int way : {0, 1, 2, 3}) {
      const auto c = product.run(from, way % 2 == 1, way / 2 == 1);
      for (Index i = 0; i < m; ++i) {
        for (Index j = 0; j < n; ++j) {
          const double wanted = product.expected(from, way % 2 == 1, way / 2 == 1, i, j);
          ASSERT_NEAR(double(c[at(i * n + j)]), wanted, tolerance)
              << m << "x" << n << "x" << k << " way " << way;
        }
      }
    }
  }
}

TEST(Matmul, AgreesWithPlainLoops) {
  for (const Index m : {1, 2, 5, 13}) {
    for (const Index n : {1, 7, 16, 33, 65}) {
      for (const Index k : {0, 1, 3, 40, 300}) {
        compare<float>(m, n, k);
        compare<double>(m, n, k);
      }
    }
  }
}

TEST(Matmul, DoesNothingForNoRowsOrColumns) {
  for (const auto& [m, n] : {std::pair<Index, Index>{0, 5}, {5, 0}, {0, 0}})
    compare<float>(m, n, 3);
}

TEST(ThreadsMatmul, TheBitsDoNotDependOnTheNumberOfThreads) {
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 500}, {3, 40}, {200, 10}, {64, 300}}) {
    const Case<float> product{m, n, 333};
    std::vector<std::vector<float>> results;
    for (int threads : {1, 2, 3, 5}) {
      Runtime runtime{{.threads = threads, .isa = {}}};
      const Runtime::Use use(runtime);
      results.push_back(product.run(Start::bias, false, true));
      EXPECT_EQ(results.back(), results.front()) << threads << " threads, " << m << "x" << n;
    }
  }
}

TEST(Matmul, PackedOperandsRememberTheirKernels) {
  const auto b = numbers<float>(30 * 20, 5), a = numbers<float>(4 * 20, 6);
  Runtime scalar{{.threads = 1, .isa = "scalar"}};
  const Packed<float> packed = [&] {
    const Runtime::Use use(scalar);
    return Packed<float>(30, 20, {b.data(), 20, 1});
  }();
  std::vector<float> here(4 * 30), there(4 * 30);
  matmul(4, {a.data(), 20, 1}, packed, here.data(), 30);
  {
    const Runtime::Use use(scalar);
    matmul_serial(4, {a.data(), 20, 1}, packed, there.data(), 30);
  }
  EXPECT_EQ(here, there);
}

/// So large that panels are written past the caches.
TEST(Matmul, LargeOperandsArePackedInAnyOrder) {
  constexpr Index n = 307, k = 451, m = 3, cut = 100;
  const Case<float> product{m, n, k};
  const Operand<float> left{product.a.data(), k, 1}, right{product.b.data(), k, 1};
  const Move columns[] = {{cut, 0, n - cut}, {0, n - cut, cut}},
             steps[] = {{cut, 0, k - cut}, {0, k - cut, cut}};
  for (const std::string& isa : Runtime::isas()) {
    Runtime runtime{{.threads = 2, .isa = isa}};
    const Runtime::Use use(runtime);
    const auto rows_of = [&](const Packed<float>& packed, const float* a) {
      std::vector<float> c(m * n);
      matmul(m, {a, k, 1}, packed, c.data(), n);
      return c;
    };
    std::vector<float> turned(product.a.size());
    for (Index i = 0; i < m; ++i)
      for (Index p = 0; p < k; ++p)
        turned[at(i * k + (p + k - cut) % k)] = product.a[at(i * k + p)];
    const auto plain = rows_of({n, k, right}, left.data);
    const auto moved = rows_of(Packed<float>::with_columns(n, k, right, columns), left.data);
    const auto stepped = rows_of(Packed<float>::with_steps(n, k, right, steps), turned.data());
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < n; ++j) {
        const double wanted = product.expected(Start::zero, false, true, i, j);
        ASSERT_NEAR(double(plain[at(i * n + j)]), wanted, 1e-4) << isa;
        ASSERT_NEAR(double(moved[at(i * n + (j + n - cut) % n)]), wanted, 1e-4) << isa;
        ASSERT_NEAR(double(stepped[at(i * n + j)]), wanted, 1e-4) << isa;
      }
  }
}

TEST(Matmul, MisuseIsABug) {
  std::vector<float> c(4);
  const Packed<float> packed(2, 2, {c.data(), 2, 1});
  EXPECT_THROW(matmul(2, {c.data(), 2, 1}, packed, c.data(), 2, Start::bias), Bug);
  EXPECT_THROW(matmul(2, {c.data(), 2, 1}, Packed<float>(), c.data(), 2), Bug);
}

}  // namespace
}  // namespace rondo

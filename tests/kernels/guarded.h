/// Rows for kernels to work on: at any alignment, with a zone on either side that must stay as it is.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/kernels.h"

namespace rondo::test {

template <class T>
class Guarded {
 public:
  /// `shift`: elements off a 64-byte line.
  explicit Guarded(std::vector<T> values, std::size_t shift = 0)
      : size_(values.size()), memory_(2 * zone + shift + values.size() + 64, sentinel) {
    while (reinterpret_cast<std::uintptr_t>(memory_.data() + line_ + zone) % 64 != 0)
      ++line_;
    line_ += zone + shift;
    std::copy(values.begin(), values.end(), data());
  }
  T* data() { return memory_.data() + line_; }
  std::vector<T> values() const { return {begin(), begin() + static_cast<std::ptrdiff_t>(size_)}; }
  /// Whether nothing was written beside the row.
  bool intact() const {
    const auto untouched = [](T value) { return value == sentinel; };
    return std::all_of(memory_.begin(), begin(), untouched) &&
           std::all_of(begin() + static_cast<std::ptrdiff_t>(size_), memory_.end(), untouched);
  }

 private:
  static constexpr std::size_t zone = 48;
  static constexpr T sentinel = T(-12345);
  auto begin() const { return memory_.begin() + static_cast<std::ptrdiff_t>(line_); }

  std::size_t size_, line_ = 0;
  std::vector<T> memory_;
};

/// Uniform in [low, high), exact in f32.
inline std::vector<float> uniform(Index count, unsigned seed, float low = -3, float high = 3) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> draw(low, high);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (auto& value : values)
    value = draw(random);
  return values;
}

inline std::vector<double> widened(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

/// Sizes around every multiple of every vector's width, and some large ones.
inline std::vector<Index> sizes() {
  std::vector<Index> all;
  for (Index n = 0; n <= 67; ++n)
    all.push_back(n);
  all.insert(all.end(), {100, 255, 1024, 1025, 4099, 9001});
  return all;
}

/// Calls test(table) for every instruction set of the machine.
template <class Test>
void on_every_isa(Test test) {
  for (const auto* table : all_kernels()) {
    SCOPED_TRACE(std::string(table->isa));
    test(*table);
  }
}

/// Runs call(table, n, arrays[0], arrays[1], ...) in f32 at shifted alignments and by the reference in f64 on
/// the same numbers, and compares every array afterwards. A call returns a number to be compared too.
template <class Call>
void expect_like_reference(const std::vector<std::vector<float>>& arrays, double tolerance, Call call) {
  std::vector<std::vector<double>> wide;
  for (const auto& array : arrays)
    wide.push_back(widened(array));
  std::vector<double*> wide_rows;
  for (auto& array : wide)
    wide_rows.push_back(array.data());
  const double wide_result = call(reference_kernels<double>(), wide_rows);
  const auto near = [tolerance](double value, double wanted) {
    return std::abs(value - wanted) <= tolerance * std::max(1.0, std::abs(wanted));
  };
  on_every_isa([&](const Kernels<float>& table) {
    std::vector<Guarded<float>> guarded;
    for (std::size_t i = 0; i < arrays.size(); ++i)
      guarded.emplace_back(arrays[i], (3 * i + 1) % 16);
    std::vector<float*> rows;
    for (auto& row : guarded)
      rows.push_back(row.data());
    const double result = call(table, rows);
    EXPECT_TRUE(near(result, wide_result)) << result << ", wanted " << wide_result;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      EXPECT_TRUE(guarded[i].intact()) << "array " << i;
      const auto values = guarded[i].values();
      for (std::size_t j = 0; j < values.size(); ++j) {
        ASSERT_TRUE(near(double(values[j]), wide[i][j]))
            << "array " << i << "[" << j << "] of " << values.size() << ": " << values[j] << ", wanted "
            << wide[i][j];
      }
    }
  });
}

}  // namespace rondo::test

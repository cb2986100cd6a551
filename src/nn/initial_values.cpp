#include "nn/initial_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <rondo/error.h>

#include "autograd/visit.h"
#include "base/random.h"

namespace rondo {
namespace {

/// Eight interleaved partial sums: a fixed order that the compiler can turn into vectors.
double dot(std::int64_t n, const double* a, const double* b) {
  std::array<double, 8> parts = {};
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (std::size_t k = 0; k < 8; ++k)
      parts[k] += a[i + std::int64_t(k)] * b[i + std::int64_t(k)];
  double tail = 0;
  for (; i < n; ++i)
    tail += a[i] * b[i];
  for (const double part : parts)
    tail += part;
  return tail;
}

template <class T>
void fill_uniform(std::span<T> values, double limit, Random& random) {
  for (T& v : values)
    v = static_cast<T>((2 * static_cast<double>(random.uniform_open()) - 1) * limit);
}

/// The Q of a random normal matrix. Its rows are orthonormal if there are at most as many as columns;
/// otherwise its columns are (Saxe et al. 2014).
template <class T>
void fill_orthogonal(std::span<T> values, std::int64_t rows, std::int64_t columns, double factor,
                     Random& random) {
  const std::int64_t few = std::min(rows, columns), many = std::max(rows, columns);
  std::vector<double> q(static_cast<std::size_t>(few * many));
  for (double& v : q)
    v = random.normal();
  orthonormalise(few, many, q.data());
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c) {
      const std::int64_t from = rows <= columns ? r * many + c : c * many + r;
      values[static_cast<std::size_t>(r * columns + c)] =
          static_cast<T>(factor * q[static_cast<std::size_t>(from)]);
    }
}

template <class T>
void fill_block(std::span<T> values, std::int64_t rows, std::int64_t columns, const Initial& initial,
                Random& random) {
  const auto scale = static_cast<double>(initial.scale);
  switch (initial.kind) {
    case Initializer::glorot_uniform:  // Glorot & Bengio 2010
      return fill_uniform(values, scale * std::sqrt(6.0 / static_cast<double>(rows + columns)), random);
    case Initializer::orthogonal:
      return fill_orthogonal(values, rows, columns, scale, random);
    case Initializer::uniform:
      return fill_uniform(values, scale, random);
    case Initializer::zeros:
      return std::fill(values.begin(), values.end(), T(0));
    case Initializer::ones:
      return std::fill(values.begin(), values.end(), static_cast<T>(scale));
  }
  throw Bug("an initialiser that does not exist");
}

}  // namespace

// Modified Gram-Schmidt, done twice. Once would leave errors that grow with the condition of the matrix;
// twice leaves only rounding errors (Giraud et al. 2005).
void orthonormalise(std::int64_t rows, std::int64_t columns, double* matrix) {
  for (std::int64_t i = 0; i < rows; ++i) {
    double* row = matrix + i * columns;
    for (int pass = 0; pass < 2; ++pass)
      for (std::int64_t j = 0; j < i; ++j) {
        const double* earlier = matrix + j * columns;
        const double along = dot(columns, row, earlier);
        for (std::int64_t k = 0; k < columns; ++k)
          row[k] -= along * earlier[k];
      }
    const double length = std::sqrt(dot(columns, row, row));
    for (std::int64_t k = 0; k < columns; ++k)
      row[k] /= length;
  }
}

void fill_initial(Tensor& value, const Initial& initial, std::uint64_t seed, std::string_view name) {
  const std::int64_t blocks = initial.blocks;
  if (blocks < 1 || value.rows() % blocks != 0)
    throw Bug("rows of '" + std::string(name) + "' cannot be cut into " + std::to_string(blocks) + " blocks");
  const std::int64_t rows = value.rows() / blocks, columns = value.columns();
  Random random(seed, mix(hash_of("parameter"), hash_of(name)));
  visit_float(value.dtype(), name, [&]<class T>() {
    std::span<T> all = value.data<T>();
    const auto size = static_cast<std::size_t>(rows * columns);
    for (int b = 0; b < blocks; ++b) {
      const std::span<T> block = all.subspan(static_cast<std::size_t>(b) * size, size);
      if (initial.only_block >= 0 && b != initial.only_block)
        std::fill(block.begin(), block.end(), T(0));
      else
        fill_block(block, rows, columns, initial, random);
    }
  });
}

}  // namespace rondo

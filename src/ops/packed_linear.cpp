#include "ops/packed_linear.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "ops/linear.h"

namespace rondo {

struct PackedLinear::Impl {
  Index in, out;
  std::vector<float> bias;
  Packed<float> exact;
  std::optional<Int8Packed> int8;
};

PackedLinear::PackedLinear(const Var& weight, const Var& bias, std::span<const std::int32_t> rows) {
  const Index in = weight.columns(), out = static_cast<Index>(rows.size());
  Impl made{.in = in, .out = out, .bias = {}, .exact = {}, .int8 = {}};
  const float *const numbers = elements<float>(weight.value()), *const starts = elements<float>(bias.value());
  std::vector<float> taken;
  taken.reserve(rows.size() * static_cast<std::size_t>(in));
  for (const std::int32_t row : rows) {
    taken.insert(taken.end(), numbers + row * in, numbers + (row + 1) * in);
    made.bias.push_back(starts[row]);
  }
  if (is_int8(weight))
    made.int8.emplace(weight.leaf()->weight_type, out, in, taken.data());
  else
    made.exact = Packed<float>(out, in, by_rows(static_cast<const float*>(taken.data()), in));
  impl_ = std::make_shared<const Impl>(std::move(made));
}

Var PackedLinear::operator()(const Var& x) const {
  const Impl& of = *impl_;
  checked("packed linear", "x", x, {x.rows(), of.in}, DType::f32);
  Tensor y = Tensor::uninitialised({x.rows(), of.out});
  if (of.int8)
    of.int8->multiply(x.rows(), elements<float>(x.value()), of.bias.data(), elements<float>(y));
  else
    matmul<float>(x.rows(), by_rows(elements<float>(x.value()), of.in), of.exact, elements<float>(y), of.out,
                  Start::bias, of.bias.data());
  return y;
}

}  // namespace rondo

#include "support/checks.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <rondo/ops.h>

#include "base/random.h"

namespace rondo::testing_support {
namespace {

/// The fixed weights that turn a result into a single number: irregular, so that no errors cancel.
Tensor result_weights(const Shape& shape, DType type) {
  return random_tensor(shape, 4711, type, 0.25, 1.75);
}

std::vector<Var> parameters(std::span<const Tensor> inputs) {
  std::vector<Var> result;
  for (const Tensor& input : inputs)
    result.push_back(parameter(input));
  return result;
}

/// sum(f(inputs) · weights), summed here and not by the operations under test.
double objective(const Function& f, std::span<const Tensor> inputs) {
  const Recording recording;  // so that dropout is on
  const Tensor y = f(parameters(inputs)).value();
  const Tensor weights = result_weights(y.shape(), DType::f64);
  double total = 0;
  for (std::int64_t i = 0; i < y.size(); ++i)
    total += y.at(i) * weights.at(i);
  return total;
}

}  // namespace

Tensor random_tensor(const Shape& shape, std::uint64_t seed, DType type, double low, double high) {
  Tensor result = Tensor::uninitialised(shape, DType::f32);
  Random random(seed, hash_of("test input"));
  for (float& x : result.data<float>())
    x = random.uniform(static_cast<float>(low), static_cast<float>(high));
  return result.to(type);
}

void expect_close(const Tensor& got, const Tensor& wanted, double tolerance, const std::string& what) {
  ASSERT_EQ(got.shape(), wanted.shape()) << what;
  const auto excess = [&](std::int64_t i) {
    const double error = std::abs(got.at(i) - wanted.at(i)) / std::max(1.0, std::abs(wanted.at(i)));
    return std::isnan(error) && !(std::isnan(got.at(i)) && std::isnan(wanted.at(i))) ? INFINITY : error;
  };
  std::int64_t worst = 0;
  for (std::int64_t i = 1; i < got.size(); ++i)
    if (excess(i) > excess(worst)) worst = i;
  if (got.size() == 0) return;
  EXPECT_LE(excess(worst), tolerance) << what << ": element " << worst << " of " << to_string(got.shape())
                                      << " is " << got.at(worst) << ", wanted " << wanted.at(worst);
}

void expect_same_bits(const Tensor& got, const Tensor& wanted, const std::string& what) {
  ASSERT_EQ(got.shape(), wanted.shape()) << what;
  ASSERT_EQ(got.dtype(), wanted.dtype()) << what;
  std::int64_t different = 0, first = -1;
  for (std::int64_t i = 0; i < got.size(); ++i) {
    const double a = got.at(i), b = wanted.at(i);  // exact for every type
    if (std::memcmp(&a, &b, sizeof a) == 0) continue;
    if (different++ == 0) first = i;
  }
  if (different > 0)
    ADD_FAILURE() << what << ": " << different << " of " << got.size() << " elements differ, the first is "
                  << first << ": " << got.at(first) << " and " << wanted.at(first);
}

Var joined(std::initializer_list<Var> results) {
  std::vector<Var> rows;
  for (const Var& result : results)
    rows.push_back(reshape(result, {1, result.value().size()}));
  return concat(rows);
}

Var parameter(const Tensor& value) {
  return Var::parameter(
      std::make_shared<Leaf>(Leaf{.value = value, .gradient = Tensor::zeros(value.shape(), value.dtype())}));
}

Differentiated differentiate(const Function& f, std::span<const Tensor> inputs) {
  const auto vars = parameters(inputs);
  const Recording recording;
  const Var y = f(vars);
  sum(y * Var(result_weights(y.shape(), y.dtype()))).backward();
  Differentiated result{y.value(), {}};
  for (const Var& x : vars)
    result.gradients.push_back(x.leaf()->gradient);
  return result;
}

void gradient_check(const Function& f, std::span<const Tensor> inputs, const GradientCheck& options) {
  const auto analytic = differentiate(f, inputs);
  std::vector<Tensor> moved;
  for (const Tensor& input : inputs)
    moved.push_back(input.clone());
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const auto x = moved[k].data<double>();
    const std::size_t stride =
        std::max<std::size_t>(1, x.size() / static_cast<std::size_t>(options.elements));
    for (std::size_t i = 0; i < x.size(); i += stride) {
      const double at = x[i];
      x[i] = at + options.step;
      const double up = objective(f, moved);
      x[i] = at - options.step;
      const double down = objective(f, moved);
      x[i] = at;
      const double wanted = (up - down) / (2 * options.step),
                   got = analytic.gradients[k].at(static_cast<std::int64_t>(i));
      EXPECT_LE(std::abs(got - wanted), options.tolerance * std::max(1.0, std::abs(wanted)))
          << "gradient of input " << k << ", element " << i << " of " << to_string(inputs[k].shape())
          << " is " << got << ", finite differences say " << wanted;
    }
  }
}

}  // namespace rondo::testing_support

/// The table of operations under test. One entry gives an operation its comparison of f32 on every
/// instruction set with the f64 reference, its gradient check, its check for equal bits on 1, 2 and 3 threads
/// (tests/ops/op_cases_test.cpp) and its benchmark (bench/ops.cpp). See CONTRIBUTING.md, "Add an op".
#pragma once
#include <string>
#include <vector>

#include "support/checks.h"

namespace rondo::testing_support {

struct OpCaseOptions {
  double low = -1.5, high = 1.5;  ///< inputs are uniform in [low, high)
  double tolerance = 1e-5;        ///< of f32 against f64, times max(1, |reference|)
  bool row_wise = false;  ///< row i of the result depends on row i of the first input alone: same bits alone
};

struct OpCase {
  std::string name;  ///< a-z, 0-9, _
  std::vector<std::vector<Shape>>
      small;                 ///< shapes of the inputs, instance by instance: checked element by element
  std::vector<Shape> large;  ///< one instance that keeps several threads busy: equal bits, benchmark
  Function function;
  OpCaseOptions options = {};
};

/// The whole table, family by family.
std::vector<OpCase> op_cases();
/// One family of it (recurrent_cases.cpp).
std::vector<OpCase> recurrent_cases();

/// Inputs of one instance, the same f32 values in any type.
std::vector<Tensor> make_inputs(const std::vector<Shape>& shapes, const OpCaseOptions& options, DType type);

// -- For entries whose function needs more than tensors: made from sizes alone, the same every time.
// ---------------

/// Ragged lengths (1 to 23, mean 12) with that many rows in all.
std::shared_ptr<const Layout> ragged_layout(std::int64_t rows);
/// i32 [count], irregular, some often and some never, within [0, bound).
Tensor some_ids(std::int64_t count, std::int64_t bound);

}  // namespace rondo::testing_support

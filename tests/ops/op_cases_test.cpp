#include "support/op_cases.h"

#include <ostream>
#include <set>

#include <gtest/gtest.h>

namespace rondo::testing_support {

/// How GoogleTest names a case in its messages.
static void PrintTo(const OpCase& op, std::ostream* out) {
  *out << op.name;
}

namespace {

class OpCases : public testing::TestWithParam<OpCase> {};

TEST_P(OpCases, EveryInstructionSetAgreesWithTheReference) {
  const OpCase& op = GetParam();
  for (const auto& shapes : op.small) {
    SCOPED_TRACE("first input " + to_string(shapes.front()));
    const auto wanted = differentiate(op.function, make_inputs(shapes, op.options, DType::f64));
    for_each_isa([&] {
      const auto got = differentiate(op.function, make_inputs(shapes, op.options, DType::f32));
      expect_close(got.value, wanted.value, op.options.tolerance, "value");
      for (std::size_t i = 0; i < got.gradients.size(); ++i)
        expect_close(got.gradients[i], wanted.gradients[i], op.options.tolerance,
                     "gradient " + std::to_string(i));
    });
  }
}

TEST_P(OpCases, GradientsAreFiniteDifferences) {
  const OpCase& op = GetParam();
  for (const auto& shapes : op.small) {
    SCOPED_TRACE("first input " + to_string(shapes.front()));
    gradient_check(op.function, make_inputs(shapes, op.options, DType::f64));
  }
}

/// In f64 too: a sum whose order wavers shows in its last bits, which a rounding to f32 may hide.
TEST_P(OpCases, SameBitsForAnyNumberOfThreads) {
  const OpCase& op = GetParam();
  for (const DType type : {DType::f32, DType::f64}) {
    SCOPED_TRACE(name_of(type));
    const auto inputs = make_inputs(op.large, op.options, type);
    std::vector<Differentiated> results;
    for_each_thread_count([&] {
      results.push_back(differentiate(op.function, inputs));
      expect_same_bits(results.back().value, results.front().value, "value");
      for (std::size_t i = 0; i < inputs.size(); ++i)
        expect_same_bits(results.back().gradients[i], results.front().gradients[i],
                         "gradient " + std::to_string(i));
    });
  }
}

/// One row of the first input; inputs of as many rows go along with it.
std::vector<Var> row_of(const std::vector<Tensor>& inputs, std::int64_t row) {
  std::vector<Var> vars;
  for (const Tensor& input : inputs) {
    const bool goes_along = input.shape().size() == 2 && input.rows() == inputs.front().rows();
    vars.emplace_back(goes_along ? input.slice_rows(row, row + 1) : input);
  }
  return vars;
}

class RowWiseOpCases : public testing::TestWithParam<OpCase> {};

TEST_P(RowWiseOpCases, ARowAloneHasTheSameBits) {
  const OpCase& op = GetParam();
  for (const auto& shapes : op.small) {
    SCOPED_TRACE("first input " + to_string(shapes.front()));
    const auto inputs = make_inputs(shapes, op.options, DType::f32);
    for_each_isa([&] {
      const Tensor all = op.function(std::vector<Var>(inputs.begin(), inputs.end())).value();
      for (std::int64_t row = 0; row < all.rows(); ++row)
        expect_same_bits(op.function(row_of(inputs, row)).value(), all.slice_rows(row, row + 1),
                         "row " + std::to_string(row));
    });
  }
}

std::vector<OpCase> row_wise_cases() {
  auto cases = op_cases();
  std::erase_if(cases, [](const OpCase& op) { return !op.options.row_wise; });
  return cases;
}

constexpr auto name_of_case = [](const auto& instance) { return instance.param.name; };
INSTANTIATE_TEST_SUITE_P(Table, OpCases, testing::ValuesIn(op_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Table, RowWiseOpCases, testing::ValuesIn(row_wise_cases()), name_of_case);

TEST(OpCaseTable, NamesAreDistinct) {
  std::set<std::string> names;
  for (const OpCase& op : op_cases())
    EXPECT_TRUE(names.insert(op.name).second) << op.name;
}

}  // namespace
}  // namespace rondo::testing_support

// Every operation of the table of cases (tests/support/op_cases.h) on its large instance, in f32: the value
// alone and with its gradients. Bytes are those of the inputs, read once.
#include <benchmark/benchmark.h>

#include <rondo/ops.h>

#include "support/op_cases.h"

namespace {

using namespace rondo;
using namespace rondo::testing_support;

std::vector<Var> parameters_of(const OpCase& op) {
  std::vector<Var> vars;
  for (const Tensor& input : make_inputs(op.large, op.options, DType::f32))
    vars.push_back(parameter(input));
  return vars;
}

void count_bytes(benchmark::State& state, const std::vector<Var>& inputs) {
  std::int64_t elements = 0;
  for (const Var& input : inputs)
    elements += input.value().size();
  state.SetBytesProcessed(state.iterations() * elements * 4);
}

void forward(benchmark::State& state, const OpCase& op) {
  const auto inputs = parameters_of(op);
  for (auto _ : state)
    benchmark::DoNotOptimize(op.function(inputs));
  count_bytes(state, inputs);
}

void with_gradients(benchmark::State& state, const OpCase& op) {
  const auto inputs = parameters_of(op);
  for (auto _ : state) {
    const Recording recording;
    sum(op.function(inputs)).backward();
  }
  count_bytes(state, inputs);
}

}  // namespace

int main(int argc, char** argv) {
  const auto table = op_cases();
  for (const OpCase& op : table) {
    benchmark::RegisterBenchmark((op.name + "/value").c_str(),
                                 [&op](benchmark::State& state) { forward(state, op); });
    benchmark::RegisterBenchmark((op.name + "/gradients").c_str(),
                                 [&op](benchmark::State& state) { with_gradients(state, op); });
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}

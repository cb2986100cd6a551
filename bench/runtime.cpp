// What a parallel region costs: two parts that do nothing, and two that read what the caller has just written
// and write what it reads next, as a step of a stream does.
#include <array>
#include <cstdint>

#include <benchmark/benchmark.h>

#include <rondo/runtime.h>

#include "runtime/parallel.h"

namespace {

using namespace rondo;

constexpr RuntimeOptions two_threads{.threads = 2};

void nothing(benchmark::State& state) {
  Runtime runtime(two_threads);
  const Runtime::Use use(runtime);
  for (auto _ : state)
    parallel_parts(2, [](int) {});
}

/// Each part writes its half of what both read at the next turn.
void exchange(benchmark::State& state) {
  Runtime runtime(two_threads);
  const Runtime::Use use(runtime);
  constexpr std::size_t numbers = 128, half = numbers / 2;
  alignas(64) std::array<float, numbers> rows[2] = {};
  std::size_t turn = 0;
  for (auto _ : state) {
    const auto& before = rows[turn % 2];
    auto& after = rows[++turn % 2];
    parallel_parts(2, [&](int part) {
      const std::size_t begin = static_cast<std::size_t>(part) * half;
      for (std::size_t i = 0; i < half; ++i)
        after[begin + i] = before[i] + before[half + i];
    });
    benchmark::DoNotOptimize(after.data());
  }
}

}  // namespace

BENCHMARK(nothing)->Name("region/nothing")->UseRealTime();
BENCHMARK(exchange)->Name("region/exchange")->UseRealTime();

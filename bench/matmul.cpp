// Products through the driver on one thread and on all: what the team of threads gains.
#include "tensor/matmul.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <rondo/runtime.h>

#include "runtime/parallel.h"

namespace rondo::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// The best single call, because other programs of the machine only ever add to the time.
void product(benchmark::State& state, int threads, Index m, Index n, Index k) {
  Runtime runtime({.threads = threads, .isa = {}});
  const Runtime::Use use(runtime);
  const std::vector<float> a(static_cast<std::size_t>(m * k), 0.5F),
      b(static_cast<std::size_t>(n * k), 0.25F);
  std::vector<float> c(static_cast<std::size_t>(m * n));
  const Packed<float> packed(n, k, {b.data(), k, 1});
  double best = 1e9;
  for (auto _ : state) {
    const auto begin = Clock::now();
    matmul(m, Operand<float>{a.data(), k, 1}, packed, c.data(), n);
    best = std::min(best, seconds_since(begin));
  }
  state.counters["GFLOP/s"] = 2e-9 * static_cast<double>(m * n * k) / best;
  state.counters["us"] = 1e6 * best;
}

/// An empty region: what fork and join cost.
void fork_join(benchmark::State& state, int threads) {
  Runtime runtime({.threads = threads, .isa = {}});
  const Runtime::Use use(runtime);
  double best = 1e9;
  for (auto _ : state) {
    const auto begin = Clock::now();
    parallel_parts(threads, [](int) {});
    best = std::min(best, seconds_since(begin));
  }
  state.counters["us"] = 1e6 * best;
}

const bool registered = [] {
  struct {
    Index m, n, k;
  } const sizes[] = {{1, 800, 200},   {1, 2048, 512},  {20, 800, 200}, {32, 400, 100},
                     {64, 2048, 512}, {20, 2600, 650}, {700, 800, 200}};
  const int all = Runtime::current().threads();
  for (const int threads : {1, all}) {
    const std::string end = "/threads:" + std::to_string(threads);
    for (const auto& size : sizes) {
      const std::string name =
          "matmul/" + std::to_string(size.m) + "x" + std::to_string(size.n) + "x" + std::to_string(size.k);
      benchmark::RegisterBenchmark((name + end).c_str(), [=](benchmark::State& state) {
        product(state, threads, size.m, size.n, size.k);
      });
    }
    benchmark::RegisterBenchmark(("fork_join" + end).c_str(),
                                 [=](benchmark::State& state) { fork_join(state, threads); });
  }
  return true;
}();

}  // namespace
}  // namespace rondo::bench

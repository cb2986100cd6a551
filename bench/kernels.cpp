// Kernels one by one, on one thread: products at the sizes of recurrent nets in GFLOP/s and percent of the
// multiply-add peak measured in the same run, element-wise functions in GB/s.
//
// Every figure is the best single call, because other programs of the machine only ever add to the time.
#include "kernels/kernels.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "runtime/flush_denormals.h"
#include "support/fma_peak.h"

namespace rondo::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<float> numbers(Index count) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (auto& value : values)
    value = uniform(random);
  return values;
}

/// Seconds of the shortest call.
template <class Call>
double shortest(benchmark::State& state, Call call) {
  const FlushDenormals flush;
  double best = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    const auto begin = Clock::now();
    call();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

double peak_of(const Kernels<float>& table) {
  static std::map<std::string_view, double> known;
  const auto [entry, fresh] = known.try_emplace(table.isa, 0);
  if (fresh) entry->second = fma_peak(table.isa);
  return entry->second;
}

struct Sizes {
  Index m, n, k;
  bool transposed;  ///< the left operand, as for weight gradients
};

void product(benchmark::State& state, const Kernels<float>& table, const Sizes& size) {
  const Index panels = (size.n + table.panel_columns - 1) / table.panel_columns;
  const auto a = numbers(size.m * size.k), b = numbers(size.n * size.k);
  std::vector<float> packed(static_cast<std::size_t>(panels * table.panel_columns * size.k + 16));
  std::vector<float> c(static_cast<std::size_t>(size.m * size.n));
  float* const aligned = packed.data() + (64 - reinterpret_cast<std::uintptr_t>(packed.data()) % 64) / 4;
  table.pack(size.n, size.k, {b.data(), size.k, 1}, aligned, Write::near);
  const Operand<float> left =
      size.transposed ? Operand<float>{a.data(), 1, size.m} : Operand<float>{a.data(), size.k, 1};
  const double seconds =
      shortest(state, [&] { table.product(size.m, size.n, size.k, left, aligned, {}, c.data(), size.n); });
  const double rate = 2e-9 * static_cast<double>(size.m * size.n * size.k) / seconds;
  state.counters["GFLOP/s"] = rate;
  state.counters["peak%"] = 100 * rate / peak_of(table);
}

void pack(benchmark::State& state, const Kernels<float>& table, Index n, Index k, bool transposed) {
  const auto b = numbers(n * k);
  std::vector<float> packed(static_cast<std::size_t>((n + table.panel_columns) * k));
  const Operand<float> right = transposed ? Operand<float>{b.data(), 1, n} : Operand<float>{b.data(), k, 1};
  const double seconds = shortest(state, [&] { table.pack(n, k, right, packed.data(), Write::near); });
  state.counters["GB/s"] = 8e-9 * static_cast<double>(n * k) / seconds;
}

using Unary = void (*Kernels<float>::*)(Index, const float*, float*);

void unary(benchmark::State& state, const Kernels<float>& table, Unary function, Index n) {
  const auto x = numbers(n);
  auto y = x;
  const double seconds = shortest(state, [&] { (table.*function)(n, x.data(), y.data()); });
  state.counters["GB/s"] = 8e-9 * static_cast<double>(n) / seconds;
  state.counters["ns/element"] = 1e9 * seconds / static_cast<double>(n);
}

/// A batch of 32 rows through the cell's function, as a recurrence has them: one block of units after the
/// other.
template <class Run>
void cell(benchmark::State& state, Index h_size, Run run) {
  constexpr Index rows = 32, numbers_a_unit = 12;
  auto memory = numbers(rows * numbers_a_unit * h_size);
  const double seconds = shortest(state, [&] {
    // The arrays of a cell, by the place among a unit's numbers.
    run(rows, [&](Index place) {
      return Strided<float>{memory.data() + place * h_size, numbers_a_unit * h_size};
    });
  });
  state.counters["ns/unit"] = 1e9 * seconds / static_cast<double>(rows * h_size);
}

template <class... Arguments>
void add(const std::string& name, Arguments... arguments) {
  benchmark::RegisterBenchmark(name.c_str(), arguments...);
}

void add_products(const Kernels<float>& table) {
  constexpr Sizes sizes[] = {
      {1, 800, 200, false},   {1, 2600, 650, false},   {2, 800, 200, false},      {4, 800, 200, false},
      {8, 800, 200, false},   {20, 800, 200, false},   {32, 400, 100, false},     {32, 512, 128, false},
      {64, 800, 200, false},  {20, 2600, 650, false},  {32, 2600, 650, false},    {64, 2048, 512, false},
      {700, 800, 200, false}, {700, 2600, 650, false}, {20, 200, 800, false},     {20, 650, 2600, false},
      {800, 200, 700, true},  {2600, 650, 700, true},  {1024, 1024, 1024, false},
  };
  for (const Sizes& size : sizes) {
    const std::string name = std::string("product/") + std::string(table.isa) + "/" + std::to_string(size.m) +
                             "x" + std::to_string(size.n) + "x" + std::to_string(size.k) +
                             (size.transposed ? "t" : "");
    add(name, [&table, size](benchmark::State& state) { product(state, table, size); });
  }
  add(std::string("packgates/") + std::string(table.isa),
      [&table](benchmark::State& state) { pack(state, table, 800, 350, true); });
  add(std::string("packgates5/") + std::string(table.isa),
      [&table](benchmark::State& state) { pack(state, table, 800, 3500, true); });
  for (const bool transposed : {false, true}) {
    add(std::string("pack/") + std::string(table.isa) + (transposed ? "/800x200t" : "/800x200"),
        [&table, transposed](benchmark::State& state) { pack(state, table, 800, 200, transposed); });
  }
}

void add_functions(const Kernels<float>& table) {
  const std::pair<const char*, Unary> functions[] = {
      {"sigmoid", &Kernels<float>::sigmoid}, {"tanh", &Kernels<float>::tanh}, {"exp", &Kernels<float>::exp},
      {"log", &Kernels<float>::log},         {"relu", &Kernels<float>::relu},
  };
  for (const auto& named : functions) {
    const Unary function = named.second;
    add(std::string(named.first) + "/" + std::string(table.isa) + "/4000",
        [&table, function](benchmark::State& state) { unary(state, table, function, 4000); });
  }
  for (const Index h : {100, 128, 200}) {
    const std::string end = std::string("/") + std::string(table.isa) + "/" + std::to_string(h);
    add("lstm_forward" + end, [&table, h](benchmark::State& state) {
      cell(state, h,
           [&](Index rows, auto at) { table.lstm_forward(rows, h, at(0), at(4), at(5), at(9), at(10)); });
    });
    add("lstm_backward" + end, [&table, h](benchmark::State& state) {
      cell(state, h, [&](Index rows, auto at) {
        table.lstm_backward(rows, h, at(0), at(4), at(5), at(6), at(7), at(8));
      });
    });
    add("gru_forward" + end, [&table, h](benchmark::State& state) {
      cell(state, h, [&](Index rows, auto at) {
        table.gru_forward(rows, h, at(0), at(2), at(3), at(4), at(5), at(9));
      });
    });
  }
  add(std::string("softmax/") + std::string(table.isa) + "/10000", [&table](benchmark::State& state) {
    const auto x = numbers(10'000);
    auto y = x;
    const double seconds =
        shortest(state, [&] { benchmark::DoNotOptimize(table.softmax(10'000, x.data(), y.data())); });
    state.counters["ns/element"] = 1e9 * seconds / 10'000;
  });
}

const bool registered = [] {
  for (const auto* table : all_kernels()) {
    add_products(*table);
    add_functions(*table);
  }
  return true;
}();

}  // namespace
}  // namespace rondo::bench

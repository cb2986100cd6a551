// Recurrent layers at the shapes of the literature: inference and training step, 1 and 2 threads.
//
//   bench_recurrent --benchmark_filter='lstm/small'
//
// "peak" is the share of the cores' multiply-add peak, measured next to each run; "busy" is the same by the
// time that the processor spent on it, which is what to look at while others use the machine. Operations
// counted: 2 · gates · H · (D + H) a token and direction; three times
// that with backward (whose gradient of x counts, too).
#include "support/recurrent.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <random>

#include <benchmark/benchmark.h>

#include <rondo/ops.h>
#include <rondo/runtime.h>

#include "autograd/tape.h"
#include "runtime/buffers.h"
#include "tensor/small_weights.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rondo::testing_support {
namespace {

constexpr int peak_rounds = 20'000;  // a fraction of a time slice

#if defined(__x86_64__)
/// Twelve independent chains of 8 lanes: as many as hide the latency. Returns operations done.
[[gnu::target("avx2,fma")]] double fma_round() {
  __m256 sums[12];
  for (__m256& sum : sums)
    sum = _mm256_set1_ps(1);
  const __m256 a = _mm256_set1_ps(0.999F), b = _mm256_set1_ps(1e-3F);
  for (int round = 0; round < peak_rounds; ++round) {
#pragma GCC unroll 12
    for (__m256& sum : sums)
      sum = _mm256_fmadd_ps(sum, a, b);
#pragma GCC unroll 12
    for (__m256& sum : sums)
      asm volatile("" : "+x"(sum));  // a value that somebody may look at, still in its register
  }
  return 12.0 * 8 * 2 * peak_rounds;
}
[[gnu::target("avx512f")]] double fma512_round() {
  __m512 sums[12];
  for (__m512& sum : sums)
    sum = _mm512_set1_ps(1);
  const __m512 a = _mm512_set1_ps(0.999F), b = _mm512_set1_ps(1e-3F);
  for (int round = 0; round < peak_rounds; ++round) {
#pragma GCC unroll 12
    for (__m512& sum : sums)
      sum = _mm512_fmadd_ps(sum, a, b);
#pragma GCC unroll 12
    for (__m512& sum : sums)
      asm volatile("" : "+v"(sum));
  }
  return 12.0 * 16 * 2 * peak_rounds;
}
#endif

/// GFLOP/s of one core now: the best of a few short rounds. 0 where it cannot be told.
double peak_now() {
#if defined(__x86_64__)
  double (*round)() = __builtin_cpu_supports("avx512f") ? fma512_round
                      : __builtin_cpu_supports("fma")   ? fma_round
                                                        : nullptr;
  if (round == nullptr) return 0;
  double best = 0;
  for (int i = 0; i < 10; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const double operations = round();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::max(best, operations / took.count() * 1e-9);
  }
  return best;
#else
  return 0;
#endif
}

struct Size {
  const char* name;
  std::int64_t steps, batch, input, hidden;
  int layers, directions;
};
constexpr Size sizes[] = {
    {"small", 35, 20, 200, 200, 2, 1},      {"medium", 35, 20, 650, 650, 2, 1},
    {"sentiment", 100, 32, 128, 100, 1, 1}, {"tagger", 100, 32, 128, 128, 1, 2},
    {"mid", 50, 64, 256, 512, 2, 1},        {"big", 64, 64, 512, 1024, 1, 1},
};

/// Of a batch's sequences: all a size's steps; between a quarter of them and all; as spread as the reviews of
/// IMDB (Maas et al. 2011: median 174 words, mean 233), about the steps on average and at most three times as
/// many.
enum class Lengths { equal, ragged, reviews };
constexpr const char* suffixes[] = {"", "_ragged", "_reviews"};

std::int32_t length_of(Lengths kind, std::int64_t steps, std::minstd_rand& random) {
  if (kind == Lengths::equal) return static_cast<std::int32_t>(steps);
  if (kind == Lengths::ragged)
    return static_cast<std::int32_t>(steps - static_cast<std::int64_t>(random()) % (steps * 3 / 4));
  std::lognormal_distribution<double> words(std::log(174.0), 0.765);
  const double length = words(random) / 233 * static_cast<double>(steps);
  return static_cast<std::int32_t>(std::clamp(length, 1.0, 3.0 * static_cast<double>(steps)));
}

/// A stack of layers over a batch.
struct Stack {
  RecurrentSetting setting;
  std::shared_ptr<const Layout> layout;
  std::vector<std::vector<Var>> layers;  ///< operands; the first of all but the first layer stays unused
  double operations = 0;                 ///< of one forward

  Stack(Cell cell, const Size& size, Lengths kind, WeightType weights = WeightType::f32)
      : setting{.cell = cell, .directions = size.directions, .states = false, .options = {}},
        layout(layout_of(size, kind)) {
    for (int layer = 0; layer < size.layers; ++layer) {
      const std::int64_t input = layer == 0 ? size.input : size.hidden * size.directions;
      layers.emplace_back();
      for (const Tensor& operand : make_inputs(recurrent_shapes(setting, *layout, input, size.hidden),
                                               {.low = -0.1, .high = 0.1}, DType::f32))
        layers.back().push_back(weight_of(operand, weights));
      operations += 2.0 * static_cast<double>(layout->rows() * size.directions * gates_of(cell) *
                                              size.hidden * (input + size.hidden));
    }
  }
  static Var weight_of(const Tensor& operand, WeightType type) {
    const auto leaf = std::make_shared<Leaf>();
    leaf->value = operand;
    leaf->gradient = Tensor::zeros(operand.shape());
    if (operand.shape().size() == 2)
      round_to(type, operand.rows(), operand.columns(), leaf->value.data<float>().data());
    leaf->weight_type = type;
    return Var::parameter(leaf);
  }
  static std::shared_ptr<const Layout> layout_of(const Size& size, Lengths kind) {
    std::vector<std::int32_t> lengths;
    std::minstd_rand random(7);
    for (std::int64_t i = 0; i < size.batch; ++i)
      lengths.push_back(length_of(kind, size.steps, random));
    return Layout::of(lengths);
  }

  Var forward() {
    Var x = layers.front().front();
    for (std::vector<Var>& operands : layers) {
      operands.front() = x;
      x = run_recurrent(setting, operands, layout).outputs.rows();
    }
    return x;
  }
};

/// Seconds of processor time that this process has used.
double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Runs once() for as long as the benchmark wants. `operations` of each.
template <class Once>
void measure(benchmark::State& state, double operations, const Once& once) {
  const double peak = peak_now();
  once();  // the first fills the cache of buffers
  const double begin = processor_seconds();
  for (auto _ : state)
    once();
  const double busy = processor_seconds() - begin;
  using benchmark::Counter;
  const double done = operations * 1e-9;
  state.counters["GFLOP/s"] = Counter(done, Counter::kIsIterationInvariantRate);
  if (peak <= 0) return;
  const auto threads = static_cast<double>(state.range(0));
  state.counters["peak"] = Counter(done / (peak * threads), Counter::kIsIterationInvariantRate);
  state.counters["busy"] = done * static_cast<double>(state.iterations()) / (peak * busy);
}

void inference_in(benchmark::State& state, Cell cell, const Size& size, Lengths kind, WeightType weights) {
  const int threads = static_cast<int>(state.range(0));
  Runtime runtime({.threads = threads, .isa = {}});
  const Runtime::Use use(runtime);
  Stack stack(cell, size, kind, weights);
  const InferenceMode inference;
  measure(state, stack.operations, [&] { benchmark::DoNotOptimize(stack.forward()); });
}
void inference(benchmark::State& state, Cell cell, const Size& size, Lengths kind) {
  inference_in(state, cell, size, kind, WeightType::f32);
}
void inference_in_int8(benchmark::State& state, Cell cell, const Size& size, Lengths kind) {
  inference_in(state, cell, size, kind, WeightType::int8);
}
void inference_in_w8a8(benchmark::State& state, Cell cell, const Size& size, Lengths kind) {
  inference_in(state, cell, size, kind, WeightType::w8a8);
}

void training(benchmark::State& state, Cell cell, const Size& size, Lengths kind) {
  const int threads = static_cast<int>(state.range(0));
  Runtime runtime({.threads = threads, .isa = {}});
  const Runtime::Use use(runtime);
  Stack stack(cell, size, kind);
  Tensor arriving;
  measure(state, 3 * stack.operations, [&] {
    const Recording recording;
    const Var outputs = stack.forward();
    if (arriving.empty()) arriving = Tensor::full(outputs.shape(), 1e-3);
    // A loss that costs nothing.
    const Var loss = record(Tensor::zeros({}), {outputs}, [&](Gradients& g) { g.give(outputs, arriving); });
    loss.backward();
  });
}

/// A training step on one long sequence, of which the final state alone is asked for: LSTM of 256 on 32
/// features, 20 000 steps. "MB": the most that the step has in use at once.
void long_sequence(benchmark::State& state, const RecordingOptions& memory) {
  const int threads = static_cast<int>(state.range(0));
  Runtime runtime({.threads = threads, .isa = {}});
  const Runtime::Use use(runtime);
  const RecurrentSetting setting{.cell = Cell::lstm, .states = false, .options = {.outputs = false}};
  const auto layout = Layout::uniform(1, 20'000);
  constexpr std::int64_t input = 32, hidden = 256;
  std::vector<Var> operands;
  for (const Tensor& operand :
       make_inputs(recurrent_shapes(setting, *layout, input, hidden), {.low = -0.1, .high = 0.1}, DType::f32))
    operands.push_back(operands.empty() ? Var(operand) : parameter(operand));
  const std::size_t before = buffer_statistics().in_use;
  restart_buffer_peak();
  measure(state, 6.0 * 20'000 * 4 * hidden * (input + hidden), [&] {
    const Recording recording(memory);
    sum(run_recurrent(setting, operands, layout).h).backward();
  });
  state.counters["MB"] = static_cast<double>(buffer_statistics().peak - before) * 1e-6;
}

const int long_registered = [] {
  const std::pair<const char*, RecordingOptions> memories[] = {
      {"keep", {}}, {"recompute", {.recompute = -1}}, {"bf16", {.keep = Keep::bf16}}};
  for (const auto& [name, memory] : memories)
    benchmark::RegisterBenchmark(("lstm/long/" + std::string(name)).c_str(), long_sequence, memory)
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(2)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  return 0;
}();

const int registered = [] {
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::gru_reset_before, Cell::rnn_tanh})
    for (const Size& size : sizes)
      for (const Lengths kind : {Lengths::equal, Lengths::ragged, Lengths::reviews})
        for (const auto& [what, run] : {std::pair{"/infer", &inference},
                                        {"/train", &training},
                                        {"/infer_int8", &inference_in_int8},
                                        {"/infer_w8a8", &inference_in_w8a8}}) {
          const std::string name = text_of(cell) + "/" + size.name + suffixes[static_cast<int>(kind)] + what;
          benchmark::RegisterBenchmark(name.c_str(), run, cell, size, kind)
              ->ArgName("threads")
              ->Arg(1)
              ->Arg(2)
              ->Unit(benchmark::kMillisecond)
              ->UseRealTime();
        }
  return 0;
}();

}  // namespace
}  // namespace rondo::testing_support

// One step at a time: an LSTM with as many inputs as units, weights in each type, 1 and 2 threads; the best
// single push and the median, because other programs of the machine only ever add to the time.
#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <rondo/rondo.h>

namespace rondo::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Made once for each size, because first values cost more than pushes.
const Sequential& lstm(int units, WeightType type) {
  static std::map<int, Sequential> made;
  auto place = made.find(units);
  if (place == made.end()) {
    const layers::LSTM layer{.units = units, .recurrent_init = Initializer::uniform};
    place = made.emplace(units, Sequential{layers::Input{.features = units}, layer}).first;
    const std::vector<std::string> label = {"any"};
    place->second.prepare(data::labelled_features({Tensor::zeros({1, units})}, label));
  }
  place->second.quantize(type);
  return place->second;
}

/// `streams`: that advance together; 1 is a Stream's own case.
void push(benchmark::State& state, int units, WeightType type, int threads, int streams) {
  Runtime runtime({.threads = threads, .isa = {}});
  const Runtime::Use use(runtime);
  StreamBatch batch = lstm(units, type).streams(streams);
  const std::vector<float> x(static_cast<std::size_t>(units * streams), 0.3F);
  std::vector<double> times;
  for (auto _ : state) {
    const auto begin = Clock::now();
    batch.push(x);
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  state.counters["median_us"] = *middle;
  state.counters["best_us"] = *std::min_element(times.begin(), times.end());
}

/// In turn some pushes of a stream and some steps of a live layer of the same size, one row, one thread: what
/// calling an operation from a loop of one's own costs more.
void step_beside_push(benchmark::State& state, int units) {
  constexpr int in_a_row = 8;
  Runtime runtime({.threads = 1, .isa = {}});
  const Runtime::Use use(runtime);
  StreamBatch batch = lstm(units, WeightType::f32).streams(1);
  const auto store = std::make_shared<ParameterStore>();
  const nn::LSTM live(Scope(store) / "lstm", units, {.units = units, .recurrent_init = Initializer::uniform});
  const std::vector<float> row(static_cast<std::size_t>(units), 0.3F);
  const Var x(Tensor::of({1, units}, row));
  State carried = live.start(1);
  const InferenceMode inference;
  std::vector<double> pushes, steps;
  const auto timed = [](std::vector<double>& times, const auto& call) {
    const auto begin = Clock::now();
    call();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  };
  for (auto _ : state) {
    for (int i = 0; i < in_a_row; ++i)
      timed(pushes, [&] { batch.push(row); });
    for (int i = 0; i < in_a_row; ++i)
      timed(steps, [&] { carried = live.step(x, carried).state; });
  }
  const auto middle = [](std::vector<double>& times) {
    const auto half = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), half, times.end());
    return *half;
  };
  state.counters["push_us"] = middle(pushes);
  state.counters["step_us"] = middle(steps);
  state.counters["step/push"] = middle(steps) / middle(pushes);
}

/// A loop of single steps with its way back, as a decoder trains: so many rows, input as wide as the units.
void step_training(benchmark::State& state, int units, std::int64_t rows) {
  Runtime runtime({.threads = 1, .isa = {}});
  const Runtime::Use use(runtime);
  const auto store = std::make_shared<ParameterStore>();
  const nn::LSTM live(Scope(store) / "lstm", units, {.units = units, .recurrent_init = Initializer::uniform});
  const Var x(Tensor::full({rows, units}, 0.3));
  for (auto _ : state) {
    const Recording recording;
    State carried = live.start(rows);
    for (int t = 0; t < 20; ++t)
      carried = live.step(x, carried).state;
    sum(carried[0]).backward();
    store->zero_gradients();
  }
}

const int registered = [] {
  for (const int units : {20, 128, 256, 512, 1024})
    for (const WeightType type : {WeightType::f32, WeightType::bf16, WeightType::int8, WeightType::w8a8})
      for (const int threads : {1, 2})
        for (const int streams : {1, 4, 64}) {
          const std::string name = "lstm/" + std::to_string(units) + "/" + std::string(name_of(type)) +
                                   "/threads:" + std::to_string(threads) +
                                   "/streams:" + std::to_string(streams);
          benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
            push(state, units, type, threads, streams);
          })->MinTime(0.2);
        }
  for (const int units : {20, 128, 512})
    benchmark::RegisterBenchmark(("step_" + std::to_string(units)).c_str(), [=](benchmark::State& state) {
      step_beside_push(state, units);
    })->MinTime(0.2);
  for (const std::int64_t rows : {1, 16, 128})
    benchmark::RegisterBenchmark(("step_training_512/rows:" + std::to_string(rows)).c_str(),
                                 [=](benchmark::State& state) { step_training(state, 512, rows); })
        ->MinTime(0.2);
  return 0;
}();

}  // namespace
}  // namespace rondo::bench

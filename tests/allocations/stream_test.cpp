// Counts what is allocated, by operators of its own: a program by itself. They are not inlined, or the
// compiler sees free() at the end of what it knows as new.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "support/models.h"

namespace {
std::atomic<long> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = nullptr;
  if (::posix_memalign(&memory, alignment, size == 0 ? 1 : size) != 0) throw std::bad_alloc();
  return memory;
}
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  return counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace rondo {
namespace {

using namespace layers;
namespace support = testing_support;

template <class Push>
long allocated_by(Push push) {
  for (int i = 0; i < 3; ++i)
    push();
  const long before = allocations;
  for (int i = 0; i < 100; ++i)
    push();
  return allocations - before;
}

TEST(StreamAllocations, TheCounterCounts) {
  EXPECT_GE(allocated_by([] { const std::vector<int> some(3); }), 100);
}

TEST(StreamAllocations, APushMakesNone) {
  for (const int threads : {1, 2}) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    for (const bool reset_after : {true, false}) {
      Sequential model{Input{.features = 3},
                       LSTM{.units = 260, .return_sequences = true},
                       LayerNorm{},
                       GRU{.units = 30, .layers = 2, .return_sequences = true, .reset_after = reset_after},
                       SimpleRNN{.units = 9, .return_sequences = true},
                       Pooling{.over_time = {Pool::mean, Pool::max}},
                       Dense{.units = 900, .activation = Activation::softmax}};
      model.prepare(support::small_signals());
      Stream stream = model.stream();
      StreamBatch streams = model.streams(7);
      const std::vector<float> x(21, 0.5F);
      EXPECT_EQ(allocated_by([&] { stream.push(std::span(x).first(3)); }), 0);
      EXPECT_EQ(allocated_by([&] { stream.push({1, 2, 3}); }), 0);
      EXPECT_EQ(allocated_by([&] { streams.push(x); }), 0);
    }
  }
}

TEST(StreamAllocations, ATokenMakesNone) {
  Sequential model{Tokens{.bigrams = 50}, Embedding{.dim = 6}, LSTM{.units = 5}, Dense{.units = 1}};
  model.prepare(support::small_reviews());
  Stream stream = model.stream();
  StreamBatch streams = model.streams(2);
  const std::vector<std::int32_t> ids = {1, 2};
  EXPECT_EQ(allocated_by([&] { stream.push("film"); }), 0);
  EXPECT_EQ(allocated_by([&] { stream.push_id(2); }), 0);
  EXPECT_EQ(allocated_by([&] { streams.push_ids(ids); }), 0);
}

}  // namespace
}  // namespace rondo

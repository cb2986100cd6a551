// A push of a stream allocates nothing.
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "allocations/heap.h"
#include "support/models.h"

namespace rondo {
namespace {

using namespace layers;
namespace support = testing_support;
using test::heap_counts;

/// In 100 pushes, after a few.
template <class Push>
long allocated_by(Push push) {
  for (int i = 0; i < 3; ++i)
    push();
  const long before = heap_counts().allocations;
  for (int i = 0; i < 100; ++i)
    push();
  return heap_counts().allocations - before;
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

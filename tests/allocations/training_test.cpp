// Memory over training steps: none is newly obtained once batches of every shape were seen, nothing grows,
// and at no time is much more in use than must be kept.
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "allocations/heap.h"
#include "optim/descent.h"
#include "runtime/buffers.h"
#include "support/op_cases.h"

namespace rondo::test {
namespace {

struct Sizes {
  std::int64_t vocab, width, units, rows;
  bool adam;
};

/// A language model: embedding, two layers of LSTM, dropout, projection; batches of three shapes in turn.
class LanguageModel {
 public:
  explicit LanguageModel(const Sizes& sizes)
      : sizes_(sizes),
        root_(store_),
        embedding_(root_ / "embedding",
                   {.dim = static_cast<int>(sizes.width), .vocab = static_cast<int>(sizes.vocab)}),
        lstm_(root_ / "lstm", static_cast<int>(sizes.width),
              {.units = static_cast<int>(sizes.units), .layers = 2, .dropout = 0.2F}),
        dropout_(root_ / "dropout", {.rate = 0.2F}),
        output_(root_ / "output", static_cast<int>(sizes.units), {.units = static_cast<int>(sizes.vocab)}),
        descent_(sizes.adam ? Optimizer(optim::Adam{}) : Optimizer(optim::SGD{}), leaves(*store_)) {
    for (std::int64_t i = 0; i < 3; ++i) {
      const std::int64_t rows = sizes.rows - 11 * i;
      batches_.emplace_back(testing_support::some_ids(rows, sizes.vocab),
                            testing_support::ragged_layout(rows));
    }
  }

  /// One step on a batch of each shape.
  void steps() {
    for (const Ids& words : batches_)
      step(words);
  }

  /// Bytes that a step on the largest batch cannot do without: values, gradients and the optimiser's state;
  /// of each row what backward reads, which is inputs, gates, c and h of each layer, and the powers of the
  /// logits.
  std::int64_t needed() const {
    const std::int64_t row = sizes_.width + 2 * (4 + 2) * sizes_.units + sizes_.vocab;
    return 4 * (store_->count() * (sizes_.adam ? 4 : 2) + batches_.front().layout()->rows() * row);
  }
  /// Bytes of the parameters, which are no buffers.
  std::int64_t parameters() const { return 4 * 2 * store_->count(); }

 private:
  static std::vector<NamedLeaf> leaves(const ParameterStore& store) {
    std::vector<NamedLeaf> all;
    for (const Parameter& parameter : store.parameters())
      all.push_back({parameter.name, parameter.leaf});
    return all;
  }

  void step(const Ids& words) {
    store_->zero_gradients();
    {
      const Recording recording({.seed = 1, .step = number_++});
      output_.cross_entropy(dropout_(lstm_(embedding_(words)).rows()), words.tokens()).backward();
    }
    const auto length = static_cast<float>(descent_.gradient_norm());
    descent_.step(0.01F, length > 5 ? 5 / length : 1);
  }

  Sizes sizes_;
  std::shared_ptr<ParameterStore> store_ = std::make_shared<ParameterStore>();
  Scope root_;
  nn::Embedding embedding_;
  nn::LSTM lstm_;
  nn::Dropout dropout_;
  nn::Dense output_;
  Descent descent_;
  std::vector<Ids> batches_;
  std::uint64_t number_ = 0;
};

/// What may not grow.
struct Memory {
  std::uint64_t obtained = buffer_statistics().system_allocations;
  std::size_t in_use = buffer_statistics().in_use;
  long heap = heap_counts().live_bytes;
};

/// Scratch of two threads is in use at once now and then only, so the last buffers may come late: these, and
/// what keeps their books.
constexpr std::uint64_t late_buffers = 24;
constexpr long late_bytes = 24 * 256;

void expect_no_growth(const Memory& before, const Memory& after, int threads) {
  const bool alone = threads == 1;
  EXPECT_EQ(after.in_use, before.in_use);
  EXPECT_LE(after.obtained, before.obtained + (alone ? 0 : late_buffers));
  EXPECT_LE(after.heap, before.heap + (alone ? 0 : late_bytes));
}

/// Of the process, in bytes, as the system sees it.
long resident() {
  std::ifstream file("/proc/self/statm");
  long whole = 0, pages = 0;
  file >> whole >> pages;
  return pages * 4096;
}

/// Under the address sanitizer every buffer is newly obtained.
bool buffers_are_cached() {
  acquire_buffer(100).reset();
  const std::uint64_t before = buffer_statistics().system_allocations;
  acquire_buffer(100).reset();
  return buffer_statistics().system_allocations == before;
}

TEST(TrainingMemory, AStepObtainsNothingFromTheSystem) {
  if (!buffers_are_cached()) GTEST_SKIP() << "buffers are not cached under this sanitizer";
  for (const int threads : {1, 2}) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    for (const bool adam : {false, true}) {
      LanguageModel model({.vocab = 400, .width = 24, .units = 40, .rows = 300, .adam = adam});
      for (int i = 0; i < 3; ++i)
        model.steps();
      const Memory before;
      const long allocations = heap_counts().allocations;
      model.steps();
      const long each = heap_counts().allocations - allocations;
      for (int i = 0; i < 20; ++i)
        model.steps();
      expect_no_growth(before, Memory(), threads);
      // Small things come and go: the tape's closures, shapes of tensors. Always as many.
      if (threads == 1) {
        EXPECT_EQ(heap_counts().allocations - allocations, 21 * each);
      }
      EXPECT_LE(each, 3 * 600);
      RecordProperty("allocations_a_step", static_cast<int>(each / 3));
    }
  }
}

TEST(TrainingMemory, SlowTenThousandStepsGrowNothing) {
  if (!buffers_are_cached()) GTEST_SKIP() << "the sanitizer keeps what was freed";
  for (const int threads : {1, 2}) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    LanguageModel model({.vocab = 50, .width = 6, .units = 7, .rows = 60, .adam = true});
    for (int i = 0; i < 300; ++i)
      model.steps();
    const Memory before;
    const long pages = resident();
    for (int i = 0; i < 3334; ++i)
      model.steps();
    expect_no_growth(before, Memory(), threads);
    EXPECT_LE(resident(), pages + (1 << 20));
  }
}

TEST(TrainingMemory, PeakIsNearWhatMustBeKept) {
  // The small language model of Zaremba, Sutskever and Vinyals (2014) on a batch of 20 times 35 words.
  for (const bool adam : {false, true}) {
    LanguageModel model({.vocab = 10000, .width = 200, .units = 200, .rows = 700, .adam = adam});
    restart_buffer_peak();
    const std::size_t before = buffer_statistics().in_use;
    model.steps();
    const auto peak =
        static_cast<double>(buffer_statistics().peak - before) + static_cast<double>(model.parameters());
    const double ratio = peak / static_cast<double>(model.needed());
    RecordProperty("peak_by_needed_percent", static_cast<int>(100 * ratio));
    EXPECT_LE(ratio, 1.3);
    EXPECT_GE(ratio, 1);
  }
}

}  // namespace
}  // namespace rondo::test

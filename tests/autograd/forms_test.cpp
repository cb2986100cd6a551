// Who keeps what operations make of parameters, for how long, and with whom it is shared.
#include "autograd/forms.h"

#include <atomic>
#include <barrier>
#include <thread>

#include <gtest/gtest.h>

#include <rondo/ops.h>

#include "support/checks.h"

namespace rondo::testing_support {
namespace {

/// A form that counts how often one is made.
struct Counted {
  float number;
};

struct Maker {
  Var weight = parameter(Tensor::full({1}, 3));
  std::atomic<int> made = 0;

  std::shared_ptr<const Counted> form(std::int64_t rows = 1) {
    return form_of<Counted>({&weight, 1}, nullptr, rows, [&] {
      ++made;
      return Counted{weight.value().data<float>()[0]};
    });
  }
};

TEST(Forms, NobodyKeepsThemOutside) {
  Maker maker;
  maker.form();
  maker.form();
  EXPECT_EQ(maker.made, 2);
}

TEST(Forms, ARecordingKeepsThoseOfFewRowsUntilItEnds) {
  Maker maker;
  for (int recording = 1; recording <= 2; ++recording) {
    const Recording step;
    for (int i = 0; i < 3; ++i)
      maker.form();
    EXPECT_EQ(maker.made, recording);
    const Paused constant;
    maker.form();
    EXPECT_EQ(maker.made, recording);
  }
  const Recording step;
  maker.form(1 << 20);
  maker.form(1 << 20);
  EXPECT_EQ(maker.made, 4);
}

TEST(Forms, ARecordingForgetsWhatIsToChange) {
  Maker maker;
  const Recording outer;
  maker.form();
  {
    const Recording inner;
    maker.form();
    EXPECT_EQ(maker.made, 2);
    const Paused constant;
    refuse_in_inference_mode("a change");
    maker.weight.leaf()->value.data<float>()[0] = 4;
    EXPECT_EQ(maker.form()->number, 4);
  }
  EXPECT_EQ(maker.form()->number, 4) << "the outer Recording kept it";
}

TEST(Forms, ARecordingKeepsNoneAfterBackward) {
  Maker maker;
  const Recording step;
  maker.form();
  sum(maker.weight * maker.weight).backward();
  maker.form();
  maker.form();
  EXPECT_EQ(maker.made, 3);
}

TEST(Forms, AnInferenceModeKeepsThemInsideARecording) {
  Maker maker;
  const InferenceMode inference;
  maker.form(1 << 20);
  const Recording step;
  maker.form(1 << 20);
  EXPECT_EQ(maker.made, 1);
}

/// Runs body(thread) on so many threads at once, each in an InferenceMode of its own that lives until all are
/// done.
template <class Body>
void on_threads(int count, const Body& body) {
  std::barrier done(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      const InferenceMode inference;
      body(i);
      done.arrive_and_wait();
    });
  for (std::thread& thread : threads)
    thread.join();
}

TEST(FormsThreads, OneIsMadeForAllThatLiveTogether) {
  constexpr int count = 4;
  Maker maker;
  std::array<std::shared_ptr<const Counted>, count> seen;
  on_threads(count, [&](int i) { seen[static_cast<std::size_t>(i)] = maker.form(); });
  EXPECT_EQ(maker.made, 1);
  for (const auto& form : seen)
    EXPECT_EQ(form, seen[0]);
  seen = {};
  const InferenceMode later;
  maker.form();
  EXPECT_EQ(maker.made, 2) << "it outlived those who kept it";
}

TEST(FormsThreads, ComingAndGoing) {
  Maker maker;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int turn = 0; turn < 200; ++turn) {
        const InferenceMode inference;
        EXPECT_EQ(maker.form()->number, 3);
        EXPECT_EQ(maker.form()->number, 3);
      }
    });
  for (std::thread& thread : threads)
    thread.join();
}

TEST(FormsThreads, WhoComesAfterAChangeDoesNotShareWhatWasBefore) {
  Maker maker;
  const InferenceMode before;
  EXPECT_EQ(maker.form()->number, 3);
  std::thread([&] {
    refuse_in_inference_mode("a change");
    maker.weight.leaf()->value.data<float>()[0] = 4;
    const InferenceMode after;
    EXPECT_EQ(maker.form()->number, 4);
  }).join();
  EXPECT_EQ(maker.made, 2);
}

TEST(FormsThreads, AFailureIsNotKept) {
  Maker maker;
  const InferenceMode inference;
  const auto fail = [&] {
    return form_of<Counted>({&maker.weight, 1}, nullptr, 1, []() -> Counted { throw std::bad_alloc(); });
  };
  EXPECT_THROW(fail(), std::bad_alloc);
  EXPECT_EQ(maker.form()->number, 3);
}

}  // namespace
}  // namespace rondo::testing_support

// The rate that the progress bar shows.
#include "train/pace.h"

#include <chrono>

#include <gtest/gtest.h>

namespace rondo {
namespace {

TEST(Pace, EveryStepTells) {
  using std::chrono::milliseconds;
  Pace pace;
  Pace::Clock::time_point now = Pace::Clock::now();
  pace.begin_epoch(now);
  EXPECT_EQ(pace.rows_per_second(), 0);
  for (int i = 0; i < 30; ++i)
    pace.add(100, 1, now += milliseconds(100));
  EXPECT_NEAR(pace.rows_per_second(), 1000, 1e-6);
  double before = pace.rows_per_second();
  for (int i = 0; i < 10;
       ++i) {  // twice as fast: the figure follows at once, and is there within two seconds
    pace.add(200, 1, now += milliseconds(100));
    EXPECT_GT(pace.rows_per_second(), before);
    before = pace.rows_per_second();
  }
  for (int i = 0; i < 10; ++i)
    pace.add(200, 1, now += milliseconds(100));
  EXPECT_NEAR(pace.rows_per_second(), 2000, 1e-6);
  EXPECT_NEAR(pace.epoch_rows_per_second(), 7000 / 5.0, 1e-6);
}

TEST(Pace, PausesBetweenEpochsDoNotCount) {
  using std::chrono::seconds;
  Pace pace;
  Pace::Clock::time_point now = Pace::Clock::now();
  pace.begin_epoch(now);
  pace.add(500, 1, now += seconds(5));
  EXPECT_NEAR(pace.rows_per_second(), 100, 1e-6) << "steps longer than the window";
  pace.begin_epoch(now += seconds(60));
  pace.add(500, 1, now += seconds(1));
  EXPECT_NEAR(pace.rows_per_second(), 500, 1e-6);
}

TEST(Pace, PausesWithinAnEpochDoNotCount) {
  using std::chrono::seconds;
  Pace pace;
  Pace::Clock::time_point now = Pace::Clock::now();
  pace.begin_epoch(now);
  pace.add(500, 1, now += seconds(5));
  const Pace::Clock::time_point begin = now;
  pace.pause(begin, now += seconds(60));
  EXPECT_NEAR(pace.rows_per_second(), 100, 1e-6);
  pace.add(300, 1, now += seconds(1));
  EXPECT_NEAR(pace.epoch_rows_per_second(), 800 / 6.0, 1e-6);
  EXPECT_NEAR(pace.rows_per_second(), 300, 1e-6);
}

TEST(Pace, SecondsOfTheProcessorGrowWithWork) {
  Pace pace;
  pace.begin_epoch();
  const double before = pace.epoch_processor_seconds();
  volatile double sum = 0;
  while (pace.epoch_processor_seconds() < before + 0.01)
    sum = sum + 1;
  EXPECT_GE(pace.processor_seconds(), pace.epoch_processor_seconds());
}

}  // namespace
}  // namespace rondo

/// The speed of a fit: recent rows per second, and the expected remaining time.
#pragma once
#include <chrono>
#include <cstdint>

#include <time.h>

namespace rondo {

/// Processor time of this process over all threads, in seconds.
inline double processor_clock() {
  ::timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  /// Begins an epoch now.
  void begin_epoch(Clock::time_point now = Clock::now()) {
    epoch_start_ = last_step_ = now;
    earlier_ = recent_ = {now, 0};
    epoch_rows_ = 0;
    epoch_processor_start_ = processor_clock();
    paused_ = {};
  }

  /// The time since `from` was not spent on steps; rates leave it out.
  void pause(Clock::time_point from, Clock::time_point now = Clock::now()) {
    earlier_.begin += now - from;
    recent_.begin += now - from;
    last_step_ += now - from;
    paused_ += now - from;
  }

  /// Records a step with so many rows and batches.
  void add(std::int64_t rows, std::int64_t batches, Clock::time_point now = Clock::now()) {
    earlier_.rows += rows;
    recent_.rows += rows;
    epoch_rows_ += rows;
    batches_ += batches;
    last_step_ = now;
    if (seconds_between(recent_.begin, now) < window) return;
    earlier_ = recent_;
    recent_ = {now, 0};
  }

  /// Rows per second over the last one to two seconds of the epoch, or over its last step if that took
  /// longer. Every step counts, and none makes the figure jump.
  double rows_per_second() const { return rate(earlier_.rows, earlier_.begin); }
  /// Mean time over the steps of this epoch.
  double epoch_rows_per_second() const { return rate(epoch_rows_, epoch_start_ + paused_); }
  double seconds() const { return seconds_between(start_, Clock::now()); }
  double epoch_seconds() const { return seconds_between(epoch_start_, Clock::now()); }
  double processor_seconds() const { return processor_clock() - processor_start_; }
  double epoch_processor_seconds() const { return processor_clock() - epoch_processor_start_; }
  double seconds_left(std::int64_t batches) const {
    return batches_ == 0 ? 0 : seconds() / static_cast<double>(batches_) * static_cast<double>(batches);
  }

 private:
  /// Rows since a moment.
  struct Count {
    Clock::time_point begin;
    std::int64_t rows = 0;
  };
  static constexpr double window = 1;  // seconds

  static double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }
  double rate(std::int64_t rows, Clock::time_point since) const {
    const double seconds = seconds_between(since, last_step_);
    return seconds > 0 ? static_cast<double>(rows) / seconds : 0;
  }

  Clock::time_point start_ = Clock::now(), epoch_start_ = start_, last_step_ = start_;
  Clock::duration paused_{};  // within this epoch
  double processor_start_ = processor_clock(), epoch_processor_start_ = processor_start_;
  Count earlier_{start_}, recent_{start_};  // the second begins where the first's older second ends
  std::int64_t epoch_rows_ = 0, batches_ = 0;
};

}  // namespace rondo

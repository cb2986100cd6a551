/// How fast a fit goes: rows a second of late, and how long the rest will take.
#pragma once
#include <chrono>
#include <cstdint>

namespace rondo {

class Pace {
 public:
  /// Of an epoch that begins now.
  void begin_epoch() {
    epoch_start_ = mark_ = last_step_ = Clock::now();
    rows_ = epoch_rows_ = 0;
    settled_ = false;
  }

  /// A step is done: so many more rows and batches.
  void add(std::int64_t rows, std::int64_t batches) {
    rows_ += rows;
    epoch_rows_ += rows;
    batches_ += batches;
    last_step_ = Clock::now();
    const double since = seconds_between(mark_, last_step_);
    // Until the first window is full, what there is; then the last full window, lest the figure flicker.
    if (since < window && settled_) return;
    rate_ = since > 0 ? static_cast<double>(rows_) / since : 0;
    if (since < window) return;
    settled_ = true;
    mark_ = last_step_;
    rows_ = 0;
  }

  double rows_per_second() const { return rate_; }
  /// Mean over the steps of this epoch.
  double epoch_rows_per_second() const {
    const double since = seconds_between(epoch_start_, last_step_);
    return since > 0 ? static_cast<double>(epoch_rows_) / since : 0;
  }
  double seconds() const { return seconds_between(start_, Clock::now()); }
  double epoch_seconds() const { return seconds_between(epoch_start_, Clock::now()); }
  double seconds_left(std::int64_t batches) const {
    return batches_ == 0 ? 0 : seconds() / static_cast<double>(batches_) * static_cast<double>(batches);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr double window = 1;  // seconds over which the rate is taken
  static double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  Clock::time_point start_ = Clock::now(), epoch_start_ = start_, mark_ = start_, last_step_ = start_;
  std::int64_t rows_ = 0, epoch_rows_ = 0, batches_ = 0;
  double rate_ = 0;
  bool settled_ = false;
};

}  // namespace rondo

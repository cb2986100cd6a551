#include "train/checkpoint.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include <rondo/callbacks.h>

#include "base/fields.h"
#include "base/files.h"

namespace rondo::callbacks {
namespace {

/// Decides when to write; the fit writes. It needs no saved counters: steps and epochs count over all fits,
/// and the time of a checkpoint changes no result.
class Observer final : public Callback {
 public:
  explicit Observer(Checkpoint options) : options_(std::move(options)) {}

  void on_begin(Run& run) override {
    run_ = &run;
    make_folder(options_.folder);
  }
  void on_step(const StepReport& report) override {
    const bool by_steps = options_.every_steps > 0 && report.step % options_.every_steps == 0;
    if (by_steps || clock_says_so()) write();
  }
  void on_epoch(const EpochReport& report) override {
    const bool last = report.epoch == report.last_epoch;
    if (options_.every_epochs > 0 && (last || report.epoch % options_.every_epochs == 0)) write();
  }
  void on_end(const EndReport& report) override {
    if (report.interrupted) write();
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool clock_says_so() const {
    return options_.every_seconds > 0 &&
           std::chrono::duration<double>(Clock::now() - written_at_).count() >= options_.every_seconds;
  }
  /// The clock restarts after writing, so that a slow disk cannot take up all the time.
  void write() {
    run_->checkpoint(options_.folder, options_.keep);
    written_at_ = Clock::now();
  }

  Checkpoint options_;
  Run* run_ = nullptr;
  Clock::time_point written_at_ = Clock::now();
};

}  // namespace

std::unique_ptr<Callback> Checkpoint::start() const {
  check(*this, FieldPlace{"checkpoint"});
  return std::make_unique<Observer>(*this);
}

}  // namespace rondo::callbacks

#include <memory>
#include <string>
#include <utility>

#include <rondo/callbacks.h>

#include "base/fields.h"
#include "train/plateau.h"

namespace rondo::callbacks {
namespace {

/// A small validation set gives many epochs the same accuracy; the loss of the same data still tells them
/// apart.
std::string tie_break_of(const std::string& monitor) {
  const std::string loss = monitor.rfind("val_", 0) == 0 ? "val_loss" : "loss";
  return monitor == loss ? std::string() : loss;
}

class Observer final : public Callback {
 public:
  explicit Observer(EarlyStopping options)
      : options_(std::move(options)),
        plateau_("early stopping", options_.monitor, options_.min_delta, tie_break_of(options_.monitor)) {}

  void on_begin(Run& run) override {
    run_ = &run;
    plateau_.check(run.has_validation());
  }

  void on_epoch(const EpochReport& report) override {
    if (plateau_.improved(report.values)) {
      best_epoch_ = report.epoch;
      if (options_.restore_best) run_->keep_weights(slot());
    }
    if (plateau_.waited() >= options_.patience) run_->stop(reason());
  }

  void on_end(const EndReport& report) override {
    // An interrupted fit may be resumed: its weights stay those of its last step.
    if (report.interrupted || !options_.restore_best || best_epoch_ == 0 || best_epoch_ == report.epoch)
      return;
    run_->restore_weights(slot());
    const std::string tie = tie_break_of(options_.monitor);
    run_->notify("the weights are those of epoch " + std::to_string(best_epoch_) + ", which has the best " +
                 options_.monitor + (tie.empty() ? "" : " (of equals, the lowest " + tie + ")"));
  }

  std::string name() const override { return "early_stopping"; }
  std::string save() override {
    return dump_json(Json{{"plateau", plateau_.save()}, {"best_epoch", best_epoch_}});
  }
  void restore(std::string_view saved) override {
    const Json json = parse_json(saved, {.name = "early stopping's counters"});
    plateau_.restore(json.at("plateau"));
    best_epoch_ = json.at("best_epoch").get<int>();
  }

 private:
  /// "no better val_accuracy, nor at the same a val_loss lower by 1 %, in 5 epochs"
  std::string reason() const {
    const std::string tie = tie_break_of(options_.monitor);
    const int waited = plateau_.waited();
    return "no better " + options_.monitor +
           (tie.empty() ? "" : ", nor at the same a " + tie + " lower by 1 %,") + " in " +
           std::to_string(waited) + (waited == 1 ? " epoch" : " epochs");
  }
  std::string slot() const { return "best_" + options_.monitor; }

  EarlyStopping options_;
  Plateau plateau_;
  Run* run_ = nullptr;
  int best_epoch_ = 0;
};

}  // namespace

std::unique_ptr<Callback> EarlyStopping::start() const {
  check(*this, FieldPlace{"early_stopping"});
  return std::make_unique<Observer>(*this);
}

}  // namespace rondo::callbacks

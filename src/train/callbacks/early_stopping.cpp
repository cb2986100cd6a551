#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <rondo/callbacks.h>

#include "base/fields.h"
#include "train/plateau.h"

namespace rondo::callbacks {
namespace {

/// With a small validation set, many epochs have the same accuracy. The loss on the same data still differs.
std::string tie_break_of(const std::string& monitor) {
  const std::string loss = monitor.rfind("val_", 0) == 0 ? "val_loss" : "loss";
  return monitor == loss ? std::string() : loss;
}

std::optional<Better> wanted(Mode mode) {
  if (mode == Mode::automatic) return std::nullopt;
  return mode == Mode::max ? Better::higher : Better::lower;
}

class Observer final : public Callback {
 public:
  explicit Observer(EarlyStopping options)
      : options_(std::move(options)),
        plateau_("early stopping", options_.monitor, options_.min_delta, tie_break_of(options_.monitor)) {}

  void on_begin(Run& run) override {
    run_ = &run;
    plateau_.begin(run, wanted(options_.mode));
  }

  void on_validation(const ValidationReport& report) override {
    if (!of_validation()) return;
    within_epochs_ |= !report.epoch_done;
    watch({report.step, report.epoch, report.epoch_done}, report.values);
  }
  void on_epoch(const EpochReport& report) override {
    if (!of_validation()) watch({report.step, report.epoch, true}, report.values);
  }

  void on_end(const EndReport& report) override {
    // An interrupted fit may be resumed, so its weights stay those of the last step.
    if (report.interrupted || !options_.restore_best || best_.epoch == 0 || best_.step == report.step) return;
    run_->restore_weights(slot());
    const std::string tie = tie_break_of(options_.monitor);
    run_->notify("the weights are those of " +
                 (best_.epoch_done ? "" : "step " + std::to_string(best_.step) + " in ") + "epoch " +
                 std::to_string(best_.epoch) + ", which has the best " + options_.monitor +
                 (tie.empty() ? "" : " (of equal ones, the lowest " + tie + ")"));
  }

  std::string name() const override { return "early_stopping"; }
  std::string save() override {
    return dump_json(Json{{"plateau", plateau_.save()},
                          {"best_step", best_.step},
                          {"best_epoch", best_.epoch},
                          {"best_epoch_done", best_.epoch_done},
                          {"within_epochs", within_epochs_}});
  }
  void restore(std::string_view saved) override {
    const Json json = parse_json(saved, {.name = "early stopping's counters"});
    plateau_.restore(json.at("plateau"));
    best_ = {json.at("best_step").get<std::int64_t>(), json.at("best_epoch").get<int>(),
             json.at("best_epoch_done").get<bool>()};
    within_epochs_ = json.at("within_epochs").get<bool>();
  }

 private:
  /// Where values were measured.
  struct Moment {
    std::int64_t step = 0;
    int epoch = 0;
    bool epoch_done = false;
  };

  bool of_validation() const { return options_.monitor.rfind("val_", 0) == 0; }

  void watch(const Moment& now, const std::map<std::string, float>& values) {
    if (plateau_.improved(values)) {
      best_ = now;
      if (options_.restore_best) run_->keep_weights(slot());
    }
    if (plateau_.waited() >= options_.patience) run_->stop(reason());
  }

  /// "no better val_accuracy in 5 epochs, nor an equal one with a val_loss lower by 1 %"
  std::string reason() const {
    const std::string tie = tie_break_of(options_.monitor);
    const int waited = plateau_.waited();
    const std::string unit = within_epochs_ ? " validation" : " epoch";
    return "no better " + options_.monitor + " in " + std::to_string(waited) + unit +
           (waited == 1 ? "" : "s") +
           (tie.empty() ? "" : ", nor an equal one with a " + tie + " lower by 1 %");
  }
  std::string slot() const { return "best_" + options_.monitor; }

  EarlyStopping options_;
  Plateau plateau_;
  Run* run_ = nullptr;
  Moment best_;
  bool within_epochs_ = false;  // some validations came within epochs
};

}  // namespace

std::unique_ptr<Callback> EarlyStopping::start() const {
  check(*this, FieldPlace{"early_stopping"});
  return std::make_unique<Observer>(*this);
}

}  // namespace rondo::callbacks

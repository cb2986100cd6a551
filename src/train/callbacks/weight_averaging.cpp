#include <cstdint>
#include <memory>

#include <rondo/callbacks.h>

#include "base/fields.h"

namespace rondo::callbacks {
namespace {

/// Decides how far the average moves at each step. The fit keeps the average.
class Observer final : public Callback {
 public:
  explicit Observer(const WeightAveraging& options) : options_(options) {}

  void on_begin(Run& run) override { run_ = &run; }
  void on_step(const StepReport& report) override {
    if (report.epoch - run_->epochs_before() <= options_.after_epochs) return;
    // The mean of n + 1 steps contains n / (n + 1) of the mean of n steps.
    const auto averaged = static_cast<double>(averaged_++);
    run_->average_weights(options_.decay > 0 ? static_cast<double>(options_.decay)
                                             : averaged / (averaged + 1));
  }

  std::string name() const override { return "weight_averaging"; }
  std::string save() override { return dump_json(Json{{"averaged", averaged_}}); }
  void restore(std::string_view saved) override {
    const Json json = parse_json(saved, {.name = "the counter of the averaged weights"});
    averaged_ = json.at("averaged").get<std::int64_t>();
  }

 private:
  WeightAveraging options_;
  Run* run_ = nullptr;
  std::int64_t averaged_ = 0;  // steps in the average
};

}  // namespace

std::unique_ptr<Callback> WeightAveraging::start() const {
  check(*this, FieldPlace{"weight_averaging"});
  return std::make_unique<Observer>(*this);
}

}  // namespace rondo::callbacks

#include "train/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <variant>

namespace rondo {
namespace {

/// The schedule itself, after the warm-up.
struct Curve {
  double done;    // steps after the warm-up, before this one
  double left;    // steps after the warm-up in the whole fit
  double epochs;  // done, in epochs (the warm-up's included: steps count from the beginning of the fit)
  double reduced;

  double share() const { return left > 0 ? std::min(1.0, done / left) : 1.0; }

  double operator()(const schedule::Constant&) const { return 1; }
  double operator()(const schedule::Step& s) const {
    const int first = s.after > 0 ? s.after : s.every;
    if (epochs < first) return 1;
    return std::pow(static_cast<double>(s.factor), 1 + std::floor((epochs - first) / s.every));
  }
  double operator()(const schedule::Exponential& s) const {
    return std::pow(static_cast<double>(s.factor), epochs);
  }
  double operator()(const schedule::Cosine& s) const {
    const auto floor = static_cast<double>(s.floor);
    return floor + (1 - floor) * 0.5 * (1 + std::cos(std::numbers::pi * share()));
  }
  double operator()(const schedule::Linear& s) const {
    const auto floor = static_cast<double>(s.floor);
    return floor + (1 - floor) * (1 - share());
  }
  double operator()(const schedule::ReduceOnPlateau&) const { return reduced; }
};

Plateau plateau_of(const Schedule& schedule) {
  const auto* const watching = std::get_if<schedule::ReduceOnPlateau>(&schedule);
  const schedule::ReduceOnPlateau options = watching != nullptr ? *watching : schedule::ReduceOnPlateau{};
  return Plateau("the schedule reduce_on_plateau", options.monitor, options.min_delta);
}

}  // namespace

LearningRate::LearningRate(Schedule schedule)
    : schedule_(std::move(schedule)), plateau_(plateau_of(schedule_)) {}

void LearningRate::begin(const Run& run) {
  if (std::holds_alternative<schedule::ReduceOnPlateau>(schedule_)) plateau_.begin(run);
}

double LearningRate::factor(const FitPosition& at) const {
  const std::int64_t warmup =
      std::visit([](const auto& s) { return std::int64_t{s.warmup_steps}; }, schedule_);
  if (at.step < warmup) return static_cast<double>(at.step + 1) / static_cast<double>(warmup);
  const Curve curve{.done = static_cast<double>(at.step - warmup),
                    .left = static_cast<double>(at.epochs * at.epoch_steps - warmup),
                    .epochs = static_cast<double>(at.step) / static_cast<double>(at.epoch_steps),
                    .reduced = reduced_};
  return std::visit(curve, schedule_);
}

bool LearningRate::epoch_done(const std::map<std::string, float>& values) {
  const auto* const options = std::get_if<schedule::ReduceOnPlateau>(&schedule_);
  if (options == nullptr || plateau_.improved(values) || plateau_.waited() < options->patience) return false;
  plateau_.wait_again();
  const double before = reduced_;
  reduced_ = std::max(static_cast<double>(options->floor), reduced_ * static_cast<double>(options->factor));
  return reduced_ < before;
}

Json LearningRate::save() const {
  return Json{{"plateau", plateau_.save()}, {"reduced", json_number(reduced_)}};
}

void LearningRate::restore(const Json& saved) {
  plateau_.restore(saved.at("plateau"));
  reduced_ = number_from(saved.at("reduced"), "the schedule");
}

}  // namespace rondo

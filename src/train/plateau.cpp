#include "train/plateau.h"

#include <algorithm>

#include "base/message.h"

namespace rondo {

Plateau::Plateau(std::string who, std::string monitor, float min_delta, std::string tie_break)
    : who_(std::move(who)),
      monitor_(std::move(monitor)),
      tie_break_(std::move(tie_break)),
      min_delta_(min_delta) {}

void Plateau::begin(const Run& run, std::optional<Better> wanted) {
  if (monitor_.rfind("val_", 0) == 0 && !run.has_validation())
    fail(ErrorKind::usage, who_ + " watches " + quote(monitor_) +
                               ", but the fit has no validation data; give FitOptions validation, or watch " +
                               quote(monitor_.substr(4)));
  const std::optional<std::vector<std::string>> known = run.value_names();
  if (known && std::find(known->begin(), known->end(), monitor_) == known->end()) refuse(*known);
  better_ = wanted.value_or(run.better(monitor_));
}

void Plateau::refuse(const std::vector<std::string>& known) const {
  fail(ErrorKind::option, who_ + " watches " + quote(monitor_) + ", which epochs do not report (they have " +
                              enumerate(known, "and") + ")" + suggestion(monitor_, known));
}

bool Plateau::improved(const std::map<std::string, float>& values) {
  const auto found = values.find(monitor_);
  if (found == values.end()) {
    std::vector<std::string> known;
    for (const auto& entry : values)
      known.push_back(entry.first);
    refuse(known);
  }
  const float value = found->second;
  const float gain = better_ == Better::higher ? value - best_ : best_ - value;
  const auto second = values.find(tie_break_);
  const float second_value =
      second == values.end() ? std::numeric_limits<float>::quiet_NaN() : second->second;
  const bool higher = !std::isnan(value) && (!any() || gain > min_delta_);
  const bool better = higher || breaks_tie(value, second_value);
  const bool worth_it = higher || (better && second_value < waited_second_ * (1 - tie_break_gain));
  if (better) {
    best_ = value;
    best_second_ = second_value;
  }
  if (worth_it) waited_second_ = second_value;
  waited_ = worth_it ? 0 : waited_ + 1;
  return better;
}

bool Plateau::breaks_tie(float value, float second) const {
  return value == best_ && second < best_second_;  // false for NaN, which breaks no tie
}

Json Plateau::save() const {
  return Json{{"best", json_number(best_)},
              {"second", json_number(best_second_)},
              {"waited_second", json_number(waited_second_)},
              {"waited", waited_}};
}

void Plateau::restore(const Json& saved) {
  best_ = static_cast<float>(number_from(saved.at("best"), who_));
  best_second_ = static_cast<float>(number_from(saved.at("second"), who_));
  // Early checkpoints do not have it. There, waiting began at the best epoch.
  waited_second_ = saved.contains("waited_second")
                       ? static_cast<float>(number_from(saved.at("waited_second"), who_))
                       : best_second_;
  waited_ = saved.at("waited").get<int>();
}

}  // namespace rondo

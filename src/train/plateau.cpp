#include "train/plateau.h"

#include <vector>

#include "base/message.h"

namespace rondo {

Plateau::Plateau(std::string who, std::string monitor, float min_delta)
    : who_(std::move(who)), monitor_(std::move(monitor)), min_delta_(min_delta) {}

void Plateau::check(bool has_validation) const {
  if (monitor_.rfind("val_", 0) == 0 && !has_validation)
    fail(ErrorKind::usage, who_ + " watches " + quote(monitor_) +
                               ", but the fit has no validation data; give FitOptions validation, or watch " +
                               quote(monitor_.substr(4)));
}

bool Plateau::improved(const std::map<std::string, float>& values) {
  const auto found = values.find(monitor_);
  if (found == values.end()) {
    std::vector<std::string> known;
    for (const auto& entry : values)
      known.push_back(entry.first);
    fail(ErrorKind::option, who_ + " watches " + quote(monitor_) +
                                ", which epochs do not report (they have " + enumerate(known, "and") + ")" +
                                suggestion(monitor_, known));
  }
  const float value = found->second;
  const float gain = higher_is_better(monitor_) ? value - best_ : best_ - value;
  const bool better = !std::isnan(value) && (!any() || gain > min_delta_);
  if (better) best_ = value;
  waited_ = better ? 0 : waited_ + 1;
  return better;
}

Json Plateau::save() const {
  return Json{{"best", json_number(best_)}, {"waited", waited_}};
}

void Plateau::restore(const Json& saved) {
  best_ = static_cast<float>(number_from(saved.at("best"), who_));
  waited_ = saved.at("waited").get<int>();
}

}  // namespace rondo

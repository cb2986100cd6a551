#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <ostream>

#include <rondo/train.h>

#include "base/message.h"

namespace rondo {

bool higher_is_better(std::string_view value_name) {
  if (value_name.rfind("val_", 0) == 0) value_name.remove_prefix(4);
  for (const std::string_view low : {"loss", "perplexity", "mae", "mse"})
    if (value_name == low) return false;
  return value_name.find("loss") == std::string_view::npos &&
         value_name.find("error") == std::string_view::npos;
}

Metric metric_of(std::string_view name) {
  std::vector<std::string> known;
  for (const std::string_view each : names_of(Metric{})) {
    if (each == name) return static_cast<Metric>(known.size());
    known.emplace_back(each);
  }
  fail(ErrorKind::option, "no metric is called " + quote(name) + "; known: " + enumerate(known, "and") +
                              suggestion(name, known));
}

std::span<const float> History::operator[](std::string_view name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  const std::vector<std::string> known = names();
  fail(ErrorKind::option, "the history has no " + quote(name) + "; it has " +
                              (known.empty() ? "nothing yet" : enumerate(known, "and")) +
                              suggestion(name, known));
}

int History::best_epoch(std::string_view name) const {
  const std::span<const float> values = (*this)[name];
  const bool up = higher_is_better(name);
  int best = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const float so_far = best == 0 ? values[i] : values[static_cast<std::size_t>(best - 1)];
    if (best == 0 || (up ? values[i] > so_far : values[i] < so_far)) best = static_cast<int>(i) + 1;
  }
  if (best == 0) fail(ErrorKind::numeric, "every value of " + quote(name) + " in the history is NaN");
  return best;
}

float History::best(std::string_view name) const {
  return (*this)[name][static_cast<std::size_t>(best_epoch(name) - 1)];
}

std::vector<std::string> History::names() const {
  std::vector<std::string> names;
  for (const auto& entry : values_)
    names.push_back(entry.first);
  return names;
}

void History::add(const std::map<std::string, float>& values) {
  kept_epoch_ = ++epochs_;
  for (const auto& entry : values)
    values_[entry.first].resize(static_cast<std::size_t>(epochs_ - 1),
                                std::numeric_limits<float>::quiet_NaN());
  for (auto& column : values_) {
    const auto found = values.find(column.first);
    column.second.push_back(found == values.end() ? std::numeric_limits<float>::quiet_NaN() : found->second);
  }
}

void History::keep(int epoch) {
  if (epoch < 0 || epoch > epochs_) throw Bug("History::keep: no epoch " + std::to_string(epoch));
  kept_epoch_ = epoch;
}

void History::end(bool interrupted, std::string reason) {
  interrupted_ = interrupted;
  reason_ = std::move(reason);
}

std::ostream& operator<<(std::ostream& out, const Scores& scores) {
  const char* between = "";
  for (const auto& score : scores) {
    char number[32];
    std::snprintf(number, sizeof number, "%.4f", static_cast<double>(score.second));
    out << between << score.first << ' ' << number;
    between = "  ";
  }
  return out;
}

}  // namespace rondo

// History of train.h: values of epochs by name, and the best of them.
#include <cmath>
#include <limits>
#include <utility>

#include <rondo/train.h>

#include "base/message.h"

namespace rondo {

const History::Column& History::column(std::string_view name) const {
  const auto found = columns_.find(name);
  if (found != columns_.end()) return found->second;
  const std::vector<std::string> known = names();
  fail(ErrorKind::option, "the history has no " + quote(name) + "; it has " +
                              (known.empty() ? "nothing yet" : enumerate(known, "and")) +
                              suggestion(name, known));
}

std::span<const float> History::operator[](std::string_view name) const {
  return column(name).values;
}

Better History::better(std::string_view name) const {
  return column(name).better;
}

int History::best_epoch(std::string_view name) const {
  const std::span<const float> values = (*this)[name];
  const bool up = better(name) == Better::higher;
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
  for (const auto& entry : columns_)
    names.push_back(entry.first);
  return names;
}

void History::add(const std::map<std::string, float>& values,
                  const std::function<Better(std::string_view)>& better) {
  constexpr float missing = std::numeric_limits<float>::quiet_NaN();
  const auto before = static_cast<std::size_t>(epochs_);
  for (const auto& entry : values)
    if (!columns_.contains(entry.first))
      columns_[entry.first] = {better(entry.first), std::vector<float>(before, missing)};
  for (auto& column : columns_) {
    const auto found = values.find(column.first);
    column.second.values.push_back(found == values.end() ? missing : found->second);
  }
  ++epochs_;
  keep(epochs_, values);
}

void History::keep(int epoch, std::map<std::string, float> values) {
  if (epoch < 0 || epoch > epochs_) throw Bug("History::keep: no epoch " + std::to_string(epoch));
  kept_epoch_ = epoch;
  kept_values_ = std::move(values);
}

void History::end(bool interrupted, std::string reason) {
  interrupted_ = interrupted;
  reason_ = std::move(reason);
}

}  // namespace rondo

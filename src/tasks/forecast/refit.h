/// Models trained anew as time goes on, for backtests.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tasks/forecast/model.h"

namespace rondo::forecast {

/// A model, and the windows that it forecasts: numbers in the list of all.
struct Refit {
  Forecaster forecaster;
  std::vector<std::size_t> windows;
};

/// Trains a model's options anew at the first origin and at every `every`-th behind it. Origins are counted
/// from the end of each series; a training sees what lies before its own origin in every series that has one.
class Refits {
 public:
  /// `windows`: series by series, origins ascending; their series are numbers of `parts`. All stay alive.
  Refits(const ForecastModel& model, const std::vector<SeriesPart>& parts, std::span<const Window> windows,
         int every, std::function<void(const std::string&)> notice);
  /// Nothing after the last. Error(data) if too little lies before an origin to learn from.
  std::optional<Refit> next();

 private:
  Forecaster train(std::size_t age) const;

  const ForecastModel& model_;
  const std::vector<SeriesPart>& parts_;
  std::span<const Window> windows_;
  std::function<void(const std::string&)> notice_;
  std::vector<std::vector<std::size_t>> by_age_;  ///< windows whose origin is the k-th from the end
  std::size_t every_, left_, done_ = 0;
  double seconds_ = 0;
};

}  // namespace rondo::forecast

/// What each covariate does for a model's forecasts.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "tasks/forecast/model.h"

namespace rondo::forecast {

struct Influence {
  std::string name;  ///< of the covariate; the calendar is one of its own
  double mae = 0;    ///< of scaled values, without it
};

struct Influences {
  double mae = 0;  ///< with all
  std::vector<Influence> without;
};

/// The errors of medians when one covariate after the other says nothing: a number is replaced by its
/// training mean, a class by none, a point of the calendar by the middle of its circle. At most 1 000 of the
/// windows count, every n-th, and at most the first 50 covariates. Empty for a model without covariates.
Influences influences_of(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                         std::span<const Window> windows);

}  // namespace rondo::forecast

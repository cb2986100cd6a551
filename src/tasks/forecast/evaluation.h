/// What a forecaster's forecasts are worth, beside baselines.
#pragma once
#include <vector>

#include "tasks/forecast/model.h"

namespace rondo::forecast {

/// Over all windows whose targets lie in the parts. Baselines see what lies before each window; linear ones
/// are fitted on what lies before the parts.
ForecastEvaluation evaluation_of(const ForecastModel& model, const std::vector<SeriesPart>& parts);

}  // namespace rondo::forecast

/// From predictions to an Evaluation.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks.h>

namespace rondo {

/// Scores one prediction for each example of `data`, whose classes are numbered as in `names`.
Evaluation evaluate_predictions(const Dataset& data, std::span<const Prediction> predictions,
                                const std::vector<std::string>& names, int worst);

}  // namespace rondo

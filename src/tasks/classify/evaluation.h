/// From predictions to a ClassifierEvaluation.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/classify.h>

#include "tasks/classify/answers.h"

namespace rondo {

/// Scores one prediction for each example of `data`, whose classes are numbered as in `names`.
ClassifierEvaluation evaluate_predictions(const Dataset& data, std::span<const Prediction> predictions,
                                          const std::vector<std::string>& names, int worst);

/// Ten bins of equal width, of the confidence of the likeliest class.
std::vector<ClassifierEvaluation::Bin> reliability_of(const classify::AnswerLesson& lesson);
double calibration_error(std::span<const ClassifierEvaluation::Bin> bins);
/// What a table and a diagram say of calibration, and of certain answers.
std::vector<report::Block> calibration_blocks(const ClassifierEvaluation& evaluation);
/// Coverage and certain accuracy, of answers that have a probability of `certain` or more.
void add_certainty(ClassifierEvaluation& evaluation, const classify::AnswerLesson& lesson, float certain);

}  // namespace rondo

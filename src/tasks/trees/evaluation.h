/// Scores of a TreeClassifier's answers.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/trees.h>

namespace rondo::trees {

/// Compares answers with the labels of the trees. Labels that are no class count as errors.
TreeEvaluation evaluation_of(std::span<const LabelledTree* const> trees, std::span<const TreeAnswer> answers,
                             const std::vector<std::string>& classes, int worst);
/// The names of the scores.
Evaluation no_evaluation();

/// How a label changes from a phrase to the phrase above it that negates it: "good" and "not good".
report::Table negation_table(std::span<const LabelledTree* const> trees, std::span<const TreeAnswer> answers,
                             const std::vector<std::string>& classes);
/// Whether a word negates what it stands beside.
bool is_negator(std::string_view word);

}  // namespace rondo::trees

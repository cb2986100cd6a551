/// The parts of a TextClassifier, for the files that implement it.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/classify.h>

#include "tasks/classify/answers.h"
#include "wide/naive_bayes.h"

namespace rondo {

/// What a classifier is measured against, from its training texts.
struct Baselines {
  std::int32_t commonest = 0;  ///< the class of most training texts, the first of equal ones
  std::shared_ptr<const wide::NaiveBayes> naive_bayes;  ///< null where it would be too large
};

struct TextClassifier::Impl {
  std::optional<Sequential> network = {};
  std::vector<Sequential> further = {};  ///< networks that answer together with the first
  std::optional<WideClassifier> wide = {};
  MixtureWeights mixture = {};
  bool multi_label = false;
  classify::AnswerSettings answers = {};
  ClassifierOptions options = {};
  History history = {};
  // Of a wide branch alone; a network has its own:
  ApplicationRecord application = {};
  TrainingRecord record = {};
  /// Right after training.
  std::optional<Baselines> baselines = {};
  std::vector<report::Block> studies = {};

  const std::vector<std::string>& classes() const {
    return network ? network->class_names() : wide->class_names();
  }
  std::size_t networks() const { return network ? 1 + further.size() : 0; }
  /// What the networks say, as the mean of their probabilities; empty where there is none.
  std::vector<Prediction> of_networks(std::span<const std::string> texts) const;
  /// The log-odds of the branch; empty where there is none.
  std::vector<std::vector<float>> scores(std::span<const std::string> texts) const;
  /// The answers before a temperature, from of_networks() and scores().
  std::vector<Prediction> mixed(std::vector<Prediction> of_network,
                                std::span<const std::vector<float>> scores) const;
  /// The same with it.
  std::vector<Prediction> cooled(std::vector<Prediction> predictions) const;
  std::vector<Prediction> predict(std::span<const std::string> texts) const;
};

/// The prediction that has these probabilities.
Prediction prediction_with(std::vector<float> probabilities, const std::vector<std::string>& classes);

/// Scores of the classifier's parts and of its baselines.
std::vector<ClassifierEvaluation::Rival> rivals_of(const TextClassifier::Impl& model, const Dataset& data,
                                                   std::span<const std::string> texts,
                                                   std::span<const Prediction> of_network,
                                                   std::span<const std::vector<float>> scores,
                                                   const ClassifierEvaluation& both);

/// What the parts say of labels of which a text may have several, for MultiLabelEvaluation::parts.
MultiLabelEvaluation evaluate_label_sets(const TextClassifier::Impl& model, const Dataset& data,
                                         std::span<const std::string> texts, int worst);

/// Answers on texts whose labels are known.
classify::AnswerLesson lesson_of(std::span<const Prediction> predictions, const Dataset& data);

/// The most classes for which a branch is trained unless it is asked for: its time and its size grow with
/// their number.
constexpr std::size_t most_wide_classes = 200;

}  // namespace rondo

/// How well a text classifier did: scores of one label a text, of several, over folds, and by the amount of
/// training data. classify.h includes it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rondo/tasks/evaluation.h>

namespace [[gnu::visibility("default")]] rondo {

/// The scores of a classifier on labelled texts. Shares are between 0 and 1.
struct ClassifierEvaluation {
  struct PerClass {
    std::string name;
    double precision = 0, recall = 0, f1 = 0;
    std::int64_t support = 0;
  };
  struct Mistake {
    std::size_t example = 0;  ///< number in the dataset
    std::string text, label, predicted;
    float probability = 0;  ///< the probability of the predicted class
  };
  /// One of several classifiers on the same texts.
  struct Rival {
    Words name;
    std::string key;  ///< "majority", "naive_bayes", "wide", "network", "both"
    double accuracy = 0, macro_f1 = 0;
  };
  std::int64_t examples = 0;  ///< of classes that the model knows; the scores are theirs
  std::int64_t unknown = 0;   ///< of other classes, which no answer could be right for
  double loss = 0, accuracy = 0;
  double macro_precision = 0, macro_recall = 0, macro_f1 = 0, micro_f1 = 0;
  std::vector<PerClass> classes;
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true class][predicted class]
  std::vector<Mistake> worst;                        ///< most confident mistakes first
  /// How well probabilities tell how often answers are right. The texts of a tenth of confidence: from 0 to
  /// 0.1, ..., from 0.9 to 1.
  struct Bin {
    std::int64_t texts = 0;
    double confidence = 0, accuracy = 0;  ///< means
  };
  std::vector<Bin> reliability = {};
  /// Expected calibration error (Guo et al. 2017): the mean of |confidence - accuracy| over the bins,
  /// weighted by their texts; and the same of the parts by `key` of Rival, and "uncalibrated", without
  /// temperature.
  double calibration_error = 0;
  std::vector<std::pair<std::string, double>> calibration_of_parts = {};
  /// With a wanted precision: the share of texts whose answer is certain, and how many of these are right.
  std::optional<double> coverage = {}, certain_accuracy = {};
  /// What the classifier and its parts are worth, beside the commonest class and naive Bayes on the training
  /// texts. These two are known right after training only: a model's file does not hold them.
  std::vector<Rival> rivals = {};

  /// The same as scores, tables and a matrix. With many classes, the most confused pairs replace the matrix.
  Evaluation summary() const;
  /// summary().to_json()
  std::string to_json() const { return summary().to_json(); }
};

/// The scores of a classifier of several labels a text. Shares are between 0 and 1; a share of nothing is 0.
struct MultiLabelEvaluation {
  struct PerLabel {
    std::string name;
    double precision = 0, recall = 0, f1 = 0, threshold = 0;
    std::int64_t support = 0;
  };
  /// Of the k most likely labels: the share that is right, and the share of a text's labels among them, both
  /// as means over the texts that have a label.
  struct AtRank {
    int k = 1;
    double precision = 0, recall = 0;
  };
  struct Mistake {
    std::size_t example = 0;
    std::string text, labels, predicted;  ///< with ", " between labels
    double loss = 0;
  };
  struct Part {
    Words name;
    std::string key;  ///< "wide", "network", "both"
    double micro_f1 = 0, macro_f1 = 0;
  };
  std::int64_t examples = 0;
  std::int64_t lost = 0;  ///< labels that the model does not know
  double loss = 0;        ///< mean binary cross entropy of an answer
  double micro_precision = 0, micro_recall = 0, micro_f1 = 0;
  /// Means over the labels that occur in the truth or among the answers.
  double macro_precision = 0, macro_recall = 0, macro_f1 = 0;
  double hamming_loss = 0;     ///< the share of wrong answers among texts times labels
  double subset_accuracy = 0;  ///< the share of texts whose labels are all right
  std::vector<AtRank> at_rank;
  std::vector<PerLabel> labels;
  std::vector<Mistake> worst;    ///< largest loss first
  std::vector<Part> parts = {};  ///< network, branch and both, where there are both; thresholds of a half

  Evaluation summary() const;
  /// summary().to_json()
  std::string to_json() const { return summary().to_json(); }
};

/// Scores of classifiers trained on other parts of the data.
struct CrossValidation {
  std::vector<Evaluation> folds;  ///< fewer than asked for if training was stopped
  /// The mean of a score, and its standard deviation over the folds (of n folds divided by n - 1).
  struct Spread {
    std::string name;
    double mean = 0, deviation = 0;
  };
  std::vector<Spread> spreads() const;
  report::Table table() const;
};
struct LearningCurve {
  struct Point {
    double share = 1;  ///< of the training data
    std::int64_t examples = 0;
    Evaluation evaluation;
  };
  std::vector<Point> points;
  report::Table table() const;
};

}  // namespace rondo

/// Sentiment analysis and any other text classification: from a user's labelled text to a trained model.
///
///     auto data = data::read("reviews.tsv").train.split(0.8, 0.1, 0.1);
///     TextClassifier model = TextClassifier::train(data[0], data[1]);
///     model.predict("what a lovely film").label;
///
/// Defaults fit any labelled text: what is not said is derived from the data by `plan`, and shown.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/model.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/task.h>
#include <rondo/train.h>

namespace [[gnu::visibility("default")]] rondo {

/// Everything about a text classifier and its training.
struct ClassifierOptions {
  TextOptions text = {};
  NetworkOptions network = {};
  /// How the steps become one row; empty: by the length of the texts.
  std::vector<Pool> pooling = {};
  TrainingOptions training = {};
  ClassOptions classes = {};

  static constexpr std::string_view type = "classifier";
  static constexpr auto fields() {
    using O = ClassifierOptions;
    return std::tuple{group(&O::text, "Text"), group(&O::network, "Network"),
                      field("pooling", &O::pooling,
                            "how the steps become one row; several with commas; else by the length of the "
                            "texts"),
                      group(&O::training, "Training"), group(&O::classes, "Classes")};
  }
};
static_assert(all_fields_listed<ClassifierOptions>);

/// How a classifier did on labelled texts; shares of 1.
struct ClassifierEvaluation {
  struct PerClass {
    std::string name;
    double precision = 0, recall = 0, f1 = 0;
    std::int64_t support = 0;
  };
  struct Mistake {
    std::size_t example = 0;  ///< of the dataset
    std::string text, label, predicted;
    float probability = 0;  ///< of what was predicted
  };
  std::int64_t examples = 0;
  double loss = 0, accuracy = 0;
  double macro_precision = 0, macro_recall = 0, macro_f1 = 0, micro_f1 = 0;
  std::vector<PerClass> classes;
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true class][predicted class]
  std::vector<Mistake> worst;                        ///< surest wrong answers first

  /// As scores, tables and a matrix; with many classes the most confused pairs stand for the matrix.
  Evaluation summary() const;
  /// summary().to_json()
  std::string to_json() const { return summary().to_json(); }
};

class TextClassifier {
 public:
  TextClassifier(TextClassifier&&) noexcept = default;
  TextClassifier& operator=(TextClassifier&&) noexcept = default;

  /// The options with everything derived that was left open: tokenizer by script, pooling, epochs and
  /// patience by the data. `reasons`, if given, gets a line for each thing derived.
  static ClassifierOptions plan(const Dataset& train, const Dataset& valid, ClassifierOptions options = {},
                                std::vector<std::string>* reasons = nullptr);
  /// The layers that planned options stand for.
  static Sequential build(const ClassifierOptions& planned, std::int64_t classes);

  /// Learns from `train`; the epoch that did best on `valid` is kept. Throws Error(data) for fewer than two
  /// classes or no examples. When `run.stop` ended it, `interrupted()` is true.
  static TextClassifier train(const Dataset& train, const Dataset& valid, ClassifierOptions options = {},
                              TrainingRun run = {});

  ClassifierEvaluation evaluate(const Dataset& test, int worst = 20) const;
  /// Every class with its probability, surest first, is in `probabilities` by class number.
  Prediction predict(std::string_view text) const;
  std::vector<Prediction> predict(std::span<const std::string> texts) const;
  const std::vector<std::string>& class_names() const noexcept;
  const History& history() const noexcept { return history_; }
  bool interrupted() const noexcept { return history_.interrupted(); }
  /// As planned for training; of a file that does not say them (of an older version) the defaults.
  const ClassifierOptions& options() const noexcept { return options_; }

  Sequential& model() noexcept { return model_; }
  const Sequential& model() const noexcept { return model_; }
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another application.
  static TextClassifier load(const std::filesystem::path& file);

 private:
  TextClassifier(Sequential model, ClassifierOptions options, History history);
  Sequential model_;
  ClassifierOptions options_;
  History history_;
};

}  // namespace rondo

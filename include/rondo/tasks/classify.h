/// Text classification, such as sentiment analysis: from labelled text to a trained model.
///
///     auto data = data::read("reviews.tsv").train.split(0.8, 0.1, 0.1);
///     TextClassifier model = TextClassifier::train(data[0], data[1]);
///     model.predict("what a lovely film").label;
///
/// The defaults suit any labelled text. plan() derives open options from the data and reports them.
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

/// The options of a text classifier and its training.
struct ClassifierOptions {
  TextOptions text = {};
  NetworkOptions network = {};
  /// How the steps of a text become one row. Empty: by the length of the texts.
  std::vector<Pool> pooling = {};
  TrainingOptions training = {};
  ClassOptions classes = {};

  static constexpr std::string_view type = "classifier";
  static constexpr auto fields() {
    using O = ClassifierOptions;
    return std::tuple{group(&O::text, "Text"), group(&O::network, "Network"),
                      field("pooling", &O::pooling,
                            "how all steps become one row; separate several by commas; default: by the "
                            "length of the texts"),
                      group(&O::training, "Training"), group(&O::classes, "Classes")};
  }
};
static_assert(all_fields_listed<ClassifierOptions>);

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
  std::int64_t examples = 0;  ///< of classes that the model knows; the scores are theirs
  std::int64_t unknown = 0;   ///< of other classes, which no answer could be right for
  double loss = 0, accuracy = 0;
  double macro_precision = 0, macro_recall = 0, macro_f1 = 0, micro_f1 = 0;
  std::vector<PerClass> classes;
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true class][predicted class]
  std::vector<Mistake> worst;                        ///< most confident mistakes first

  /// The same as scores, tables and a matrix. With many classes, the most confused pairs replace the matrix.
  Evaluation summary() const;
  /// summary().to_json()
  std::string to_json() const { return summary().to_json(); }
};

/// A trained text classifier. Movable, not copyable.
class TextClassifier {
 public:
  TextClassifier(TextClassifier&&) noexcept = default;
  TextClassifier& operator=(TextClassifier&&) noexcept = default;

  /// Fills in the open options: the tokenizer by the script; pooling, epochs, patience and others by the
  /// data. `reasons`, if given, receives a line for each derived option.
  static ClassifierOptions plan(const Dataset& train, const Dataset& valid, ClassifierOptions options = {},
                                std::vector<std::string>* reasons = nullptr);
  /// Builds the layers for planned options.
  static Sequential build(const ClassifierOptions& planned, std::int64_t classes);

  /// Trains on `train` and keeps the epoch that did best on `valid`. Error(data) for no examples or fewer
  /// than two classes. If `run.stop` ended training, interrupted() is true.
  static TextClassifier train(const Dataset& train, const Dataset& valid, ClassifierOptions options = {},
                              TrainingRun run = {});

  /// Examples of classes that the model does not know are counted (`unknown`), not scored.
  ClassifierEvaluation evaluate(const Dataset& test, int worst = 20) const;
  /// The prediction for one text. `probabilities` are in the order of class_names().
  Prediction predict(std::string_view text) const;
  std::vector<Prediction> predict(std::span<const std::string> texts) const;
  const std::vector<std::string>& class_names() const noexcept;
  const History& history() const noexcept { return history_; }
  bool interrupted() const noexcept { return history_.interrupted(); }
  /// The options as planned for training. For a file without them (from an older version), the defaults.
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

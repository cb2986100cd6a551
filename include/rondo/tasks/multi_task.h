/// Several labels of different kinds for a text, from one network: a head each on one encoder.
///
///     auto data = data::read_label_columns(files, std::vector<std::string>{"sentiment", "topic"});
///     auto model = MultiTaskClassifier::train(data.train, data.valid, data.columns);
///     model.predict("what a lovely film")[0].label;
///
/// Token vectors, recurrent layers and pooling are shared, and every head is a softmax of its own over the
/// pooled row (Caruana 1997). The loss is the weighted sum of the heads' losses (ClassifierOptions::
/// label_weights). A text without a label of some head teaches the others.
#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/data/label_columns.h>
#include <rondo/tasks/classify.h>

namespace [[gnu::visibility("default")]] rondo {

/// The scores of each head, over the texts that have a label of it.
struct MultiTaskEvaluation {
  std::int64_t examples = 0;  ///< texts
  std::vector<std::pair<std::string, ClassifierEvaluation>> heads;

  /// `accuracy` is the mean over the heads that have examples, as is `macro_f1`; scores and tables of a head
  /// begin with its name: "topic.accuracy", "topic.confusion".
  Evaluation summary() const;
  /// summary().to_json()
  std::string to_json() const { return summary().to_json(); }
};

/// A trained classifier with several heads. Movable, not copyable.
class MultiTaskClassifier {
 public:
  MultiTaskClassifier(MultiTaskClassifier&&) noexcept;
  MultiTaskClassifier& operator=(MultiTaskClassifier&&) noexcept;
  ~MultiTaskClassifier();

  /// Fills in open options as TextClassifier::plan does. There is no wide branch. Error(option) for options
  /// that are for one label a text; Error(data) for a column of one class.
  static ClassifierOptions plan(const Dataset& train, const Dataset& valid,
                                const std::vector<data::LabelColumn>& columns, ClassifierOptions options = {},
                                std::vector<std::string>* reasons = nullptr);
  /// Trains on `train` and keeps the epoch of the best mean accuracy on `valid`. The datasets are those of
  /// data::LabelColumns.
  static MultiTaskClassifier train(const Dataset& train, const Dataset& valid,
                                   const std::vector<data::LabelColumn>& columns,
                                   ClassifierOptions options = {}, TrainingRun run = {});

  /// One prediction for each head, in the order of columns().
  std::vector<Prediction> predict(std::string_view text) const;
  /// The same of each text.
  std::vector<std::vector<Prediction>> predict(std::span<const std::string> texts) const;
  MultiTaskEvaluation evaluate(const Dataset& test, int worst = 20) const;

  const std::vector<data::LabelColumn>& columns() const noexcept;
  const TextEncoder& encoder() const noexcept;
  const ClassifierOptions& options() const noexcept;
  const History& history() const noexcept;
  bool interrupted() const noexcept { return history().interrupted(); }

  std::string summary() const;
  const ParameterStore& weights() const;
  const TrainingRecord& record() const noexcept;
  const ApplicationRecord& application() const noexcept;
  void set_application(ApplicationRecord application);
  void quantize(WeightType type);
  WeightType weight_type() const noexcept;
  std::vector<GradientCheck> check_gradients(const Dataset& data,
                                             const GradientCheckOptions& options = {}) const;

  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another kind.
  static MultiTaskClassifier load(const std::filesystem::path& file);

  /// For the library's own use.
  struct Impl;

 private:
  explicit MultiTaskClassifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo

/// Text classification, such as sentiment analysis: from labelled text to a trained model.
///
///     auto data = data::read("reviews.tsv").train.split(0.8, 0.1, 0.1);
///     TextClassifier model = TextClassifier::train(data[0], data[1]);
///     model.predict("what a lovely film").label;
///
/// The defaults suit any labelled text. plan() derives open options from the data and reports them.
///
/// A recurrent network reads the texts, and beside it stands a wide branch, a linear classifier of their
/// n-grams (wide.h). Each sees what the other misses, so both together are better than either, most of all on
/// small data.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/model.h>
#include <rondo/stream.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/task.h>
#include <rondo/train.h>
#include <rondo/wide.h>

namespace [[gnu::visibility("default")]] rondo {

/// Whether a wide branch stands beside the network. `automatic`: up to 200 classes. `only`: without a
/// network, a fast baseline.
enum class Wide { automatic, on, off, only };
constexpr std::array<std::string_view, 4> names_of(Wide) {
  return {"auto", "on", "off", "only"};
}

/// The options of a text classifier and its training.
struct ClassifierOptions {
  TextOptions text = {};
  NetworkOptions network = {};
  /// How the steps of a text become one row. Empty: by the length of the texts.
  std::vector<Pool> pooling = {};
  TrainingOptions training = {};
  ClassOptions classes = {};
  Wide wide = Wide::automatic;
  WideOptions branch = {};

  static constexpr std::string_view type = "classifier";
  static constexpr auto fields() {
    using O = ClassifierOptions;
    return std::tuple{group(&O::text, "Text"),
                      group(&O::network, "Network"),
                      field("pooling", &O::pooling,
                            "how all steps become one row; separate several by commas; default: by the "
                            "length of the texts"),
                      group(&O::training, "Training"),
                      group(&O::classes, "Classes"),
                      field("wide", &O::wide,
                            "a wide branch, linear on n-grams, beside the network; auto: on, but off above "
                            "200 classes; only: without a network, in seconds"),
                      group(&O::branch, "Wide branch")};
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
  /// What the classifier and its parts are worth, beside the commonest class and naive Bayes on the training
  /// texts. These two are known right after training only: a model's file does not hold them.
  std::vector<Rival> rivals = {};

  /// The same as scores, tables and a matrix. With many classes, the most confused pairs replace the matrix.
  Evaluation summary() const;
  /// summary().to_json()
  std::string to_json() const { return summary().to_json(); }
};

/// A text token by token: after each one, what the classifier says of the text so far.
/// TextClassifier::stream() makes it. With weights in f32 or bf16 the answer has the bits of
/// TextClassifier::predict() on the whole text, as long as steps() is not greater than max_length(). Copy a
/// stream for a further one.
class TextStream {
 public:
  /// The next token, in the form that the encoder gives it, or its number. The probabilities of the classes
  /// are valid until the next push. Error(data) for a number outside the vocabulary.
  std::span<const float> push(std::string_view token);
  std::span<const float> push_id(std::int32_t token);
  /// Back to the start of a text.
  void reset() noexcept;
  /// Tokens pushed since the start of the text.
  std::int64_t steps() const noexcept { return steps_; }
  /// The number of tokens to which predict() cuts a longer text; 0 if it cuts none. A stream cuts nothing.
  int max_length() const noexcept;

  struct State {
    StreamState network;
    WideStream::State wide;
    std::int64_t steps = 0;
  };
  State state() const;
  /// Error(shape) for the state of another model.
  void set_state(const State& state);

 private:
  friend class TextClassifier;
  TextStream(TextEncoder encoder, std::optional<Stream> network, std::optional<WideStream> wide,
             MixtureWeights weights, std::size_t classes);
  TextEncoder encoder_;
  std::optional<Stream> network_;
  std::optional<WideStream> wide_;
  MixtureWeights weights_;
  std::vector<float> probabilities_;
  std::int64_t steps_ = 0;
};

/// A trained text classifier. Movable, not copyable.
class TextClassifier {
 public:
  TextClassifier(TextClassifier&&) noexcept;
  TextClassifier& operator=(TextClassifier&&) noexcept;
  ~TextClassifier();

  /// Fills in the open options: the tokenizer by the script; pooling, epochs, patience and others by the
  /// data. `reasons`, if given, receives a line for each derived option.
  static ClassifierOptions plan(const Dataset& train, const Dataset& valid, ClassifierOptions options = {},
                                std::vector<std::string>* reasons = nullptr);
  /// Builds the network's layers for planned options.
  static Sequential build(const ClassifierOptions& planned, std::int64_t classes);

  /// Trains on `train` and keeps the network's epoch that did best on `valid`. The weights of network and
  /// wide branch are those with the least log loss on `valid`; without `valid` they are fixed. Error(data)
  /// for no examples or fewer than two classes. If `run.stop` ended training, interrupted() is true.
  static TextClassifier train(const Dataset& train, const Dataset& valid, ClassifierOptions options = {},
                              TrainingRun run = {});

  /// Examples of classes that the model does not know are counted (`unknown`), not scored.
  ClassifierEvaluation evaluate(const Dataset& test, int worst = 20) const;
  /// The prediction for one text. `probabilities` are in the order of class_names().
  Prediction predict(std::string_view text) const;
  std::vector<Prediction> predict(std::span<const std::string> texts) const;
  /// Error(usage) if the network reads backward, as it does unless trained with bidirectional = false.
  TextStream stream() const;
  const std::vector<std::string>& class_names() const noexcept;
  const TextEncoder& encoder() const noexcept;
  const History& history() const noexcept;
  bool interrupted() const noexcept { return history().interrupted(); }
  /// The options as planned for training. For a file without them (from an older version), the defaults.
  const ClassifierOptions& options() const noexcept;

  bool has_network() const noexcept;
  /// The network, whose own predictions leave the wide branch out. Error(usage) if there is none
  /// (Wide::only).
  Sequential& model();
  const Sequential& model() const;
  /// The wide branch; null if there is none.
  const WideClassifier* wide() const noexcept;
  /// How much network and branch say; of a half that is missing 0.
  MixtureWeights mixture() const noexcept;

  // -- Of network and wide branch together.
  std::string summary() const;
  /// Of the network; none without one.
  const ParameterStore& weights() const;
  const TrainingRecord& record() const noexcept;
  const ApplicationRecord& application() const noexcept;
  void set_application(ApplicationRecord application);
  /// Rounds the network's matrices. The branch's weights have 8 bits anyway. Error(usage) without a network.
  void quantize(WeightType type);
  WeightType weight_type() const noexcept;
  std::vector<GradientCheck> check_gradients(const Dataset& data,
                                             const GradientCheckOptions& options = {}) const;

  /// One file. With a wide branch it has a format that an older rondo refuses (docs/model-file.md).
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another application.
  static TextClassifier load(const std::filesystem::path& file);

  /// For the library's own use.
  struct Impl;

 private:
  explicit TextClassifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo

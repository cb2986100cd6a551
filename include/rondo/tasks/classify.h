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
///
/// Data with several labels a text (data/multi_label.h) make a classifier that answers each label by itself.
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
#include <rondo/data/multi_label.h>
#include <rondo/model.h>
#include <rondo/stream.h>
#include <rondo/tasks/classify_evaluation.h>
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

/// Whether the wide branch learns once more, from training and validation texts together, when all else has
/// been chosen by the latter. `automatic` is for commands: where they held the validation texts out of the
/// training data and have others to test on, up to 20 000 texts, and no certainty is asked for. In C++ it is
/// off.
enum class WideRefit { automatic, on, off };
constexpr std::array<std::string_view, 3> names_of(WideRefit) {
  return {"auto", "on", "off"};
}

/// The network that reads a text. recurrent: recurrent layers and pooling. cnn_lstm_attention: a convolution
/// over neighbouring tokens, recurrent layers above it, and pooling by attention.
enum class ClassifierNetwork { recurrent, cnn_lstm_attention };
constexpr std::array<std::string_view, 2> names_of(ClassifierNetwork) {
  return {"recurrent", "cnn-lstm-attention"};
}

/// How certain a classifier is, and what its training measures beside.
struct CertaintyOptions {
  int ensemble = 1;
  bool calibrate = false;
  double precision = 0;
  int folds = 0;
  bool learning_curve = false;

  static constexpr auto fields() {
    using O = CertaintyOptions;
    return std::tuple{
        field("ensemble", &O::ensemble,
              "networks, with seeds one apart, whose probabilities are averaged; trained side by side", 1,
              100),
        field(
            "calibrate", &O::calibrate,
            "fit a temperature on the validation data, so that probabilities are as often right as they say"),
        field(
            "precision", &O::precision,
            "wanted share of right answers: answers below the probability that reaches it on the validation "
            "data are called uncertain; of several labels a text: the precision of each label; 0: none",
            0, 1),
        field(
            "folds", &O::folds,
            "also train so many times, each on all but one part of the training data, and report the scores "
            "on that part, their mean and spread; 0: not",
            0, 100),
        field("learning_curve", &O::learning_curve,
              "also train on 10, 25 and 50 % of the training data, and report the scores")};
  }
};
static_assert(all_fields_listed<CertaintyOptions>);

/// The options of a text classifier and its training.
struct ClassifierOptions {
  TextOptions text = {};
  NetworkOptions network = {};
  /// How the steps of a text become one row. Empty: by the length of the texts.
  std::vector<Pool> pooling = {};
  TrainingOptions training = {};
  TransferOptions transfer = {};
  ClassOptions classes = {};
  /// Of several heads: what the loss of each counts, in the order of their names' columns; empty: all 1.
  std::vector<double> label_weights = {};
  Wide wide = Wide::automatic;
  WideRefit wide_refit = WideRefit::automatic;
  WideOptions branch = {};
  CertaintyOptions certainty = {};
  ClassifierNetwork reader = ClassifierNetwork::recurrent;

  static constexpr std::string_view type = "classifier";
  static constexpr auto fields() {
    using O = ClassifierOptions;
    return std::tuple{
        group(&O::text, "Text"),
        field("network", &O::reader,
              "recurrent: recurrent layers and pooling; cnn-lstm-attention: a convolution, "
              "recurrent layers and attention"),
        group(&O::network, "Network"),
        field("pooling", &O::pooling,
              "how all steps become one row; separate several by commas; default: by the "
              "length of the texts"),
        group(&O::training, "Training"),
        group(&O::transfer, "Transfer"),
        group(&O::classes, "Classes"),
        field("label_weights", &O::label_weights,
              "with several labels columns: the weight of each one's loss, in their order; "
              "separate them by commas; default: all 1",
              0, 1e6),
        field("wide", &O::wide,
              "a wide branch, linear on n-grams, beside the network; auto: on, but off above "
              "200 classes; only: without a network, in seconds"),
        field("wide_refit", &O::wide_refit,
              "learn the branch again from training and validation texts, when its share has been "
              "chosen; auto: up to 20 000 texts of which some were held out to validate and to test"),
        group(&O::branch, "Wide branch"),
        group(&O::certainty, "Certainty")};
  }
};
static_assert(all_fields_listed<ClassifierOptions>);

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
  /// Builds the network's layers for planned options; of several labels a text, they end in a sigmoid.
  static Sequential build(const ClassifierOptions& planned, std::int64_t classes, bool multi_label = false);

  /// Trains on `train` and keeps the network's epoch that did best on `valid`. The weights of network and
  /// wide branch are those with the least log loss on `valid`; without `valid` they are fixed. Error(data)
  /// for no examples or fewer than two classes. If `run.stop` ended training, interrupted() is true.
  static TextClassifier train(const Dataset& train, const Dataset& valid, ClassifierOptions options = {},
                              TrainingRun run = {});

  /// Trains and evaluates `folds` (2 to 100) times, each time on all but one of as many parts of the data,
  /// which are divided as Dataset::split() does. A tenth of the training data validates. `stop` ends it.
  static CrossValidation cross_validate(const Dataset& data, int folds, ClassifierOptions options = {},
                                        const TrainingRun& run = {});
  /// Trains on 10, 25 and 50 % of `train` and evaluates on `test`.
  static LearningCurve learning_curve(const Dataset& train, const Dataset& valid, const Dataset& test,
                                      ClassifierOptions options = {}, const TrainingRun& run = {});

  /// Of one label a text: Error(usage) for a classifier of several. Examples of classes that the model does
  /// not know are counted (`unknown`), not scored.
  ClassifierEvaluation evaluate(const Dataset& test, int worst = 20) const;
  /// The prediction for one text. `probabilities` are in the order of class_names().
  Prediction predict(std::string_view text) const;
  std::vector<Prediction> predict(std::span<const std::string> texts) const;
  /// Of several labels a text. Error(usage) for a classifier of one.
  MultiLabelEvaluation evaluate_labels(const Dataset& test, int worst = 20) const;
  /// Whether a text may have any number of labels. The probabilities of a Prediction are each label's own
  /// then, and its label is the most likely one.
  bool multi_label() const noexcept;
  /// The labels (class numbers, most likely first) whose probabilities reach their thresholds; of one label a
  /// text, the most likely.
  std::vector<std::size_t> labels_of(const Prediction& prediction) const;
  /// Of several labels a text: one for each class, those of the best F1 on the validation data (a class of
  /// few such texts has that of all classes together), or of the wanted precision. Else empty.
  const std::vector<float>& thresholds() const noexcept;
  /// An answer of a lower probability is uncertain; 0 if no precision was wanted.
  float certain_from() const noexcept;
  /// By which log-probabilities are divided; 1 unless calibrated.
  float temperature() const noexcept;
  /// How many networks answer together.
  std::size_t networks() const noexcept;

  /// Error(usage) if the network reads backward, as it does unless trained with bidirectional = false, and
  /// for several networks, several labels a text, or a temperature.
  TextStream stream() const;
  const std::vector<std::string>& class_names() const noexcept;
  const TextEncoder& encoder() const noexcept;
  const History& history() const noexcept;
  bool interrupted() const noexcept { return history().interrupted(); }
  /// The options as planned for training. For a file without them (from an older version), the defaults.
  const ClassifierOptions& options() const noexcept;

  bool has_network() const noexcept;
  /// The network (of several the first), whose own predictions leave all else out. Error(usage) if there is
  /// none
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

  /// Tables for reports that training made beside the model: cross validation, learning curve. A file does
  /// not hold them.
  const std::vector<report::Block>& studies() const noexcept;
  void add_study(report::Block study);

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

/// Applications as objects: from a user's labelled text to a trained model, an evaluation, a report.
///
///     auto data = data::read("reviews.tsv").train.split(0.8, 0.1, 0.1);
///     TextClassifier model = TextClassifier::train(data[0], data[1]);
///     model.predict("what a lovely film").label;
///
/// Defaults fit any labelled text: what is not said is derived from the data by `plan`, and shown.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/data.h>
#include <rondo/layers.h>
#include <rondo/model.h>
#include <rondo/train.h>

namespace [[gnu::visibility("default")]] rondo {

enum class RecurrentKind { lstm, gru, simple_rnn };
constexpr std::array<std::string_view, 3> names_of(RecurrentKind) {
  return {"lstm", "gru", "simple_rnn"};
}

enum class Sampling { none, over, under };
constexpr std::array<std::string_view, 3> names_of(Sampling) {
  return {"none", "over", "under"};
}

enum class OptimizerKind { adam, adamw, sgd, adagrad, rmsprop };
constexpr std::array<std::string_view, 5> names_of(OptimizerKind) {
  return {"adam", "adamw", "sgd", "adagrad", "rmsprop"};
}

enum class ScheduleKind { linear, cosine, constant, step, exponential, reduce_on_plateau };
constexpr std::array<std::string_view, 6> names_of(ScheduleKind) {
  return {"linear", "cosine", "constant", "step", "exponential", "reduce_on_plateau"};
}

/// What picks the best epoch: a value of the validation part, or of training.
enum class Monitor { val_accuracy, val_f1, val_loss, accuracy, f1, loss };
constexpr std::array<std::string_view, 6> names_of(Monitor) {
  return {"val_accuracy", "val_f1", "val_loss", "accuracy", "f1", "loss"};
}

/// Everything about a text classifier and its training. Where 0 (or automatic, -1, {}) stands for "derived
/// from the data", `plan` fills it in.
struct ClassifierOptions {
  // Text
  Tokenizer tokenizer = Tokenizer::automatic;
  int max_size = 50'000;
  int min_count = 0;
  int max_length = 400;
  Truncate truncate = Truncate::middle;
  Normalization normalization = Normalization::nfkc;
  bool lowercase = true;
  int bigrams = -1;
  // Network
  RecurrentKind cell = RecurrentKind::lstm;
  int embedding = 128;
  int bigram_embedding = 0;
  int units = 128;
  int layers = 1;
  bool bidirectional = true;
  std::vector<Pool> pooling = {};
  float dropout = 0.5F;
  float token_dropout = 0.1F;
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  std::filesystem::path vectors = {};
  bool freeze_embedding = false;
  // Training
  int epochs = 0;
  int batch_size = 32;
  OptimizerKind optimizer = OptimizerKind::adam;
  float learning_rate = 0;
  float momentum = 0;
  float weight_decay = 0;
  ScheduleKind schedule = ScheduleKind::linear;
  int warmup_steps = 0;
  float clip_norm = 1;
  float clip_value = 0;
  int accumulate = 1;
  float label_smoothing = 0;
  std::map<std::string, float> class_weights = {};
  bool balance_classes = false;
  Sampling sampling = Sampling::none;
  Monitor monitor = Monitor::val_accuracy;
  int patience = -1;
  std::filesystem::path init = {};
  std::uint64_t seed = 1;

  static constexpr std::string_view type = "classifier";
  static constexpr auto fields() {
    using O = ClassifierOptions;
    return std::tuple{
        field("tokenizer", &O::tokenizer, "how a text becomes tokens; auto: by its script"),
        field("max_size", &O::max_size, "largest vocabulary", 2, 1 << 24),
        field("min_count", &O::min_count, "rarer tokens are unknown; 0: by the size of the data", 0, 1 << 20),
        field("max_length", &O::max_length, "longer texts are cut, in tokens; 0: never", 0, 1 << 24),
        field("truncate", &O::truncate, "which part of a long text goes"),
        field("normalization", &O::normalization, "Unicode normalisation"),
        field("lowercase", &O::lowercase, "fold upper and lower case together"),
        field("bigrams", &O::bigrams, "pairs of tokens with vectors of their own; -1: by the tokenizer", -1,
              1 << 24),
        field("cell", &O::cell, "kind of recurrent layer"),
        field("embedding", &O::embedding, "numbers per token", 1, 1 << 16),
        field("bigram_embedding", &O::bigram_embedding, "numbers per bigram; 0: as embedding", 0, 1 << 16),
        field("units", &O::units, "size of the hidden state of a direction", 1, 1 << 16),
        field("layers", &O::layers, "recurrent layers", 1, 64),
        field("bidirectional", &O::bidirectional, "also read from the end"),
        field("pooling", &O::pooling,
              "how the steps become one row; several with commas; else by the length of the texts"),
        field("dropout", &O::dropout, "share dropped of embeddings and of the pooled row", 0, 0.99),
        field("token_dropout", &O::token_dropout, "share of tokens dropped while training", 0, 0.99),
        field("recurrent_dropout", &O::recurrent_dropout,
              "share dropped of the hidden state, one mask a text", 0, 0.99),
        field("weight_dropout", &O::weight_dropout, "share dropped of the recurrent weights", 0, 0.99),
        field("vectors", &O::vectors, "word2vec or GloVe text file for the first values of the embedding"),
        field("freeze_embedding", &O::freeze_embedding, "keep the embedding as it is"),
        field("epochs", &O::epochs, "passes over the data; 0: by its size", 0, 1 << 20),
        field("batch_size", &O::batch_size, "texts in a batch", 1, 1 << 20),
        field("optimizer", &O::optimizer, "rule by which the weights are changed"),
        field("learning_rate", &O::learning_rate, "size of a step; 0: the optimiser's usual one", 0, 1e3),
        field("momentum", &O::momentum, "how much of the last step goes on; for sgd and rmsprop", 0, 1),
        field("weight_decay", &O::weight_decay, "pulls weights towards 0", 0, 1e3),
        field("schedule", &O::schedule, "how the learning rate changes"),
        field("warmup_steps", &O::warmup_steps, "steps over which the rate rises from 0", 0, 1 << 30),
        field("clip_norm", &O::clip_norm, "longest gradient, all parameters together; 0: any", 0, 1e9),
        field("clip_value", &O::clip_value, "largest number in a gradient; 0: any", 0, 1e9),
        field("accumulate", &O::accumulate, "batches whose gradients make one step", 1, 1 << 20),
        field("label_smoothing", &O::label_smoothing, "share of the target spread over all classes", 0, 0.99),
        field("class_weights", &O::class_weights, "what a text counts in the loss, by its class", 0, 1e9),
        field("balance_classes", &O::balance_classes, "weigh each class by the reciprocal of its share"),
        field("sampling", &O::sampling, "repeat rare classes or thin out common ones"),
        field("monitor", &O::monitor, "value that picks the best epoch; val_...: of the validation part"),
        field("patience", &O::patience,
              "epochs without improvement that end training; 0: never; -1: by the validation data", -1,
              1 << 20),
        field("init", &O::init, "start from the weights of this model where names and shapes agree"),
        field("seed", &O::seed, "what first values, order, dropout and splits are drawn by")};
  }
};

/// How a classifier did on labelled texts; shares of 1.
struct Evaluation {
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

  /// One JSON object: "accuracy", "macro_f1", ...; scores of no examples are null.
  std::string to_json() const;
};

/// What `train` is told besides the options.
struct ClassifierRun {
  /// Where checkpoints and metric files go; empty: none are written. Made only after the data were checked.
  std::filesystem::path folder = {};
  /// Go on from the newest checkpoint in `folder`.
  bool resume = false;
  /// Time between two checkpoints within an epoch; there is one at the end of each epoch too.
  double checkpoint_seconds = 60;
  std::function<bool()> stop = {};
  std::vector<AnyCallback> callbacks = {};
  /// Gets a line on what `vectors` and `init` gave, before the first step.
  std::function<void(const std::string&)> notice = {};
};

/// Sentiment analysis and any other text classification.
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
                              ClassifierRun run = {});

  Evaluation evaluate(const Dataset& test, int worst = 20) const;
  /// Every class with its probability, surest first, is in `probabilities` by class number.
  Prediction predict(std::string_view text) const;
  std::vector<Prediction> predict(std::span<const std::string> texts) const;
  const std::vector<std::string>& class_names() const noexcept;
  const History& history() const noexcept { return history_; }
  bool interrupted() const noexcept { return history_.interrupted(); }
  /// As planned for training; defaults for a model from a file.
  const ClassifierOptions& options() const noexcept { return options_; }

  Sequential& model() noexcept { return model_; }
  const Sequential& model() const noexcept { return model_; }
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another task.
  static TextClassifier load(const std::filesystem::path& file);

 private:
  TextClassifier(Sequential model, ClassifierOptions options, History history);
  Sequential model_;
  ClassifierOptions options_;
  History history_;
};

/// A self-contained page about a training run: learning curves, confusion matrix, lengths and labels of the
/// data, the worst mistakes; inline SVG, no script, no other file. In Chinese when `chinese`.
struct Report {
  std::string title = {};
  ClassifierOptions options = {};
  History history = {};
  Evaluation evaluation = {};  ///< of the test part
  std::vector<std::string> class_names = {};
  std::vector<std::int64_t> class_counts = {};  ///< of the training part
  std::vector<std::int32_t> lengths = {};       ///< tokens of each training text
  std::vector<std::pair<std::string, std::string>> facts =
      {};  ///< shown as a table: "examples", "parameters", ...
  bool chinese = false;

  std::string to_html() const;
};

}  // namespace rondo

/// Models: a Sequential of layers, its training, its predictions, and its file.
///
///     Sequential model{Tokens{}, Embedding{.dim = 128}, LSTM{.units = 64},
///                      Dense{.units = 1, .activation = Activation::sigmoid}};
///     model.compile({.loss = Loss::binary_cross_entropy, .metrics = {Metric::accuracy}});
///     model.fit(train, {.epochs = 5, .validation = valid});
///     model.predict("what a lovely film");
///     model.save("sentiment.rondo");
///
/// For user-defined networks, see network.h.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include <rondo/data.h>
#include <rondo/layers.h>
#include <rondo/nn.h>
#include <rondo/stream.h>
#include <rondo/text.h>
#include <rondo/train.h>
#include <rondo/weight_type.h>

namespace [[gnu::visibility("default")]] rondo {

/// Any layer.
using AnyLayer = std::variant<layers::Tokens, layers::Input, layers::Embedding, layers::LSTM, layers::GRU,
                              layers::SimpleRNN, layers::Pooling, layers::Dense, layers::Dropout,
                              layers::LayerNorm, layers::Activate, layers::ResidualRecurrence,
                              layers::LinearRecurrence, layers::AttentionPooling, layers::Conv1D,
                              layers::MaxPooling1D, layers::AveragePooling1D, layers::Highway>;

/// "lstm", "dense", ...
std::string_view type_of(const AnyLayer& layer);
/// One JSON object with the type and every option.
std::string to_json(const AnyLayer& layer);
/// The reverse of to_json(). Missing options have their defaults. Error(format) names an unknown type or
/// option.
AnyLayer layer_from_json(std::string_view json);

/// A model's prediction for one example, or for one step.
struct Prediction {
  std::string label;                 ///< the most likely class; with two under a sigmoid, by the threshold
  float probability = 0;             ///< the probability of that class
  std::vector<float> probabilities;  ///< those of all classes, in the order of class_names()

  /// Class numbers, most likely first; equal ones by number. At most `count`; 0: all.
  std::vector<std::size_t> ranking(std::size_t count = 0) const;
};
/// "positive 0.98"
std::ostream& operator<<(std::ostream& out, const Prediction& prediction);

/// How a model was trained. Nothing in it depends on when, where or on how many threads that was.
struct TrainingRecord {
  std::int64_t epochs = 0;              ///< epochs run, over all fits
  std::int64_t kept_epoch = 0;          ///< the epoch (from 1) that the weights come from; 0: not known
  std::int64_t steps = 0;               ///< optimiser steps, over all fits
  std::int64_t examples = 0;            ///< examples in the last fit's training data
  std::string data;                     ///< hash of the last fit's training data
  std::map<std::string, float> scores;  ///< scores of the kept epoch: "loss", "val_accuracy", ...

  static constexpr auto fields() {
    return std::tuple{
        field("epochs", &TrainingRecord::epochs, "epochs run, over all fits"),
        field("kept_epoch", &TrainingRecord::kept_epoch, "epoch that the weights come from; 0: not known"),
        field("steps", &TrainingRecord::steps, "optimiser steps, over all fits"),
        field("examples", &TrainingRecord::examples, "examples in the last fit's training data"),
        field("data", &TrainingRecord::data, "hash of the last fit's training data"),
        field("scores", &TrainingRecord::scores, "scores of the kept epoch")};
  }
};
static_assert(all_fields_listed<TrainingRecord>);

/// The application that made a model, and its options. It is part of the model's file, so that a program
/// knows what to do with the model.
struct ApplicationRecord {
  std::string name;     ///< "classify"; empty: of no application
  std::string options;  ///< one JSON object, the application's own affair; empty: {}
  /// How the training data were read, one JSON object of the application's own; empty: not known.
  std::string reading = {};

  bool operator==(const ApplicationRecord&) const = default;
};

/// What init_from() took from the other model, by parameter name.
struct Transfer {
  std::vector<std::string> taken;
  std::vector<std::string> misshapen;  ///< the other model has it in another shape
  std::vector<std::string> missing;    ///< only this model has it
  std::vector<std::string> unused;     ///< only the other model has it
  std::int64_t tokens = 0;             ///< embedding rows taken for tokens that both vocabularies have
};

/// Compares the analytic gradient a of one parameter with central differences n, in f64. The error of an
/// element is |a - n|, less the rounding error of n, divided by max(|a|, |n|, a hundredth of the parameter's
/// largest |a|). Small gradients are therefore judged by the scale of their parameter.
///
/// Max pooling and relu have kinks. A difference across a kink matches no gradient. An element counts as a
/// kink, and not as an error, if its two one-sided differences disagree and a equals one of them, at the
/// given step or at one a hundred times smaller. A wrong gradient equals neither.
struct GradientCheck {
  std::string parameter;
  std::int64_t elements = 0;    ///< number of compared elements
  std::int64_t wrong = 0;       ///< elements with an error above the tolerance that no kink explains
  std::int64_t kinks = 0;       ///< elements explained by a kink
  double largest_error = 0;     ///< without kinks
  double largest_gradient = 0;  ///< largest |a| of the whole parameter

  bool good() const noexcept { return wrong == 0; }
};
struct GradientCheckOptions {
  int elements = 20;        ///< compared elements per parameter, drawn by seed; 0: all
  double step = 1e-5;       ///< step of the differences
  double tolerance = 1e-4;  ///< largest error that counts as correct
  std::uint64_t seed = 1;
  /// Called after each comparison with the number of finished and of all comparisons.
  std::function<void(std::int64_t done, std::int64_t all)> progress = {};
};

/// A sequence of layers, from text or features to one output per example or per step. Movable, not copyable.
/// Any number of threads may call const members at once.
class Sequential {
 public:
  /// Error(shape) names a layer that cannot take the output of the layer before it. Error(option) names an
  /// option out of range.
  Sequential(std::initializer_list<AnyLayer> layers);
  explicit Sequential(std::vector<AnyLayer> layers);
  Sequential(Sequential&&) noexcept;
  Sequential& operator=(Sequential&&) noexcept;
  ~Sequential();
  /// The same layers, weights and record; a new optimiser. Nothing is shared.
  Sequential clone() const;

  std::span<const AnyLayer> layers() const noexcept;
  /// The layers' names, which begin the names of their weights: "lstm", and "lstm_2" for a second one.
  std::span<const std::string> layer_names() const noexcept;
  /// A table of the layers with their output shapes and numbers of parameters.
  std::string summary() const;

  // -- Training
  /// Sets the optimiser, loss and metrics. Error(option) if the loss does not fit the last layer: categorical
  /// cross entropy needs a softmax, binary cross entropy a sigmoid. A further call starts a new optimiser.
  void compile(CompileOptions options);
  /// Learns the vocabulary and makes the weights. The first fit() does the same. Call prepare() to see the
  /// initial weights, or before set_embeddings() and init_from(). Does nothing in a prepared model.
  void prepare(const Dataset& train, std::uint64_t seed = 1);
  bool prepared() const noexcept;
  /// A second fit goes on from the first. Where its examples have targets of another kind (a model was
  /// prepared without any, or with numbers), the model says those from then on.
  History fit(const Dataset& train, const FitOptions& options = {});
  /// The loss and the metrics. With two classes under a sigmoid, threshold() decides the class.
  Scores evaluate(const Dataset& test) const;
  const TrainingRecord& record() const noexcept;
  /// The application that the model belongs to; empty unless set. Error(option) if its options are not a JSON
  /// object.
  const ApplicationRecord& application() const noexcept;
  void set_application(ApplicationRecord application);

  // -- Predictions. They have the same bits alone and in any batch, and on any number of threads.
  Prediction predict(std::string_view text) const;
  std::vector<Prediction> predict(std::span<const std::string> texts) const;
  /// From features, f32 [steps, D].
  Prediction predict(const Tensor& features) const;
  std::vector<Prediction> predict(std::span<const Tensor> features) const;
  /// A prediction for each step, for models with one output per step.
  std::vector<Prediction> predict_steps(std::string_view text) const;
  std::vector<Prediction> predict_steps(const Tensor& features) const;
  /// The output of the last layer, including its activation, for each example: [units] or [steps, units].
  std::vector<Tensor> outputs(const Dataset& examples) const;

  // -- One step at a time: see stream.h.
  /// Error(usage) before prepare(), or if a layer reads backward.
  Stream stream() const;
  /// 1 to 1024 streams that advance together. Errors as in stream().
  StreamBatch streams(int count) const;

  /// The class names of the data that prepare() saw; empty for numeric targets.
  const std::vector<std::string>& class_names() const noexcept;
  Target target() const noexcept;
  /// The model's preprocessing. Error(usage) for a model of features, or before prepare().
  const TextEncoder& encoder() const;
  /// With two classes under a sigmoid, the second is predicted from this probability on; initially 0.5.
  float threshold() const noexcept;
  void set_threshold(float threshold);

  // -- Weights. The model must be prepared.
  ParameterStore& weights();
  const ParameterStore& weights() const;
  /// Puts word vectors into the embedding's rows. Rows of tokens without a vector do not change. Error(shape)
  /// for vectors of another width or vocabulary.
  void set_embeddings(const WordVectors& vectors);
  /// Takes every weight that has the same name and shape in a model's file. Rows of token embeddings are
  /// matched token by token.
  Transfer init_from(const std::filesystem::path& file);
  /// Rounds every matrix (of embeddings, recurrent and dense layers) to numbers of `type`. save() then writes
  /// them in half of the bytes (bf16) or a quarter (int8), and streams and predictions multiply with it (see
  /// weight_type.h). Everything else is f32. fit(), init_from() and set_embeddings() return to f32.
  void quantize(WeightType type);
  /// The type of the matrices. For a loaded model, that of its file.
  WeightType weight_type() const noexcept;
  /// Checks gradients in f64 on the first 8 examples of `data`, without dropout, and including frozen
  /// parameters. The model must be compiled. Error(option) for options out of range.
  std::vector<GradientCheck> check_gradients(const Dataset& data,
                                             const GradientCheckOptions& options = {}) const;

  /// Writes everything into one file, which appears complete or not at all.
  void save(const std::filesystem::path& file) const;

  /// For the library's own use.
  struct Impl;
  explicit Sequential(std::unique_ptr<Impl> impl);
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

enum class ModelKind { sequential, network, wide };
constexpr std::array<std::string_view, 3> names_of(ModelKind) {
  return {"sequential", "network", "wide"};
}

/// What a model's file says about the model. A program can decide by it how to load the file.
struct ModelInfo {
  /// load() reads a sequential, Model<Net>::load (network.h) a network, TextClassifier::load a wide: a text
  /// classifier with a wide branch.
  ModelKind kind = ModelKind::sequential;
  ApplicationRecord application;
  std::string library;  ///< version of rondo that wrote the file
  TrainingRecord training;
  WeightType weight_type = WeightType::f32;
};
/// Reads the information without the weights. Error(format) and Error(io) as in load().
ModelInfo model_info(const std::filesystem::path& file);

/// A model from its file, ready to predict, and compiled unless its loss was a function of one's own. Throws
/// Error(format) saying what is wrong with the file, Error(io) when it cannot be read.
///
/// The weights are read when they are first used, each block against its checksum, so a damaged one
/// is an Error(format), naming the tensor, of the first call that needs it: before any answer depends on it.
/// Until all of them are read, the model keeps the file open. It may be replaced by another or deleted: that
/// changes nothing. What was cut off or overwritten in place before it was read is an Error.
/// weights().read_all() reads all at once.
Sequential load(const std::filesystem::path& file);

}  // namespace rondo

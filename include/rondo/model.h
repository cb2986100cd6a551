/// Models: a Sequential of layers described as plain data, its training, its predictions, and its file.
///
///     Sequential model{Tokens{}, Embedding{.dim = 128}, LSTM{.units = 64},
///                      Dense{.units = 1, .activation = Activation::sigmoid}};
///     model.compile({.loss = Loss::binary_cross_entropy, .metrics = {Metric::accuracy}});
///     model.fit(train, {.epochs = 5, .validation = valid});
///     model.predict("what a lovely film");
///     model.save("sentiment.rondo");
///
/// Networks of one's own are in network.h.
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

/// A layer of any kind.
using AnyLayer = std::variant<layers::Tokens, layers::Input, layers::Embedding, layers::LSTM, layers::GRU,
                              layers::SimpleRNN, layers::Pooling, layers::Dense, layers::Dropout,
                              layers::LayerNorm, layers::Activate>;

/// "lstm", "dense", ...
std::string_view type_of(const AnyLayer& layer);
/// One JSON object: the type and every option.
std::string to_json(const AnyLayer& layer);
/// Options left out have their defaults. Throws Error(format) naming an unknown type or option.
AnyLayer layer_from_json(std::string_view json);

/// What a model says of one example, or of one step.
struct Prediction {
  std::string label;                 ///< the likeliest class; of two under a sigmoid, by the threshold
  float probability = 0;             ///< of that class
  std::vector<float> probabilities;  ///< of every class, as class_names() orders them

  /// Numbers of classes, the likeliest first (equal ones by number); at most `count`, 0: all.
  std::vector<std::size_t> ranking(std::size_t count = 0) const;
};
/// "positive 0.98"
std::ostream& operator<<(std::ostream& out, const Prediction& prediction);

/// How a model came about. Nothing in it depends on when, where or on how many threads that was.
struct TrainingRecord {
  std::int64_t epochs = 0;              ///< run, over all fits
  std::int64_t kept_epoch = 0;          ///< whose weights these are, from 1; 0: not known
  std::int64_t steps = 0;               ///< of the optimiser
  std::int64_t examples = 0;            ///< of the last fit's training data
  std::string data;                     ///< hash of the last fit's training data
  std::map<std::string, float> scores;  ///< of the kept epoch: "loss", "val_accuracy", ...

  static constexpr auto fields() {
    return std::tuple{
        field("epochs", &TrainingRecord::epochs, "passes over the data, over all fits"),
        field("kept_epoch", &TrainingRecord::kept_epoch, "whose weights these are; 0: not known"),
        field("steps", &TrainingRecord::steps, "of the optimiser"),
        field("examples", &TrainingRecord::examples, "in the last fit's training data"),
        field("data", &TrainingRecord::data, "hash of the last fit's training data"),
        field("scores", &TrainingRecord::scores, "of the kept epoch")};
  }
};
static_assert(all_fields_listed<TrainingRecord>);

/// Which application a model was made by, and with which options: travels in the model's file, so that a
/// program can tell what to do with it.
struct ApplicationRecord {
  std::string name;     ///< "classify"; empty: of no application
  std::string options;  ///< one JSON object, the application's own affair; empty: {}

  bool operator==(const ApplicationRecord&) const = default;
};

/// What init_from() found in the other model, by parameter name.
struct Transfer {
  std::vector<std::string> taken;
  std::vector<std::string> misshapen;  ///< there, in another shape
  std::vector<std::string> missing;    ///< here, but not there
  std::vector<std::string> unused;     ///< there, but not here
  std::int64_t tokens = 0;             ///< rows of embeddings taken because both vocabularies have the token
};

/// Analytic gradient a against central differences n for one parameter, in f64. The error of an element is
/// |a - n|, less the rounding of n, over max(|a|, |n|, a hundredth of the parameter's largest |a|): small
/// gradients are judged by the scale of their parameter.
///
/// Max pooling and relu have kinks, where a difference across two branches matches no gradient. An element
/// counts as a kink when its two one-sided differences disagree and a equals one of them, at the given step
/// or a hundred times smaller ones; it is then no error. A wrong gradient equals neither.
struct GradientCheck {
  std::string parameter;
  std::int64_t elements = 0;    ///< how many were compared
  std::int64_t wrong = 0;       ///< of them, with an error above the tolerance that no kink explains
  std::int64_t kinks = 0;       ///< of them, explained by a kink
  double largest_error = 0;     ///< without kinks
  double largest_gradient = 0;  ///< |a|, of the whole parameter

  bool good() const noexcept { return wrong == 0; }
};
struct GradientCheckOptions {
  int elements = 20;        ///< of each parameter, drawn by seed; 0: all
  double step = 1e-5;       ///< of the differences
  double tolerance = 1e-4;  ///< largest error that is right
  std::uint64_t seed = 1;
  /// Told after each comparison how many of all are done.
  std::function<void(std::int64_t done, std::int64_t all)> progress = {};
};

/// Layers one after the other, from text or features to one output an example or a step. Movable only; every
/// const member may be called by any number of threads at once.
class Sequential {
 public:
  /// Throws Error(shape) naming the layer that cannot take what the one before it gives, Error(option) for an
  /// option out of range.
  Sequential(std::initializer_list<AnyLayer> layers);
  explicit Sequential(std::vector<AnyLayer> layers);
  Sequential(Sequential&&) noexcept;
  Sequential& operator=(Sequential&&) noexcept;
  ~Sequential();
  /// The same layers, weights and record; a new optimiser. Nothing is shared.
  Sequential clone() const;

  std::span<const AnyLayer> layers() const noexcept;
  /// Names of the layers, under which their weights stand: "lstm", and "lstm_2" for a second one.
  std::span<const std::string> layer_names() const noexcept;
  /// A table: each layer with its output's shape and its number of parameters.
  std::string summary() const;

  // -- Training
  /// Throws Error(option) where the loss does not fit the last layer: categorical cross entropy takes a
  /// softmax, binary cross entropy a sigmoid. Another call begins with a new optimiser.
  void compile(CompileOptions options);
  /// Learns the vocabulary and makes the weights, which is what the first fit begins with: for a look at
  /// them, for set_embeddings() and init_from(). Does nothing when that is done.
  void prepare(const Dataset& train, std::uint64_t seed = 1);
  bool prepared() const noexcept;
  /// A second fit goes on from the first. Where its examples have targets of another kind (a model was
  /// prepared without any, or with numbers), the model says those from then on.
  History fit(const Dataset& train, const FitOptions& options = {});
  /// Loss and metrics. Two classes under a sigmoid are told apart by the model's own threshold().
  Scores evaluate(const Dataset& test) const;
  const TrainingRecord& record() const noexcept;
  /// Which application the model belongs to; empty unless set. Error(option) for options that are no JSON
  /// object.
  const ApplicationRecord& application() const noexcept;
  void set_application(ApplicationRecord application);

  // -- Predictions. The same bits alone and among others, and for any number of threads.
  Prediction predict(std::string_view text) const;
  std::vector<Prediction> predict(std::span<const std::string> texts) const;
  /// Features f32 [steps, D].
  Prediction predict(const Tensor& features) const;
  std::vector<Prediction> predict(std::span<const Tensor> features) const;
  /// For models with one output a step: a prediction for each step.
  std::vector<Prediction> predict_steps(std::string_view text) const;
  std::vector<Prediction> predict_steps(const Tensor& features) const;
  /// What the last layer gives, its activation included: [units] an example or [steps, units].
  std::vector<Tensor> outputs(const Dataset& examples) const;

  // -- One step at a time: see stream.h. Error(usage) before prepare(), and for a layer that reads backward.
  Stream stream() const;
  /// 1 to 1024 streams that advance together.
  StreamBatch streams(int count) const;

  /// Of the data it was prepared with; empty for numbers.
  const std::vector<std::string>& class_names() const noexcept;
  Target target() const noexcept;
  /// Error(usage) for a model of features, or before prepare().
  const TextEncoder& encoder() const;
  /// Of two classes under a sigmoid the second is predicted from this probability on; 0.5 at first.
  float threshold() const noexcept;
  void set_threshold(float threshold);

  // -- Weights, once prepared: by name, frozen or not
  ParameterStore& weights();
  const ParameterStore& weights() const;
  /// Puts word vectors into the embedding's rows; rows of tokens not found stay as they are. Error(shape) for
  /// vectors of another width or vocabulary.
  void set_embeddings(const WordVectors& vectors);
  /// Takes every weight that has the same name and shape in a model's file; the rows of token embeddings are
  /// matched token by token.
  Transfer init_from(const std::filesystem::path& file);
  /// Rounds every matrix (of embeddings, recurrent and dense layers) to numbers that `type` holds. From then
  /// on save() writes them so, in half the bytes (bf16) or a quarter (int8), and streams compute with them
  /// so; all else goes on in f32. fit(), init_from() and set_embeddings() end it.
  void quantize(WeightType type);
  /// Of a model from a file: as the file has it.
  WeightType weight_type() const noexcept;
  /// In f64 on the first 8 examples of `data`, dropout switched off, frozen parameters too. Needs compile().
  /// Error(option) for options out of range.
  std::vector<GradientCheck> check_gradients(const Dataset& data,
                                             const GradientCheckOptions& options = {}) const;

  /// Everything in one file, which appears whole or not at all.
  void save(const std::filesystem::path& file) const;

  /// Of the library's own use.
  struct Impl;
  explicit Sequential(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

enum class ModelKind { sequential, network };
constexpr std::array<std::string_view, 2> names_of(ModelKind) {
  return {"sequential", "network"};
}

/// What a model's file says of it, for choosing what to load it as.
struct ModelInfo {
  ModelKind kind = ModelKind::sequential;  ///< load() reads the first, Model<Net>::load (network.h) the other
  ApplicationRecord application;
  std::string library;  ///< version of rondo that wrote it
  TrainingRecord training;
  WeightType weight_type = WeightType::f32;
};
/// Without its weights. Error(format) and Error(io) as load().
ModelInfo model_info(const std::filesystem::path& file);

/// A model from its file, ready to predict, and compiled unless its loss was a function of one's own. Throws
/// Error(format) saying what is wrong with the file, Error(io) when it cannot be read.
///
/// The weights are read when they are first used, each block of 1 MB against its checksum, so a damaged one
/// is an Error(format), naming the tensor, of the first call that needs it: before any answer depends on it.
/// Until all of them are read, the model keeps the file open. It may be replaced by another or deleted: that
/// changes nothing. What was cut off or overwritten in place before it was read is an Error.
/// weights().read_all() reads all at once.
Sequential load(const std::filesystem::path& file);

}  // namespace rondo

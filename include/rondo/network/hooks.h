/// The members of a user-defined network that Model looks for.
///
/// A network needs a constructor (place in the parameter tree, Input, Options) and loss(batch). Further
/// members are optional, and each adds a feature to the Model:
///
///     outputs(batch)          numbers, for Model::outputs and for metrics
///     predict(batch)          answers, for Model::predict
///     start(rows), step(...)  single steps, for streams and decoders
///
/// loss, outputs and predict may take a State& as second argument: the state carried from batch to batch.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/data.h>
#include <rondo/description.h>
#include <rondo/nn.h>
#include <rondo/train.h>

namespace [[gnu::visibility("default")]] rondo {

/// The input of a network: it makes batches from a dataset and can be saved as JSON.
///
/// batches() returns an object whose epoch(number) and in_order() have size() and batch(number). The same
/// number always has the same batches. The input chooses the order of an epoch's batches; if a state is
/// carried, each batch continues where the one before it ended. A background thread calls batch(), one call
/// at a time, while the network computes, so what batch() reads must not change after batches().
///
/// A batch may hold anything that the network needs. Model uses three members if they exist: `layout`, to
/// count sequences and rows; `examples`, to put results into the dataset's order (result k belongs to example
/// examples[k]); and to(DType), which returns the batch with numbers of another type, for check_gradients().
/// data::Batch has all three.
template <class I>
concept NetworkInput = requires(const I& input, const Dataset& examples, data::BatchOptions options,
                                std::string_view json) {
  typename I::Batch;
  {
    input.batches(examples, options, std::uint64_t{}).in_order().batch(std::size_t{})
    } -> std::same_as<typename I::Batch>;
  { input.to_json() } -> std::same_as<std::string>;
  { I::from_json(json) } -> std::same_as<I>;
};

template <class Net>
using BatchOf = typename Net::Input::Batch;

/// The result of loss(): one number, the mean over a batch. A Var is weighted by the number of sequences in
/// the batch. A BatchLoss also gives the divisor of its mean (steps, tokens, a sum of class weights; 0 if
/// nothing in the batch counts). With the right divisor, validation losses and accumulated gradients do not
/// depend on which examples share a batch.
template <class L>
concept LossOfBatch = std::same_as<L, Var> || std::same_as<L, BatchLoss>;

/// A network that carries a state from batch to batch (truncated back-propagation through time). In
/// loss(batch, carried), `carried` holds what loss() left there for the batch before; at the start of an
/// epoch it is empty. Gradients end between batches. Each evaluation and validation begins with an empty
/// state of its own. Checkpoints hold the training state. The parts of a state are f32 or f64.
template <class Net>
concept CarriesState = requires(const Net& net, const BatchOf<Net>& batch, State& carried) {
  { net.loss(batch, carried) } -> LossOfBatch;
};

/// A network: it is built from a place in the parameter tree, its preprocessing and its options, and computes
/// its loss on a batch. Its functions are const, and several threads may call them at once.
template <class Net>
concept Network = Description<typename Net::Options> && NetworkInput<typename Net::Input> &&
    std::constructible_from<Net, const Scope&, const typename Net::Input&, const typename Net::Options&> &&
    (CarriesState<Net> || requires(const Net& net, const BatchOf<Net>& batch) {
      { net.loss(batch) } -> LossOfBatch;
    });

/// A network with outputs(batch). The result is a Var with one row per example of the batch, Sequences with
/// one row per step, or anything else.
template <class Net>
concept GivesOutputs = requires(const Net& net, const BatchOf<Net>& batch) {
  net.outputs(batch);
}
|| requires(const Net& net, const BatchOf<Net>& batch, State& carried) {
  net.outputs(batch, carried);
};

/// A network with predict(batch). The result is a std::vector with one answer, of any type, per example of
/// the batch.
template <class Net>
concept Predicts = requires(const Net& net, const BatchOf<Net>& batch) {
  net.predict(batch);
}
|| requires(const Net& net, const BatchOf<Net>& batch, State& carried) {
  net.predict(batch, carried);
};

/// The result of one step, with one row per row of the state.
struct StepResult {
  Var output;  ///< for example, scores of what may come next
  State state;
};

/// A network that can run in single steps from a state, for streams and decoders. `X` is the argument of a
/// step: a Var [rows, D], token numbers, ... step() returns a StepResult, or another struct with `output` and
/// `state`. A network may offer further functions that make a start state, for example from the memory of an
/// encoder. State::select reorders the rows of hypotheses.
template <class Net, class X>
concept Steps = requires(const Net& net, const X& x, const State& state) {
  { net.start(std::int64_t{}) } -> std::same_as<State>;
  { State(net.step(x, state).state) } -> std::same_as<State>;
  net.step(x, state).output;
};

namespace detail {

template <class Batch>
std::int64_t rows_in(const Batch& batch) {
  if constexpr (requires { batch.layout->rows(); })
    return batch.layout->rows();
  else
    return 0;
}

template <class Batch>
BatchLoss as_batch_loss(const Var& loss, const Batch& batch) {
  double weight = 1;
  if constexpr (requires { batch.layout->sequences(); })
    weight = static_cast<double>(batch.layout->sequences());
  return {.loss = loss, .weight = weight, .rows = rows_in(batch)};
}
template <class Batch>
BatchLoss as_batch_loss(BatchLoss loss, const Batch& batch) {
  if (loss.rows == 0) loss.rows = rows_in(batch);
  return loss;
}

/// Returns the loss. Error(shape) if it is not a single number, Error(numeric) if its weight is negative.
BatchLoss checked(BatchLoss loss);

template <Network Net>
BatchLoss loss_of(const Net& net, const BatchOf<Net>& batch, State& carried) {
  if constexpr (CarriesState<Net>)
    return checked(as_batch_loss(net.loss(batch, carried), batch));
  else
    return checked(as_batch_loss(net.loss(batch), batch));
}

template <class Net>
auto outputs_of(const Net& net, const BatchOf<Net>& batch, State& carried) {
  if constexpr (requires { net.outputs(batch, carried); })
    return net.outputs(batch, carried);
  else if constexpr (GivesOutputs<Net>)
    return net.outputs(batch);
  else
    return std::monostate{};
}

template <Predicts Net>
auto predictions_of(const Net& net, const BatchOf<Net>& batch, State& carried) {
  if constexpr (requires { net.predict(batch, carried); })
    return net.predict(batch, carried);
  else
    return net.predict(batch);
}

template <class Net>
using OutputsOf = decltype(outputs_of(std::declval<const Net&>(), std::declval<const BatchOf<Net>&>(),
                                      std::declval<State&>()));

}  // namespace detail

/// What a metric gets: the network and one batch.
template <class Net>
class BatchView {
 public:
  BatchView(const Net& net, const BatchOf<Net>& batch, double loss, double weight, State carried)
      : net_(net), batch_(batch), loss_(loss), weight_(weight), carried_(std::move(carried)) {}

  const Net& net() const noexcept { return net_; }
  const BatchOf<Net>& batch() const noexcept { return batch_; }
  /// The mean loss.
  double loss() const noexcept { return loss_; }
  /// The divisor of the mean loss.
  double weight() const noexcept { return weight_; }
  /// The carried state before loss(), for networks that carry a state.
  const State& carried() const noexcept { return carried_; }
  /// The network's outputs() for the batch. They are computed once for all metrics.
  const detail::OutputsOf<Net>& outputs() const requires GivesOutputs<Net> {
    if (!outputs_) {
      State carried = carried_;
      outputs_.emplace(detail::outputs_of(net_, batch_, carried));
    }
    return *outputs_;
  }

 private:
  const Net& net_;
  const BatchOf<Net>& batch_;
  double loss_, weight_;
  State carried_;
  mutable std::optional<detail::OutputsOf<Net>> outputs_;
};

/// A metric: numbers that are summed over batches, and a score from the sums. The score does not depend on
/// which examples share a batch.
///
///     Model<Tagger>::Metric{.name = "accuracy", .sums = [](const BatchView<Tagger>& seen) {
///       return std::vector<double>{right_in(seen), steps_in(seen)}; }}
template <class Net>
struct NetworkMetric {
  using Sums = std::function<std::vector<double>(const BatchView<Net>&)>;
  using Score = std::function<double(std::span<const double>)>;

  /// Reports use this name, with the prefix "val_" for validation data. EarlyStopping may monitor it.
  Required<std::string> name;
  /// What a batch adds. It must always return the same number of numbers. It is called without recording.
  Required<Sums> sums;
  Better better = Better::higher;
  /// The score from the sums of all batches. Default: the first sum divided by the second, or 0 if that is 0.
  Score score = {};
  /// Whether to compute the metric on training batches, too, with the weights at that step. This costs a call
  /// of `sums` per batch.
  bool in_training = false;
};

/// How a network is trained.
template <class Net>
struct NetworkCompileOptions {
  Optimizer optimizer = optim::Adam{};
  std::vector<NetworkMetric<Net>> metrics = {};
};

}  // namespace rondo

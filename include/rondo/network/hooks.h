/// What a network of one's own may say of itself: the members that Model looks for.
///
/// Needed: a constructor (place in the parameter tree, Input, Options) and loss(batch). Each further member
/// gives a Model something to do with it:
///
///     outputs(batch)          numbers, for Model::outputs and for metrics
///     predict(batch)          answers, for Model::predict
///     start(rows), step(...)  single steps, for streams and decoders
///
/// loss, outputs and predict may take a State& besides: what is carried from batch to batch.
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

/// What makes a network's batches from a dataset, and can be written down. batches() gives something whose
/// epoch(number) and in_order() have size() and batch(number): always the same batches for the same number.
/// batch() may be called from a background thread, one call at a time, while the network computes: what it
/// reads does not change after batches().
/// The order of an epoch's batches is the input's to choose; where a state is carried, each goes on where the
/// one before it ended. batch() is called from a background thread, one call at a time, while the network
/// computes: what it reads does not change after batches().
///
/// What a batch has besides is the network's affair, but for three members that Model uses where they are
/// there: `layout`, whose sequences and rows are counted; `examples`, by which results find back to the
/// dataset's order: the k-th one is of example examples[k]; and to(DType), the batch with its numbers in
/// another type, which check_gradients() asks for. data::Batch has all three.
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

/// What loss() gives, one number, the mean over a batch: a Var, which then counts as often as the batch has
/// sequences, or a BatchLoss, which says what its mean divides by (steps, tokens, a sum of class weights; 0
/// where nothing in the batch counts), so that neither validation losses nor accumulated gradients depend on
/// which examples share a batch.
template <class L>
concept LossOfBatch = std::same_as<L, Var> || std::same_as<L, BatchLoss>;

/// Carries a state from batch to batch (truncated back-propagation through time): loss(batch, carried) finds
/// what it left there for the batch before, and an empty State at the start of an epoch. Gradients end at the
/// border. An evaluation and a validation have states of their own, which begin empty. Checkpoints hold the
/// state of training; its parts are f32 or f64.
template <class Net>
concept CarriesState = requires(const Net& net, const BatchOf<Net>& batch, State& carried) {
  { net.loss(batch, carried) } -> LossOfBatch;
};

/// Built from a place, its preprocessing and its options; says its loss on a batch. Functions of a network
/// are const and may be called by several threads at once.
template <class Net>
concept Network = Description<typename Net::Options> && NetworkInput<typename Net::Input> &&
    std::constructible_from<Net, const Scope&, const typename Net::Input&, const typename Net::Options&> &&
    (CarriesState<Net> || requires(const Net& net, const BatchOf<Net>& batch) {
      { net.loss(batch) } -> LossOfBatch;
    });

/// outputs(batch): a Var with a row for each of the batch's examples, Sequences with a row for each step, or
/// anything else.
template <class Net>
concept GivesOutputs = requires(const Net& net, const BatchOf<Net>& batch) {
  net.outputs(batch);
}
|| requires(const Net& net, const BatchOf<Net>& batch, State& carried) {
  net.outputs(batch, carried);
};

/// predict(batch): a std::vector with an answer of any type for each of the batch's examples.
template <class Net>
concept Predicts = requires(const Net& net, const BatchOf<Net>& batch) {
  net.predict(batch);
}
|| requires(const Net& net, const BatchOf<Net>& batch, State& carried) {
  net.predict(batch, carried);
};

/// What one step gives: a row for each row of the state.
struct StepResult {
  Var output;  ///< scores of what may come next, or whatever the network says of each step
  State state;
};

/// Goes on by single steps from a state: a stream or a decoder. `X` is what a step takes: a Var [rows, D],
/// token numbers, ... It gives a StepResult, or a struct of the network's own with `output` and `state`. A
/// start from something else (the memory of an encoder) is the network's own affair; State::select reorders
/// the rows of hypotheses.
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

/// The same loss; Error(shape) when it is no single number, Error(numeric) when it weighs less than nothing.
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

/// What a metric sees: the network and one batch.
template <class Net>
class BatchView {
 public:
  BatchView(const Net& net, const BatchOf<Net>& batch, double loss, double weight, State carried)
      : net_(net), batch_(batch), loss_(loss), weight_(weight), carried_(std::move(carried)) {}

  const Net& net() const noexcept { return net_; }
  const BatchOf<Net>& batch() const noexcept { return batch_; }
  /// The mean loss, and what it divides by.
  double loss() const noexcept { return loss_; }
  double weight() const noexcept { return weight_; }
  /// What loss() found, for networks that carry a state.
  const State& carried() const noexcept { return carried_; }
  /// What the network's outputs() says of the batch: computed once, however many metrics ask.
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

/// A metric: numbers that add up over batches, and a score from the sums, so that it does not depend on which
/// examples share a batch.
///
///     Model<Tagger>::Metric{.name = "accuracy", .sums = [](const BatchView<Tagger>& seen) {
///       return std::vector<double>{right_in(seen), steps_in(seen)}; }}
template <class Net>
struct NetworkMetric {
  using Sums = std::function<std::vector<double>(const BatchView<Net>&)>;
  using Score = std::function<double(std::span<const double>)>;

  /// Reported by it, and as "val_" with it; EarlyStopping may monitor it.
  Required<std::string> name;
  /// What a batch adds: always as many numbers. Called without recording.
  Required<Sums> sums;
  Better better = Better::higher;
  /// From the sums of all batches; left out: the first by the second, 0 where that is 0.
  Score score = {};
  /// Also of the training batches, as they were met; it costs what `sums` does.
  bool in_training = false;
};

/// How a network learns.
template <class Net>
struct NetworkCompileOptions {
  Optimizer optimizer = optim::Adam{};
  std::vector<NetworkMetric<Net>> metrics = {};
};

}  // namespace rondo

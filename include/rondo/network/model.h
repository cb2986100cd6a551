/// A user-defined network with its preprocessing, its training and its file. See network.h.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rondo/network/any_model.h>
#include <rondo/network/hooks.h>
#include <rondo/network/pass.h>
#include <rondo/network/stream.h>

namespace [[gnu::visibility("default")]] rondo {

/// A user-defined network with its training, its results and its file. Movable, not copyable. Any number of
/// threads may call const members at once.
template <Network Net>
class Model {
 public:
  using Input = typename Net::Input;
  using Batch = typename Input::Batch;
  using Options = typename Net::Options;
  using Metric = NetworkMetric<Net>;

  explicit Model(Input input, Options options = {}, std::uint64_t seed = 1)
      : core_(seed),
        input_(std::move(input)),
        options_(std::move(options)),
        net_(core_.root(), input_, options_) {
    core_.describe(input_.to_json(), OptionTable::of<Options>(options_));
  }

  /// The network. Call its further functions through `model->`. Without a Recording this is inference; an
  /// InferenceMode around many calls makes it several times as fast.
  const Net& operator*() const noexcept { return net_; }
  const Net* operator->() const noexcept { return &net_; }
  const Input& input() const noexcept { return input_; }
  const Options& options() const noexcept { return options_; }
  /// A table of the modules' parameters with their shapes and sizes.
  std::string summary() const { return core_.summary(); }

  // -- Training
  /// Sets the optimiser. Without this call it is Adam. A further call starts a new optimiser.
  void compile(Optimizer optimizer) { compile({.optimizer = std::move(optimizer), .metrics = {}}); }
  /// Sets the optimiser and the metrics. Metrics are functions, which files cannot hold, so compile a loaded
  /// model to give it its metrics. Error(option) if two metrics have the same name.
  void compile(NetworkCompileOptions<Net> options) {
    std::vector<detail::MetricRule> rules;
    for (const Metric& m : options.metrics)
      rules.push_back({m.name, m.better, m.score, m.in_training});
    core_.compile(std::move(options.optimizer), std::move(rules));
    metrics_ = std::move(options.metrics);
  }
  /// Trains the network. A second fit continues from the first. The network must apply class weights itself.
  History fit(const Dataset& train, const FitOptions& options = {}) {
    const data::BatchOptions batches{
        .batch_size = options.batch_size, .bucket = options.bucket, .rows = options.batch_rows};
    std::unique_ptr<detail::Pass> validation;
    if (options.validation) validation = pass(*options.validation, batches, options.seed);
    return core_.fit(pass(train, batches, options.seed), std::move(validation), options);
  }
  /// The mean loss ("loss") and the metrics.
  Scores evaluate(const Dataset& test, data::BatchOptions batches = {}) const {
    return core_.evaluate(*pass(test, batches, 1));
  }
  const TrainingRecord& record() const noexcept { return core_.record(); }
  /// The application that the model belongs to; empty unless set. Error(option) if its options are not a JSON
  /// object.
  const ApplicationRecord& application() const noexcept { return core_.application(); }
  void set_application(ApplicationRecord application) { core_.set_application(std::move(application)); }

  // -- Results
  /// The results of the network's outputs(). If these are rows per example or per step, and the batches have
  /// `examples`: one tensor per example in the order of the dataset, [columns] or [steps, columns]. Otherwise
  /// the results of the batches, one after another.
  auto outputs(const Dataset& examples, data::BatchOptions batches = {}) const requires GivesOutputs<Net> {
    using Outputs = detail::OutputsOf<Net>;
    constexpr bool rows = std::is_same_v<Outputs, Var> || std::is_same_v<Outputs, Sequences>;
    if constexpr (rows && knows_examples) {
      std::vector<Tensor> results(examples.size());
      visit(examples, batches, [&](const Batch& batch, State& carried) {
        detail::sort_back(detail::outputs_of(net_, batch, carried), batch.examples, results);
      });
      return results;
    } else {
      std::vector<Outputs> results;
      visit(examples, batches, [&](const Batch& batch, State& carried) {
        results.push_back(detail::outputs_of(net_, batch, carried));
      });
      return results;
    }
  }
  /// The results of the network's predict(): one answer per example, in the order of the dataset if the
  /// batches have `examples`, else in the order of the batches.
  auto predict(const Dataset& examples, data::BatchOptions batches = {}) const requires Predicts<Net> {
    decltype(detail::predictions_of(net_, std::declval<const Batch&>(), std::declval<State&>())) results;
    if constexpr (knows_examples) results.resize(examples.size());
    visit(examples, batches, [&](const Batch& batch, State& carried) {
      auto answers = detail::predictions_of(net_, batch, carried);
      if constexpr (knows_examples) {
        detail::check_answers(answers.size(), batch.examples.size());
        for (std::size_t i = 0; i < answers.size(); ++i)
          results[batch.examples[i]] = std::move(answers[i]);
      } else {
        for (auto& answer : answers)
          results.push_back(std::move(answer));
      }
    });
    return results;
  }
  /// A stream of `rows` sequences that advance together, one step at a time.
  NetworkStream<Net> stream(std::int64_t rows = 1) const { return NetworkStream<Net>(net_, rows); }

  // -- Weights
  ParameterStore& weights() { return core_.weights(); }
  const ParameterStore& weights() const { return core_.weights(); }
  /// Takes every weight that has the same name and shape in a model's file of any kind.
  Transfer init_from(const std::filesystem::path& file) { return core_.init_from(file); }
  /// Rounds every matrix to numbers of `type`. From then on, save() writes the matrices in that type, with
  /// half of the bytes (bf16) or a quarter (int8), and what is not recorded multiplies with it (see
  /// weight_type.h). fit() and init_from() return to f32.
  void quantize(WeightType type) { core_.quantize(type); }
  /// The type of the matrices. For a loaded model, that of its file.
  WeightType weight_type() const noexcept { return core_.weight_type(); }
  /// Checks gradients in f64, on the first batch of the first 8 examples, without dropout, and including
  /// frozen parameters. It builds the network anew from the same options and converts the batch with its
  /// to(DType), if it has one. Constants that the network makes must therefore have the type of the numbers
  /// they meet (x.dtype()). Error(option) for options out of range.
  std::vector<GradientCheck> check_gradients(const Dataset& examples,
                                             const GradientCheckOptions& options = {}) const {
    return core_.check_gradients([&](const Scope& in) { return twin_loss(in, examples); }, options);
  }

  /// Writes input, options and weights into one file, which appears complete or not at all.
  void save(const std::filesystem::path& file) const { core_.save(file); }
  static Model load(const std::filesystem::path& file) { return Model(detail::AnyModel(file)); }

 private:
  static constexpr bool knows_examples = requires(const Batch& batch) {
    std::span<const std::size_t>(batch.examples);
  };

  explicit Model(detail::AnyModel core)
      : core_(std::move(core)),
        input_(Input::from_json(core_.input())),
        options_(detail::options_of<Options>(core_)),
        net_(core_.root(), input_, options_) {
    core_.finish_loading();
  }

  std::unique_ptr<detail::Pass> pass(const Dataset& examples, data::BatchOptions options,
                                     std::uint64_t seed) const {
    return std::make_unique<detail::NetworkPass<Net>>(net_, input_, metrics_, examples, options, seed);
  }

  template <class Visit>
  void visit(const Dataset& examples, data::BatchOptions options, Visit&& visit) const {
    detail::for_each_batch<Net>(input_.batches(examples, options, 1), visit);
  }

  std::function<Var()> twin_loss(const Scope& in, const Dataset& examples) const {
    const auto few = static_cast<int>(detail::most_checked());
    const auto net = std::make_shared<const Net>(in, input_, options_);
    const auto batches = input_.batches(examples.take(detail::most_checked()), {.batch_size = few}, 1);
    const auto epoch = batches.in_order();
    detail::check_some(epoch.size(), "check_gradients()");
    auto batch = std::make_shared<Batch>(epoch.batch(0));
    if constexpr (requires { batch->to(DType::f64); }) *batch = batch->to(DType::f64);
    return [net, batch] {
      State carried;
      return detail::loss_of(*net, *batch, carried).loss;
    };
  }

  detail::AnyModel core_;
  Input input_;
  Options options_;
  Net net_;
  std::vector<Metric> metrics_;
};

}  // namespace rondo

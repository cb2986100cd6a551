/// The part of Model that does not depend on the network. For the library's own use.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/description.h>
#include <rondo/model.h>
#include <rondo/nn.h>
#include <rondo/options.h>
#include <rondo/train.h>

namespace [[gnu::visibility("default")]] rondo {
namespace detail {

/// A metric without its sums function.
struct MetricRule {
  std::string name;
  Better better = Better::higher;
  std::function<double(std::span<const double>)> score;
  bool in_training = false;
};

/// A network's pass over a dataset, batch by batch.
class Pass {
 public:
  virtual ~Pass() = default;
  /// The fingerprint of the dataset.
  virtual std::uint64_t fingerprint() const = 0;
  /// The number of examples in the dataset.
  virtual std::size_t examples() const = 0;
  /// Begins an epoch with an empty carried state; -1 begins one pass in order. Returns the number of batches.
  virtual std::size_t begin(std::int64_t epoch) = 0;
  /// The loss of the batch with that number. The state that it leaves becomes the carried state, as
  /// constants.
  virtual BatchLoss loss(std::size_t number) = 0;
  /// What each metric adds for the batch of the last loss(). With `in_training`, only the metrics that want
  /// training batches. Call it without recording.
  virtual std::vector<std::vector<double>> sums(bool in_training) const = 0;
  virtual const State& carried() const = 0;
  virtual void carry(State state) = 0;
};

/// Builds the network anew at another place and returns its loss on some examples.
using TwinLoss = std::function<std::function<Var()>(const Scope& in)>;

class AnyModel {
 public:
  explicit AnyModel(std::uint64_t seed);
  explicit AnyModel(const std::filesystem::path& file);
  AnyModel(AnyModel&&) noexcept;
  AnyModel& operator=(AnyModel&&) noexcept;
  ~AnyModel();

  Scope root() const;
  ParameterStore& weights() const;
  /// The input from a file, as it was given to describe().
  const std::string& input() const;
  /// Puts the file's options into `table`. Options that the file does not name keep their defaults.
  /// Error(format) for unknown options and unsuitable values.
  void read_options(OptionTable& table) const;
  /// Ends the reading of the file. Error(format) if the file has weights that nothing asked for.
  void finish_loading();

  void describe(std::string input, const OptionTable& options);
  void compile(Optimizer optimizer, std::vector<MetricRule> metrics);
  /// `validation` may be null.
  History fit(std::unique_ptr<Pass> train, std::unique_ptr<Pass> validation, const FitOptions& options);
  Scores evaluate(Pass& pass) const;
  std::string summary() const;
  Transfer init_from(const std::filesystem::path& file);
  void quantize(WeightType type);
  WeightType weight_type() const noexcept;
  std::vector<GradientCheck> check_gradients(const TwinLoss& twin, const GradientCheckOptions& options) const;
  const TrainingRecord& record() const noexcept;
  const ApplicationRecord& application() const noexcept;
  void set_application(ApplicationRecord application);
  void save(const std::filesystem::path& file) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// How many examples check_gradients() uses at most.
std::size_t most_checked() noexcept;

/// Puts a network's results for a batch into the order of the dataset: a row of [sequences, D] per example,
/// or the steps of each sequence. Error(shape) if their number is not that of the examples.
void sort_back(const Var& rows, std::span<const std::size_t> examples, std::vector<Tensor>& to);
void sort_back(const Sequences& steps, std::span<const std::size_t> examples, std::vector<Tensor>& to);
/// Error(usage) if a network's predict() gave more or fewer answers than the batch has examples.
void check_answers(std::size_t answers, std::size_t examples);
/// Error(data) for a dataset without batches.
void check_some(std::size_t batches, std::string_view call);

/// The options from the model's file.
template <Description D>
D options_of(const AnyModel& model) {
  OptionTable table = OptionTable::of<D>();
  model.read_options(table);
  return table.as<D>();
}

}  // namespace detail
}  // namespace rondo

/// The part of Model that need not know the network: of the library's own use.
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

/// A metric without its function.
struct MetricRule {
  std::string name;
  Better better = Better::higher;
  std::function<double(std::span<const double>)> score;
  bool in_training = false;
};

/// What a network says of a dataset, batch by batch.
class Pass {
 public:
  virtual ~Pass() = default;
  /// Of the dataset, and how many examples it has.
  virtual std::uint64_t fingerprint() const = 0;
  virtual std::size_t examples() const = 0;
  /// Begins an epoch, or, for -1, once through in order; what is carried is empty. Says how many batches.
  virtual std::size_t begin(std::int64_t epoch) = 0;
  /// Of the batch with that number; what is carried becomes what it left, as constants.
  virtual BatchLoss loss(std::size_t number) = 0;
  /// What each of the metrics (of those `in_training` only) adds for the batch that loss() was asked for
  /// last. Nothing is to be recorded meanwhile.
  virtual std::vector<std::vector<double>> sums(bool in_training) const = 0;
  virtual const State& carried() const = 0;
  virtual void carry(State state) = 0;
};

/// A network built anew at another place: its loss on some examples.
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
  /// Of a file: as they were given to describe().
  const std::string& input() const;
  /// Puts the file's options into `table`; those that it does not name keep their defaults. Error(format) for
  /// unknown ones and values that cannot be.
  void read_options(OptionTable& table) const;
  /// Error(format) when the file has weights that nobody asked for. No more reading after it.
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

/// How many examples check_gradients() looks at.
std::size_t most_checked() noexcept;

/// Puts what a network says of a batch where the dataset has the examples: a row of [sequences, D] each, or
/// the steps of each sequence. Error(shape) for another number of them.
void sort_back(const Var& rows, std::span<const std::size_t> examples, std::vector<Tensor>& to);
void sort_back(const Sequences& steps, std::span<const std::size_t> examples, std::vector<Tensor>& to);
/// Error(usage) when a network's predict() gave another number of answers than the batch has examples.
void check_answers(std::size_t answers, std::size_t examples);
/// Error(data) for a dataset without batches.
void check_some(std::size_t batches, std::string_view call);

/// The description's options as the model's file has them.
template <Description D>
D options_of(const AnyModel& model) {
  OptionTable table = OptionTable::of<D>();
  model.read_options(table);
  return table.as<D>();
}

}  // namespace detail
}  // namespace rondo

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
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/description.h>
#include <rondo/model.h>
#include <rondo/nn.h>
#include <rondo/train.h>

namespace [[gnu::visibility("default")]] rondo {
namespace detail {

/// Options on their way to and from a file.
using OptionValue = std::variant<bool, std::int64_t, double, std::string>;
using OptionValues = std::vector<std::pair<std::string, OptionValue>>;

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
  const OptionValues& options() const;
  /// Error(format) when the file has weights that nobody asked for. No more reading after it.
  void finish_loading();

  void describe(std::string input, OptionValues options);
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

[[noreturn]] void refuse_option(std::string_view name);

template <class T>
OptionValue option_value(const T& value) {
  if constexpr (requires {
                  typename T::value_type;
                  value.value();
                })
    return option_value(value.value());
  else if constexpr (std::is_same_v<T, bool> || std::is_convertible_v<T, std::string>)
    return OptionValue(value);
  else if constexpr (NamedEnum<T>)
    return std::string(name_of(value));
  else if constexpr (std::is_integral_v<T>)
    return static_cast<std::int64_t>(value);
  else
    return static_cast<double>(value);
}

template <class T>
void set_option(T& member, const OptionValue& value, std::string_view name, double low, double high) {
  if constexpr (requires {
                  typename T::value_type;
                  member.value();
                }) {
    set_option(member.value(), value, name, low, high);
  } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
    const T* const given = std::get_if<T>(&value);
    if (given == nullptr) refuse_option(name);
    member = *given;
  } else if constexpr (NamedEnum<T>) {
    const auto names = names_of(T{});
    const std::string* const given = std::get_if<std::string>(&value);
    std::size_t i = 0;
    while (given != nullptr && i < names.size() && names[i] != *given)
      ++i;
    if (given == nullptr || i == names.size()) refuse_option(name);
    member = static_cast<T>(i);
  } else {
    const auto* const whole = std::get_if<std::int64_t>(&value);
    const auto* const real = std::get_if<double>(&value);
    if (whole == nullptr && (real == nullptr || std::is_integral_v<T>)) refuse_option(name);
    const double number = whole != nullptr ? static_cast<double>(*whole) : *real;
    if (low < high && !(number >= low && number <= high)) refuse_option(name);
    member = whole != nullptr ? static_cast<T>(*whole) : static_cast<T>(number);
  }
}

template <Description D>
OptionValues options_of(const D& description) {
  OptionValues values;
  for_each_field(description, [&](const auto& f, const auto& member) {
    values.emplace_back(std::string(f.name), option_value(member));
  });
  return values;
}

/// The description's options as `values` has them; every one must be there.
template <Description D>
D with_options(const OptionValues& values) {
  D description = Blank::of<D>();
  for_each_field(description, [&](const auto& f, auto& member) {
    for (const auto& [name, value] : values)
      if (name == f.name) return set_option(member, value, f.name, f.low, f.high);
    refuse_option(f.name);
  });
  return description;
}

}  // namespace detail
}  // namespace rondo

/// Networks of one's own: a plain struct over modules and operations that says its loss on a batch.
///
///     struct Tagger {
///       using Input = data::Texts;
///       struct Options {
///         int units = 64;
///         static constexpr auto fields() { return std::tuple{field("units", &Options::units, "...")}; }
///       };
///       Tagger(const Scope& in, const Input& input, const Options& options) : ... {}
///       Var loss(const data::Batch& batch) const { ... }
///     };
///     Model<Tagger> model(data::Texts::learn(train), {.units = 128});
///     model.fit(train, {.epochs = 5, .validation = valid});
///     model.save("tagger.rondo");                        // input, options and weights: load needs no more
#pragma once
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/data.h>
#include <rondo/description.h>
#include <rondo/error.h>
#include <rondo/nn.h>
#include <rondo/text.h>
#include <rondo/train.h>

namespace [[gnu::visibility("default")]] rondo {

namespace data {

/// Preprocessing of labelled texts: learned from the training data, makes the batches, travels in the file.
struct Texts {
  using Batch = data::Batch;

  TextEncoder encoder;
  std::vector<std::string> classes;

  static Texts learn(const Dataset& train, const layers::Tokens& tokens = {}, std::uint64_t seed = 1);
  /// Error(data) for examples of a class that was not learned.
  Batches batches(const Dataset& examples, BatchOptions options, std::uint64_t seed) const;
  std::string to_json() const;
  static Texts from_json(std::string_view json);
};

/// The same of features [steps, D].
struct Features {
  using Batch = data::Batch;

  int features = 0;
  std::vector<std::string> classes;

  static Features learn(const Dataset& train);
  Batches batches(const Dataset& examples, BatchOptions options, std::uint64_t seed) const;
  std::string to_json() const;
  static Features from_json(std::string_view json);
};

}  // namespace data

/// What makes a network's batches from a dataset, and can be written down. batches() gives something whose
/// epoch(number) and in_order() have size() and batch(number). batch() is called from a background thread,
/// one call at a time, while the network computes: what it reads does not change after batches().
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

/// Built from a place, its preprocessing and its options; says its loss on a batch: one number, the mean.
template <class Net>
concept Network = Description<typename Net::Options> && NetworkInput<typename Net::Input> &&
    std::constructible_from<Net, const Scope&, const typename Net::Input&, const typename Net::Options&> &&
    requires(const Net& net, const typename Net::Input::Batch& batch) {
  { net.loss(batch) } -> std::same_as<Var>;
};

namespace detail {

/// Options on their way to and from a file.
using OptionValue = std::variant<bool, std::int64_t, double, std::string>;
using OptionValues = std::vector<std::pair<std::string, OptionValue>>;

/// The batches of a dataset with a network's loss on them.
struct BatchLosses {
  std::function<std::size_t(std::int64_t epoch)> begin;  ///< how many; -1: in order, not shuffled
  std::function<BatchLoss(std::size_t number)> loss;
  std::uint64_t fingerprint = 0;
};

/// One pass over an input's batches, the next ones being made in the background meanwhile.
template <class Epoch>
class Walk {
 public:
  using Batch = decltype(std::declval<Epoch&>().batch(std::size_t{}));

  std::size_t begin(Epoch epoch) {
    ahead_.reset();
    epoch_ = std::make_shared<Epoch>(std::move(epoch));
    return epoch_->size();
  }
  Batch batch(std::size_t number) {
    if (!ahead_ || ahead_->position() != number)
      ahead_.emplace(number, epoch_->size(), [epoch = epoch_](std::size_t at) { return epoch->batch(at); });
    return ahead_->next().value();
  }

 private:
  std::shared_ptr<Epoch> epoch_;
  std::optional<data::Prefetch<Batch>> ahead_;
};

/// The part of Model that needs not know the network.
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
  void compile(Optimizer optimizer);
  History fit(BatchLosses train, std::optional<BatchLosses> validation, const FitOptions& options);
  Scores evaluate(const BatchLosses& batches) const;
  void save(const std::filesystem::path& file) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

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

/// A network with its preprocessing, its training and its file. Movable only.
template <Network Net>
class Model {
 public:
  using Input = typename Net::Input;
  using Options = typename Net::Options;

  explicit Model(Input input, Options options = {}, std::uint64_t seed = 1)
      : core_(seed), input_(std::move(input)), net_(core_.root(), input_, options) {
    core_.describe(input_.to_json(), detail::options_of(options));
  }

  const Net& operator*() const noexcept { return net_; }
  const Net* operator->() const noexcept { return &net_; }
  const Input& input() const noexcept { return input_; }
  ParameterStore& weights() const { return core_.weights(); }

  /// Adam, unless this says otherwise; another call begins with a new optimiser.
  void compile(Optimizer optimizer) { core_.compile(std::move(optimizer)); }
  /// A second fit goes on from the first. Class weights are the network's own affair.
  History fit(const Dataset& train, const FitOptions& options = {}) {
    std::optional<detail::BatchLosses> validation;
    if (options.validation) validation = losses(*options.validation, options);
    return core_.fit(losses(train, options), std::move(validation), options);
  }
  /// The mean loss, as "loss".
  Scores evaluate(const Dataset& test) const { return core_.evaluate(losses(test, {})); }

  void save(const std::filesystem::path& file) const { core_.save(file); }
  static Model load(const std::filesystem::path& file) { return Model(detail::AnyModel(file)); }

 private:
  explicit Model(detail::AnyModel core)
      : core_(std::move(core)),
        input_(Input::from_json(core_.input())),
        net_(core_.root(), input_, detail::with_options<Options>(core_.options())) {
    core_.finish_loading();
  }

  static double examples_in(const typename Input::Batch& batch) {
    if constexpr (requires { batch.layout->sequences(); })
      return static_cast<double>(batch.layout->sequences());
    else
      return 1;
  }

  static std::int64_t rows_in(const typename Input::Batch& batch) {
    if constexpr (requires { batch.layout->rows(); })
      return batch.layout->rows();
    else
      return 0;
  }

  detail::BatchLosses losses(const Dataset& examples, const FitOptions& options) const {
    using Batches = decltype(input_.batches(examples, {}, options.seed));
    using Epoch = decltype(std::declval<const Batches&>().in_order());
    const auto batches = std::make_shared<Batches>(
        input_.batches(examples, {.batch_size = options.batch_size, .bucket = options.bucket}, options.seed));
    const auto walk = std::make_shared<detail::Walk<Epoch>>();
    const auto begin = [batches, walk](std::int64_t number) {
      return walk->begin(number < 0 ? batches->in_order() : batches->epoch(number));
    };
    const auto loss = [walk, net = net_](std::size_t number) {
      const typename Input::Batch batch = walk->batch(number);
      return BatchLoss{.loss = net.loss(batch), .weight = examples_in(batch), .rows = rows_in(batch)};
    };
    return {begin, loss, examples.fingerprint()};
  }

  detail::AnyModel core_;
  Input input_;
  Net net_;
};

}  // namespace rondo

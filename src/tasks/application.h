/// Makes a TaskKind of an application's own types. This is the only place where they are erased.
///
/// An application is a struct of types and static functions, which `Application` below lists. Optional ones
/// have defaults in `detail::WithDefaults`. tests/tasks/apps/ has two small, complete applications.
#pragma once
#include <concepts>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <rondo/tasks/task.h>

#include "tasks/options/training.h"
#include "tasks/trained.h"

namespace rondo {

/// For an application without options for reading or answering.
struct NoOptions {
  static constexpr auto fields() { return std::tuple<>(); }
};

/// An evaluation without tables. `shown` lists the scores to show and their properties; `scores` has their
/// values.
inline Evaluation evaluation_of(const Scores& scores, const Dataset& examples, Words counted,
                                std::vector<Score> shown) {
  for (Score& score : shown)
    score.value = static_cast<double>(scores.at(score.name));
  return {.examples = static_cast<std::int64_t>(examples.size()),
          .counted = std::move(counted),
          .scores = std::move(shown)};
}

/// What every application must define.
template <class A>
concept Application = Description<typename A::Options> && Description<typename A::Reading> &&
    Description<typename A::Answering> &&
    requires(const typename A::Typed& typed, const typename A::Options& options,
             typename A::Options& open_options, const typename A::Reading& reading,
             const typename A::Answering& answering, const std::vector<std::filesystem::path>& files,
             const std::filesystem::path& file, Parts& parts, const Dataset& examples, TrainingRun run,
             std::span<const std::string> lines, const PlaceOf& place) {
  { A::name } -> std::convertible_to<std::string_view>;   // "classify"
  { A::about } -> std::convertible_to<std::string_view>;  // a line of help
  { A::data } -> std::convertible_to<std::string_view>;   // "labelled text"
  { A::files } -> std::convertible_to<std::string_view>;  // "TSV, CSV, ..."
  { A::next } -> std::convertible_to<std::string_view>;   // "\"your text\""
  { A::counted() } -> std::same_as<Words>;                // what an example is
  { A::read(files, reading, static_cast<const typename A::Typed*>(nullptr)) } -> std::same_as<Parts>;
  { A::plan(open_options, parts, place) } -> std::same_as<std::vector<std::string>>;
  { A::train(options, parts, run) } -> std::same_as<typename A::Typed>;
  { A::load(file) } -> std::same_as<typename A::Typed>;
  { A::evaluate(typed, examples, 20) } -> std::same_as<Evaluation>;
  { A::answer(typed, lines, answering) } -> std::same_as<std::vector<Answer>>;
  { typed.history() } -> std::convertible_to<const History&>;
  typed.save(file);
  detail::model_in(typed).weights();  // a Sequential or a Model<Net>
};

namespace detail {

/// Holds out shares of the data: every class evenly, with equal examples in one part.
inline void split_off(Parts& parts, double valid, double test, std::uint64_t seed) {
  if (valid == 0 && test == 0) return;
  auto [train_part, valid_part, test_part] = parts.train.split(1 - test - valid, valid, test, seed);
  parts.train = std::move(train_part);
  if (valid > 0) parts.valid = std::move(valid_part);
  if (test > 0) parts.test = std::move(test_part);
}

/// An application with defaults for everything that it leaves out.
template <Application A>
struct WithDefaults : A {
  using Typed = typename A::Typed;

  /// Values of an epoch that a report draws.
  static std::vector<std::string> curves() {
    if constexpr (requires { A::curves(); })
      return A::curves();
    else
      return {"loss"};
  }
  /// Commands for the help of `rondo train NAME`.
  static std::vector<std::string> examples() {
    if constexpr (requires { A::examples(); })
      return A::examples();
    else
      return {};
  }
  static std::vector<Verb> verbs() {
    if constexpr (requires { A::verbs(); })
      return A::verbs();
    else
      return {};
  }
  /// Error(option) for options that contradict each other.
  static void check(const typename A::Options& options, const typename A::Reading& reading,
                    const PlaceOf& place) {
    if constexpr (requires { A::check(options, reading, place); }) A::check(options, reading, place);
  }
  /// Reads a separate file for validation or testing.
  static Dataset read_more(const std::filesystem::path& file, const typename A::Reading& reading,
                           Parts& parts) {
    if constexpr (requires { A::read_more(file, reading, parts); })
      return A::read_more(file, reading, parts);
    else
      return A::read({file}, reading, nullptr).train;
  }
  static void hold_out(Parts& parts, double valid, double test, std::uint64_t seed) {
    if constexpr (requires { A::hold_out(parts, valid, test, seed); })
      A::hold_out(parts, valid, test, seed);
    else
      split_off(parts, valid, test, seed);
  }
  /// The model of a file that names no application, if it is one of these.
  static std::optional<typename A::Typed> adopt(const std::filesystem::path& file) {
    if constexpr (requires { A::adopt(file); })
      return A::adopt(file);
    else
      return std::nullopt;
  }
  /// The names of the scores, from an evaluation without examples.
  static Evaluation nothing() {
    if constexpr (requires { A::nothing(); })
      return A::nothing();
    else
      return {.counted = A::counted()};
  }
  static std::vector<std::string> check_answering(const Typed& typed,
                                                  const typename A::Answering& answering) {
    if constexpr (requires { A::check_answering(typed, answering); })
      return A::check_answering(typed, answering);
    else
      return {};
  }
  static std::vector<report::Section> sections(const Typed& typed, const Parts& parts,
                                               const Evaluation& evaluation) {
    if constexpr (requires { A::sections(typed, parts, evaluation); })
      return A::sections(typed, parts, evaluation);
    else
      return {};
  }
  static std::vector<Fact> facts(const Typed& typed) {
    if constexpr (requires { A::facts(typed); })
      return A::facts(typed);
    else
      return {};
  }
};

}  // namespace detail

template <Application A>
const TaskKind& kind_of();

/// A trained model of application A.
template <Application A>
class TaskOf final : public Task {
 public:
  explicit TaskOf(typename A::Typed typed) : typed_(std::move(typed)) {}
  const typename A::Typed& typed() const noexcept { return typed_; }

  const TaskKind& kind() const override { return kind_of<A>(); }
  Evaluation evaluate(const Dataset& examples, int worst) const override {
    if (examples.empty()) return detail::WithDefaults<A>::nothing();
    return A::evaluate(typed_, examples, worst);
  }
  Evaluation evaluate_by(const OptionTable& evaluating, const Dataset& examples, int worst) const override {
    if constexpr (requires { typename A::Evaluating; }) {
      if (!examples.empty())
        return A::evaluate(typed_, examples, worst, evaluating.as<typename A::Evaluating>());
    }
    return evaluate(examples, worst);
  }
  std::vector<std::string> check(const OptionTable& answering) const override {
    return detail::WithDefaults<A>::check_answering(typed_, answering.as<typename A::Answering>());
  }
  std::vector<Answer> answer(std::span<const std::string> lines,
                             const OptionTable& answering) const override {
    return A::answer(typed_, lines, answering.as<typename A::Answering>());
  }
  std::vector<report::Section> sections(const Parts& parts, const Evaluation& evaluation) const override {
    return detail::WithDefaults<A>::sections(typed_, parts, evaluation);
  }
  std::vector<Fact> facts() const override { return detail::WithDefaults<A>::facts(typed_); }
  std::vector<report::Block> insights() const override {
    if constexpr (requires { A::insights(typed_); }) return A::insights(typed_);
    return {};
  }
  std::vector<report::Block> explain(std::string_view line) const override {
    if constexpr (requires { A::explain(typed_, line); }) return A::explain(typed_, line);
    return Task::explain(line);
  }

  std::string summary() const override { return detail::model_in(typed_).summary(); }
  const ParameterStore& weights() const override { return detail::model_in(typed_).weights(); }
  const TrainingRecord& record() const override { return detail::model_in(typed_).record(); }
  const History& history() const override { return typed_.history(); }
  WeightType weight_type() const override { return detail::model_in(typed_).weight_type(); }
  void quantize(WeightType type) override { detail::model_in(typed_).quantize(type); }
  std::vector<GradientCheck> check_gradients(const Dataset& examples,
                                             const GradientCheckOptions& options) const override {
    return detail::model_in(typed_).check_gradients(examples, options);
  }
  void save(const std::filesystem::path& file) const override { typed_.save(file); }

 private:
  typename A::Typed typed_;
};

namespace detail {

template <Application A>
void set_reading(TaskKind& kind) {
  using Reading = typename A::Reading;
  kind.read = [](const std::vector<std::filesystem::path>& files, const OptionTable& reading,
                 const Task* model) {
    const auto* const task = dynamic_cast<const TaskOf<A>*>(model);
    return A::read(files, reading.as<Reading>(), task == nullptr ? nullptr : &task->typed());
  };
  kind.read_more = [](const std::filesystem::path& file, const OptionTable& reading, Parts& parts) {
    return WithDefaults<A>::read_more(file, reading.as<Reading>(), parts);
  };
  kind.hold_out = &WithDefaults<A>::hold_out;
}

template <Application A>
void set_training(TaskKind& kind) {
  using Options = typename A::Options;
  kind.check = [](const OptionTable& options, const OptionTable& reading, const PlaceOf& place) {
    WithDefaults<A>::check(options.as<Options>(), reading.as<typename A::Reading>(), place);
  };
  kind.plan = [](OptionTable& options, const Parts& parts, const PlaceOf& place) {
    return A::plan(options.as<Options>(), parts, place);
  };
  kind.train = [](const OptionTable& options, const Parts& parts, TrainingRun run) -> std::unique_ptr<Task> {
    typename A::Typed typed = A::train(options.as<Options>(), parts, std::move(run));
    if (!parts.reading.empty()) {
      ApplicationRecord record = detail::model_in(typed).application();
      record.reading = parts.reading;
      detail::model_in(typed).set_application(std::move(record));
    }
    return std::make_unique<TaskOf<A>>(std::move(typed));
  };
  kind.adopt = [](const std::filesystem::path& file) -> std::unique_ptr<Task> {
    std::optional<typename A::Typed> typed = WithDefaults<A>::adopt(file);
    return typed ? std::make_unique<TaskOf<A>>(*std::move(typed)) : nullptr;
  };
  kind.load = [](const std::filesystem::path& file) -> std::unique_ptr<Task> {
    return std::make_unique<TaskOf<A>>(A::load(file));
  };
}

}  // namespace detail

/// The application's entry for a list of applications.
template <Application A>
const TaskKind& kind_of() {
  static const TaskKind kind = [] {
    TaskKind k{.name = std::string(A::name),
               .about = std::string(A::about),
               .counted = A::counted(),
               .data = std::string(A::data),
               .files = std::string(A::files),
               .next = std::string(A::next),
               .curves = detail::WithDefaults<A>::curves(),
               .options = OptionTable::of<typename A::Options>(),
               .reading = OptionTable::of<typename A::Reading>(),
               .answering = OptionTable::of<typename A::Answering>(),
               .verbs = detail::WithDefaults<A>::verbs(),
               .examples = detail::WithDefaults<A>::examples()};
    if constexpr (requires { typename A::Evaluating; })
      k.evaluating = OptionTable::of<typename A::Evaluating>();
    detail::set_reading<A>(k);
    detail::set_training<A>(k);
    return k;
  }();
  return kind;
}

/// Fits a compiled network of an application whose options hold TrainingOptions as `training`.
template <Application A>
typename A::Typed trained(typename A::Typed typed, const typename A::Options& options, const Parts& parts,
                          TrainingRun run) {
  typed.network.set_application({std::string(A::name), OptionTable::of(options).to_json()});
  typed.past = typed.network.fit(parts.train, fit_options(options.training, parts.valid, std::move(run)));
  return typed;
}

}  // namespace rondo

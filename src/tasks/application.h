/// From an application's own types to a TaskKind: the one place where they are erased.
///
/// An application is a struct of types and static functions:
///
///     struct Sketch {
///       static constexpr std::string_view name = "sketch", about = "...", data = "labelled lines", ...;
///       using Options = ...; using Reading = ...; using Answering = ...;    // descriptions
///       using Typed = ...;                                                 // the object that C++ users hold
///       ...
///     };
///
/// `Application` below lists all of them; what can be left out has its default in kind_of().
#pragma once
#include <concepts>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/tasks/task.h>

#include "base/fields.h"

namespace rondo {

template <class A>
concept Application = Description<typename A::Options> && Description<typename A::Reading> &&
    Description<typename A::Answering> &&
    requires(const typename A::Typed& typed, const typename A::Options& options,
             typename A::Options& open_options, const typename A::Reading& reading,
             const typename A::Answering& answering, const std::vector<std::filesystem::path>& files,
             const std::filesystem::path& file, Parts& parts, const Dataset& examples, TrainingRun run,
             std::span<const std::string> lines, const PlaceOf& place, const Evaluation& evaluation) {
  { A::name } -> std::convertible_to<std::string_view>;
  { A::about } -> std::convertible_to<std::string_view>;
  { A::data } -> std::convertible_to<std::string_view>;   // "labelled text"
  { A::files } -> std::convertible_to<std::string_view>;  // "TSV, CSV, ..."
  { A::next } -> std::convertible_to<std::string_view>;   // "\"a text of yours\""
  { A::counted() } -> std::same_as<Words>;
  { A::curves() } -> std::same_as<std::vector<std::string>>;
  { A::examples() } -> std::same_as<std::vector<std::string>>;
  { A::verbs() } -> std::same_as<std::vector<Verb>>;
  A::check(options, reading, place);
  { A::read(files, reading, static_cast<const typename A::Typed*>(nullptr)) } -> std::same_as<Parts>;
  { A::read_more(file, reading, parts) } -> std::same_as<Dataset>;
  { A::plan(open_options, parts, place) } -> std::same_as<std::vector<std::string>>;
  { A::train(options, parts, run) } -> std::same_as<typename A::Typed>;
  { A::accepts(file) } -> std::same_as<bool>;
  { A::load(file) } -> std::same_as<typename A::Typed>;
  { A::evaluate(typed, examples, 20) } -> std::same_as<Evaluation>;
  { A::check_answering(typed, answering) } -> std::same_as<std::vector<std::string>>;
  { A::answer(typed, lines, answering) } -> std::same_as<std::vector<Answer>>;
  { A::sections(typed, parts, evaluation) } -> std::same_as<std::vector<report::Section>>;
  { A::facts(typed) } -> std::same_as<std::vector<Fact>>;
  { typed.history() } -> std::convertible_to<const History&>;
  typed.save(file);
  typed.model().weights();  // a Sequential or a Model<Net>
};

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
    return A::evaluate(typed_, examples, worst);
  }
  std::vector<std::string> check(const OptionTable& answering) const override {
    return A::check_answering(typed_, answering.as<typename A::Answering>());
  }
  std::vector<Answer> answer(std::span<const std::string> lines,
                             const OptionTable& answering) const override {
    return A::answer(typed_, lines, answering.as<typename A::Answering>());
  }
  std::vector<report::Section> sections(const Parts& parts, const Evaluation& evaluation) const override {
    return A::sections(typed_, parts, evaluation);
  }
  std::vector<Fact> facts() const override { return A::facts(typed_); }

  std::string summary() const override { return typed_.model().summary(); }
  const ParameterStore& weights() const override { return typed_.model().weights(); }
  const TrainingRecord& record() const override { return typed_.model().record(); }
  const History& history() const override { return typed_.history(); }
  WeightType weight_type() const override { return typed_.model().weight_type(); }
  void quantize(WeightType type) override { typed_.model().quantize(type); }
  std::vector<GradientCheck> check_gradients(const Dataset& examples,
                                             const GradientCheckOptions& options) const override {
    return typed_.model().check_gradients(examples, options);
  }
  void save(const std::filesystem::path& file) const override { typed_.save(file); }

 private:
  typename A::Typed typed_;
};

namespace detail {

/// By shares, every class evenly, equal examples on one side.
inline void split_off(Parts& parts, double valid, double test, std::uint64_t seed) {
  if (valid == 0 && test == 0) return;
  auto [train_part, valid_part, test_part] = parts.train.split(1 - test - valid, valid, test, seed);
  parts.train = std::move(train_part);
  if (valid > 0) parts.valid = std::move(valid_part);
  if (test > 0) parts.test = std::move(test_part);
}

template <Application A>
void set_reading(TaskKind& kind) {
  using Reading = typename A::Reading;
  kind.read = [](const std::vector<std::filesystem::path>& files, const OptionTable& reading,
                 const Task* model) {
    const auto* const task = dynamic_cast<const TaskOf<A>*>(model);
    return A::read(files, reading.as<Reading>(), task == nullptr ? nullptr : &task->typed());
  };
  kind.read_more = [](const std::filesystem::path& file, const OptionTable& reading, Parts& parts) {
    return A::read_more(file, reading.as<Reading>(), parts);
  };
  if constexpr (requires { &A::hold_out; })
    kind.hold_out = &A::hold_out;
  else
    kind.hold_out = split_off;
}

template <Application A>
void set_training(TaskKind& kind) {
  using Options = typename A::Options;
  kind.check = [](const OptionTable& options, const OptionTable& reading, const PlaceOf& place) {
    A::check(options.as<Options>(), reading.as<typename A::Reading>(), place);
  };
  kind.plan = [](OptionTable& options, const Parts& parts, const PlaceOf& place) {
    return A::plan(options.as<Options>(), parts, place);
  };
  kind.train = [](const OptionTable& options, const Parts& parts, TrainingRun run) -> std::unique_ptr<Task> {
    return std::make_unique<TaskOf<A>>(A::train(options.as<Options>(), parts, std::move(run)));
  };
  kind.accepts = [](const std::filesystem::path& file) { return A::accepts(file); };
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
               .curves = A::curves(),
               .options = OptionTable::of<typename A::Options>(),
               .reading = OptionTable::of<typename A::Reading>(),
               .answering = OptionTable::of<typename A::Answering>(),
               .verbs = A::verbs(),
               .examples = A::examples()};
    detail::set_reading<A>(k);
    detail::set_training<A>(k);
    return k;
  }();
  return kind;
}

}  // namespace rondo

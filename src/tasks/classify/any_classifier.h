/// What `rondo train classify` makes: a classifier of one column of labels, or one with a head for each of
/// several.
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/tasks/classify.h>
#include <rondo/tasks/multi_task.h>

namespace rondo::classify {

class AnyClassifier {
  std::variant<TextClassifier, MultiTaskClassifier> of_;
  template <class F>
  decltype(auto) visit(const F& f) const {
    return std::visit(f, of_);
  }

 public:
  AnyClassifier(TextClassifier model) : of_(std::move(model)) {}
  AnyClassifier(MultiTaskClassifier model) : of_(std::move(model)) {}

  /// Null if the model is of the other kind.
  const TextClassifier* one() const noexcept { return std::get_if<TextClassifier>(&of_); }
  const MultiTaskClassifier* heads() const noexcept { return std::get_if<MultiTaskClassifier>(&of_); }

  const History& history() const noexcept {
    return visit([](const auto& m) -> const History& { return m.history(); });
  }
  const TextEncoder& encoder() const noexcept {
    return visit([](const auto& m) -> const TextEncoder& { return m.encoder(); });
  }
  std::string summary() const {
    return visit([](const auto& m) { return m.summary(); });
  }
  const ParameterStore& weights() const {
    return visit([](const auto& m) -> const ParameterStore& { return m.weights(); });
  }
  const TrainingRecord& record() const noexcept {
    return visit([](const auto& m) -> const TrainingRecord& { return m.record(); });
  }
  const ApplicationRecord& application() const noexcept {
    return visit([](const auto& m) -> const ApplicationRecord& { return m.application(); });
  }
  void set_application(ApplicationRecord application) {
    std::visit([&](auto& m) { m.set_application(std::move(application)); }, of_);
  }
  WeightType weight_type() const noexcept {
    return visit([](const auto& m) { return m.weight_type(); });
  }
  void quantize(WeightType type) {
    std::visit([&](auto& m) { m.quantize(type); }, of_);
  }
  std::vector<GradientCheck> check_gradients(const Dataset& data, const GradientCheckOptions& options) const {
    return visit([&](const auto& m) { return m.check_gradients(data, options); });
  }
  void save(const std::filesystem::path& file) const {
    visit([&](const auto& m) { m.save(file); });
  }
};

}  // namespace rondo::classify

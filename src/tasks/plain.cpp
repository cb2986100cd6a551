#include "tasks/plain.h"

#include <utility>

#include "base/message.h"
#include "tasks/facts.h"

namespace rondo {
namespace {

[[noreturn]] void refuse() {
  fail(ErrorKind::usage,
       "the model belongs to no application, so rondo cannot read data for it or interpret its outputs; "
       "use it from C++ (Sequential), or make a model with 'rondo train NAME'");
}

const TaskKind& plain_kind() {
  static const TaskKind kind = [] {
    TaskKind k;
    k.read = [](const auto&, const OptionTable&, const Task*) -> Parts { refuse(); };
    k.check = [](const OptionTable&, const OptionTable&, const PlaceOf&) {};
    return k;
  }();
  return kind;
}

class PlainTask final : public Task {
 public:
  explicit PlainTask(Sequential model) : model_(std::move(model)) {}
  const TaskKind& kind() const override { return plain_kind(); }
  Evaluation evaluate(const Dataset&, int) const override { refuse(); }
  std::vector<std::string> check(const OptionTable&) const override { refuse(); }
  std::vector<Answer> answer(std::span<const std::string>, const OptionTable&) const override { refuse(); }
  std::vector<report::Section> sections(const Parts&, const Evaluation&) const override { return {}; }
  std::vector<Fact> facts() const override { return facts_of(model_); }

  std::string summary() const override { return model_.summary(); }
  const ParameterStore& weights() const override { return model_.weights(); }
  const TrainingRecord& record() const override { return model_.record(); }
  const History& history() const override { return history_; }
  WeightType weight_type() const override { return model_.weight_type(); }
  void quantize(WeightType type) override { model_.quantize(type); }
  std::vector<GradientCheck> check_gradients(const Dataset& examples,
                                             const GradientCheckOptions& options) const override {
    return model_.check_gradients(examples, options);
  }
  void save(const std::filesystem::path& file) const override { model_.save(file); }

 private:
  Sequential model_;
  History history_;
};

}  // namespace

std::unique_ptr<Task> load_plain(const std::filesystem::path& file) {
  return std::make_unique<PlainTask>(load(file));
}

}  // namespace rondo

// MultiTaskClassifier: training, answers, scores and its file. What open options become is in plan.cpp.
#include <algorithm>
#include <utility>

#include "base/message.h"
#include "tasks/classify/application_name.h"
#include "tasks/classify/evaluation.h"
#include "tasks/classify/heads_network.h"
#include "tasks/classify/text_classifier.h"
#include "tasks/options/network.h"
#include "tasks/options/training.h"
#include "tasks/own_model.h"
#include "train/metrics.h"

namespace rondo {
namespace {

using classify::HeadsNet;

/// Right answers and all, of all heads together.
std::vector<double> right_answers(const BatchView<HeadsNet>& seen) {
  double right = 0, all = 0;
  const std::vector<Var>& outputs = seen.outputs();
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const classify::HeadTargets t = classify::head_targets(seen.batch(), k, outputs[k].dtype());
    const std::vector<std::int32_t> said = predicted_classes(outputs[k].value());
    for (std::size_t i = 0; i < said.size(); ++i) {
      const double known = t.weights.at(static_cast<std::int64_t>(i));
      all += known;
      right += said[i] == t.labels.data<std::int32_t>()[i] ? known : 0;
    }
  }
  return {right, all};
}

void compile(Model<HeadsNet>& network, const TrainingOptions& training) {
  const Model<HeadsNet>::Metric accuracy{.name = std::string("accuracy"), .sums = right_answers};
  network.compile({.optimizer = optimizer_of(training), .metrics = {accuracy}});
}

Dataset texts_alone(std::span<const std::string> texts) {
  return Dataset(Examples{.texts = {texts.begin(), texts.end()}});
}

/// The texts that have a label in a column, and which they are.
std::pair<Dataset, std::vector<std::size_t>> labelled_in(const Dataset& data, std::size_t column,
                                                         const std::vector<std::string>& classes) {
  Examples examples;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto label = static_cast<std::int32_t>(data.values(i).at(static_cast<std::int64_t>(column)));
    if (label < 0) continue;
    places.push_back(i);
    examples.texts.push_back(data.text(i));
    examples.labels.push_back(label);
  }
  examples.class_names = classes;
  return {Dataset(std::move(examples)), std::move(places)};
}

/// A table or matrix of a head says whose it is.
void name_head(report::Block& block, const std::string& head) {
  std::visit(
      [&](auto& b) {
        if constexpr (requires { b.key; })
          if (!b.key.empty()) b.key = head + "." + b.key;
        if constexpr (requires { b.title; })
          b.title = {head + ": " + b.title.en, head + "：" + b.title.in(true)};
      },
      block);
}

}  // namespace

Evaluation MultiTaskEvaluation::summary() const {
  Evaluation all{.examples = examples, .counted = {"texts", "文本"}, .scores = {}};
  double accuracy = 0, f1 = 0, scored = 0;
  for (const auto& head : heads) {
    accuracy += head.second.accuracy;
    f1 += head.second.macro_f1;
    scored += head.second.examples > 0 ? 1 : 0;
  }
  if (scored > 0) {
    accuracy /= scored;
    f1 /= scored;
  }
  const auto share = [](std::string name, Words title, double value) {
    return Score{std::move(name), std::move(title), value, Form::share, Better::higher, true};
  };
  all.scores = {share("accuracy", {"mean accuracy", "平均准确率"}, accuracy),
                share("macro_f1", {"mean macro-F1", "平均宏平均 F1"}, f1)};
  for (const auto& [name, of_head] : heads) {
    Evaluation one = of_head.summary();
    for (Score& score : one.scores) {
      score.title = {name + " " + score.title.en, name + score.title.in(true)};
      score.name = name + "." + score.name;
      all.scores.push_back(std::move(score));
    }
    all.scores.push_back({.name = name + ".examples",
                          .title = {name + " texts", name + "文本数"},
                          .value = static_cast<double>(of_head.examples),
                          .form = Form::count});
    for (report::Block& block : one.blocks) {
      name_head(block, name);
      all.blocks.push_back(std::move(block));
    }
  }
  return all;
}

MultiTaskClassifier::MultiTaskClassifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MultiTaskClassifier::MultiTaskClassifier(MultiTaskClassifier&&) noexcept = default;
MultiTaskClassifier& MultiTaskClassifier::operator=(MultiTaskClassifier&&) noexcept = default;
MultiTaskClassifier::~MultiTaskClassifier() = default;

MultiTaskClassifier MultiTaskClassifier::train(const Dataset& train, const Dataset& valid,
                                               const std::vector<data::LabelColumn>& columns,
                                               ClassifierOptions options, TrainingRun run) {
  options = plan(train, valid, columns, std::move(options));
  classify::HeadsInput input{
      .encoder = TextEncoder::learn(train, tokens_of(options.text), options.training.seed),
      .columns = columns};
  Model<HeadsNet> network(std::move(input), options, options.training.seed);
  compile(network, options.training);
  network.set_application({std::string(classifier_name), OptionTable::of(options).to_json()});
  History history = network.fit(train, fit_options(options.training, valid, std::move(run)));
  return MultiTaskClassifier(std::make_unique<Impl>(Impl{std::move(network), std::move(history)}));
}

std::vector<Prediction> MultiTaskClassifier::predict(std::string_view text) const {
  const std::string one(text);
  return std::move(predict(std::span(&one, 1)).front());
}

std::vector<std::vector<Prediction>> MultiTaskClassifier::predict(std::span<const std::string> texts) const {
  std::vector<std::vector<Prediction>> all(texts.size());
  if (texts.empty()) return all;
  auto probabilities = impl_->network.predict(texts_alone(texts));
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < columns().size(); ++k)
      all[i].push_back(prediction_with(std::move(probabilities[i][k]), columns()[k].classes));
  return all;
}

MultiTaskEvaluation MultiTaskClassifier::evaluate(const Dataset& test, int worst) const {
  const std::vector<std::string_view> views = test.texts();
  const std::vector<std::string> texts(views.begin(), views.end());
  const std::vector<std::vector<Prediction>> said = predict(texts);
  MultiTaskEvaluation evaluation{.examples = static_cast<std::int64_t>(test.size()), .heads = {}};
  for (std::size_t k = 0; k < columns().size(); ++k) {
    const auto& [name, classes] = columns()[k];
    const auto [examples, places] = labelled_in(test, k, classes);
    std::vector<Prediction> own;
    for (const std::size_t i : places)
      own.push_back(said[i][k]);
    ClassifierEvaluation of_head = evaluate_predictions(examples, own, classes, worst);
    for (ClassifierEvaluation::Mistake& mistake : of_head.worst)
      mistake.example = places[mistake.example];
    evaluation.heads.emplace_back(name, std::move(of_head));
  }
  return evaluation;
}

const std::vector<data::LabelColumn>& MultiTaskClassifier::columns() const noexcept {
  return impl_->network.input().columns;
}
const TextEncoder& MultiTaskClassifier::encoder() const noexcept {
  return impl_->network.input().encoder;
}
const ClassifierOptions& MultiTaskClassifier::options() const noexcept {
  return impl_->network.options();
}
const History& MultiTaskClassifier::history() const noexcept {
  return impl_->history;
}
std::string MultiTaskClassifier::summary() const {
  return impl_->network.summary();
}
const ParameterStore& MultiTaskClassifier::weights() const {
  return std::as_const(impl_->network).weights();
}
const TrainingRecord& MultiTaskClassifier::record() const noexcept {
  return impl_->network.record();
}
const ApplicationRecord& MultiTaskClassifier::application() const noexcept {
  return impl_->network.application();
}
void MultiTaskClassifier::set_application(ApplicationRecord application) {
  impl_->network.set_application(std::move(application));
}
void MultiTaskClassifier::quantize(WeightType type) {
  impl_->network.quantize(type);
}
WeightType MultiTaskClassifier::weight_type() const noexcept {
  return impl_->network.weight_type();
}
std::vector<GradientCheck> MultiTaskClassifier::check_gradients(const Dataset& data,
                                                                const GradientCheckOptions& options) const {
  return impl_->network.check_gradients(data, options);
}

void MultiTaskClassifier::save(const std::filesystem::path& file) const {
  impl_->network.save(file);
}

MultiTaskClassifier MultiTaskClassifier::load(const std::filesystem::path& file) {
  Model<HeadsNet> network = load_own<HeadsNet>(file, classifier_name, "a classifier with several heads");
  compile(network, network.options().training);
  return MultiTaskClassifier(std::make_unique<Impl>(Impl{std::move(network)}));
}

}  // namespace rondo

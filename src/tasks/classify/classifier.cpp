// TextClassifier: training, predictions and its file. Its plan and its layers are in plan.cpp.
#include <utility>
#include <variant>

#include <rondo/tasks/classify.h>

#include "base/fields.h"
#include "base/message.h"
#include "tasks/classify/evaluation.h"
#include "tasks/options/training.h"

namespace rondo {
namespace {

constexpr std::string_view application_name = "classify";

Dataset sampled(const Dataset& train, Sampling sampling, std::uint64_t seed) {
  switch (sampling) {
    case Sampling::none:
      return train;
    case Sampling::over:
      return train.over_sample(seed);
    case Sampling::under:
      return train.under_sample(seed);
  }
  throw Bug("sampled: unknown kind");
}

}  // namespace

TextClassifier::TextClassifier(Sequential model, ClassifierOptions options, History history)
    : model_(std::move(model)), options_(std::move(options)), history_(std::move(history)) {}

TextClassifier TextClassifier::train(const Dataset& train, const Dataset& valid, ClassifierOptions options,
                                     TrainingRun run) {
  options = plan(train, valid, std::move(options));
  Sequential model = build(options, static_cast<std::int64_t>(train.class_names().size()));
  model.compile({.optimizer = optimizer_of(options.training),
                 .loss = Loss::categorical_cross_entropy,
                 .metrics = {Metric::accuracy, Metric::f1},
                 .label_smoothing = options.classes.label_smoothing});
  const Dataset examples = sampled(train, options.classes.sampling, options.training.seed);
  model.prepare(examples, options.training.seed);
  take_weights(model, options.network, options.training, run.notice);
  model.set_application({std::string(application_name), dump_json(to_json(options))});
  FitOptions fit = fit_options(options.training, valid, std::move(run));
  fit.class_weights = options.classes.class_weights;
  fit.balance_classes = options.classes.balance_classes;
  History history = model.fit(examples, fit);
  return {std::move(model), std::move(options), std::move(history)};
}

ClassifierEvaluation TextClassifier::evaluate(const Dataset& test, int worst) const {
  const std::vector<std::string>& names = class_names();
  std::size_t unknown = 0;
  const Dataset known = test.with_classes(names, &unknown);
  std::vector<std::string> texts;
  texts.reserve(known.size());
  for (const std::string_view text : known.texts())
    texts.emplace_back(text);
  ClassifierEvaluation evaluation = evaluate_predictions(known, model_.predict(texts), names, worst);
  evaluation.unknown = static_cast<std::int64_t>(unknown);
  return evaluation;
}

Prediction TextClassifier::predict(std::string_view text) const {
  return model_.predict(text);
}

std::vector<Prediction> TextClassifier::predict(std::span<const std::string> texts) const {
  return model_.predict(texts);
}

const std::vector<std::string>& TextClassifier::class_names() const noexcept {
  return model_.class_names();
}

void TextClassifier::save(const std::filesystem::path& file) const {
  model_.save(file);
}

TextClassifier TextClassifier::load(const std::filesystem::path& file) {
  Sequential model = rondo::load(file);
  const ApplicationRecord& application = model.application();
  const bool of_text =
      !model.layers().empty() && std::holds_alternative<layers::Tokens>(model.layers().front());
  const bool named = application.name.empty() || application.name == application_name;
  if (!of_text || model.target() != Target::labels || !named)
    fail(ErrorKind::format, "'" + file.string() + "' holds another kind of model" +
                                (application.name.empty() ? "" : " (of " + quote(application.name) + ")") +
                                ", not a text classifier; make one with 'rondo train classify'");
  ClassifierOptions options;
  if (!application.options.empty()) {
    const std::string where = file.string() + ": options of the application";
    const Json json = parse_json(application.options, {.name = where});
    options = from_json<ClassifierOptions>(json, {where, ErrorKind::format});
  }
  return {std::move(model), std::move(options), History{}};
}

}  // namespace rondo

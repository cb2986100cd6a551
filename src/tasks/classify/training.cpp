// How a text classifier learns: its network, the wide branch beside it, and how much each of them says.
#include "tasks/options/training.h"

#include <algorithm>
#include <utility>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "base/shown.h"
#include "model/objective.h"
#include "tasks/classify/application_name.h"
#include "tasks/classify/text_classifier.h"
#include "tasks/options/network.h"
#include "wide/classifier.h"
#include "wide/mixture.h"

namespace rondo {
namespace {

using Notice = std::function<void(const std::string&)>;

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

FitOptions weighted_by_class(FitOptions fit, const ClassOptions& classes) {
  fit.class_weights = classes.class_weights;
  fit.balance_classes = classes.balance_classes;
  return fit;
}

ApplicationRecord record_of(const ClassifierOptions& options) {
  return {std::string(classifier_name), dump_json(to_json(options))};
}

/// A network with its first weights.
Sequential fresh_network(const ClassifierOptions& options, const Dataset& examples, const Notice& notice) {
  Sequential model = TextClassifier::build(options, static_cast<std::int64_t>(examples.class_names().size()));
  model.compile({.optimizer = optimizer_of(options.training),
                 .loss = Loss::categorical_cross_entropy,
                 .metrics = {Metric::accuracy, Metric::f1},
                 .label_smoothing = options.classes.label_smoothing});
  model.prepare(examples, options.training.seed);
  take_weights(model, options.network, options.training, notice);
  model.set_application(record_of(options));
  return model;
}

Baselines baselines_of(const Dataset& train) {
  const std::vector<std::int64_t> counts = train.class_counts();
  const auto most = std::max_element(counts.begin(), counts.end());
  return {.commonest = static_cast<std::int32_t>(most - counts.begin()), .naive_bayes = {}};
}

/// The branch, and naive Bayes on the way.
void learn_wide(TextClassifier::Impl& model, const Dataset& examples, const TextEncoder& encoder,
                const std::function<bool()>& stop, const Notice& notice) {
  const ClassifierOptions& options = model.options;
  const std::vector<float> weights = class_weights(weighted_by_class({}, options.classes), examples);
  model.wide = wide::train(examples, encoder, options.branch, weights, stop, &model.baselines->naive_bayes);
  if (notice)
    notice("wide branch: " + grouped(model.wide->ngrams()) + " n-grams, " +
           grouped(static_cast<std::int64_t>(model.wide->weights())) + " weights");
}

/// Enough texts to fit two numbers on, from all of the data.
Dataset some_of(const Dataset& valid) {
  constexpr std::size_t most = 4'000'000;  // probabilities
  const std::size_t fit =
      std::max<std::size_t>(1, most / std::max<std::size_t>(valid.class_names().size(), 1));
  const std::size_t apart = (valid.size() + fit - 1) / fit;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < valid.size(); i += apart)
    places.push_back(i);
  return places.size() == valid.size() ? valid : valid.select(places);
}

std::string in_words(const MixtureWeights& weights, bool network) {
  const std::string wide = fixed(static_cast<double>(weights.wide), 3) + " wide";
  return network ? fixed(static_cast<double>(weights.network), 3) + " network + " + wide : wide;
}

void learn_mixture(TextClassifier::Impl& model, const Dataset& valid, const Notice& notice) {
  const bool both = model.network.has_value();
  model.mixture = both ? MixtureWeights{} : MixtureWeights{.network = 0, .wide = 1};
  std::string how = "usual, for there is no validation data";
  if (!valid.empty()) {
    const Dataset known =
        some_of(valid.class_names() == model.classes() ? valid : valid.with_classes(model.classes()));
    const std::vector<std::string_view> views = known.texts();
    const std::vector<std::string> texts(views.begin(), views.end());
    wide::MixtureLesson lesson{.network = {}, .scores = model.wide->scores(texts), .labels = {}};
    if (both)
      for (Prediction& prediction : model.network->predict(texts))
        lesson.network.push_back(std::move(prediction.probabilities));
    for (std::size_t i = 0; i < known.size(); ++i) {
      lesson.labels.push_back(known.label(i));
      lesson.costs.push_back(known.weight(i));
    }
    model.mixture = wide::fitted_weights(lesson, model.mixture);
    how = "fitted on " + grouped(static_cast<std::int64_t>(known.size())) + " validation texts";
  }
  if (notice) notice("log p = " + in_words(model.mixture, both) + ": " + how);
}

/// A branch by itself.
void learn_alone(TextClassifier::Impl& model, const Dataset& examples, const Dataset& valid,
                 const std::function<bool()>& stop, const Notice& notice) {
  const ClassifierOptions& options = model.options;
  layers::Tokens tokens = tokens_of(options.text);
  tokens.bigrams = 0;
  const TextEncoder encoder = TextEncoder::learn(examples, tokens, options.training.seed);
  learn_wide(model, examples, encoder, stop, notice);
  model.application = record_of(options);
  model.record.examples = static_cast<std::int64_t>(examples.size());
  model.record.data = hexadecimal(examples.fingerprint());
  const bool stopped = stop();
  model.history.end(stopped, {});
  if (!stopped) learn_mixture(model, valid, notice);
}

}  // namespace

TextClassifier TextClassifier::train(const Dataset& train, const Dataset& valid, ClassifierOptions options,
                                     TrainingRun run) {
  auto model = std::make_unique<Impl>();
  model->options = options = plan(train, valid, std::move(options));
  model->baselines = baselines_of(train);
  const Dataset examples = sampled(train, options.classes.sampling, options.training.seed);
  const Notice notice = run.notice;
  const auto stopped = std::make_shared<bool>(false);  // once is for good
  run.stop = [stopped, ask = std::move(run.stop)] { return *stopped = *stopped || (ask && ask()); };
  if (options.wide == Wide::only) {
    learn_alone(*model, examples, valid, run.stop, notice);
    return TextClassifier(std::move(model));
  }
  model->network = fresh_network(options, examples, notice);
  if (options.wide == Wide::on)
    learn_wide(*model, examples, model->network->encoder(), run.stop, notice);
  else if (examples.class_names().size() <= most_wide_classes)
    model->baselines->naive_bayes =
        wide::train_naive_bayes(examples, model->network->encoder().uncut(), options.branch);
  const FitOptions fit =
      weighted_by_class(fit_options(options.training, valid, std::move(run)), options.classes);
  model->history = model->network->fit(examples, fit);
  if (model->wide && !model->history.interrupted()) learn_mixture(*model, valid, notice);
  return TextClassifier(std::move(model));
}

}  // namespace rondo

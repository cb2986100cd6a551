// How a text classifier learns: its network, the wide branch beside it, and how much each of them says.
#include "tasks/options/training.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "base/shown.h"
#include "model/objective.h"
#include "tasks/classify/application_name.h"
#include "tasks/classify/text_classifier.h"
#include "tasks/options/network.h"
#include "tasks/side_by_side.h"
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

Loss loss_for(const ClassOptions& classes, bool several_labels) {
  if (classes.loss == ClassifierLoss::focal) return several_labels ? Loss::binary_focal : Loss::focal;
  return several_labels ? Loss::binary_cross_entropy : Loss::categorical_cross_entropy;
}

ApplicationRecord record_of(const ClassifierOptions& options) {
  return {std::string(classifier_name), dump_json(to_json(options))};
}

/// A network with its first weights.
Sequential fresh_network(const ClassifierOptions& options, const Dataset& examples, const Notice& notice) {
  const bool several = data::is_multi_label(examples);
  Sequential model =
      TextClassifier::build(options, static_cast<std::int64_t>(examples.class_names().size()), several);
  model.compile(
      {.optimizer = optimizer_of(options.training),
       .loss = loss_for(options.classes, several),
       .metrics = several ? std::vector<AnyMetric>{} : std::vector<AnyMetric>{Metric::accuracy, Metric::f1},
       .label_smoothing = options.classes.label_smoothing,
       .focal_gamma = options.classes.focal_gamma});
  model.prepare(examples, options.training.seed);
  take_weights(model, options.network, options.training, notice);
  model.set_application(record_of(options));
  return model;
}

Baselines baselines_of(const Dataset& train) {
  if (data::is_multi_label(train)) return {};
  const std::vector<std::int64_t> counts = train.class_counts();
  const auto most = std::max_element(counts.begin(), counts.end());
  return {.commonest = static_cast<std::int32_t>(most - counts.begin()), .naive_bayes = {}};
}

/// Of a branch without a network.
TextEncoder encoder_alone(const ClassifierOptions& options, const Dataset& examples) {
  layers::Tokens tokens = tokens_of(options.text);
  tokens.bigrams = 0;
  return TextEncoder::learn(examples, tokens, options.training.seed);
}

/// Texts with the classes of the model.
Dataset known_to(const TextClassifier::Impl& model, const Dataset& valid) {
  if (valid.class_names() == model.classes()) return valid;
  return model.multi_label ? data::with_labels(valid, model.classes()) : valid.with_classes(model.classes());
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

/// Validation texts, and what networks and branch say of them.
struct Validation {
  Dataset examples;
  std::vector<std::string> texts;
  std::vector<Prediction> of_network;
  std::vector<std::vector<float>> scores;

  Validation(const TextClassifier::Impl& model, const Dataset& valid)
      : examples(some_of(known_to(model, valid))) {
    const std::vector<std::string_view> views = examples.texts();
    texts.assign(views.begin(), views.end());
    of_network = model.of_networks(texts);
    scores = model.scores(texts);
  }
};

/// A text with one label is one lesson; of several labels each is, against the rest.
wide::MixtureLesson lesson_on(const Validation& valid, bool multi_label) {
  wide::MixtureLesson lesson;
  for (std::size_t i = 0; i < valid.examples.size(); ++i) {
    const bool network = !valid.of_network.empty();
    const float cost = valid.examples.weight(i);
    if (!multi_label) {
      if (network) lesson.network.push_back(valid.of_network[i].probabilities);
      lesson.scores.push_back(valid.scores[i]);
      lesson.labels.push_back(valid.examples.label(i));
      lesson.costs.push_back(cost);
      continue;
    }
    const std::span<const float> truth = valid.examples.values(i).data<float>();
    for (std::size_t c = 0; c < truth.size(); ++c) {
      const float score = valid.scores[i][c];
      const float p = network ? valid.of_network[i].probabilities[c] : 0;
      if (network) lesson.network.push_back({1 - p, p});
      lesson.scores.push_back({-score, score});
      lesson.labels.push_back(truth[c] > 0.5F ? 1 : 0);
      lesson.costs.push_back(cost);
    }
  }
  return lesson;
}

void learn_mixture(TextClassifier::Impl& model, const Validation* valid, const Notice& notice) {
  const bool both = model.network.has_value();
  model.mixture = both ? MixtureWeights{} : MixtureWeights{.network = 0, .wide = 1};
  std::string how = "usual, for there is no validation data";
  if (valid != nullptr) {
    model.mixture = wide::fitted_weights(lesson_on(*valid, model.multi_label), model.mixture);
    how = "fitted on " + grouped(static_cast<std::int64_t>(valid->texts.size())) + " validation texts";
  }
  if (notice)
    notice((model.multi_label ? "log odds = " : "log p = ") + in_words(model.mixture, both) + ": " + how);
}

/// How certain an answer is, and from where on it is one.
void settle_answers(TextClassifier::Impl& model, const Validation* valid, const Notice& notice) {
  const CertaintyOptions& wanted = model.options.certainty;
  const auto say = [&](const std::string& line) {
    if (notice) notice(line);
  };
  if (model.multi_label) model.answers.thresholds.assign(model.classes().size(), 0.5F);
  if (valid == nullptr) return;
  const std::vector<Prediction> before = model.mixed(valid->of_network, valid->scores);
  if (wanted.calibrate) {
    model.answers.temperature = classify::fitted_temperature(lesson_of(before, valid->examples));
    say("temperature = " + fixed(static_cast<double>(model.answers.temperature), 3) +
        ": log-probabilities are divided by it");
  }
  const classify::AnswerLesson lesson = lesson_of(model.cooled(before), valid->examples);
  if (model.multi_label) {
    model.answers.thresholds = classify::fitted_thresholds(lesson, wanted.precision);
    say("thresholds: chosen on the validation texts for each label, for the " +
        std::string(wanted.precision > 0 ? "wanted precision" : "best F1"));
  } else if (wanted.precision > 0) {
    bool reached = false;
    model.answers.certain = classify::certain_from(lesson, wanted.precision, reached);
    say(reached ? "answers below a probability of " + fixed(static_cast<double>(model.answers.certain), 3) +
                      " are uncertain"
                : "no probability reaches the wanted precision on the validation texts: every answer below 1 "
                  "is uncertain");
  }
}

/// What is fitted on the validation data when all has been trained.
void conclude(TextClassifier::Impl& model, const Dataset& valid, const Notice& notice) {
  std::optional<Validation> held_out;
  const CertaintyOptions& wanted = model.options.certainty;
  const bool asked = model.wide || model.multi_label || wanted.calibrate || wanted.precision > 0;
  if (!valid.empty() && asked) held_out.emplace(model, valid);
  const Validation* const known = held_out ? &*held_out : nullptr;
  if (model.wide) learn_mixture(model, known, notice);
  settle_answers(model, known, notice);
}

/// The branch again, from all texts: the share that it has was fitted on texts that it had not learned from.
/// The numbers of what stands beside it stay as they were measured.
void refit_wide(TextClassifier::Impl& model, const Dataset& examples, const Dataset& valid,
                const std::function<bool()>& stop, const Notice& notice) {
  if (model.options.wide_refit != WideRefit::on || !model.wide || valid.empty()) return;
  const std::array<Dataset, 2> both = {examples, known_to(model, valid)};
  const Dataset all = data::join(both);
  const std::vector<float> weights = class_weights(weighted_by_class({}, model.options.classes), all);
  const TextEncoder encoder = model.network ? model.network->encoder() : encoder_alone(model.options, all);
  std::optional<WideClassifier> again =
      wide::train(all, encoder, model.options.branch, weights, stop, nullptr);
  if (stop()) return;
  model.wide = std::move(again);
  if (notice)
    notice("wide branch: learned again from " + grouped(static_cast<std::int64_t>(all.size())) +
           " training and validation texts");
}

/// A branch by itself.
void learn_alone(TextClassifier::Impl& model, const Dataset& examples, const Dataset& valid,
                 const std::function<bool()>& stop, const Notice& notice) {
  const ClassifierOptions& options = model.options;
  learn_wide(model, examples, encoder_alone(options, examples), stop, notice);
  model.application = record_of(options);
  model.record.examples = static_cast<std::int64_t>(examples.size());
  model.record.data = hexadecimal(examples.fingerprint());
  const bool stopped = stop();
  model.history.end(stopped, {});
  if (stopped) return;
  conclude(model, valid, notice);
  refit_wide(model, examples, valid, stop, notice);
}

/// The run of a further network: its own checkpoints, and nothing to show.
TrainingRun run_of(const TrainingRun& run, int network) {
  TrainingRun own{.checkpoint_seconds = run.checkpoint_seconds, .stop = run.stop};
  if (run.folder.empty()) return own;
  own.folder = run.folder / ("network_" + std::to_string(network + 1));
  own.resume = run.resume && std::filesystem::exists(own.folder / "checkpoints");
  return own;
}

/// Networks that differ in their seeds alone, each on a thread of its own where there are several.
void fit_networks(TextClassifier::Impl& model, const Dataset& examples, const Dataset& valid,
                  TrainingRun run) {
  const auto count = static_cast<std::size_t>(model.options.certainty.ensemble);
  const Notice notice = run.notice;
  std::vector<Sequential*> networks = {&*model.network};
  std::vector<ClassifierOptions> options(count, model.options);
  for (std::size_t i = 1; i < count; ++i) {
    options[i].training.seed += i;
    model.further.push_back(fresh_network(options[i], examples, {}));
  }
  for (Sequential& other : model.further)
    networks.push_back(&other);
  std::vector<History> histories(count);
  const auto fit_one = [&](std::size_t i) {
    FitOptions fit = weighted_by_class(
        fit_options(options[i].training, valid, i == 0 ? run : run_of(run, static_cast<int>(i))),
        options[i].classes);
    fit.groups = transfer_groups(options[i].transfer, networks[i]->weights(), i == 0 ? notice : Notice{});
    histories[i] = networks[i]->fit(examples, fit);
  };
  run_side_by_side(count, fit_one);
  const auto cut = std::find_if(histories.begin(), histories.end(),
                                [](const History& history) { return history.interrupted(); });
  model.history = cut == histories.end() ? histories.front() : *cut;
}

}  // namespace

TextClassifier TextClassifier::train(const Dataset& train, const Dataset& valid, ClassifierOptions options,
                                     TrainingRun run) {
  auto model = std::make_unique<Impl>();
  model->options = options = plan(train, valid, std::move(options));
  model->baselines = baselines_of(train);
  const Dataset examples = sampled(train, options.classes.sampling, options.training.seed);
  const Notice notice = run.notice;
  run.stop = once_for_all(std::move(run.stop));
  model->multi_label = data::is_multi_label(train);
  if (options.wide == Wide::only) {
    learn_alone(*model, examples, valid, run.stop, notice);
    return TextClassifier(std::move(model));
  }
  model->network = fresh_network(options, examples, notice);
  if (options.wide == Wide::on)
    learn_wide(*model, examples, model->network->encoder(), run.stop, notice);
  else if (examples.class_names().size() <= most_wide_classes && !model->multi_label)
    model->baselines->naive_bayes =
        wide::train_naive_bayes(examples, model->network->encoder().uncut(), options.branch);
  const std::function<bool()> stop = run.stop;
  fit_networks(*model, examples, valid, std::move(run));
  if (!model->history.interrupted()) {
    conclude(*model, valid, notice);
    refit_wide(*model, examples, valid, stop, notice);
  }
  return TextClassifier(std::move(model));
}

}  // namespace rondo

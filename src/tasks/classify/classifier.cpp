// TextClassifier: predictions and its file. How it learns is in training.cpp, its plan and its layers are in
// plan.cpp.
#include <array>
#include <utility>
#include <variant>

#include "base/fields.h"
#include "base/message.h"
#include "base/shown.h"
#include "model/wide_file.h"
#include "tasks/classify/application_name.h"
#include "tasks/classify/evaluation.h"
#include "tasks/classify/text_classifier.h"
#include "tasks/options/training.h"
#include "wide/mixture.h"

namespace rondo {

Prediction prediction_with(std::vector<float> probabilities, const std::vector<std::string>& classes) {
  Prediction prediction;
  prediction.probabilities = std::move(probabilities);
  const std::size_t best = prediction.ranking(1).at(0);
  prediction.label = classes[best];
  prediction.probability = prediction.probabilities[best];
  return prediction;
}

std::vector<Prediction> TextClassifier::Impl::of_networks(std::span<const std::string> texts) const {
  if (!network) return {};
  std::vector<Prediction> all = network->predict(texts);
  if (further.empty()) return all;
  for (const Sequential& other : further) {
    const std::vector<Prediction> said = other.predict(texts);
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t c = 0; c < said[i].probabilities.size(); ++c)
        all[i].probabilities[c] += said[i].probabilities[c];
  }
  const auto count = static_cast<float>(networks());
  for (Prediction& prediction : all) {
    for (float& p : prediction.probabilities)
      p /= count;
    prediction = prediction_with(std::move(prediction.probabilities), classes());
  }
  return all;
}

std::vector<std::vector<float>> TextClassifier::Impl::scores(std::span<const std::string> texts) const {
  return wide ? wide->scores(texts) : std::vector<std::vector<float>>{};
}

namespace {

/// Each label by itself: sigmoid(network · logit p_network + wide · score).
void mix_labels(std::span<const float> of_network, std::span<const float> scores,
                const MixtureWeights& weights, std::span<float> probabilities) {
  std::array<float, 2> both = {};
  for (std::size_t c = 0; c < scores.size(); ++c) {
    const std::array<float, 2> odds = {-scores[c], scores[c]};
    std::array<float, 2> shares = {};
    if (!of_network.empty()) shares = {1 - of_network[c], of_network[c]};
    wide::mix(of_network.empty() ? std::span<const float>() : shares, odds, weights, both);
    probabilities[c] = both[1];
  }
}

}  // namespace

std::vector<Prediction> TextClassifier::Impl::mixed(std::vector<Prediction> of_network,
                                                    std::span<const std::vector<float>> scores) const {
  if (!wide) return of_network;
  std::vector<Prediction> all;
  all.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    std::vector<float> probabilities(scores[i].size());
    const std::span<const float> network_says =
        of_network.empty() ? std::span<const float>() : of_network[i].probabilities;
    if (multi_label)
      mix_labels(network_says, scores[i], mixture, probabilities);
    else
      wide::mix(network_says, scores[i], mixture, probabilities);
    all.push_back(prediction_with(std::move(probabilities), classes()));
  }
  return all;
}

std::vector<Prediction> TextClassifier::Impl::cooled(std::vector<Prediction> predictions) const {
  if (answers.temperature == 1) return predictions;
  for (Prediction& prediction : predictions) {
    classify::cool(prediction.probabilities, answers.temperature, multi_label);
    prediction = prediction_with(std::move(prediction.probabilities), classes());
  }
  return predictions;
}

std::vector<Prediction> TextClassifier::Impl::predict(std::span<const std::string> texts) const {
  return cooled(mixed(of_networks(texts), scores(texts)));
}

classify::AnswerLesson lesson_of(std::span<const Prediction> predictions, const Dataset& data) {
  classify::AnswerLesson lesson;
  lesson.multi_label = data::is_multi_label(data);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    lesson.probabilities.push_back(predictions[i].probabilities);
    lesson.labels.push_back(lesson.multi_label ? data::labels_of(data, i)
                                               : std::vector<std::int32_t>{data.label(i)});
    lesson.costs.push_back(data.weight(i));
  }
  return lesson;
}

TextClassifier::TextClassifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TextClassifier::TextClassifier(TextClassifier&&) noexcept = default;
TextClassifier& TextClassifier::operator=(TextClassifier&&) noexcept = default;
TextClassifier::~TextClassifier() = default;

namespace {

std::vector<std::string> copied(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

}  // namespace

ClassifierEvaluation TextClassifier::evaluate(const Dataset& test, int worst) const {
  const Impl& m = *impl_;
  if (m.multi_label)
    fail(ErrorKind::usage, "the classifier gives a text several labels; call evaluate_labels()");
  std::size_t unknown = 0;
  const Dataset known = test.with_classes(class_names(), &unknown);
  const std::vector<std::string> texts = copied(known.texts());
  const std::vector<Prediction> of_network = m.of_networks(texts);
  const std::vector<std::vector<float>> scores = m.scores(texts);
  const std::vector<Prediction> before = m.mixed(of_network, scores), predictions = m.cooled(before);
  ClassifierEvaluation result = evaluate_predictions(known, predictions, class_names(), worst);
  result.unknown = static_cast<std::int64_t>(unknown);
  result.rivals = rivals_of(m, known, texts, of_network, scores, result);
  const auto add = [&](const char* key, std::span<const Prediction> said) {
    result.calibration_of_parts.emplace_back(key, calibration_error(reliability_of(lesson_of(said, known))));
  };
  if (m.network && m.wide) add("network", of_network);
  if (m.answers.temperature != 1) add("uncalibrated", before);
  if (m.answers.certain > 0) add_certainty(result, lesson_of(predictions, known), m.answers.certain);
  return result;
}

MultiLabelEvaluation TextClassifier::evaluate_labels(const Dataset& test, int worst) const {
  if (!impl_->multi_label) fail(ErrorKind::usage, "the classifier gives a text one label; call evaluate()");
  if (!data::is_multi_label(test) && !test.empty())
    fail(ErrorKind::data,
         "the classifier gives a text several labels, and the examples have one each; read "
         "them with data::read_multi_label()");
  std::size_t lost = 0;
  const Dataset known = data::with_labels(test, class_names(), &lost);
  MultiLabelEvaluation result = evaluate_label_sets(*impl_, known, copied(known.texts()), worst);
  result.lost = static_cast<std::int64_t>(lost);
  return result;
}

Prediction TextClassifier::predict(std::string_view text) const {
  const std::string one(text);
  return predict(std::span(&one, 1)).front();
}

std::vector<Prediction> TextClassifier::predict(std::span<const std::string> texts) const {
  return impl_->predict(texts);
}

const std::vector<std::string>& TextClassifier::class_names() const noexcept {
  return impl_->classes();
}
const TextEncoder& TextClassifier::encoder() const noexcept {
  return impl_->network ? impl_->network->encoder() : impl_->wide->encoder();
}
const History& TextClassifier::history() const noexcept {
  return impl_->history;
}
const ClassifierOptions& TextClassifier::options() const noexcept {
  return impl_->options;
}

bool TextClassifier::multi_label() const noexcept {
  return impl_->multi_label;
}
const std::vector<float>& TextClassifier::thresholds() const noexcept {
  return impl_->answers.thresholds;
}
std::vector<std::size_t> TextClassifier::labels_of(const Prediction& prediction) const {
  if (!impl_->multi_label) return prediction.ranking(1);
  std::vector<std::size_t> labels;
  for (const std::size_t c : prediction.ranking())
    if (prediction.probabilities[c] >= thresholds().at(c)) labels.push_back(c);
  return labels;
}
float TextClassifier::certain_from() const noexcept {
  return impl_->answers.certain;
}
float TextClassifier::temperature() const noexcept {
  return impl_->answers.temperature;
}
std::size_t TextClassifier::networks() const noexcept {
  return impl_->networks();
}
const std::vector<report::Block>& TextClassifier::studies() const noexcept {
  return impl_->studies;
}
void TextClassifier::add_study(report::Block study) {
  impl_->studies.push_back(std::move(study));
}

bool TextClassifier::has_network() const noexcept {
  return impl_->network.has_value();
}
Sequential& TextClassifier::model() {
  if (!impl_->network)
    fail(ErrorKind::usage,
         "the classifier is a wide branch alone and has no network; train one with "
         "'--wide on' (Wide::on)");
  return *impl_->network;
}
const Sequential& TextClassifier::model() const {
  return const_cast<TextClassifier*>(this)->model();
}
const WideClassifier* TextClassifier::wide() const noexcept {
  return impl_->wide ? &*impl_->wide : nullptr;
}
MixtureWeights TextClassifier::mixture() const noexcept {
  return impl_->wide ? impl_->mixture : MixtureWeights{.network = 1, .wide = 0};
}

std::string TextClassifier::summary() const {
  std::string text = impl_->network ? impl_->network->summary() : std::string();
  if (networks() > 1) text += "\n" + std::to_string(networks()) + " networks like this one\n";
  if (!impl_->wide) return text;
  const WideClassifier& wide = *impl_->wide;
  return text + (text.empty() ? "" : "\n") + "wide branch: " + grouped(wide.ngrams()) + " n-grams of up to " +
         std::to_string(wide.options().wide_ngrams) + " tokens, " +
         grouped(static_cast<std::int64_t>(wide.weights())) + " weights in 8 bits\n";
}

const ParameterStore& TextClassifier::weights() const {
  static const ParameterStore none(std::uint64_t{0});
  return impl_->network ? impl_->network->weights() : none;
}
const TrainingRecord& TextClassifier::record() const noexcept {
  return impl_->network ? impl_->network->record() : impl_->record;
}
const ApplicationRecord& TextClassifier::application() const noexcept {
  return impl_->network ? impl_->network->application() : impl_->application;
}
void TextClassifier::set_application(ApplicationRecord application) {
  if (impl_->network)
    impl_->network->set_application(std::move(application));
  else
    impl_->application = checked(std::move(application));
}
void TextClassifier::quantize(WeightType type) {
  if (!impl_->network)
    fail(ErrorKind::usage, "a wide branch alone has no matrices to round: its weights are in 8 bits already");
  impl_->network->quantize(type);
  for (Sequential& other : impl_->further)
    other.quantize(type);
}
WeightType TextClassifier::weight_type() const noexcept {
  return impl_->network ? impl_->network->weight_type() : WeightType::f32;
}
std::vector<GradientCheck> TextClassifier::check_gradients(const Dataset& data,
                                                           const GradientCheckOptions& options) const {
  const Dataset known =
      impl_->multi_label ? data::with_labels(data, class_names()) : data.with_classes(class_names());
  return model().check_gradients(known, options);
}

void TextClassifier::save(const std::filesystem::path& file) const {
  const Impl& m = *impl_;
  const bool plain = m.answers == classify::AnswerSettings{};
  if (!m.wide && m.further.empty() && plain) return m.network->save(file);
  save_wide(file, {.network = m.network ? &*m.network : nullptr,
                   .wide = wide(),
                   .weights = m.mixture,
                   .further = m.further,
                   .multi_label = m.multi_label,
                   .answers = plain ? Json() : to_json(m.answers),
                   .application = m.application,
                   .training = m.record});
}

namespace {

/// The parts that a file holds.
std::unique_ptr<TextClassifier::Impl> parts_in(const std::filesystem::path& path) {
  const ModelFile file(path);
  auto m = std::make_unique<TextClassifier::Impl>();
  if (file.kind() != ModelKind::wide) {
    m->network = load_sequential(file);
    return m;
  }
  WideModel model = load_wide(file);
  m->network = std::move(model.network);
  m->further = std::move(model.further);
  m->wide = std::move(model.wide);
  m->mixture = model.weights;
  m->multi_label = model.multi_label;
  m->application = std::move(model.application);
  m->record = std::move(model.training);
  if (!model.answers.is_null())
    m->answers =
        from_json<classify::AnswerSettings>(model.answers, {path.string() + ": answers", ErrorKind::format});
  const std::size_t wanted = m->multi_label ? m->classes().size() : 0;
  if (m->answers.thresholds.size() != wanted)
    fail(ErrorKind::format, path.string() + ": answers: wanted " + std::to_string(wanted) +
                                " thresholds, got " + std::to_string(m->answers.thresholds.size()));
  return m;
}

/// Whether it is a network of texts with labels.
bool classifies_text(const TextClassifier::Impl& m) {
  if (!m.network) return true;
  const auto layers = m.network->layers();
  return !layers.empty() && std::holds_alternative<layers::Tokens>(layers.front()) &&
         m.network->target() == (m.multi_label ? Target::values : Target::labels);
}

}  // namespace

TextClassifier TextClassifier::load(const std::filesystem::path& file) {
  TextClassifier classifier(parts_in(file));
  Impl& m = *classifier.impl_;
  const ApplicationRecord& application = classifier.application();
  const bool named = application.name.empty() || application.name == classifier_name;
  if (!classifies_text(m) || !named)
    fail(ErrorKind::format, "'" + file.string() + "' holds another kind of model" +
                                (application.name.empty() ? "" : " (of " + quote(application.name) + ")") +
                                ", not a text classifier; make one with 'rondo train classify'");
  if (!application.options.empty()) {
    const std::string where = file.string() + ": options of the application";
    const Json json = parse_json(application.options, {.name = where});
    m.options = from_json<ClassifierOptions>(json, {where, ErrorKind::format});
  }
  return classifier;
}

TextStream TextClassifier::stream() const {
  const Impl& m = *impl_;
  if (m.multi_label || !m.further.empty() || m.answers.temperature != 1)
    fail(ErrorKind::usage,
         "a classifier of several labels a text, of several networks or with a temperature has no stream; "
         "call predict()");
  std::optional<Stream> network;
  std::optional<WideStream> wide;
  if (m.network) network = m.network->stream();
  if (m.wide) wide.emplace(*m.wide);
  return {encoder(), std::move(network), std::move(wide), m.mixture, class_names().size()};
}

}  // namespace rondo

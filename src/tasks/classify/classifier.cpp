// TextClassifier: predictions and its file. How it learns is in training.cpp, its plan and its layers are in
// plan.cpp.
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

std::vector<Prediction> TextClassifier::Impl::together(std::vector<Prediction> of_network,
                                                       std::span<const std::vector<float>> scores) const {
  if (!wide) return of_network;
  std::vector<Prediction> all;
  all.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    std::vector<float> probabilities(scores[i].size());
    wide::mix(of_network.empty() ? std::span<const float>() : of_network[i].probabilities, scores[i], mixture,
              probabilities);
    all.push_back(prediction_with(std::move(probabilities), classes()));
  }
  return all;
}

std::vector<Prediction> TextClassifier::Impl::predict(std::span<const std::string> texts) const {
  return together(network ? network->predict(texts) : std::vector<Prediction>{},
                  wide ? wide->scores(texts) : std::vector<std::vector<float>>{});
}

TextClassifier::TextClassifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TextClassifier::TextClassifier(TextClassifier&&) noexcept = default;
TextClassifier& TextClassifier::operator=(TextClassifier&&) noexcept = default;
TextClassifier::~TextClassifier() = default;

ClassifierEvaluation TextClassifier::evaluate(const Dataset& test, int worst) const {
  const Impl& m = *impl_;
  const std::vector<std::string>& names = class_names();
  std::size_t unknown = 0;
  const Dataset known = test.with_classes(names, &unknown);
  const std::vector<std::string_view> views = known.texts();
  const std::vector<std::string> texts(views.begin(), views.end());
  const std::vector<Prediction> of_network =
      m.network ? m.network->predict(texts) : std::vector<Prediction>{};
  const std::vector<std::vector<float>> scores =
      m.wide ? m.wide->scores(texts) : std::vector<std::vector<float>>{};
  ClassifierEvaluation result = evaluate_predictions(known, m.together(of_network, scores), names, worst);
  result.unknown = static_cast<std::int64_t>(unknown);
  result.rivals = rivals_of(m, known, texts, of_network, scores, result);
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
}
WeightType TextClassifier::weight_type() const noexcept {
  return impl_->network ? impl_->network->weight_type() : WeightType::f32;
}
std::vector<GradientCheck> TextClassifier::check_gradients(const Dataset& data,
                                                           const GradientCheckOptions& options) const {
  return model().check_gradients(data.with_classes(class_names()), options);
}

void TextClassifier::save(const std::filesystem::path& file) const {
  const Impl& m = *impl_;
  if (!m.wide) return m.network->save(file);
  save_wide(file, m.network ? &*m.network : nullptr, *m.wide, m.mixture, m.application, m.record);
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
  m->wide = std::move(model.wide);
  m->mixture = model.weights;
  m->application = std::move(model.application);
  m->record = std::move(model.training);
  return m;
}

}  // namespace

TextClassifier TextClassifier::load(const std::filesystem::path& file) {
  TextClassifier classifier(parts_in(file));
  Impl& m = *classifier.impl_;
  const ApplicationRecord& application = classifier.application();
  const bool of_text = !m.network || (!m.network->layers().empty() &&
                                      std::holds_alternative<layers::Tokens>(m.network->layers().front()));
  const bool named = application.name.empty() || application.name == classifier_name;
  if (!of_text || (m.network && m.network->target() != Target::labels) || !named)
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
  std::optional<Stream> network;
  std::optional<WideStream> wide;
  if (m.network) network = m.network->stream();
  if (m.wide) wide.emplace(*m.wide);
  return {encoder(), std::move(network), std::move(wide), m.mixture, class_names().size()};
}

}  // namespace rondo

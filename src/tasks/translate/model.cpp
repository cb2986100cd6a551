// Translator: training, answers and its file. What open options become is in plan.cpp.
#include "tasks/translate/model.h"

#include <cmath>
#include <utility>

#include "base/message.h"
#include "base/utf8.h"
#include "tasks/options/training.h"
#include "tasks/own_model.h"
#include "tasks/translate/decoding.h"
#include "tasks/translate/evaluation.h"

namespace rondo {
namespace {

constexpr std::string_view application_name = "translate";
using translate::TranslationModel;

void compile(TranslationModel& network, const TrainingOptions& training) {
  network.compile(
      {.optimizer = optimizer_of(training), .metrics = {perplexity_metric<translate::TranslationNet>()}});
}

/// Sums of ln P by the target's words, and of its end.
std::vector<double> word_scores(const std::vector<double>& tokens, std::span<const std::int32_t> word_of,
                                std::size_t words) {
  std::vector<double> scores(words + 1);
  for (std::size_t i = 0; i < word_of.size(); ++i)
    scores[static_cast<std::size_t>(word_of[i])] += tokens[i];
  scores.back() = tokens.back();
  return scores;
}

}  // namespace

Translator::Translator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Translator::Translator(Translator&&) noexcept = default;
Translator& Translator::operator=(Translator&&) noexcept = default;
Translator::~Translator() = default;

Translator Translator::train(const Dataset& train, const Dataset& valid, TranslatorOptions options,
                             TrainingRun run) {
  options = plan(train, valid, std::move(options));
  TranslationModel network(translate::TranslationInput::learn(train, options), options,
                           options.training.seed);
  take_init(network, options.training, run);
  compile(network, options.training);
  network.set_application({std::string(application_name), OptionTable::of(options).to_json()});
  const FitOptions fit = fit_options(options.training, valid, std::move(run));
  History history = network.fit(train, fit);
  return Translator(std::make_unique<Impl>(Impl{std::move(network), std::move(history)}));
}

std::string Translator::translate(std::string_view text, const TranslateOptions& options) const {
  const std::string one(text);
  return translate(std::span(&one, 1), options).front().front().text;
}

std::string Translator::translate(std::string_view text, std::string_view from, std::string_view to) const {
  return translate(text, {.from = std::string(from), .to = std::string(to)});
}

std::vector<std::vector<Translation>> Translator::translate(std::span<const std::string> texts,
                                                            const TranslateOptions& options) const {
  impl_->network.input().check_direction(options.from, options.to);
  for (std::size_t i = 0; i < texts.size(); ++i)
    require_utf8(texts[i], "text " + std::to_string(i + 1));
  return translate::translations(impl_->network, texts, options);
}

std::vector<ScoredTranslation> Translator::score(std::span<const SentencePair> pairs) const {
  const translate::TranslationInput& input = impl_->network.input();
  std::vector<ScoredTranslation> all(pairs.size());
  std::vector<translate::Encoded> sources, targets;
  std::vector<std::size_t> places;
  std::vector<translate::NumberedPair> numbered;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    sources.push_back(input.source.encode(pairs[i].source));
    targets.push_back(input.target.encode(pairs[i].target));
    all[i].source_words = sources[i].words;
    all[i].target_words = targets[i].words;
    if (sources[i].tokens.empty() || targets[i].tokens.empty()) continue;
    places.push_back(i);
    numbered.push_back(input.numbers(sources[i], targets[i], pairs[i].to));
  }
  const std::vector<translate::Examined> examined = translate::examine(impl_->network, numbered);
  for (std::size_t k = 0; k < places.size(); ++k) {
    ScoredTranslation& to = all[places[k]];
    const translate::Encoded& target = targets[places[k]];
    for (const double value : examined[k].log_probabilities)
      to.log_probability += value;
    to.tokens = static_cast<std::int64_t>(examined[k].log_probabilities.size());
    to.word_scores = word_scores(examined[k].log_probabilities, target.word_of, target.words.size());
    to.attention = translate::by_words(examined[k], sources[places[k]], target.word_of, target.words.size());
  }
  return all;
}

TranslationEvaluation Translator::evaluate(const Dataset& test, int worst) const {
  return translate::evaluation_of(*this, test, worst);
}

const std::vector<std::string>& Translator::directions() const noexcept {
  return impl_->network.input().directions;
}
const TranslatorOptions& Translator::options() const noexcept {
  return impl_->network.options();
}
const History& Translator::history() const noexcept {
  return impl_->history;
}

void Translator::save(const std::filesystem::path& file) const {
  impl_->network.save(file);
}

Translator Translator::load(const std::filesystem::path& file) {
  TranslationModel network = load_own<translate::TranslationNet>(file, application_name, "a translator");
  compile(network, network.options().training);
  return Translator(std::make_unique<Impl>(Impl{std::move(network)}));
}

}  // namespace rondo

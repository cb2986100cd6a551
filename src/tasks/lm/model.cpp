// LanguageModel: training, scores and its file. What open options become is in plan.cpp.
#include "tasks/lm/model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "base/utf8.h"
#include "tasks/lm/adaptation.h"
#include "tasks/lm/text.h"
#include "tasks/options/training.h"
#include "tasks/own_model.h"

namespace rondo {
namespace {

constexpr std::string_view application_name = "lm";
using LanguageNetwork = Model<lm::LanguageNet>;

void compile(LanguageNetwork& network, const TrainingOptions& training) {
  network.compile({.optimizer = optimizer_of(training), .metrics = {perplexity_metric<lm::LanguageNet>()}});
}

/// Every first value evenly from [-scale, scale], a function of the seed and the parameter's name.
void draw_evenly(ParameterStore& weights, float scale, std::uint64_t seed) {
  for (const Parameter& parameter : weights.parameters()) {
    Tensor value = Tensor::uninitialised(parameter.leaf->value.shape());
    Random random(seed, mix(hash_of("evenly"), hash_of(parameter.name)));
    for (float& number : value.data<float>())
      number = random.uniform(-scale, scale);
    weights.set(parameter.name, value);
  }
}

/// Runs of what is no blank, and line ends.
std::int64_t words_in(std::string_view text) {
  std::int64_t words = 0;
  bool inside = false;
  for (const char32_t c : CodePoints(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x3000 || c == 0xa0;
    if (c == '\n' || (!blank && !inside)) ++words;
    inside = !blank;
  }
  return words;
}

/// What a score counts; without nats.
TextScore counts_of(const Dataset& text, const lm::TokenList& tokens) {
  TextScore score;
  for (const std::string_view document : lm::documents_in(text)) {
    score.bytes += static_cast<std::int64_t>(document.size());
    score.characters += static_cast<std::int64_t>(count_code_points(document));
    score.words += words_in(document);
  }
  for (std::int64_t i = 1; i < tokens.size(); ++i)
    score.unknown += tokens[i] == TextUnits::unknown ? 1 : 0;
  score.tokens = tokens.size() - 1;
  return score;
}

double per(double sum, std::int64_t count) {
  return count > 0 ? sum / static_cast<double>(count) : 0;
}

}  // namespace

double TextScore::perplexity() const {
  return std::exp(per(nats, tokens));
}
double TextScore::word_perplexity() const {
  return std::exp(per(nats, words));
}
double TextScore::bits_per_character() const {
  return per(nats, characters) / std::numbers::ln2;
}
double TextScore::bits_per_byte() const {
  return per(nats, bytes) / std::numbers::ln2;
}

LanguageModel::LanguageModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LanguageModel::LanguageModel(LanguageModel&&) noexcept = default;
LanguageModel& LanguageModel::operator=(LanguageModel&&) noexcept = default;
LanguageModel::~LanguageModel() = default;

LanguageModel LanguageModel::train(const Dataset& train, const Dataset& valid, LanguageOptions options,
                                   TrainingRun run) {
  options = plan(train, valid, std::move(options));
  lm::TextInput input{TextUnits::learn(train, options.text, options.training.seed), options.chunk,
                      train.size() > 1, lm::labels_in(train)};
  options.text = input.units.options();
  LanguageNetwork network(std::move(input), options, options.training.seed);
  if (options.network.init_scale > 0)
    draw_evenly(network.weights(), options.network.init_scale, options.training.seed);
  take_init(network, options.training, run);
  compile(network, options.training);
  network.set_application({std::string(application_name), OptionTable::of(options).to_json()});
  FitOptions fit = fit_options(options.training, valid, std::move(run));
  History history = network.fit(train, fit);
  return LanguageModel(std::make_unique<Impl>(Impl{std::move(network), std::move(history)}));
}

TextScore LanguageModel::score(const Dataset& text) const {
  const LanguageNetwork& network = impl_->network;
  const auto tokens = lm::tokens_of(text, network.input());
  TextScore score = counts_of(text, *tokens);
  const lm::TextBatches batches(tokens, network.input().chunk, {}, 1);
  const lm::TextEpoch epoch = batches.in_order();
  const InferenceMode constant;
  State carried;
  for (std::size_t i = 0; i < epoch.size(); ++i) {
    const BatchLoss loss = network->loss(epoch.batch(i), carried);
    score.nats += static_cast<double>(loss.loss.item()) * loss.weight;
  }
  return score;
}

TextScore LanguageModel::score(const Dataset& text, const lm::AdaptationOptions& adaptation) const {
  check(adaptation, {"score", ErrorKind::option});
  if (adaptation.cache == 0 && adaptation.dynamic_rate == 0) return score(text);
  const auto tokens = lm::tokens_of(text, impl_->network.input());
  TextScore score = counts_of(text, *tokens);
  score.nats = lm::adapting_nats(impl_->network, *tokens, adaptation);
  return score;
}

TextScore LanguageModel::score(std::string_view text) const {
  return score(lm::documents_of(std::vector<std::string>{std::string(text)}));
}

LanguageModel::Scored LanguageModel::score_tokens(std::string_view text, std::string_view label) const {
  const std::int32_t number = impl_->network.input().label_number(label);
  constexpr std::size_t at_once = 1'024;
  Scored scored{.tokens = units().encode(text), .texts = {}, .log_probabilities = {}};
  if (impl_->network.input().several) scored.tokens.push_back(TextUnits::border);
  std::vector<std::int32_t> before = {TextUnits::border};
  before.insert(before.end(), scored.tokens.begin(), scored.tokens.end());
  const InferenceMode constant;
  State state = impl_->network->start(1);
  for (std::size_t at = 0; at < scored.tokens.size(); at += at_once) {
    const std::size_t count = std::min(at_once, scored.tokens.size() - at);
    const auto part = [&](const std::vector<std::int32_t>& of) {
      const auto begin = of.begin() + static_cast<std::ptrdiff_t>(at);
      return std::vector<std::int32_t>(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
    for (const double value :
         impl_->network->log_probabilities(part(before), part(scored.tokens), state, number))
      scored.log_probabilities.push_back(value);
  }
  for (std::size_t i = 0; i < scored.tokens.size(); ++i)
    scored.texts.push_back(units().decode(std::span(&scored.tokens[i], 1), before[i]));
  return scored;
}

const TextUnits& LanguageModel::units() const noexcept {
  return impl_->network.input().units;
}
const std::vector<std::string>& LanguageModel::labels() const noexcept {
  return impl_->network.input().labels;
}
const LanguageOptions& LanguageModel::options() const noexcept {
  return impl_->network.options();
}
const History& LanguageModel::history() const noexcept {
  return impl_->history;
}

void LanguageModel::save(const std::filesystem::path& file) const {
  impl_->network.save(file);
}

LanguageModel LanguageModel::load(const std::filesystem::path& file) {
  LanguageNetwork network = load_own<lm::LanguageNet>(file, application_name, "a language model");
  compile(network, network.options().training);
  return LanguageModel(std::make_unique<Impl>(Impl{std::move(network)}));
}

}  // namespace rondo

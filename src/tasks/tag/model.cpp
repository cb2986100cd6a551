// Tagger: training, answers and its file. What open options become is in plan.cpp.
#include "tasks/tag/model.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/message.h"
#include "tasks/options/training.h"
#include "tasks/own_model.h"
#include "tasks/tag/evaluation.h"
#include "tasks/tag/scores/phrases.h"
#include "tasks/tag/source.h"
#include "tasks/tag/text/prepare.h"

namespace rondo {
namespace {

constexpr std::string_view application_name = "tag";
using TagModel = Model<tag::TagNet>;

/// Sums of a batch: what was found, what is true, and both; of phrases, or of tokens where there are none.
std::vector<double> counts_of(const BatchView<tag::TagNet>& seen, const Tagging& tagging,
                              const std::vector<std::string>& tags, bool phrases) {
  const tag::TagBatch& batch = seen.batch();
  const Tensor decoded = seen.net().decode(seen.outputs(), batch);
  const std::span<const std::int32_t> rows = decoded.data<std::int32_t>();
  tag::PhraseScores scores = tag::phrase_scores_for(tagging);
  for (std::size_t k = 0; k < batch.sentences.size(); ++k) {
    Strings answer;
    for (std::int64_t t = 0; t < batch.layout->length(static_cast<std::int64_t>(k)); ++t) {
      const std::int64_t row = batch.layout->row(static_cast<std::int64_t>(k), t);
      answer.push_back(tags[static_cast<std::size_t>(rows[static_cast<std::size_t>(row)])]);
    }
    scores.add(batch.sentences[k]->tags, answer);
  }
  const auto number = [](std::int64_t count) { return static_cast<double>(count); };
  if (!phrases) return {number(scores.tokens_right()), number(scores.tokens())};
  const tag::PhraseCounts& all = scores.all();
  return {2 * number(all.correct), number(all.gold + all.found)};
}

void compile(TagModel& network, const TrainingOptions& training) {
  const auto metric = [&](std::string name, bool phrases) {
    return TagModel::Metric{
        .name = std::move(name),
        .sums = TagModel::Metric::Sums([tagging = network.input().tagging, tags = network.input().tags,
                                        phrases](const BatchView<tag::TagNet>& seen) {
          return counts_of(seen, tagging, tags, phrases);
        })};
  };
  std::vector<TagModel::Metric> metrics = {metric("accuracy", false)};
  if (network.input().tagging.scheme != TagScheme::none) metrics.push_back(metric("f1", true));
  network.compile({.optimizer = optimizer_of(training), .metrics = std::move(metrics)});
}

/// First values of the tokens' vectors from a file; those it does not have keep their own.
void take_vectors(TagModel& network, const TagNetworkOptions& o, const TrainingRun& run) {
  if (o.vectors.empty()) return;
  const Vocab& vocab = network.input().tokens;
  const WordVectors vectors = read_word_vectors(o.vectors, vocab);
  if (vectors.dim != o.embedding)
    fail(ErrorKind::option, "embedding must be " + std::to_string(vectors.dim) + " (--embedding " +
                                std::to_string(vectors.dim) + "), the width of the vectors in " +
                                quote(o.vectors.string()) + ", got " + std::to_string(o.embedding));
  Tensor table = network.weights().get("tokens");
  const auto dim = static_cast<std::ptrdiff_t>(vectors.dim);
  for (std::ptrdiff_t i = 0; i < vocab.size(); ++i)
    if (vectors.found[static_cast<std::size_t>(i)] != 0)
      std::copy_n(vectors.values.begin() + i * dim, dim, table.data<float>().begin() + i * dim);
  network.weights().set("tokens", table);
  if (run.notice)
    run.notice("vectors: " + std::to_string(vectors.exact + vectors.folded) + " of " +
               std::to_string(vocab.size() - 1) + " tokens found in " + o.vectors.string());
}

}  // namespace

namespace tag {

Strings named(std::span<const std::int32_t> numbers, const std::vector<std::string>& tags) {
  Strings names;
  for (const std::int32_t number : numbers)
    names.push_back(tags[static_cast<std::size_t>(number)]);
  return names;
}

TagSentences tags_by(const Tagger& tagger) {
  return [&tagger](std::span<const TaggedSentence> sentences) { return tagger.predict(sentences); };
}

}  // namespace tag

Tagger::Tagger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tagger::Tagger(Tagger&&) noexcept = default;
Tagger& Tagger::operator=(Tagger&&) noexcept = default;
Tagger::~Tagger() = default;

Tagger Tagger::train(const Dataset& train, const Dataset& valid, TaggerOptions options, TrainingRun run) {
  options = plan(train, valid, std::move(options));
  TagModel network(tag::TaggerInput::learn(train, options), options, options.training.seed);
  take_vectors(network, options.network, run);
  take_init(network, options.training, run);
  compile(network, options.training);
  network.set_application({std::string(application_name), OptionTable::of(options).to_json()});
  const FitOptions fit = fit_options(options.training, valid, std::move(run));
  History history = network.fit(train, fit);
  return Tagger(std::make_unique<Impl>(Impl{std::move(network), std::move(history)}));
}

TagEvaluation Tagger::evaluate(const Dataset& test, int worst) const {
  const std::vector<const TaggedSentence*> sentences = tag::sentences_of(test);
  std::vector<Strings> answers;
  for (const std::vector<std::int32_t>& numbers : tag::predict_all(impl_->network, sentences))
    answers.push_back(tag::named(numbers, tags()));
  return tag::evaluation_of(sentences, answers, impl_->network.input(), worst);
}

std::vector<Strings> Tagger::predict(std::span<const TaggedSentence> sentences) const {
  std::vector<const TaggedSentence*> filled;
  for (const TaggedSentence& sentence : sentences)
    if (!sentence.tokens.empty()) filled.push_back(&sentence);
  const std::vector<std::vector<std::int32_t>> numbers = tag::predict_all(impl_->network, filled);
  std::vector<Strings> answers;
  std::size_t next = 0;
  for (const TaggedSentence& sentence : sentences)
    answers.push_back(sentence.tokens.empty() ? Strings() : tag::named(numbers[next++], tags()));
  return answers;
}

Tensor Tagger::marginals(const TaggedSentence& sentence) const {
  if (sentence.tokens.empty()) fail(ErrorKind::data, "marginals: the sentence has no tokens");
  const InferenceMode constant;
  const TaggedSentence* const one = &sentence;
  const tag::EncodedSentences encoded = impl_->network.input().encode(std::span(&one, 1));
  const std::size_t first = 0;
  return impl_->network->marginals(impl_->network.input().pack(encoded, std::span(&first, 1)));
}

std::vector<TaggedPhrase> Tagger::phrases(std::string_view text) const {
  if (!tagging().reading.features.empty())
    fail(ErrorKind::option,
         "this tagger also reads further columns (features), which text does not have; predict() takes "
         "sentences");
  const tag::LinePreparer prepare(tagging(), {});
  tag::TaggedLine line = prepare(std::string(text));
  const TaggedSentence sentence = tag::sentence_of(line);
  line.tags = std::move(predict(std::span(&sentence, 1)).front());
  tag::keep_borders(line, tagging().scheme);
  std::vector<TaggedPhrase> phrases;
  for (const tag::LineWord& word : tag::words_of(line, tagging().scheme))
    phrases.push_back({word.bytes.begin, word.bytes.end,
                       line.text.substr(word.bytes.begin, word.bytes.end - word.bytes.begin),
                       std::string(word.type)});
  return phrases;
}

const Tagging& Tagger::tagging() const noexcept {
  return impl_->network.input().tagging;
}
const std::vector<std::string>& Tagger::tags() const noexcept {
  return impl_->network.input().tags;
}
const TaggerOptions& Tagger::options() const noexcept {
  return impl_->network.options();
}
const History& Tagger::history() const noexcept {
  return impl_->history;
}

void Tagger::save(const std::filesystem::path& file) const {
  impl_->network.save(file);
}

Tagger Tagger::load(const std::filesystem::path& file) {
  TagModel network = load_own<tag::TagNet>(file, application_name, "a tagger");
  compile(network, network.options().training);
  return Tagger(std::make_unique<Impl>(Impl{std::move(network)}));
}

}  // namespace rondo

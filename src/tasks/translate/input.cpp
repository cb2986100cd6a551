#include "tasks/translate/input.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/translate/pairs.h"

namespace rondo::translate {
namespace {

std::vector<std::int32_t> lengths_of(const NumberedPairs& all) {
  std::vector<std::int32_t> lengths;
  for (const NumberedPair& pair : all.pairs)
    lengths.push_back(static_cast<std::int32_t>(pair.source.size() + pair.target.size() + 1));
  return lengths;
}

/// The directions of the data and the languages that they lead to; none where there is one direction.
void find_directions(const Dataset& train, TranslationInput& input) {
  std::set<std::string> directions, languages;
  for (const SentencePair* const pair : pairs_in(train)) {
    directions.insert(pair->direction());
    languages.insert(pair->to);
  }
  if (directions.size() < 2) return;
  if (directions.contains("")) fail(ErrorKind::data, "some pairs name their languages, and some do not");
  input.directions.assign(directions.begin(), directions.end());
  input.languages.assign(languages.begin(), languages.end());
}

std::vector<std::string> texts_in(const Json& json, const char* key) {
  std::vector<std::string> texts;
  if (!json.contains(key)) return texts;
  const auto refuse = [&] {
    fail(ErrorKind::format, std::string("translator: '") + key + "' is not a list of texts");
  };
  if (!json[key].is_array()) refuse();
  for (const Json& text : json[key]) {
    if (!text.is_string()) refuse();
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

}  // namespace

PairBatch pack_pairs(std::span<const NumberedPair* const> pairs, std::int32_t begin, std::int32_t end) {
  std::vector<std::vector<std::int32_t>> sources, before, after;
  for (const NumberedPair* const pair : pairs) {
    sources.push_back(pair->source);
    before.push_back(pair->target);
    before.back().insert(before.back().begin(), begin);
    after.push_back(pair->target);
    after.back().push_back(end);
  }
  PairBatch batch{.source = Ids::pack(sources), .before = Ids::pack(before)};
  batch.after = Ids::pack(after).tokens();
  batch.layout = batch.before.layout();
  const auto from = batch.source.layout()->order(), to = batch.layout->order();
  std::vector<std::int32_t> place(from.size());
  for (std::size_t k = 0; k < from.size(); ++k)
    place[static_cast<std::size_t>(from[k])] = static_cast<std::int32_t>(k);
  for (const std::int32_t k : to)
    batch.source_of.push_back(place[static_cast<std::size_t>(k)]);
  return batch;
}

PairBatch NumberedPairs::batch(std::span<const std::size_t> examples, std::int64_t) const {
  std::vector<const NumberedPair*> packed;
  for (const std::size_t i : examples)
    packed.push_back(&pairs[i]);
  PairBatch batch = pack_pairs(packed, begin, end);
  for (const std::int32_t k : batch.layout->order())
    batch.examples.push_back(examples[static_cast<std::size_t>(k)]);
  return batch;
}

TranslationInput TranslationInput::learn(const Dataset& train, const TranslatorOptions& planned) {
  std::vector<std::string_view> sources, targets;
  for (const SentencePair* const pair : pairs_in(train)) {
    sources.push_back(pair->source);
    targets.push_back(pair->target);
  }
  TranslationInput input;
  find_directions(train, input);
  input.joint = planned.text.vocabulary == TranslationVocabulary::joint;
  const std::uint64_t seed = planned.training.seed;
  if (input.joint) {
    sources.insert(sources.end(), targets.begin(), targets.end());
    input.source = Units::learn(sources, planned.text, seed);
    input.target = input.source;
  } else {
    input.source = Units::learn(sources, planned.text, seed);
    input.target = Units::learn(targets, planned.text, seed);
  }
  input.mark_languages();
  if (planned.text.lexicon > 0)
    input.lexicon =
        Lexicon::learn(input.numbered(train), input.source.size(), input.target.size(), planned.text.lexicon);
  return input;
}

/// A joint vocabulary is one table: both sides have the marks.
void TranslationInput::mark_languages() {
  source.set_marks(static_cast<std::int32_t>(languages.size()));
  if (joint) target = source;
}

NumberedPair TranslationInput::numbers(const Encoded& from, const Encoded& to,
                                       std::string_view language) const {
  NumberedPair pair{from.tokens, to.tokens};
  pair.source.push_back(source_end(language));
  return pair;
}

std::int32_t TranslationInput::source_end(std::string_view language) const {
  if (languages.empty()) return source.end();
  const auto found = std::find(languages.begin(), languages.end(), language);
  if (found == languages.end()) check_direction("", language);
  return source.mark(static_cast<std::int32_t>(found - languages.begin()));
}

void TranslationInput::check_direction(std::string_view from, std::string_view to) const {
  if (languages.empty()) {
    if (!from.empty() || !to.empty())
      fail(ErrorKind::option, std::string(to.empty() ? "from" : "to") +
                                  ": the model was trained in one direction, without names; leave it out");
    return;
  }
  std::string known;
  for (const std::string& direction : directions) {
    const bool same_to = direction.ends_with("-" + std::string(to));
    if (same_to && !to.empty() && (from.empty() || direction == std::string(from) + "-" + std::string(to)))
      return;
    known += (known.empty() ? "" : ", ") + direction;
  }
  fail(ErrorKind::option, "to: wanted a language to translate into; the model knows " + known + "; got " +
                              (to.empty()     ? std::string("none")
                               : from.empty() ? quote(std::string(to))
                                              : std::string(from) + "-" + std::string(to)));
}

std::vector<NumberedPair> TranslationInput::numbered(const Dataset& pairs) const {
  std::vector<NumberedPair> all;
  for (const SentencePair* const pair : pairs_in(pairs))
    all.push_back(numbers(source.encode(pair->source), target.encode(pair->target), pair->to));
  return all;
}

std::vector<std::int32_t> TranslationInput::shortlist(std::span<const std::int32_t> from, int each) const {
  std::vector<std::int32_t> tokens = lexicon.shortlist(from, each);
  tokens.insert(tokens.end(), {Vocab::unknown, target.begin(), target.end()});
  if (joint) tokens.insert(tokens.end(), from.begin(), from.end());
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

PairBatches TranslationInput::batches(const Dataset& pairs, data::BatchOptions options,
                                      std::uint64_t seed) const {
  auto all = std::make_shared<NumberedPairs>();
  all->begin = target.begin();
  all->end = target.end();
  all->pairs = numbered(pairs);
  data::BatchPlan plan(lengths_of(*all), options, seed);
  return {std::move(all), std::move(plan)};
}

std::string TranslationInput::to_json() const {
  Json json = {{"joint", joint}, {"source", source.to_tree()}};
  if (!joint) json["target"] = target.to_tree();
  if (!languages.empty()) {
    json["directions"] = directions;
    json["languages"] = languages;
  }
  if (!lexicon.empty()) json["lexicon"] = lexicon.to_tree();
  return dump_json(json);
}

TranslationInput TranslationInput::from_json(std::string_view text) {
  const Json json = parse_json(text, {.name = "translator", .size_cap = 400u << 20});
  if (!json.is_object() || !json.contains("joint") || !json["joint"].is_boolean() || !json.contains("source"))
    fail(ErrorKind::format, "translator: 'joint' or 'source' is missing");
  TranslationInput input;
  input.joint = json["joint"].get<bool>();
  if (!input.joint && !json.contains("target")) fail(ErrorKind::format, "translator: 'target' is missing");
  input.source = Units::from_tree(json["source"]);
  input.target = input.joint ? input.source : Units::from_tree(json["target"]);
  input.directions = texts_in(json, "directions");
  input.languages = texts_in(json, "languages");
  input.mark_languages();
  if (json.contains("lexicon"))
    input.lexicon = Lexicon::from_tree(json["lexicon"], input.source.size(), input.target.size());
  return input;
}

}  // namespace rondo::translate

#include "tasks/translate/input.h"

#include <utility>

#include "base/message.h"
#include "tasks/translate/pairs.h"

namespace rondo::translate {
namespace {

std::vector<std::int32_t> lengths_of(const PairBatches::Shared& shared) {
  std::vector<std::int32_t> lengths;
  for (const NumberedPair& pair : shared.pairs)
    lengths.push_back(static_cast<std::int32_t>(pair.source.size() + pair.target.size() + 1));
  return lengths;
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

PairBatches::PairBatches(std::shared_ptr<const Shared> shared, data::BatchOptions options, std::uint64_t seed)
    : plan_(lengths_of(*shared), options, seed), shared_(std::move(shared)) {}

PairBatch PairBatches::Epoch::batch(std::size_t number) const {
  const auto examples = plan_.examples(number);
  std::vector<const NumberedPair*> pairs;
  for (const std::size_t i : examples)
    pairs.push_back(&shared_->pairs[i]);
  PairBatch batch = pack_pairs(pairs, shared_->begin, shared_->end);
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
  return input;
}

NumberedPair TranslationInput::numbers(const Encoded& from, const Encoded& to) const {
  NumberedPair pair{from.tokens, to.tokens};
  pair.source.push_back(source.end());
  return pair;
}

PairBatches TranslationInput::batches(const Dataset& pairs, data::BatchOptions options,
                                      std::uint64_t seed) const {
  auto shared = std::make_shared<PairBatches::Shared>();
  shared->begin = target.begin();
  shared->end = target.end();
  for (const SentencePair* const pair : pairs_in(pairs))
    shared->pairs.push_back(numbers(source.encode(pair->source), target.encode(pair->target)));
  return PairBatches(std::move(shared), options, seed);
}

std::string TranslationInput::to_json() const {
  Json json = {{"joint", joint}, {"source", source.to_tree()}};
  if (!joint) json["target"] = target.to_tree();
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
  return input;
}

}  // namespace rondo::translate

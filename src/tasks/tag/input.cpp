// What a tagger learns of its data, and sentences as numbers. The file's form is in input_json.cpp.
#include "tasks/tag/input.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/message.h"
#include "tasks/tag/forms.h"
#include "tasks/tag/scheme.h"
#include "tasks/tag/source.h"

namespace rondo::tag {
namespace {

using Numbers = std::vector<std::int32_t>;

constexpr std::size_t lexicon_channels = 3;
constexpr std::int32_t begins_word = 1, ends_word = 2;
const std::vector<std::string> word_borders = {"<begin>", "<end>"};

/// What a token is, whatever its neighbours: found once for each distinct one.
struct TokenNumbers {
  std::int32_t token = 0, shape = 0, word = 0;
};

/// Each distinct token, and how often it stands in the sentences.
std::unordered_map<std::string_view, std::int64_t> distinct_tokens(
    const std::vector<const TaggedSentence*>& sentences) {
  std::unordered_map<std::string_view, std::int64_t> counts;
  for (const TaggedSentence* const sentence : sentences)
    for (const std::string_view token : sentence->tokens)
      ++counts[token];
  return counts;
}

void learn_vocabularies(const std::vector<const TaggedSentence*>& sentences, const TaggerOptions& planned,
                        TaggerInput& input) {
  Vocab::Counts forms, characters;
  for (const auto& [token, count] : distinct_tokens(sentences)) {
    forms[form_of(token, input.tagging.reading.unit)] += count;
    if (planned.network.spelling_units == 0) continue;
    for (const std::string_view character : spelling_of(token))
      characters[std::string(character)] += count;
  }
  input.tokens = Vocab::from_counts(forms, planned.text.min_count, planned.text.max_size);
  if (planned.network.spelling_units > 0)
    input.characters = Vocab::from_counts(characters, 3, 0, word_borders);
}

void learn_features(const std::vector<const TaggedSentence*>& sentences, TaggerInput& input) {
  for (std::size_t column = 0; column < input.tagging.reading.features.size(); ++column) {
    Vocab::Counts counts;
    for (const TaggedSentence* const sentence : sentences)
      for (const std::string_view entry : sentence->features.at(column))
        ++counts[std::string(entry)];
    input.features.push_back(Vocab::from_counts(counts));
  }
}

/// Tags in the order of their names: numbers that do not depend on the order of the sentences.
std::vector<std::string> tags_in(const std::vector<const TaggedSentence*>& sentences) {
  std::set<std::string, std::less<>> tags;
  for (const TaggedSentence* const sentence : sentences)
    for (const std::string_view tag : sentence->tags)
      if (!tags.contains(tag)) tags.emplace(tag);
  return {tags.begin(), tags.end()};
}

SeenTexts seen_in(const std::vector<const TaggedSentence*>& sentences, const Tagging& tagging) {
  std::vector<std::uint64_t> hashes;
  for (const TaggedSentence* const sentence : sentences) {
    if (!tagging.words) {
      for (const std::string_view token : sentence->tokens)
        hashes.push_back(SeenTexts::hash_of(token));
      continue;
    }
    std::string word;
    for (const Phrase& phrase : phrases_of(sentence->tags, tagging.scheme)) {
      word.clear();
      for (std::size_t i = phrase.begin; i < phrase.end; ++i)
        word += sentence->tokens[i];
      hashes.push_back(SeenTexts::hash_of(word));
    }
  }
  return SeenTexts(std::move(hashes));
}

/// The numbers of tokens and, behind them, one for the sentence's end, as pairs are made of.
Numbers with_end(Numbers tokens, const Vocab& vocab) {
  tokens.push_back(vocab.size());
  return tokens;
}

bool in_scheme(const TaggedSentence& sentence, TagScheme scheme) {
  std::string_view before;
  for (const std::string_view tag : sentence.tags) {
    if (!may_follow(before, tag, scheme)) return false;
    before = tag;
  }
  return may_follow(before, {}, scheme);
}

/// Encodes sentence after sentence.
class Encoder {
 public:
  explicit Encoder(const TaggerInput& input) : input_(input) {
    for (std::size_t i = 0; i < input.tags.size(); ++i)
      tags_.emplace(input.tags[i], static_cast<std::int32_t>(i));
  }

  void add(const TaggedSentence& sentence) {
    EncodedSentences::Sentence encoded{.text = &sentence, .counts = true};
    for (const std::string_view token : sentence.tokens) {
      const TokenNumbers numbers = numbers_of(token);
      encoded.tokens.push_back(numbers.token);
      if (input_.shaped()) encoded.shapes.push_back(numbers.shape);
      if (input_.spells()) encoded.words.push_back(numbers.word);
    }
    if (!input_.bigrams->pairs().empty())
      encoded.pairs = input_.bigrams->encode(with_end(encoded.tokens, input_.tokens));
    add_features(sentence, encoded);
    add_lexicon(sentence, encoded);
    add_tags(sentence, encoded);
    all_.sentences.push_back(std::move(encoded));
  }

  EncodedSentences take() && { return std::move(all_); }

 private:
  TokenNumbers numbers_of(std::string_view token) {
    const auto [at, fresh] = known_.try_emplace(token);
    if (!fresh) return at->second;
    at->second.token = input_.tokens.find(form_of(token, input_.tagging.reading.unit));
    if (input_.shaped()) at->second.shape = static_cast<std::int32_t>(shape_of(token));
    if (input_.spells()) {
      at->second.word = static_cast<std::int32_t>(all_.spellings.size());
      Numbers& spelling = all_.spellings.emplace_back(1, begins_word);
      for (const std::string_view character : spelling_of(token))
        spelling.push_back(input_.characters.find(character));
      spelling.push_back(ends_word);
    }
    return at->second;
  }

  void add_features(const TaggedSentence& sentence, EncodedSentences::Sentence& encoded) const {
    if (sentence.features.size() < input_.features.size())
      fail(ErrorKind::data, "the tagger also reads " + std::to_string(input_.features.size()) +
                                " further columns (--features), and a sentence has " +
                                std::to_string(sentence.features.size()));
    for (std::size_t column = 0; column < input_.features.size(); ++column) {
      Numbers numbers;
      for (const std::string_view entry : sentence.features[column])
        numbers.push_back(input_.features[column].find(entry));
      encoded.features.push_back(std::move(numbers));
    }
  }

  void add_lexicon(const TaggedSentence& sentence, EncodedSentences::Sentence& encoded) const {
    if (input_.lexicon->empty()) return;
    encoded.lexicon.resize(lexicon_channels);
    for (const WordsHere& here : input_.lexicon->along(sentence.tokens, input_.tagging.reading.unit)) {
      encoded.lexicon[0].push_back(here.begins);
      encoded.lexicon[1].push_back(here.ends);
      encoded.lexicon[2].push_back(here.covers);
    }
  }

  void add_tags(const TaggedSentence& sentence, EncodedSentences::Sentence& encoded) const {
    for (const std::string_view tag : sentence.tags) {
      const auto found = tags_.find(tag);
      encoded.counts = encoded.counts && found != tags_.end();
      encoded.tags.push_back(found == tags_.end() ? 0 : found->second);
    }
    encoded.tags.resize(sentence.tokens.size());
    encoded.counts = encoded.counts && in_scheme(sentence, input_.tagging.scheme);
  }

  const TaggerInput& input_;
  std::unordered_map<std::string_view, std::int32_t> tags_;
  std::unordered_map<std::string_view, TokenNumbers> known_;
  EncodedSentences all_;
};

/// Lists of numbers, one a sequence, in packed order.
Tensor packed(const Layout& layout, std::span<const Numbers* const> lists) {
  Tensor numbers = Tensor::uninitialised({layout.rows()}, DType::i32);
  const std::span<std::int32_t> to = numbers.data<std::int32_t>();
  for (std::size_t k = 0; k < lists.size(); ++k)
    for (std::size_t t = 0; t < static_cast<std::size_t>(layout.length(static_cast<std::int64_t>(k))); ++t)
      to[static_cast<std::size_t>(layout.row(static_cast<std::int64_t>(k), static_cast<std::int64_t>(t)))] =
          (*lists[k])[t];
  return numbers;
}

/// The distinct words of a batch, packed by their lengths, and the place of each row's word.
void pack_spellings(const EncodedSentences& from, const Tensor& words, TagBatch& batch) {
  std::unordered_map<std::int32_t, std::int32_t> places;
  std::vector<Numbers> spellings;
  const std::span<const std::int32_t> rows = words.data<std::int32_t>();
  batch.spelling_of_rows.reserve(rows.size());
  for (const std::int32_t word : rows) {
    const auto [at, fresh] = places.try_emplace(word, static_cast<std::int32_t>(spellings.size()));
    if (fresh) spellings.push_back(from.spellings[static_cast<std::size_t>(word)]);
    batch.spelling_of_rows.push_back(at->second);
  }
  batch.spellings = Ids::pack(spellings);
  const std::span<const std::int32_t> order = batch.spellings.layout()->order();
  Numbers packed_place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    packed_place[static_cast<std::size_t>(order[i])] = static_cast<std::int32_t>(i);
  for (std::int32_t& place : batch.spelling_of_rows)
    place = packed_place[static_cast<std::size_t>(place)];
}

/// What borders leave of the tags, row by row.
void pack_borders(const std::vector<std::string>& tags, TagBatch& batch) {
  const std::size_t count = tags.size();
  for (std::size_t k = 0; k < batch.sentences.size(); ++k) {
    const std::vector<std::uint8_t> allowed = tags_within_borders(batch.sentences[k]->borders, tags);
    if (allowed.empty()) continue;
    if (batch.allowed.empty())
      batch.allowed.assign(static_cast<std::size_t>(batch.layout->rows()) * count, 1);
    for (std::size_t t = 0; t * count < allowed.size(); ++t) {
      const auto row = static_cast<std::size_t>(
          batch.layout->row(static_cast<std::int64_t>(k), static_cast<std::int64_t>(t)));
      std::copy_n(allowed.begin() + static_cast<std::ptrdiff_t>(t * count), count,
                  batch.allowed.begin() + static_cast<std::ptrdiff_t>(row * count));
    }
  }
}

}  // namespace

SeenTexts::SeenTexts(std::vector<std::uint64_t> hashes) : hashes_(std::move(hashes)) {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
}

bool SeenTexts::contains(std::string_view text) const {
  return std::binary_search(hashes_.begin(), hashes_.end(), hash_of(text));
}

TaggerInput TaggerInput::learn(const Dataset& train, const TaggerOptions& planned) {
  const std::vector<const TaggedSentence*> sentences = sentences_of(train);
  TaggerInput input{.tagging = tagging_of(train)};
  input.tags = tags_in(sentences);
  learn_vocabularies(sentences, planned, input);
  learn_features(sentences, input);
  input.seen = seen_in(sentences, input.tagging);
  if (!planned.text.lexicon.empty())
    input.lexicon = std::make_shared<const Lexicon>(Lexicon::read(planned.text.lexicon));
  if (planned.text.bigrams > 0) {
    std::vector<Numbers> sequences;
    for (EncodedSentences::Sentence& sentence : input.encode(sentences).sentences)
      sequences.push_back(with_end(std::move(sentence.tokens), input.tokens));
    input.bigrams = std::make_shared<const BigramTable>(
        BigramTable::learn(sequences, static_cast<std::size_t>(planned.text.bigrams)));
  }
  return input;
}

std::int32_t TaggerInput::tag_number(std::string_view tag) const {
  const auto found = std::lower_bound(tags.begin(), tags.end(), tag);
  return found == tags.end() || *found != tag ? -1 : static_cast<std::int32_t>(found - tags.begin());
}

EncodedSentences TaggerInput::encode(std::span<const TaggedSentence* const> sentences) const {
  Encoder encoder(*this);
  for (const TaggedSentence* const sentence : sentences)
    encoder.add(*sentence);
  return std::move(encoder).take();
}

EncodedSentences TaggerInput::encode_all(const Dataset& data) const {
  return encode(sentences_of(data));
}

TagBatch TaggerInput::pack(const EncodedSentences& from, std::span<const std::size_t> examples) const {
  using Sentence = EncodedSentences::Sentence;
  TagBatch batch{.examples = {examples.begin(), examples.end()}};
  std::vector<const Sentence*> chosen;
  std::vector<std::int32_t> lengths;
  for (const std::size_t i : examples) {
    chosen.push_back(&from.sentences[i]);
    lengths.push_back(static_cast<std::int32_t>(chosen.back()->tokens.size()));
    batch.sentences.push_back(chosen.back()->text);
    batch.counts.push_back(chosen.back()->counts ? 1 : 0);
  }
  batch.layout = Layout::of(lengths);
  const auto channel = [&](const auto& numbers_of) {
    std::vector<const Numbers*> lists;
    for (const Sentence* const sentence : chosen)
      lists.push_back(&numbers_of(*sentence));
    return packed(*batch.layout, lists);
  };
  batch.tokens = Ids(channel([](const Sentence& s) -> const Numbers& { return s.tokens; }), batch.layout);
  batch.tags = channel([](const Sentence& s) -> const Numbers& { return s.tags; });
  if (shaped()) batch.shapes = channel([](const Sentence& s) -> const Numbers& { return s.shapes; });
  for (std::size_t c = 0; c < features.size(); ++c)
    batch.features.push_back(channel([c](const Sentence& s) -> const Numbers& { return s.features[c]; }));
  for (std::size_t c = 0; c < lexicon_channels && !lexicon->empty(); ++c)
    batch.lexicon.push_back(channel([c](const Sentence& s) -> const Numbers& { return s.lexicon[c]; }));
  if (!bigrams->pairs().empty()) {
    batch.before = channel([](const Sentence& s) -> const Numbers& { return s.pairs; });
    std::vector<Numbers> shifted;
    for (const Sentence* const sentence : chosen)
      shifted.emplace_back(sentence->pairs.begin() + 1, sentence->pairs.end());
    std::vector<const Numbers*> lists;
    for (const Numbers& list : shifted)
      lists.push_back(&list);
    batch.after = packed(*batch.layout, lists);
  }
  if (spells())
    pack_spellings(from, channel([](const Sentence& s) -> const Numbers& { return s.words; }), batch);
  pack_borders(tags, batch);
  return batch;
}

}  // namespace rondo::tag

// A TaggerInput as JSON and back.
#include <algorithm>
#include <limits>
#include <set>

#include "base/bytes.h"
#include "base/fields.h"
#include "base/json.h"
#include "base/message.h"
#include "data/base64.h"
#include "tasks/tag/input.h"

namespace rondo::tag {
namespace {

constexpr std::size_t size_cap = 200'000'000;

template <class T>
std::string bytes_of(const std::vector<T>& numbers) {
  std::string bytes(numbers.size() * sizeof(T), '\0');
  for (std::size_t i = 0; i < numbers.size(); ++i)
    store_little_endian(numbers[i], bytes.data() + i * sizeof(T));
  return to_base64(bytes);
}

[[noreturn]] void refuse(const std::string& what) {
  fail(ErrorKind::format, "tagger: " + what);
}

const Json& member(const Json& json, const char* name) {
  if (!json.is_object() || !json.contains(name)) refuse("'" + std::string(name) + "' is missing");
  return json[name];
}

template <class T>
std::vector<T> numbers_from(const Json& json, const char* name) {
  const std::string wanted = "'" + std::string(name) + "' must be whole numbers as base64 text";
  const Json& text = member(json, name);
  if (!text.is_string()) refuse(wanted);
  const std::optional<std::string> bytes = from_base64(text.get_ref<const std::string&>());
  if (!bytes || bytes->size() % sizeof(T) != 0) refuse(wanted);
  std::vector<T> numbers(bytes->size() / sizeof(T));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = load_little_endian<T>(bytes->data() + i * sizeof(T));
  return numbers;
}

Json tree_of(const Vocab& vocab) {
  return parse_json(vocab.to_json(), {.name = "vocabulary", .size_cap = size_cap});
}

Vocab vocab_from(const Json& json) {
  return Vocab::from_json(dump_json(json));
}

/// Pairs as (previous + 1, token), one behind the other.
std::vector<std::uint32_t> flat(const BigramTable& table) {
  std::vector<std::uint32_t> numbers;
  for (const auto& [previous, token] : table.pairs()) {
    numbers.push_back(static_cast<std::uint32_t>(previous + 1));
    numbers.push_back(static_cast<std::uint32_t>(token));
  }
  return numbers;
}

std::shared_ptr<const BigramTable> bigrams_from(const Json& json, const Vocab& tokens) {
  const auto numbers = numbers_from<std::uint32_t>(json, "bigrams");
  const auto end = static_cast<std::uint32_t>(tokens.size());
  std::vector<BigramTable::Pair> pairs;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    if (numbers[i] > end || numbers[i + 1] > end) refuse("'bigrams' has a token out of the vocabulary");
    pairs.emplace_back(static_cast<std::int32_t>(numbers[i]) - 1, static_cast<std::int32_t>(numbers[i + 1]));
  }
  if (numbers.size() % 2 != 0) refuse("'bigrams' must be pairs");
  return std::make_shared<const BigramTable>(std::move(pairs));
}

Strings words_from(const Json& list) {
  Strings words;
  if (!list.is_array()) refuse("'lexicon' must be a list of words");
  for (const Json& word : list) {
    if (!word.is_string()) refuse("'lexicon' must be a list of words");
    words.push_back(word.get_ref<const std::string&>());
  }
  return words;
}

std::vector<std::string> tags_from(const Json& json) {
  const Json& list = member(json, "tags");
  if (!list.is_array() || list.empty()) refuse("'tags' must be a list of tags");
  std::vector<std::string> tags;
  for (const Json& tag : list) {
    if (!tag.is_string()) refuse("'tags' must be a list of tags");
    tags.push_back(tag.get<std::string>());
  }
  const bool ascending = std::adjacent_find(tags.begin(), tags.end(), std::greater_equal<>()) == tags.end();
  if (!ascending) refuse("'tags' must be in order, each once");
  return tags;
}

}  // namespace

std::string TaggerInput::to_json() const {
  Json columns = Json::array();
  for (const Vocab& column : features)
    columns.push_back(tree_of(column));
  return dump_json({{"tagging", rondo::to_json(tagging)},
                    {"tags", tags},
                    {"tokens", tree_of(tokens)},
                    {"bigrams", bytes_of(flat(*bigrams))},
                    {"characters", tree_of(characters)},
                    {"features", std::move(columns)},
                    {"seen", bytes_of(seen.hashes())},
                    {"lexicon", lexicon->words()}});
}

TaggerInput TaggerInput::from_json(std::string_view text) {
  const Json json = parse_json(text, {.name = "tagger", .size_cap = size_cap});
  TaggerInput input;
  input.tagging = rondo::from_json<Tagging>(member(json, "tagging"), FieldPlace{"tagging"});
  input.tags = tags_from(json);
  input.tokens = vocab_from(member(json, "tokens"));
  input.bigrams = bigrams_from(json, input.tokens);
  input.characters = vocab_from(member(json, "characters"));
  const Json& columns = member(json, "features");
  if (!columns.is_array() || columns.size() != input.tagging.reading.features.size())
    refuse("'features' must be a list with a vocabulary for each further column");
  for (const Json& column : columns)
    input.features.push_back(vocab_from(column));
  input.seen = SeenTexts(numbers_from<std::uint64_t>(json, "seen"));
  if (json.contains("lexicon")) input.lexicon = std::make_shared<const Lexicon>(words_from(json["lexicon"]));
  return input;
}

}  // namespace rondo::tag

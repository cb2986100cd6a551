// Vocab and TextEncoder as JSON: the part of a model file that says how text becomes numbers.
#include <limits>

#include <rondo/error.h>

#include "base/fields.h"
#include "base/json.h"
#include "base/message.h"
#include "data/base64.h"
#include "data/text_encoder.h"

namespace rondo {
namespace {

constexpr std::size_t size_cap = 100'000'000;  // that of a model file's header

[[noreturn]] void refuse(const std::string& what) {
  fail(ErrorKind::format, "text encoder: " + what);
}

Json parse(std::string_view text, const std::string& name) {
  Json json = parse_json(text, {.name = name, .size_cap = size_cap, .depth_cap = 8});
  if (!json.is_object())
    fail(ErrorKind::format, name + ": wanted an object, got " + std::string(type_in_words(json)));
  return json;
}

const Json& member(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) refuse(std::string("has no ") + quote(key));
  return *found;
}

const Json& list(const Json& json, const char* key) {
  const Json& found = member(json, key);
  if (!found.is_array()) refuse(quote(key) + " wants a list, got " + std::string(type_in_words(found)));
  return found;
}

std::string text(const Json& json, const std::string& what) {
  if (!json.is_string()) refuse(what + " wants text, got " + std::string(type_in_words(json)));
  return json.get<std::string>();
}

std::int64_t whole(const Json& json, const std::string& what, std::int64_t low, std::int64_t high) {
  const bool fits = json.is_number_unsigned() ? json.get<std::uint64_t>() <= static_cast<std::uint64_t>(high)
                                              : json.is_number_integer() && json.get<std::int64_t>() >= low &&
                                                    json.get<std::int64_t>() <= high;
  if (!fits || json.get<std::int64_t>() < low)
    refuse(what + " wants a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return json.get<std::int64_t>();
}

Json vocab_json(const Vocab& vocab) {
  Json json = {{"tokens", Json::array()}, {"counts", Json::array()}};
  for (std::int32_t number = 0; number < vocab.size(); ++number) {
    json["tokens"].push_back(vocab.token(number));
    json["counts"].push_back(vocab.count(number));
  }
  return json;
}

Vocab vocab_from(const Json& json) {
  if (!json.is_object()) refuse("the vocabulary wants an object, got " + std::string(type_in_words(json)));
  std::vector<std::string> tokens;
  for (const Json& token : list(json, "tokens")) {
    tokens.push_back(text(token, "a token"));
    if (tokens.back().empty()) refuse("token " + std::to_string(tokens.size() - 1) + " is empty");
  }
  std::vector<std::int64_t> counts;
  for (const Json& count : list(json, "counts"))
    counts.push_back(whole(count, "a count", 0, std::numeric_limits<std::int64_t>::max()));
  return Vocab::of(std::move(tokens), std::move(counts));
}

/// Pairs as one flat list: previous, token, previous, token, ...
Json bigrams_json(const BigramTable& bigrams) {
  Json json = Json::array();
  for (const BigramTable::Pair& pair : bigrams.pairs()) {
    json.push_back(pair.first);
    json.push_back(pair.second);
  }
  return json;
}

BigramTable bigrams_from(const Json& json, std::int32_t tokens, int limit) {
  const std::size_t count = json.size() / 2;
  if (json.size() % 2 != 0 || count > static_cast<std::size_t>(limit))
    refuse("'bigrams' wants pairs, at most " + std::to_string(limit));
  std::vector<BigramTable::Pair> pairs;
  pairs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t previous = whole(json[2 * i], "a bigram", -1, tokens - 1);
    const std::int64_t token = whole(json[2 * i + 1], "a bigram", 0, tokens - 1);
    pairs.emplace_back(static_cast<std::int32_t>(previous), static_cast<std::int32_t>(token));
  }
  BigramTable table(std::move(pairs));
  if (!table.distinct()) refuse("a bigram stands twice");
  return table;
}

}  // namespace

std::string Vocab::to_json() const {
  return dump_json(vocab_json(*this));
}

Vocab Vocab::from_json(std::string_view json) {
  return vocab_from(parse(json, "vocabulary"));
}

std::string TextEncoder::to_json() const {
  Json json = {{"unicode", impl_->unicode}, {"options", rondo::to_json(impl_->options)}};
  if (impl_->subwords)
    json["subwords"] = to_base64(impl_->subwords->bytes());
  else
    json["vocabulary"] = vocab_json(impl_->vocab);
  if (impl_->options.bigrams > 0) json["bigrams"] = bigrams_json(impl_->bigrams);
  return dump_json(json);
}

TextEncoder TextEncoder::from_json(std::string_view text_of_json) {
  const Json json = parse(text_of_json, "text encoder");
  auto impl = std::make_shared<Impl>();
  impl->unicode = text(member(json, "unicode"), "'unicode'");
  impl->options = rondo::from_json<layers::Tokens>(member(json, "options"), {"tokens", ErrorKind::format});
  if (impl->options.tokenizer == Tokenizer::automatic) refuse("the tokenizer was not chosen");
  if (impl->options.tokenizer == Tokenizer::subwords) {
    const auto bytes = from_base64(text(member(json, "subwords"), "'subwords'"));
    if (!bytes) refuse("'subwords' is no base64");
    impl->subwords = SubwordModel::load(*bytes);
    impl->vocab = Vocab::of(impl->subwords->pieces());
  } else {
    impl->vocab = vocab_from(member(json, "vocabulary"));
  }
  if (impl->options.bigrams > 0)
    impl->bigrams = bigrams_from(list(json, "bigrams"), impl->vocab.size(), impl->options.bigrams);
  return TextEncoder(std::move(impl));
}

}  // namespace rondo

// Vocab and TextEncoder as JSON: the part of a model file that says how text becomes numbers.
#include "data/text_json.h"

#include <algorithm>
#include <charconv>
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

const std::string& text(const Json& json, const char* key) {
  const Json& found = member(json, key);
  if (!found.is_string()) refuse(quote(key) + " wants text, got " + std::string(type_in_words(found)));
  return found.get_ref<const std::string&>();
}

// Tens of thousands of tokens and counts are one text each, separated by spaces. As JSON lists they would
// take most of the time to load a model.

std::string joined_tokens(const Vocab& vocab) {
  std::string text;
  for (std::int32_t number = 0; number < vocab.size(); ++number) {
    if (number > 0) text += ' ';
    for (const char c : vocab.token(number)) {
      if (c == ' ')
        text += "\\s";
      else if (c == '\\')
        text += "\\\\";
      else
        text += c;
    }
  }
  return text;
}

std::vector<std::string> split_tokens(std::string_view text) {
  std::vector<std::string> tokens;
  tokens.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')) + 1);
  tokens.emplace_back();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ' ') {
      tokens.emplace_back();
    } else if (text[at] != '\\') {
      tokens.back() += text[at];
    } else {
      const char escaped = ++at < text.size() ? text[at] : '\0';
      if (escaped != 's' && escaped != '\\')
        refuse("'tokens' has a backslash that is followed by neither s nor a backslash");
      tokens.back() += escaped == 's' ? ' ' : '\\';
    }
  }
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].empty()) refuse("token " + std::to_string(i) + " is empty");
  }
  return tokens;
}

template <class T>
std::vector<T> split_numbers(std::string_view text, const char* key, T low, T high) {
  std::vector<T> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    T number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    const bool separated = next == end || (*next == ' ' && next + 1 != end);
    if (error != std::errc{} || !separated || number < low || number > high)
      refuse(quote(key) + " wants whole numbers from " + std::to_string(low) + " to " + std::to_string(high) +
             " with spaces between them");
    numbers.push_back(number);
    at = next == end ? end : next + 1;
  }
  return numbers;
}

/// From so many tokens on, a vocabulary is not written as text where it need not be.
constexpr std::int32_t many_tokens = 256;

Json binary(std::string_view bytes) {
  return Json::binary({bytes.begin(), bytes.end()});
}

Json table_json(const Vocab& vocab) {
  const VocabArrays arrays = arrays_of(vocab);
  return {{"size", arrays.size}, {"table", binary(arrays.table.bytes)}, {"counts", binary(arrays.counts())}};
}

Vocab vocab_of_table(const Json& json, const BytesOf& bytes_of) {
  if (!bytes_of) refuse("a vocabulary with a table is read from model files only");
  const Json& size = member(json, "size");
  if (!size.is_number_unsigned() || size > std::numeric_limits<std::int32_t>::max())
    refuse("the size of the vocabulary wants a whole number, got " + dump_json(size));
  return vocab_from(
      {.size = size.get<std::int32_t>(),
       .table = bytes_of(text(json, "table")),
       .counts = [bytes_of, place = text(json, "counts")] { return std::string(bytes_of(place).bytes); }});
}

Json vocab_json(const Vocab& vocab) {
  std::string counts;
  for (std::int32_t number = 0; number < vocab.size(); ++number)
    counts += (number > 0 ? " " : "") + std::to_string(vocab.count(number));
  return {{"tokens", joined_tokens(vocab)}, {"counts", counts}};
}

Vocab vocab_in(const Json& json, const BytesOf& bytes_of = {}) {
  if (!json.is_object()) refuse("the vocabulary wants an object, got " + std::string(type_in_words(json)));
  if (json.contains("table")) return vocab_of_table(json, bytes_of);
  return Vocab::of(split_tokens(text(json, "tokens")),
                   split_numbers<std::int64_t>(text(json, "counts"), "counts", 0,
                                               std::numeric_limits<std::int64_t>::max()));
}

/// previous token previous token ...
std::string joined_bigrams(const BigramTable& bigrams) {
  std::string text;
  for (const BigramTable::Pair& pair : bigrams.pairs()) {
    if (!text.empty()) text += ' ';
    text += std::to_string(pair.first) + ' ' + std::to_string(pair.second);
  }
  return text;
}

BigramTable bigrams_from(std::string_view text, std::int32_t tokens, int limit) {
  const auto numbers = split_numbers<std::int32_t>(text, "bigrams", -1, tokens - 1);
  const std::size_t count = numbers.size() / 2;
  if (numbers.size() % 2 != 0 || count > static_cast<std::size_t>(limit))
    refuse("'bigrams' wants pairs, at most " + std::to_string(limit));
  std::vector<BigramTable::Pair> pairs;
  pairs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (numbers[2 * i + 1] < 0) refuse("'bigrams' has the start of a text as second token");
    pairs.emplace_back(numbers[2 * i], numbers[2 * i + 1]);
  }
  return BigramTable(std::move(pairs));
}

}  // namespace

std::string Vocab::to_json() const {
  return dump_json(vocab_json(*this));
}

Vocab Vocab::from_json(std::string_view json) {
  return vocab_in(parse(json, "vocabulary"));
}

std::string TextEncoder::to_json() const {
  return dump_json(EncoderTree::of(*this));
}

TextEncoder TextEncoder::from_json(std::string_view json) {
  return EncoderTree::read(parse(json, "text encoder"));
}

Json EncoderTree::of(const TextEncoder& encoder, VocabForm form) {
  const TextEncoder::Impl& impl = *encoder.impl_;
  Json json = {{"unicode", impl.unicode}, {"options", rondo::to_json(impl.options)}};
  if (impl.subwords)
    json["subwords"] = to_base64(impl.subwords->bytes());
  else
    json["vocabulary"] = form == VocabForm::table && impl.vocab.size() >= many_tokens
                             ? table_json(impl.vocab)
                             : vocab_json(impl.vocab);
  if (impl.options.bigrams > 0) json["bigrams"] = joined_bigrams(impl.bigrams);
  return json;
}

TextEncoder EncoderTree::read(const Json& json, const BytesOf& bytes_of) {
  if (!json.is_object()) refuse("wanted an object, got " + std::string(type_in_words(json)));
  auto impl = std::make_shared<TextEncoder::Impl>();
  impl->unicode = text(json, "unicode");
  impl->options = rondo::from_json<layers::Tokens>(member(json, "options"), {"tokens", ErrorKind::format});
  if (impl->options.tokenizer == Tokenizer::automatic) refuse("the tokenizer was not chosen");
  if (impl->options.tokenizer == Tokenizer::subwords) {
    const auto bytes = from_base64(text(json, "subwords"));
    if (!bytes) refuse("'subwords' is not base64");
    impl->subwords = SubwordModel::load(*bytes);
    impl->vocab = Vocab::of(impl->subwords->pieces());
  } else {
    impl->vocab = vocab_in(member(json, "vocabulary"), bytes_of);
  }
  if (impl->options.bigrams > 0)
    impl->bigrams = bigrams_from(text(json, "bigrams"), impl->vocab.size(), impl->options.bigrams);
  return TextEncoder(std::move(impl));
}

}  // namespace rondo

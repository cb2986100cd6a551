#include "data/text_encoder.h"

#include <algorithm>

#include <rondo/data/dataset.h>
#include <rondo/error.h>

#include "base/fields.h"
#include "base/message.h"
#include "data/unicode.h"
#include "data/vocab.h"

namespace rondo {
namespace {

constexpr std::size_t script_sample = 2'000;  // texts that tell the script

Tokenizer choose_tokenizer(std::span<const std::string_view> texts) {
  std::vector<std::string_view> sample;
  const std::size_t stride = std::max<std::size_t>(1, texts.size() / script_sample);
  for (std::size_t i = 0; i < texts.size(); i += stride)
    sample.push_back(texts[i]);
  return tokenizer_for(sample);
}

/// How many were cut.
std::size_t truncate(std::vector<std::int32_t>& tokens, std::size_t limit, Truncate part) {
  if (limit == 0 || tokens.size() <= limit) return 0;
  const std::size_t surplus = tokens.size() - limit;
  const std::size_t from = part == Truncate::head ? 0 : part == Truncate::tail ? limit : (limit + 1) / 2;
  const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(from);
  tokens.erase(first, first + static_cast<std::ptrdiff_t>(surplus));
  return surplus;
}

/// The encoding of a text with these tokens.
EncodedText fitted(std::vector<std::int32_t> tokens, const layers::Tokens& options) {
  EncodedText text;
  text.tokens = std::move(tokens);
  if (text.tokens.empty()) text.tokens.push_back(Vocab::unknown);
  text.cut = truncate(text.tokens, static_cast<std::size_t>(options.max_length), options.truncate);
  return text;
}

void count(TokenCounts& counts, std::string_view token) {
  const auto found = counts.find(token);
  if (found != counts.end())
    ++found->second;
  else
    counts.emplace(token, 1);
}

std::vector<std::string_view> views_of(std::span<const std::string> texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

std::string TextEncoder::Impl::prepare(std::string_view text) const {
  std::string prepared = normalizer_for(options)(text);
  if (options.tokenizer == Tokenizer::words) straighten_apostrophes(prepared);
  return prepared;
}

Vocab TextEncoder::Impl::learn_vocab(std::span<const std::string_view> texts) const {
  const TokenRules rules = rules_for(options.tokenizer, options.whole_words);
  TokenCounts counts;
  std::vector<std::string_view> tokens;
  for (const std::string_view text : texts) {
    const std::string prepared = prepare(text);
    cut(prepared, rules, tokens);
    for (const std::string_view token : tokens)
      count(counts, token);
  }
  return vocab_of(counts, options.min_count, options.max_size);
}

Vocab TextEncoder::Impl::learn_vocab(std::span<const std::vector<std::string>> texts) const {
  TokenCounts counts;
  for (const std::vector<std::string>& words : texts) {
    for (const std::string& word : words) {
      const std::string prepared = prepare(word);
      if (!prepared.empty()) count(counts, prepared);
    }
  }
  return vocab_of(counts, options.min_count, options.max_size);
}

template <class Text>
void TextEncoder::Impl::learn_bigrams(std::span<const Text> texts) {
  if (options.bigrams == 0) return;
  std::vector<std::vector<std::int32_t>> sequences;
  sequences.reserve(texts.size());
  for (const Text& text : texts)
    sequences.push_back(tokens(text).tokens);
  bigrams = BigramTable::learn(sequences, static_cast<std::size_t>(options.bigrams));
}

std::vector<std::int32_t> TextEncoder::Impl::numbers(std::string_view prepared) const {
  if (subwords) return subwords->encode(prepared);
  std::vector<std::string_view> pieces;
  cut(prepared, rules_for(options.tokenizer, options.whole_words), pieces);
  std::vector<std::int32_t> found;
  found.reserve(pieces.size());
  for (const std::string_view piece : pieces)
    found.push_back(vocab.find(piece));
  return found;
}

EncodedText TextEncoder::Impl::tokens(std::string_view text) const {
  return fitted(numbers(prepare(text)), options);
}

EncodedText TextEncoder::Impl::tokens(std::span<const std::string> words) const {
  if (subwords)
    fail(ErrorKind::usage,
         "tokens: pre-split words are one token each, but the encoder learned pieces of words; give it whole "
         "texts, or learn from pre-split ones");
  std::vector<std::int32_t> found;
  found.reserve(words.size());
  for (const std::string& word : words)
    found.push_back(vocab.find(prepare(word)));
  return fitted(std::move(found), options);
}

template <class Text>
EncodedText TextEncoder::Impl::encode(const Text& text) const {
  EncodedText encoded = tokens(text);
  if (options.bigrams > 0) encoded.bigrams = bigrams.encode(encoded.tokens);
  return encoded;
}

TextEncoder::TextEncoder(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

TextEncoder::TextEncoder() {
  auto impl = std::make_shared<Impl>();
  impl->options.tokenizer = Tokenizer::words;
  impl->unicode = unicode_version();
  impl_ = std::move(impl);
}

TextEncoder TextEncoder::learn(std::span<const std::string_view> texts, const layers::Tokens& options,
                               std::uint64_t seed) {
  if (texts.empty()) fail(ErrorKind::data, "tokens: no texts to learn a vocabulary from");
  check(options);
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  if (options.tokenizer == Tokenizer::automatic) impl->options.tokenizer = choose_tokenizer(texts);
  impl->unicode = unicode_version();
  if (impl->options.tokenizer == Tokenizer::subwords) {
    std::vector<std::string> prepared;
    prepared.reserve(texts.size());
    for (const std::string_view text : texts)
      prepared.push_back(impl->prepare(text));
    impl->subwords = SubwordModel::train(prepared, options.max_size, seed);
    impl->vocab = Vocab::of(impl->subwords->pieces());
  } else {
    impl->vocab = impl->learn_vocab(texts);
  }
  impl->learn_bigrams(texts);
  return TextEncoder(std::move(impl));
}

TextEncoder TextEncoder::learn(std::span<const std::string> texts, const layers::Tokens& options,
                               std::uint64_t seed) {
  return learn(views_of(texts), options, seed);
}

TextEncoder TextEncoder::learn(std::span<const std::vector<std::string>> texts, const layers::Tokens& options,
                               std::uint64_t /*seed*/) {
  if (texts.empty()) fail(ErrorKind::data, "tokens: no texts to learn a vocabulary from");
  check(options);
  if (options.tokenizer != Tokenizer::automatic && options.tokenizer != Tokenizer::words)
    fail(ErrorKind::option,
         "tokens: pre-split words are one token each; with them the tokenizer is 'words', not '" +
             std::string(name_of(options.tokenizer)) + "'");
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  impl->options.tokenizer = Tokenizer::words;
  impl->unicode = unicode_version();
  impl->vocab = impl->learn_vocab(texts);
  impl->learn_bigrams(texts);
  return TextEncoder(std::move(impl));
}

TextEncoder TextEncoder::learn(const Dataset& texts, const layers::Tokens& options, std::uint64_t seed) {
  if (!texts.is_pre_split()) return learn(texts.texts(), options, seed);
  std::vector<std::vector<std::string>> words;
  words.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    words.push_back(texts.words(i));
  return learn(words, options, seed);
}

const layers::Tokens& TextEncoder::options() const noexcept {
  return impl_->options;
}
const Vocab& TextEncoder::vocab() const noexcept {
  return impl_->vocab;
}
const std::string& TextEncoder::unicode() const noexcept {
  return impl_->unicode;
}

std::int32_t TextEncoder::bigram_count() const noexcept {
  return impl_->options.bigrams == 0 ? 0 : static_cast<std::int32_t>(impl_->bigrams.pairs().size()) + 1;
}

std::pair<std::int32_t, std::int32_t> TextEncoder::bigram(std::int32_t number) const {
  if (number < 1 || number >= bigram_count())
    fail(ErrorKind::option, "bigrams: number " + std::to_string(number) + " is outside 1 .. " +
                                std::to_string(bigram_count() - 1));
  return impl_->bigrams.pairs()[static_cast<std::size_t>(number - 1)];
}

EncodedText TextEncoder::encode(std::string_view text) const {
  return impl_->encode(text);
}

EncodedText TextEncoder::encode(std::span<const std::string> words) const {
  return impl_->encode(words);
}

TextEncoder TextEncoder::uncut() const {
  if (impl_->options.max_length == 0 && impl_->options.bigrams == 0) return *this;
  auto impl = std::make_shared<Impl>();
  impl->options = impl_->options;
  impl->options.max_length = 0;
  impl->options.bigrams = 0;
  impl->unicode = impl_->unicode;
  impl->vocab = impl_->vocab;
  impl->subwords = impl_->subwords;
  return TextEncoder(std::move(impl));
}

std::string TextEncoder::decode(std::span<const std::int32_t> numbers) const {
  if (impl_->options.tokenizer == Tokenizer::words) return vocab().decode(numbers);
  for (const std::int32_t number : numbers)
    vocab().token(number);  // in range?
  if (impl_->subwords) return impl_->subwords->decode(numbers);
  std::string text;
  CharacterClass previous = CharacterClass::space;
  for (const std::int32_t number : numbers) {
    const std::string_view token = vocab().token(number);
    const CharacterClass kind = class_of(decode_at(token, 0).character);
    const bool word = kind == CharacterClass::letter || kind == CharacterClass::digit;
    if (word && impl_->options.whole_words && previous == kind) text += ' ';
    text += token;
    previous = kind;
  }
  return text;
}

}  // namespace rondo

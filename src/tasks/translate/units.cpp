#include "tasks/translate/units.h"

#include <utility>

#include "base/message.h"
#include "base/utf8.h"
#include "data/text_json.h"
#include "data/unicode.h"

namespace rondo::translate {
namespace {

layers::Tokens tokens_for(const TranslationTextOptions& o) {
  layers::Tokens tokens{.tokenizer = Tokenizer::words, .max_size = o.max_size, .min_count = o.min_count};
  tokens.normalization = Normalization::nfc;
  tokens.lowercase = o.lowercase;
  if (o.tokenizer == TranslationUnit::subwords) tokens.tokenizer = Tokenizer::subwords;
  if (o.tokenizer == TranslationUnit::characters) tokens.tokenizer = Tokenizer::characters;
  tokens.whole_words = false;
  return tokens;
}

constexpr std::string_view mark = "\xe2\x96\x81";  // what a piece has for a blank

std::string with_blanks(std::string_view piece) {
  std::string text;
  for (std::size_t at = 0; at < piece.size();) {
    const bool blank = piece.substr(at, mark.size()) == mark;
    text += blank ? ' ' : piece[at];
    at += blank ? mark.size() : 1;
  }
  return text;
}

bool letter_at(std::string_view text, std::size_t at) {
  return at < text.size() && class_of(decode_at(text, at).character) == CharacterClass::letter;
}

std::size_t last_character(std::string_view text) {
  std::size_t at = text.empty() ? 0 : text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
    --at;
  return at;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  const CodePoints points(text);
  for (auto at = points.begin(); at != points.end(); ++at) {
    const bool blank = is_white_space(*at);
    if (!blank && !inside) words.emplace_back();
    inside = !blank;
    if (inside) append_utf8(words.back(), *at);
  }
  return words;
}

Units Units::learn(std::span<const std::string_view> texts, const TranslationTextOptions& options,
                   std::uint64_t seed) {
  Units units;
  units.kind_ = options.tokenizer;
  const layers::Tokens tokens = tokens_for(options);
  if (options.tokenizer == TranslationUnit::words) {
    std::vector<std::vector<std::string>> words;
    for (const std::string_view text : texts)
      words.push_back(words_of(text));
    units.encoder_ = TextEncoder::learn(words, tokens, seed);
  } else {
    units.encoder_ = TextEncoder::learn(texts, tokens, seed);
  }
  return units;
}

Encoded Units::encode(std::string_view text) const {
  Encoded encoded{{}, {}, words_of(text)};
  for (std::size_t w = 0; w < encoded.words.size(); ++w) {
    std::vector<std::int32_t> tokens;
    if (kind_ == TranslationUnit::words) {
      tokens = encoder_.encode(std::span(&encoded.words[w], 1)).tokens;
    } else {
      const bool blank = kind_ == TranslationUnit::characters && w > 0 && encoder_.vocab().contains(" ");
      if (blank) tokens.push_back(encoder_.vocab().find(" "));
      for (const std::int32_t token : encoder_.encode(encoded.words[w]).tokens)
        tokens.push_back(token);
    }
    encoded.tokens.insert(encoded.tokens.end(), tokens.begin(), tokens.end());
    encoded.word_of.resize(encoded.tokens.size(), static_cast<std::int32_t>(w));
  }
  return encoded;
}

/// What a token adds to the text; words have the blank before them.
std::string Units::spelled(std::int32_t token) const {
  if (token >= encoder_.vocab().size()) return {};
  const std::string_view text = encoder_.vocab().token(token);
  if (kind_ == TranslationUnit::words) return " " + std::string(text);
  return kind_ == TranslationUnit::subwords ? with_blanks(text) : std::string(text);
}

std::string Units::decode(std::span<const std::int32_t> tokens,
                          const std::function<std::string(std::size_t)>& unknown,
                          std::vector<std::int32_t>* word_of) const {
  std::string text;
  std::int32_t word = -1;
  bool blank = true;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string piece;
    if (tokens[i] != Vocab::unknown) {
      piece = spelled(tokens[i]);
    } else if (kind_ == TranslationUnit::words) {
      piece = " " + unknown(i);
    } else {
      // Inside a word, another word would only spoil it.
      const std::string next = i + 1 < tokens.size() ? spelled(tokens[i + 1]) : "";
      if (!letter_at(text, blank ? text.size() : last_character(text)) && !letter_at(next, 0))
        piece = unknown(i);
    }
    for (const char c : piece) {
      if (c == ' ') {
        blank = true;
        continue;
      }
      if (blank) {
        if (!text.empty()) text += ' ';
        ++word;
      }
      blank = false;
      text += c;
    }
    if (word_of != nullptr) word_of->push_back(std::max(word, 0));
  }
  return text;
}

Json Units::to_tree() const {
  return {{"kind", name_of(kind_)}, {"encoder", EncoderTree::of(encoder_)}};
}

Units Units::from_tree(const Json& tree) {
  const auto refuse = [] { fail(ErrorKind::format, "translator: a vocabulary is not whole"); };
  if (!tree.is_object() || !tree.contains("kind") || !tree.contains("encoder") || !tree["kind"].is_string())
    refuse();
  Units units;
  bool found = false;
  for (const auto kind : {TranslationUnit::subwords, TranslationUnit::words, TranslationUnit::characters})
    if (tree["kind"].get<std::string>() == name_of(kind)) {
      units.kind_ = kind;
      found = true;
    }
  if (!found) refuse();
  units.encoder_ = EncoderTree::read(tree["encoder"]);
  return units;
}

}  // namespace rondo::translate

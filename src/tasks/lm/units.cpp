// Text as token numbers and back: what a language model predicts one after another.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <rondo/tasks/lm.h>

#include "base/fields.h"
#include "base/json.h"
#include "base/message.h"
#include "base/utf8.h"
#include "data/base64.h"
#include "data/normalize.h"
#include "data/subword.h"
#include "data/unicode.h"
#include "tasks/lm/text.h"

namespace rondo {
namespace {

constexpr std::string_view border_name = "</s>", line_end_name = "<eos>", replacement = "\xEF\xBF\xBD",
                           low_line = "\xE2\x96\x81";  // U+2581, SentencePiece's sign for a space
constexpr int first_piece = 2;                         // what pieces' numbers are moved by

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// Where the word, number or single sign that begins at `at` ends. A space is part of the word behind it.
std::size_t word_end(std::string_view text, std::size_t at) {
  const auto class_at = [&](std::size_t place) { return class_of(decode_at(text, place).character); };
  const std::size_t next = at + decode_at(text, at).length;
  if (text[at] == ' ') {
    const bool spaced = next < text.size() && text[next] != ' ' && text[next] != '\n';
    return spaced && class_at(next) != CharacterClass::space ? word_end(text, next) : next;
  }
  const CharacterClass first = class_at(at);
  std::size_t end = next;
  while (end < text.size()) {
    const CharacterClass now = class_at(end);
    const bool goes_on =
        now == CharacterClass::mark || now == CharacterClass::joiner ||
        (now == first && (first == CharacterClass::letter || first == CharacterClass::digit));
    if (!goes_on) break;
    end += decode_at(text, end).length;
  }
  return end;
}

std::size_t blank_token_end(std::string_view text, std::size_t at) {
  while (at < text.size() && !blank(text[at]) && text[at] != '\n')
    ++at;
  return at;
}

/// Calls visit(token) for each token but those of subwords.
template <class Visit>
void for_each_token(std::string_view text, TextUnit unit, Visit&& visit) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    if (unit == TextUnit::words) {
      end = word_end(text, at);
    } else if (unit == TextUnit::characters) {
      end = at + decode_at(text, at).length;
    } else if (text[at] == '\n') {
      visit(line_end_name);
      ++at;
      continue;
    } else if (blank(text[at])) {
      ++at;
      continue;
    } else {
      end = blank_token_end(text, at);
    }
    visit(text.substr(at, end - at));
    at = end;
  }
}

std::string lower(std::string_view text) {
  return Normalizer{.form = Normalization::none, .lowercase = true, .fold_space = false}(text);
}

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
using Counts = std::unordered_map<std::string, std::int64_t, StringHash, std::equal_to<>>;

Vocab counted(const std::vector<std::string_view>& documents, const LanguageTextOptions& options) {
  Counts counts;
  for (const std::string_view document : documents) {
    const std::string folded = options.lowercase ? lower(document) : std::string();
    for_each_token(options.lowercase ? folded : document, options.tokenizer, [&](std::string_view token) {
      const auto found = counts.find(token);
      if (found == counts.end())
        counts.emplace(token, 1);
      else
        ++found->second;
    });
  }
  const std::vector<std::string> specials = {std::string(border_name)};
  return Vocab::from_counts({counts.begin(), counts.end()}, options.min_count, options.max_size, specials);
}

/// The lines of documents, for pieces to be learned from.
std::vector<std::string> lines_of(const std::vector<std::string_view>& documents, bool lowercase) {
  std::vector<std::string> lines;
  for (const std::string_view document : documents) {
    for (std::size_t at = 0; at < document.size();) {
      const std::size_t end = std::min(document.find('\n', at), document.size());
      if (end > at) {
        const std::string_view line = document.substr(at, end - at);
        lines.push_back(lowercase ? lower(line) : std::string(line));
      }
      at = end + 1;
    }
  }
  return lines;
}

Vocab of_pieces(const SubwordModel& model) {
  std::vector<std::string> tokens = {"<unk>", std::string(border_name), "\n"};
  for (const std::string& piece : model.pieces()) {
    const bool taken = std::find(tokens.begin(), tokens.begin() + 3, piece) != tokens.begin() + 3;
    tokens.push_back(taken ? "<" + piece + ">" : piece);
  }
  tokens.erase(tokens.begin() + 3);  // the model's own unknown piece is number 0
  return Vocab::of(std::move(tokens));
}

}  // namespace

struct TextUnits::Impl {
  LanguageTextOptions options = {.tokenizer = TextUnit::characters};
  Vocab vocab;
  std::shared_ptr<const SubwordModel> pieces;

  std::int32_t number(std::string_view token) const {
    const std::int32_t found = vocab.find(token);
    return found == border ? unknown : found;  // the text "</s>" is no border
  }
  void append_pieces(std::string_view text, std::vector<std::int32_t>& to) const {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      for (const std::int32_t piece : pieces->encode(text.substr(at, end - at)))
        to.push_back(piece == 0 ? unknown : piece + first_piece);
      if (end < text.size()) to.push_back(first_piece);
      at = end + 1;
    }
  }
};

TextUnits::TextUnits() : impl_(std::make_shared<const Impl>()) {}
TextUnits::TextUnits(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

TextUnits TextUnits::learn(const Dataset& text, const LanguageTextOptions& options, std::uint64_t seed) {
  if (text.empty()) fail(ErrorKind::data, "a language model learns from text, and there is none");
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  if (options.tokenizer == TextUnit::automatic) impl->options.tokenizer = TextUnit::characters;
  if (options.min_count == 0) impl->options.min_count = impl->options.tokenizer == TextUnit::words ? 2 : 1;
  const std::vector<std::string_view> documents = lm::documents_in(text);
  if (impl->options.tokenizer == TextUnit::subwords) {
    const int size = std::min(impl->options.max_size, 16'000);
    impl->options.max_size = size;
    impl->pieces = SubwordModel::train(lines_of(documents, options.lowercase), size - first_piece, seed);
    impl->vocab = of_pieces(*impl->pieces);
  } else {
    impl->vocab = counted(documents, impl->options);
  }
  return TextUnits(std::move(impl));
}

const LanguageTextOptions& TextUnits::options() const noexcept {
  return impl_->options;
}

const Vocab& TextUnits::vocab() const noexcept {
  return impl_->vocab;
}

std::vector<std::int32_t> TextUnits::encode(std::string_view text) const {
  require_utf8(text, "text");
  std::string folded;
  if (impl_->options.lowercase) text = folded = lower(text);
  std::vector<std::int32_t> numbers;
  if (impl_->pieces)
    impl_->append_pieces(text, numbers);
  else
    for_each_token(text, impl_->options.tokenizer,
                   [&](std::string_view token) { numbers.push_back(impl_->number(token)); });
  return numbers;
}

std::string TextUnits::decode(std::span<const std::int32_t> numbers, std::int32_t after) const {
  const TextUnit unit = impl_->options.tokenizer;
  const std::int32_t line_end =
      unit == TextUnit::subwords ? first_piece : impl_->vocab.find(unit == TextUnit::blanks ? "<eos>" : "\n");
  std::string text;
  for (const std::int32_t number : numbers) {
    const bool line_begins = after == border || (after == line_end && line_end != unknown);
    const std::string_view token = impl_->vocab.token(number);
    if (number == border) {
    } else if (unit == TextUnit::blanks) {
      if (number == line_end && number != unknown)
        text += '\n';
      else
        text += (line_begins ? "" : " ") + std::string(token);
    } else if (number == unknown) {
      text += replacement;
    } else if (unit == TextUnit::subwords && token.starts_with(low_line)) {
      text += (line_begins ? "" : " ") + std::string(token.substr(low_line.size()));
    } else {
      text += token;
    }
    after = number;
  }
  return text;
}

std::vector<std::string> TextUnits::unknown_in(std::string_view text) const {
  std::vector<std::string> found;
  std::unordered_set<std::string> seen;
  const std::string folded = impl_->options.lowercase ? lower(text) : std::string(text);
  const TextUnit unit = impl_->pieces ? TextUnit::characters : impl_->options.tokenizer;
  for_each_token(folded, unit, [&](std::string_view token) {
    const bool known = impl_->pieces ? std::ranges::count(encode(token), unknown) == 0
                                     : impl_->vocab.contains(token) && impl_->vocab.find(token) != border;
    if (!known && seen.insert(std::string(token)).second) found.emplace_back(token);
  });
  return found;
}

std::string TextUnits::to_json() const {
  Json json;
  json["options"] = rondo::to_json(impl_->options);
  json["vocab"] = parse_json(impl_->vocab.to_json(), {.name = "vocabulary", .size_cap = 100'000'000});
  if (impl_->pieces) json["pieces"] = to_base64(impl_->pieces->bytes());
  return dump_json(json);
}

TextUnits TextUnits::from_json(std::string_view text) {
  const Json json = parse_json(text, {.name = "text units", .size_cap = 100'000'000});
  const auto refuse = [](const char* what) { fail(ErrorKind::format, std::string("text units: ") + what); };
  if (!json.is_object() || !json.contains("options") || !json.contains("vocab"))
    refuse("wanted an object with 'options' and 'vocab'");
  auto impl = std::make_shared<Impl>();
  impl->options = rondo::from_json<LanguageTextOptions>(json["options"], {"text units", ErrorKind::format});
  impl->vocab = Vocab::from_json(dump_json(json["vocab"]));
  if (impl->options.tokenizer == TextUnit::automatic) refuse("the tokenizer is not settled");
  if (impl->vocab.size() < 2 || impl->vocab.token(border) != border_name)
    refuse("token 1 is not the border between documents");
  const bool wanted = impl->options.tokenizer == TextUnit::subwords;
  if (wanted != json.contains("pieces")) refuse("'pieces' belong to subwords, and subwords have them");
  if (wanted) {
    if (!json["pieces"].is_string()) refuse("'pieces' wants text");
    std::optional<std::string> bytes = from_base64(json["pieces"].get<std::string>());
    if (!bytes) refuse("'pieces' are no base64");
    impl->pieces = SubwordModel::load(std::move(*bytes));
    if (of_pieces(*impl->pieces).size() != impl->vocab.size()) refuse("'pieces' do not fit the vocabulary");
  }
  return TextUnits(std::move(impl));
}

}  // namespace rondo

#include "data/tokenizer.h"

#include <algorithm>
#include <array>

#include <rondo/error.h>
#include <rondo/text.h>

#include "base/utf8.h"
#include "data/unicode.h"

namespace rondo {
namespace {

constexpr std::string_view url_token = "<url>", break_token = "<br>";

bool is_ascii_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ascii_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_name_character(char c) noexcept {
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '_';
}
char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Whether `text` begins with `prefix` (in lower case), ignoring case.
bool begins(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char p, char t) { return p == lower(t); });
}

/// One walk over a text. Each take_...() tries a rule at the present place and moves on if it applies.
class Cutter {
 public:
  Cutter(std::string_view text, const TokenRules& rules, std::vector<std::string_view>& tokens)
      : text_(text), rules_(rules), tokens_(tokens) {}

  void run() {
    while (at_ < text_.size())
      step();
  }

 private:
  void step() {
    const Decoded here = decode_at(text_, at_);
    if (!rules_.whole_words) return take(grapheme_end(text_, at_));
    switch (class_of(here.character)) {
      case CharacterClass::space:
      case CharacterClass::joiner:
        at_ += here.length;
        return;
      case CharacterClass::letter:
      case CharacterClass::mark:
        if (!take_url()) take_word();
        return;
      case CharacterClass::ideograph:
        return take(marks_end(at_ + here.length));
      case CharacterClass::digit:
        return take_number();
      case CharacterClass::punctuation:
        if (!take_special()) take_punctuation(here);
        return;
      case CharacterClass::symbol:
        return take(grapheme_end(text_, at_));
    }
  }

  void take(std::size_t end) {
    tokens_.push_back(text_.substr(at_, end - at_));
    at_ = end;
  }
  void take_as(std::string_view token, std::size_t end) {
    tokens_.push_back(token);
    at_ = end;
  }

  std::string_view rest() const { return text_.substr(at_); }
  char char_at(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  CharacterClass class_at(std::size_t at) const {
    return at < text_.size() ? class_of(decode_at(text_, at).character) : CharacterClass::space;
  }
  /// Whether the character before the current place is a letter or digit.
  bool follows_word() const {
    return !tokens_.empty() && at_ > 0 &&
           tokens_.back().data() + tokens_.back().size() == text_.data() + at_ &&
           (class_of(decode_at(tokens_.back(), 0).character) == CharacterClass::letter ||
            class_of(decode_at(tokens_.back(), 0).character) == CharacterClass::digit);
  }

  std::size_t marks_end(std::size_t at) const {
    while (at < text_.size()) {
      const Decoded next = decode_at(text_, at);
      if (class_of(next.character) != CharacterClass::mark) break;
      at += next.length;
    }
    return at;
  }

  /// The end of the letters and marks that begin at `at`. A joiner counts if a letter or mark follows it.
  std::size_t letters_end(std::size_t at) const {
    while (at < text_.size()) {
      const Decoded next = decode_at(text_, at);
      CharacterClass kind = class_of(next.character);
      if (kind == CharacterClass::joiner) kind = class_at(at + next.length);
      if (kind != CharacterClass::letter && kind != CharacterClass::mark) break;
      at += next.length;
    }
    return at;
  }

  void take_word() {
    const std::size_t end = letters_end(at_);
    if (rules_.contractions && char_at(end) == '\'' && class_at(end + 1) == CharacterClass::letter)
      take_contraction(end);
    else
      take(end);
  }

  /// A word with an apostrophe at `end` and a letter after it.
  void take_contraction(std::size_t end) {
    const std::size_t suffix_end = letters_end(end + 1);
    const std::string_view suffix = text_.substr(end + 1, suffix_end - end - 1);
    if (suffix.size() == 1 && lower(suffix[0]) == 't' && lower(text_[end - 1]) == 'n') {
      if (end - 1 > at_) take(end - 1);
      take(suffix_end);
    } else if (is_clitic(suffix)) {
      take(end);
      take(suffix_end);
    } else {
      take(end + 1);  // l'homme, o'clock: the rest is a word of its own
    }
  }

  static bool is_clitic(std::string_view suffix) {
    constexpr std::array<std::string_view, 6> clitics = {"s", "m", "d", "re", "ve", "ll"};
    return std::any_of(clitics.begin(), clitics.end(), [&](std::string_view clitic) {
      return suffix.size() == clitic.size() && begins(suffix, clitic);
    });
  }

  void take_number() {
    std::size_t end = at_;
    for (;;) {
      while (class_at(end) == CharacterClass::digit)
        end += decode_at(text_, end).length;
      end = marks_end(end);  // the frame of a keycap emoji
      const bool point = char_at(end) == '.' && is_ascii_digit(char_at(end + 1));
      const bool thousands = char_at(end) == ',' && is_ascii_digit(char_at(end + 1)) &&
                             is_ascii_digit(char_at(end + 2)) && is_ascii_digit(char_at(end + 3)) &&
                             !is_ascii_digit(char_at(end + 4));
      if (!point && !thousands) break;
      ++end;
    }
    take(end);
  }

  bool take_special() {
    switch (text_[at_]) {
      case '<':
        return take_break() || take_heart();
      case '@':
        return take_user();
      case '&':
        return take_entity();
      case '\'':
        return take_lone_clitic();
      case ':':
      case ';':
      case '=':
        return take_smiley();
      default:
        return false;
    }
  }

  /// <br>, <br/>, <br />: one token for a run of them.
  bool take_break() {
    if (!begins(rest(), "<br")) return false;
    std::size_t end = at_ + 3;
    while (char_at(end) == ' ')
      ++end;
    if (char_at(end) == '/') ++end;
    while (char_at(end) == ' ')
      ++end;
    if (char_at(end) != '>') return false;
    if (tokens_.empty() || tokens_.back() != break_token) tokens_.push_back(break_token);
    at_ = end + 1;
    return true;
  }

  bool take_heart() {
    if (!rules_.contractions) return false;
    const std::size_t length = begins(rest(), "<3") ? 2 : begins(rest(), "</3") ? 3 : 0;
    if (length == 0 || is_ascii_digit(char_at(at_ + length))) return false;
    take(at_ + length);
    return true;
  }

  bool take_user() {
    if (follows_word()) return false;  // a mail address
    std::size_t end = at_ + 1;
    while (is_name_character(char_at(end)))
      ++end;
    if (end == at_ + 1) return false;
    take(end);
    return true;
  }

  bool take_entity() {
    struct Entity {
      std::string_view name, token;
    };
    constexpr std::array<Entity, 4> entities = {
        {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}}};
    for (const Entity& entity : entities) {
      if (!begins(rest(), entity.name)) continue;
      take_as(entity.token, at_ + entity.name.size());
      return true;
    }
    return false;
  }

  /// Splits 's and the like from their word: "it 's", "the 90's".
  bool take_lone_clitic() {
    if (!rules_.contractions || class_at(at_ + 1) != CharacterClass::letter) return false;
    const std::size_t end = letters_end(at_ + 1);
    if (!is_clitic(text_.substr(at_ + 1, end - at_ - 1))) return false;
    take(end);
    return true;
  }

  /// Eyes, perhaps a nose, a mouth. Mouths that are letters count only between spaces and punctuation.
  bool take_smiley() {
    if (!rules_.contractions) return false;
    std::size_t mouth = at_ + 1;
    if (char_at(mouth) == '-' || char_at(mouth) == '\'' || char_at(mouth) == '^') ++mouth;
    const char shape = char_at(mouth);
    constexpr std::string_view signs = ")(][|\\*/", letters = "dpo";
    const bool sign = shape != '\0' && signs.find(shape) != signs.npos &&
                      !(shape == '/' && (char_at(mouth + 1) == '/' || follows_word()));
    const bool letter = shape != '\0' && letters.find(lower(shape)) != letters.npos && !follows_word() &&
                        !is_name_character(char_at(mouth + 1));
    if (!sign && !letter) return false;
    take(mouth + 1);
    return true;
  }

  /// A run of one mark is one token of at most three.
  void take_punctuation(const Decoded& mark) {
    const std::string_view one = text_.substr(at_, mark.length);
    std::size_t end = at_ + mark.length, copies = 1;
    while (text_.substr(end, mark.length) == one) {
      end += mark.length;
      ++copies;
    }
    take_as(text_.substr(at_, mark.length * std::min<std::size_t>(copies, 3)), end);
  }

  bool take_url() {
    if (!begins(rest(), "http://") && !begins(rest(), "https://") && !begins(rest(), "www.")) return false;
    constexpr std::string_view ends = "<>\"", trailing = ".,!?;:')]}*";
    std::size_t end = at_;
    while (char_at(end) > ' ' && ends.find(text_[end]) == ends.npos)
      ++end;  // ASCII only: 看http://x.cn。
    while (trailing.find(text_[end - 1]) != trailing.npos)
      --end;
    take_as(url_token, end);
    return true;
  }

  std::string_view text_;
  const TokenRules& rules_;
  std::vector<std::string_view>& tokens_;
  std::size_t at_ = 0;
};

}  // namespace

TokenRules rules_for(Tokenizer tokenizer, bool whole_words) {
  if (tokenizer == Tokenizer::characters) return {.contractions = false, .whole_words = whole_words};
  if (tokenizer == Tokenizer::words) return {};
  throw Bug("tokenizer '" + std::string(name_of(tokenizer)) + "' has no rules");
}

Normalizer normalizer_for(const layers::Tokens& options) {
  return {.form = options.normalization,
          .lowercase = options.lowercase,
          .fold_space = options.whole_words || options.tokenizer != Tokenizer::characters};
}

void straighten_apostrophes(std::string& text) {
  constexpr std::string_view right_quote = "\xE2\x80\x99";
  std::size_t from = text.find(right_quote);
  if (from == std::string::npos) return;
  std::size_t to = from;
  while (from < text.size()) {
    if (text.compare(from, right_quote.size(), right_quote) == 0) {
      text[to++] = '\'';
      from += right_quote.size();
    } else {
      text[to++] = text[from++];
    }
  }
  text.resize(to);
}

void cut(std::string_view text, const TokenRules& rules, std::vector<std::string_view>& tokens) {
  tokens.clear();
  Cutter(text, rules, tokens).run();
}

Tokenizer tokenizer_for(std::span<const std::string_view> texts) {
  std::size_t letters = 0, ideographs = 0;
  for (const std::string_view text : texts) {
    require_utf8(text, "text");
    for (std::size_t at = 0; at < text.size();) {
      const Decoded next = decode_at(text, at);
      const CharacterClass kind = class_of(next.character);
      letters += kind == CharacterClass::letter;
      ideographs += kind == CharacterClass::ideograph;
      at += next.length;
    }
  }
  return ideographs > 0 && ideographs * 5 >= letters + ideographs ? Tokenizer::characters : Tokenizer::words;
}

std::vector<std::string> tokenize(std::string_view text, const layers::Tokens& options) {
  layers::Tokens chosen = options;
  if (chosen.tokenizer == Tokenizer::subwords)
    throw Error(ErrorKind::option,
                "option: tokenizer 'subwords' has no pieces before it has learned some; "
                "use TextEncoder::learn");
  if (chosen.tokenizer == Tokenizer::automatic) chosen.tokenizer = tokenizer_for(std::span(&text, 1));
  std::string normal = normalizer_for(chosen)(text);
  const TokenRules rules = rules_for(chosen.tokenizer, chosen.whole_words);
  if (rules.contractions) straighten_apostrophes(normal);
  std::vector<std::string_view> tokens;
  cut(normal, rules, tokens);
  return {tokens.begin(), tokens.end()};
}

}  // namespace rondo

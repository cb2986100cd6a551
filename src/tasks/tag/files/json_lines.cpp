// JSON lines: a text with spans, or tokens with tags.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/message.h"
#include "base/utf8.h"
#include "tasks/tag/files/parser.h"
#include "tasks/tag/scheme.h"
#include "tasks/tag/text/cutter.h"

namespace rondo::tag {
namespace {

/// Bytes of a text, and what they are called.
struct LabelledSpan {
  TextSpan bytes;
  std::string label;
};

class JsonLineParser final : public SentenceParser {
 public:
  JsonLineParser(const TagReading& reading, TagScheme scheme, std::string name, ParseFor purpose)
      : SentenceParser(std::move(name), purpose), unit_(reading.unit), scheme_(scheme) {}

 private:
  Then read(std::string_view line) override {
    if (line.find_first_not_of(" \t") == line.npos) return Then::whole;
    const Json object = parse_json(
        line, {.name = name(), .kind = ErrorKind::data, .line = number(), .size_cap = line.size()});
    if (!object.is_object())
      refuse("wanted an object with 'text' and 'spans', got " + std::string(type_in_words(object)));
    if (object.contains("tokens"))
      read_tokens(object);
    else
      read_text(object);
    while (at_hand().token_lines.size() < at_hand().sentence.tokens.size())
      token_here();
    return Then::whole;
  }

  /// The first of these keys that the object has.
  static const Json* find(const Json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys)
      if (const auto found = object.find(key); found != object.end()) return &*found;
    return nullptr;
  }

  const std::string& text_in(const Json& json, const std::string& what) const {
    if (!json.is_string()) refuse(what + " must be text, got " + std::string(type_in_words(json)));
    return json.get_ref<const std::string&>();
  }

  Strings list_in(const Json& json, const std::string& what) const {
    if (!json.is_array()) refuse(what + " must be a list of texts, got " + std::string(type_in_words(json)));
    Strings list;
    for (const Json& item : json) {
      if (item.is_number())
        refuse("each of " + what + " must be text, got a number; write the names of the tags");
      list.push_back(text_in(item, "each of " + what));
    }
    return list;
  }

  void read_tokens(const Json& object) {
    TaggedSentence& sentence = at_hand().sentence;
    sentence.tokens = list_in(object["tokens"], "'tokens'");
    const auto empty = [](std::string_view token) { return token.empty(); };
    if (std::any_of(sentence.tokens.begin(), sentence.tokens.end(), empty)) refuse("a token is empty");
    const Json* const tags = find(object, {"tags", "ner_tags", "pos_tags", "labels"});
    if (tags == nullptr) {
      if (learning()) refuse("'tokens' need 'tags', one for each");
      return;
    }
    if (learning()) sentence.tags = list_in(*tags, "'tags'");
    if (learning() && sentence.tags.size() != sentence.tokens.size())
      refuse(std::to_string(sentence.tokens.size()) + " tokens but " + std::to_string(sentence.tags.size()) +
             " tags");
    if (std::any_of(sentence.tags.begin(), sentence.tags.end(), empty)) refuse("a tag is empty");
  }

  void read_text(const Json& object) {
    const Json* const text = find(object, {"text", "sentence"});
    if (text == nullptr) refuse("no 'text' and no 'tokens' in the object");
    const std::string& bytes = text_in(*text, "'text'");
    const Json* const given = find(object, {"spans", "entities", "labels", "label", "words"});
    if (given == nullptr && learning()) refuse("no 'spans' beside 'text'");
    const std::vector<LabelledSpan> spans =
        given == nullptr || !learning() ? std::vector<LabelledSpan>() : spans_in(*given, bytes);
    std::vector<TextSpan> tokens = cut_text(bytes, unit_, {});
    cut_at_spans(tokens, spans);
    TaggedSentence& sentence = at_hand().sentence;
    for (const TextSpan& token : tokens)
      sentence.tokens.push_back(std::string_view(bytes).substr(token.begin, token.end - token.begin));
    if (learning()) sentence.tags = tags_of(phrases(tokens, spans), tokens.size(), scheme_);
  }

  std::vector<LabelledSpan> spans_in(const Json& given, std::string_view text) const {
    if (!given.is_array() && !given.is_object())
      refuse("'spans' must be a list, got " + std::string(type_in_words(given)));
    std::vector<std::size_t> starts;  // of each code point, and the end
    for (auto point = CodePoints(text).begin(); point != CodePoints(text).end(); ++point)
      starts.push_back(point.byte());
    starts.push_back(text.size());
    std::vector<LabelledSpan> spans;
    for (const auto& [begin, end, label] : parts_of_spans(given)) {
      if (begin >= end || end >= starts.size())
        refuse("span " + std::to_string(begin) + " to " + std::to_string(end) + " of a text of " +
               std::to_string(starts.size() - 1) +
               " characters; offsets count characters from 0, the end is "
               "behind the last");
      spans.push_back({{starts[begin], starts[end]}, label});
    }
    std::sort(spans.begin(), spans.end(),
              [](const LabelledSpan& a, const LabelledSpan& b) { return a.bytes.begin < b.bytes.begin; });
    for (std::size_t i = 1; i < spans.size(); ++i)
      if (spans[i].bytes.begin < spans[i - 1].bytes.end)
        refuse("two spans overlap, " + quote(spans[i - 1].label) + " and " + quote(spans[i].label) +
               "; a token has one tag");
    return spans;
  }

  struct SpanParts {
    std::size_t begin, end;
    std::string label;
  };

  std::vector<SpanParts> parts_of_spans(const Json& given) const {
    std::vector<SpanParts> all;
    if (given.is_array()) {
      for (const Json& item : given)
        all.push_back(parts_of_span(item));
      return all;
    }
    // CLUENER's form: {"address": {"北京": [[3, 4]]}}, with the last character and not the end.
    for (const auto& [label, mentions] : given.items()) {
      if (!mentions.is_object()) refuse_mentions(mentions);
      for (const Json& places : mentions) {
        if (!places.is_array()) refuse_mentions(places);
        for (const Json& place : places) {
          if (!place.is_array() || place.size() != 2) refuse_mentions(place);
          all.push_back(parts_of_span(place));
          all.back().end += 1;
          all.back().label = label;
        }
      }
    }
    return all;
  }

  [[noreturn]] void refuse_mentions(const Json& got) const {
    refuse("labels by type must be {TYPE: {MENTION: [[FIRST, LAST], ...]}}, got " +
           std::string(type_in_words(got)));
  }

  /// [0, 4, "PER"] or {"start": 0, "end": 4, "label": "PER"}; the label may be missing.
  SpanParts parts_of_span(const Json& item) const {
    const Json *begin = nullptr, *end = nullptr, *label = nullptr;
    if (item.is_array() && (item.size() == 2 || item.size() == 3)) {
      begin = &item[0];
      end = &item[1];
      if (item.size() == 3) label = &item[2];
    } else if (item.is_object()) {
      begin = find(item, {"start", "begin", "start_offset"});
      end = find(item, {"end", "end_offset"});
      label = find(item, {"label", "type", "tag"});
    }
    if (begin == nullptr || end == nullptr || !begin->is_number_unsigned() || !end->is_number_unsigned())
      refuse("a span must be [START, END, LABEL] or an object with 'start', 'end' and 'label', got " +
             std::string(type_in_words(item)));
    return {begin->get<std::size_t>(), end->get<std::size_t>(),
            label == nullptr || label->is_null() ? std::string() : text_in(*label, "a label")};
  }

  /// Where a span begins or ends within a token, the token is cut.
  static void cut_at_spans(std::vector<TextSpan>& tokens, const std::vector<LabelledSpan>& spans) {
    std::vector<std::size_t> borders;
    for (const LabelledSpan& span : spans)
      borders.insert(borders.end(), {span.bytes.begin, span.bytes.end});
    std::vector<TextSpan> cut;
    auto border = borders.begin();
    for (TextSpan token : tokens) {
      for (; border != borders.end() && *border < token.end; ++border)
        if (*border > token.begin) {
          cut.push_back({token.begin, *border});
          token.begin = *border;
        }
      cut.push_back(token);
    }
    tokens = std::move(cut);
  }

  std::vector<Phrase> phrases(const std::vector<TextSpan>& tokens, const std::vector<LabelledSpan>& spans) {
    // The labels live until the tags are made.
    std::vector<Phrase> phrases;
    std::size_t at = 0;
    for (const LabelledSpan& span : spans) {
      while (at < tokens.size() && tokens[at].begin < span.bytes.begin)
        ++at;
      const std::size_t first = at;
      while (at < tokens.size() && tokens[at].end <= span.bytes.end)
        ++at;
      if (at > first) phrases.push_back({first, at, span.label});
    }
    return phrases;
  }

  TokenUnit unit_;
  TagScheme scheme_;
};

}  // namespace

std::unique_ptr<SentenceParser> jsonl_parser(const TagReading& reading, TagScheme scheme, std::string name,
                                             ParseFor purpose) {
  return std::make_unique<JsonLineParser>(reading, scheme, std::move(name), purpose);
}

}  // namespace rondo::tag

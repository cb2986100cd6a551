#include "tasks/tag/files/writer.h"

#include "base/json.h"
#include "base/message.h"
#include "base/utf8.h"
#include "tasks/tag/files/blanks.h"

namespace rondo::tag {
namespace {

std::string_view bytes_of(const TaggedLine& line, const TextSpan& span) {
  return std::string_view(line.text).substr(span.begin, span.end - span.begin);
}

bool ends_with_blank(std::string_view text) {
  return !text.empty() && (is_ascii_blank(text.back()) || text.ends_with(ideographic_space));
}

/// Words with a tag each, as slash has them: tokens where phrases are no words.
std::vector<LineWord> tagged_words(const TaggedLine& line, const Tagging& tagging) {
  if (tagging.words || tagging.scheme == TagScheme::none) return words_of(line, tagging.scheme);
  std::vector<LineWord> words;
  for (std::size_t i = 0; i < line.tokens.size(); ++i)
    words.push_back({line.tokens[i], line.tags[i]});
  return words;
}

/// CoNLL-U's column 4 or 5, or another that may hold a tag.
std::size_t conllu_column(const TagReading& reading) {
  const int column = reading.format == TagFormat::conllu ? reading.columns[1] : 4;
  return static_cast<std::size_t>(column > 0 ? column : 11 + column);
}

}  // namespace

void check_format(TagFormat format, const Tagging& tagging, const std::string& where) {
  const bool phrases = !tagging.words && tagging.scheme != TagScheme::none;
  if (format == TagFormat::csv)
    fail(ErrorKind::option, where + " csv is a form of files to learn from; take conll, slash or jsonl");
  if (format == TagFormat::segmented && !tagging.words)
    fail(ErrorKind::option,
         where + " segmented is for models that cut text into words; take slash, conll or jsonl");
  if (format == TagFormat::slash && !tagging.types)
    fail(ErrorKind::option,
         where + " slash shows tags of words, and this model has none; take segmented, conll or jsonl");
  if (format == TagFormat::conllu && phrases)
    fail(ErrorKind::option,
         where +
             " conllu has words with a tag each, and this model finds phrases; take conll, slash or jsonl");
}

void LineWriter::write(const LinePart& part, const TaggedLine& line, std::string& out) {
  if (part.offset == 0) {
    number_ = characters_ = 0;
    after_blank_ = true;
  }
  switch (format_) {
    case TagFormat::conll:
      write_conll(line, out);
      break;
    case TagFormat::conllu:
      write_conllu(part, line, out);
      break;
    case TagFormat::jsonl:
      return write_json(part, line, out);
    case TagFormat::automatic:
    case TagFormat::csv:
    case TagFormat::segmented:
    case TagFormat::slash:
      write_words(part, line, out);
      break;
  }
  if (part.ends) out += '\n';
}

void LineWriter::write_words(const LinePart&, const TaggedLine& line, std::string& out) {
  const bool slash = format_ == TagFormat::slash;
  std::size_t written = 0;
  for (const LineWord& word : slash ? tagged_words(line, tagging_) : words_of(line, tagging_.scheme)) {
    const std::string_view between = bytes_of(line, {written, word.bytes.begin});
    out += between;
    if (between.empty() && !after_blank_) out += ' ';
    out += bytes_of(line, word.bytes);
    if (slash && !word.type.empty()) out.append(tagging_.reading.separator).append(word.type);
    written = word.bytes.end;
    after_blank_ = false;
  }
  const std::string_view rest = std::string_view(line.text).substr(written);
  out += rest;
  after_blank_ = ends_with_blank(rest) || (rest.empty() && after_blank_);
}

void LineWriter::write_conll(const TaggedLine& line, std::string& out) const {
  for (std::size_t i = 0; i < line.tokens.size(); ++i)
    out.append(bytes_of(line, line.tokens[i])).append("\t").append(line.tags[i]).append("\n");
}

void LineWriter::write_conllu(const LinePart& part, const TaggedLine& line, std::string& out) {
  if (part.offset == 0 && part.ends && !line.tokens.empty())
    out.append("# text = ").append(line.text).append("\n");
  for (const LineWord& word : words_of(line, tagging_.scheme)) {
    const bool blank = word.bytes.end < line.text.size() && blank_at(line.text, word.bytes.end) > 0;
    out += std::to_string(++number_);
    for (std::size_t column = 2; column <= 10; ++column) {
      out += '\t';
      if (column == 2)
        out += bytes_of(line, word.bytes);
      else if (column == conllu_column(tagging_.reading) && !word.type.empty())
        out += word.type;
      else
        out += column == 10 && !blank && word.bytes.end < line.text.size() ? "SpaceAfter=No" : "_";
    }
    out += '\n';
  }
}

void LineWriter::write_json(const LinePart& part, const TaggedLine& line, std::string& out) {
  if (part.offset > 0 && line.text.empty()) return;
  Json spans = Json::array();
  std::size_t at = 0, characters = 0;
  const auto offset_of = [&](std::size_t byte) {
    for (; at < byte; ++characters)
      next_code_point(line.text, at);
    return characters_ + characters;
  };
  for (const LineWord& word : words_of(line, tagging_.scheme)) {
    Json span = {{"start", offset_of(word.bytes.begin)}, {"end", offset_of(word.bytes.end)}};
    span["text"] = std::string(bytes_of(line, word.bytes));
    if (!word.type.empty()) span["label"] = std::string(word.type);
    spans.push_back(std::move(span));
  }
  Json object = {{"text", line.text}};
  if (part.offset > 0 || !part.ends) object.update({{"line", part.line}, {"offset", characters_}});
  object["spans"] = std::move(spans);
  out += dump_json(object);
  out += '\n';
  characters_ = offset_of(line.text.size());
}

void write_columns(const SentenceLines& lines, const Strings& tags, const TagReading& reading,
                   std::string& out) {
  std::size_t token = 0;
  std::vector<std::string_view> columns;
  for (std::size_t i = 0; i < lines.lines.size(); ++i) {
    const std::string& line = lines.lines[i];
    if (token == lines.token_lines.size() || lines.token_lines[token] != i) {
      out.append(line).append("\n");
      continue;
    }
    const std::string_view tag = tags[token++];
    if (reading.format == TagFormat::conllu) {
      split_columns(line, true, columns);
      columns[conllu_column(reading) - 1] = tag;
      for (std::size_t k = 0; k < columns.size(); ++k)
        out.append(k == 0 ? "" : "\t").append(columns[k]);
    } else {
      out.append(line).append(line.find('\t') == line.npos ? " " : "\t").append(tag);
    }
    out += '\n';
  }
}

}  // namespace rondo::tag

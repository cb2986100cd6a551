#include "tasks/tag/files/parser.h"

#include <utility>

#include "base/message.h"

namespace rondo::tag {

std::optional<SentenceLines> SentenceParser::take(std::string_view line) {
  ++number_;
  if (lines_read_ == 0) at_hand_.first = number_;
  switch (read(line)) {
    case Then::go_on:
      keep(line);
      return std::nullopt;
    case Then::whole:
      keep(line);
      return handed_over();
    case Then::whole_before:
      break;
  }
  std::optional<SentenceLines> before;
  if (lines_read_ > 0) before = handed_over();
  at_hand_.first = number_;
  read(line);
  keep(line);
  return before;
}

std::optional<SentenceLines> SentenceParser::end() {
  if (lines_read_ == 0) return std::nullopt;
  return handed_over();
}

void SentenceParser::keep(std::string_view line) {
  if (!learning()) at_hand_.lines.emplace_back(line);
  ++lines_read_;
}

SentenceLines SentenceParser::handed_over() {
  lines_read_ = 0;
  if (!at_hand_.token_lines.empty()) at_hand_.sentence.line = at_hand_.first + at_hand_.token_lines.front();
  return std::exchange(at_hand_, SentenceLines{});
}

void SentenceParser::token_here() {
  at_hand_.token_lines.push_back(lines_read_);
}

void SentenceParser::refuse(const std::string& what) const {
  fail(ErrorKind::data, name_ + " line " + std::to_string(number_) + ": " + what);
}

std::unique_ptr<SentenceParser> parser_for(const TagReading& reading, TagScheme scheme, std::string name,
                                           ParseFor purpose) {
  switch (reading.format) {
    case TagFormat::conll:
      return conll_parser(reading, std::move(name), purpose);
    case TagFormat::conllu:
      return conllu_parser(reading, std::move(name), purpose);
    case TagFormat::segmented:
      return segmented_parser(reading, scheme, std::move(name), purpose);
    case TagFormat::slash:
      return slash_parser(reading, scheme, std::move(name), purpose);
    case TagFormat::jsonl:
      return jsonl_parser(reading, scheme, std::move(name), purpose);
    case TagFormat::csv:
      return csv_parser(reading, std::move(name), purpose);
    case TagFormat::automatic:
      break;
  }
  throw Bug("a parser of no format");
}

}  // namespace rondo::tag

#include "tasks/translate/verb.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "tasks/translate/model.h"

namespace rondo::translate {
namespace {

/// Lines that arrive together are translated together, at most so many: enough for batches of equal lengths
/// on each thread.
constexpr std::size_t at_once = 512;

std::string hard_alignment(const ScoredTranslation& scored) {
  std::string text;
  for (std::size_t t = 0; t < scored.attention.size(); ++t)
    text += (t > 0 ? " " : "") + std::to_string(strongest(scored.attention[t])) + "-" + std::to_string(t);
  return text;
}

std::string soft_alignment(const ScoredTranslation& scored) {
  std::string text;
  for (std::size_t t = 0; t < scored.attention.size(); ++t) {
    text += t > 0 ? " " : "";
    for (std::size_t s = 0; s < scored.attention[t].size(); ++s)
      text += (s > 0 ? "," : "") + fixed(scored.attention[t][s], 4);
  }
  return text;
}

/// What is printed behind a translation: its alignment and the scores of its words.
std::string details(const ScoredTranslation& scored, const TranslateCommand& command) {
  std::string text;
  if (command.alignment == Alignment::hard) text += " ||| " + hard_alignment(scored);
  if (command.alignment == Alignment::soft) text += " ||| " + soft_alignment(scored);
  if (!command.word_scores) return text;
  text += " ||| WordScores=";
  for (const double score : scored.word_scores)
    text += " " + fixed(score, 4);
  return text;
}

void add_details(Json& json, const ScoredTranslation& scored, const TranslateCommand& command) {
  if (command.alignment == Alignment::none && !command.word_scores) return;
  json["source_words"] = scored.source_words;
  json["target_words"] = scored.target_words;
  if (command.alignment != Alignment::none) json["attention"] = scored.attention;
  if (command.word_scores) json["word_scores"] = scored.word_scores;
}

/// Answers lines of one kind: sources to be translated, or pairs to be scored.
class Answers {
 public:
  Answers(const Translator& translator, const TranslateCommand& command, const VerbCall& call)
      : translator_(translator), command_(command), call_(call) {}

  void answer(const std::vector<std::string>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      require_utf8(lines[i], call_.texts.empty() ? "standard input" : "text", number_ + i + 1);
    call_.write(command_.score ? scored(lines) : translated(lines));
    number_ += lines.size();
  }

 private:
  std::string translated(const std::vector<std::string>& lines) const {
    const std::vector<std::vector<Translation>> all = translator_.translate(lines, command_.search);
    std::vector<SentencePair> pairs;
    if (command_.alignment != Alignment::none || command_.word_scores)
      for (std::size_t i = 0; i < lines.size(); ++i)
        for (const Translation& translation : all[i])
          pairs.push_back({lines[i], translation.text, command_.search.from, command_.search.to});
    const std::vector<ScoredTranslation> looked = translator_.score(pairs);
    std::string out;
    auto next = looked.begin();
    for (std::size_t i = 0; i < lines.size(); ++i)
      for (const Translation& translation : all[i])
        out += line_of(lines[i], translation, number_ + i, next == looked.end() ? nothing_ : *next++) + "\n";
    return out;
  }

  std::string line_of(const std::string& source, const Translation& translation, std::size_t number,
                      const ScoredTranslation& looked) const {
    if (call_.json) {
      Json json = {{"source", source},
                   {"translation", translation.text},
                   {"log_probability", json_number(translation.log_probability)},
                   {"score", json_number(translation.score)}};
      if (!translation.ended) json["ended"] = false;
      add_details(json, looked, command_);
      return dump_json(json);
    }
    if (command_.search.n_best == 1) return one_line(translation.text) + details(looked, command_);
    return std::to_string(number) + " ||| " + one_line(translation.text) + details(looked, command_) +
           " ||| F0= " + fixed(translation.log_probability, 4) + " ||| " + fixed(translation.score, 4);
  }

  std::string scored(const std::vector<std::string>& lines) const {
    std::vector<SentencePair> pairs;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t tab = lines[i].find('\t');
      if (tab == std::string::npos || lines[i].find('\t', tab + 1) != std::string::npos)
        fail(ErrorKind::data, "line " + std::to_string(number_ + i + 1) +
                                  ": wanted source, tab, translation, got " + quote(shown(lines[i])));
      pairs.push_back(
          {lines[i].substr(0, tab), lines[i].substr(tab + 1), command_.search.from, command_.search.to});
    }
    std::string out;
    const std::vector<ScoredTranslation> all = translator_.score(pairs);
    for (std::size_t i = 0; i < all.size(); ++i) {
      Json json = {{"source", pairs[i].source},
                   {"translation", pairs[i].target},
                   {"log_probability", json_number(all[i].log_probability)},
                   {"tokens", all[i].tokens}};
      add_details(json, all[i], command_);
      out += (call_.json ? dump_json(json) : fixed(all[i].log_probability, 4) + details(all[i], command_)) +
             "\n";
    }
    return out;
  }

  static std::string shown(const std::string& line) { return one_line(line.substr(0, line.find('\t'))); }

  const Translator& translator_;
  const TranslateCommand& command_;
  const VerbCall& call_;
  const ScoredTranslation nothing_ = {};
  std::size_t number_ = 0;
};

}  // namespace

void check(const TranslateOptions& search) {
  if (search.temperature > 0 && search.n_best > 1)
    fail(ErrorKind::option,
         "--n-best ranks what a search finds; with --temperature, one translation is drawn");
  if (search.temperature <= 0 && search.n_best > search.beam)
    fail(ErrorKind::option, "--n-best is at most the beam (" + std::to_string(search.beam) + "), got " +
                                std::to_string(search.n_best));
}

void translate_stream(const Translator& translator, const TranslateCommand& command, const VerbCall& call) {
  check(command.search);
  translator.impl().network.input().check_direction(command.search.from, command.search.to);
  const InferenceMode weights_packed_once;
  Answers answers(translator, command, call);
  if (!call.texts.empty()) return answers.answer(call.texts);
  std::string rest;
  std::array<char, 1 << 15> buffer{};
  std::size_t wanted = 1 << 12;  // the first translations come soon, then there are more at once
  std::vector<std::string> lines;
  const auto take = [&](std::string line) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
    if (lines.size() == at_once) answers.answer(std::exchange(lines, {}));
  };
  while (const std::size_t size = call.read(buffer.data(), wanted)) {
    wanted = std::min(2 * wanted, buffer.size());
    rest.append(buffer.data(), size);
    std::size_t begin = 0;
    for (std::size_t end; (end = rest.find('\n', begin)) != std::string::npos; begin = end + 1)
      take(rest.substr(begin, end - begin));
    rest.erase(0, begin);
    if (!lines.empty()) answers.answer(std::exchange(lines, {}));
  }
  if (!rest.empty()) take(std::move(rest));
  if (!lines.empty()) answers.answer(lines);
}

}  // namespace rondo::translate

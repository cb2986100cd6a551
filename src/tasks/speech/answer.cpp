#include "tasks/speech/answer.h"

#include <cmath>

#include "base/json.h"
#include "base/shown.h"

namespace rondo::speech {
namespace {

/// Seconds to the millisecond.
double rounded(double seconds) {
  return std::round(1000 * seconds) / 1000;
}

Json words_of(const Heard& heard) {
  Json words = Json::array();
  for (const HeardWord& word : heard.words)
    words.push_back({{"word", word.word}, {"begin", rounded(word.begin)}, {"end", rounded(word.end)}});
  return words;
}

}  // namespace

Answer answer_of(const Heard& heard, const std::string& name) {
  Json json = Json::object();
  if (!name.empty()) json["file"] = name;
  json["text"] = heard.text;
  json["probability"] = json_number(heard.probability);
  json["begin"] = rounded(heard.begin);
  json["end"] = rounded(heard.end);
  if (!heard.signal) json["signal"] = false;
  if (heard.classes.empty())
    json["words"] = words_of(heard);
  else {
    json["classes"] = Json::object();
    for (const auto& [label, probability] : heard.classes)
      json["classes"][label] = json_number(probability);
  }
  std::string text = one_line(heard.text);
  if (!heard.signal) text += text.empty() ? "(no signal)" : "\t(no signal)";
  return {std::move(text), dump_json(json)};
}

std::string partial_json(const Heard& heard) {
  return dump_json({{"partial", heard.text}, {"begin", rounded(heard.begin)}});
}

}  // namespace rondo::speech

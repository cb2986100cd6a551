#include "tasks/tag/scores/tokens.h"

#include <algorithm>
#include <vector>

#include "base/message.h"
#include "tasks/tag/scheme.h"

namespace rondo::tag {
namespace {

constexpr std::size_t most_rows = 30;

/// What counts for one tag.
struct TagCounts {
  std::int64_t gold = 0, found = 0, correct = 0;
};

report::Entry ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Precision, recall, F1 and the number of true ones.
std::vector<report::Entry> row_of(const std::string& name, std::int64_t gold, std::int64_t found,
                                  std::int64_t correct) {
  return {name, ratio(correct, found), ratio(correct, gold), ratio(2 * correct, gold + found), gold};
}

report::Table table_of(std::string key, Words title, Words first, Words counted) {
  return {.key = std::move(key),
          .title = std::move(title),
          .columns = {{"name", std::move(first), Form::text},
                      {"precision", {"precision", "精确率"}, Form::share},
                      {"recall", {"recall", "召回率"}, Form::share},
                      {"f1", {"F1", "F1"}, Form::share},
                      {"support", std::move(counted), Form::count}},
          .shown = most_rows};
}

}  // namespace

void TokenScores::add(const Strings& tokens, const Strings& gold, const Strings& answer) {
  if (tokens.size() != gold.size() || tokens.size() != answer.size())
    fail(ErrorKind::data, "a sentence of " + std::to_string(tokens.size()) + " tokens has " +
                              std::to_string(gold.size()) + " tags and " + std::to_string(answer.size()) +
                              " answers");
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    Share& share = seen_ && !seen_(tokens[i]) ? unseen_ : seen_tokens_;
    ++share.all;
    share.right += gold[i] == answer[i];
    ++confusion_[{std::string(gold[i]), std::string(answer[i])}];
  }
}

report::Table tag_table(const TokenScores& scores) {
  std::map<std::string, TagCounts> tags;
  for (const auto& [pair, count] : scores.confusion()) {
    tags[pair.first].gold += count;
    tags[pair.second].found += count;
    if (pair.first == pair.second) tags[pair.first].correct += count;
  }
  report::Table table = table_of("tags", {"Each tag", "各个标记"}, {"tag", "标记"}, {"tokens", "词元数"});
  for (const auto& [tag, counts] : tags)
    table.rows.push_back(row_of(tag, counts.gold, counts.found, counts.correct));
  return table;
}

report::Table confused_tags(const TokenScores& scores) {
  report::Table table{.key = "confused",
                      .title = {"Most confused tags", "最易混淆的标记"},
                      .columns = {{"tag", {"true", "真实"}, Form::text},
                                  {"predicted", {"predicted", "预测"}, Form::text},
                                  {"count", {"tokens", "词元数"}, Form::count},
                                  {"share", {"of the tag's", "占该标记"}, Form::share}}};
  std::map<std::string, std::int64_t> gold;
  std::vector<std::pair<std::int64_t, const std::pair<std::string, std::string>*>> wrong;
  for (const auto& [pair, count] : scores.confusion()) {
    gold[pair.first] += count;
    if (pair.first != pair.second) wrong.emplace_back(count, &pair);
  }
  std::stable_sort(wrong.begin(), wrong.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (wrong.size() > most_rows) wrong.resize(most_rows);
  for (const auto& [count, pair] : wrong)
    table.rows.push_back({pair->first, pair->second, count, ratio(count, gold[pair->first])});
  return table;
}

report::Table phrase_table(const PhraseScores& scores) {
  report::Table table =
      table_of("phrases", {"Each type of phrase", "各类短语"}, {"type", "类型"}, {"phrases", "短语数"});
  for (const auto& [type, counts] : scores.types())
    table.rows.push_back(row_of(type, counts.gold, counts.found, counts.correct));
  table.footer = row_of("", scores.all().gold, scores.all().found, scores.all().correct);
  table.footer[0] = Words{"all", "全部"};
  return table;
}

namespace {

/// Tokens of a sentence from `begin` on, as running text.
void append_tokens(const TaggedSentence& sentence, std::size_t begin, std::size_t end, TokenUnit unit,
                   std::string& out) {
  for (std::size_t i = begin; i < end; ++i) {
    if (i > begin && unit == TokenUnit::words) out += ' ';
    out += sentence.tokens[i];
  }
}

std::string shown(const TaggedSentence& sentence, const Strings& tags, const Tagging& tagging) {
  std::string out;
  const auto space = [&] {
    if (!out.empty()) out += ' ';
  };
  std::size_t at = 0;
  const TokenUnit unit = tagging.reading.unit;
  for (const Phrase& phrase : phrases_of(tags, tagging.scheme)) {
    if (phrase.begin > at) {
      space();
      append_tokens(sentence, at, phrase.begin, unit, out);
    }
    space();
    const bool bracketed = !tagging.words && tagging.scheme != TagScheme::none;
    if (bracketed) out += '[';
    append_tokens(sentence, phrase.begin, phrase.end, unit, out);
    if (bracketed) out += ']';
    if (!phrase.type.empty()) out.append(bracketed ? "" : "/").append(phrase.type);
    at = phrase.end;
  }
  if (at < tags.size()) {
    space();
    append_tokens(sentence, at, tags.size(), unit, out);
  }
  return out;
}

}  // namespace

std::pair<std::string, std::string> gold_over_answer(const TaggedSentence& sentence, const Strings& answer,
                                                     const Tagging& tagging) {
  return {shown(sentence, sentence.tags, tagging), shown(sentence, answer, tagging)};
}

}  // namespace rondo::tag

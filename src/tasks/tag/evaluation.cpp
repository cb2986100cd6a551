#include "tasks/tag/evaluation.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "tasks/tag/scheme.h"
#include "tasks/tag/scores/tokens.h"
#include "tasks/tag/scores/words.h"

namespace rondo::tag {
namespace {

Words counted() {
  return {"sentences", "句子"};
}

/// The words of a sentence by its tags, without their types.
Strings words_in(const TaggedSentence& sentence, const Strings& tags, TagScheme scheme) {
  Strings words;
  std::string word;
  for (const Phrase& phrase : phrases_of(tags, scheme)) {
    word.clear();
    for (std::size_t i = phrase.begin; i < phrase.end; ++i)
      word += sentence.tokens[i];
    words.push_back(word);
  }
  return words;
}

/// A word's type does not matter where words are cut.
bool only_words(const Tagging& tagging) {
  return tagging.words && !tagging.types;
}

std::vector<TagEvaluation::Mistake> worst_of(std::span<const TaggedSentence* const> sentences,
                                             std::span<const Strings> answers, const Tagging& tagging,
                                             int most) {
  std::vector<TagEvaluation::Mistake> mistakes;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    std::int64_t wrong = 0;
    for (std::size_t t = 0; t < answers[i].size(); ++t)
      wrong += answers[i][t] != sentences[i]->tags[t];
    if (wrong > 0) mistakes.push_back({.example = i, .wrong = wrong});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const auto& a, const auto& b) { return a.wrong > b.wrong; });
  mistakes.resize(std::min(mistakes.size(), static_cast<std::size_t>(std::max(most, 0))));
  for (TagEvaluation::Mistake& mistake : mistakes)
    std::tie(mistake.gold, mistake.answer) =
        gold_over_answer(*sentences[mistake.example], answers[mistake.example], tagging);
  return mistakes;
}

report::Table mistakes_table(const TagEvaluation& e) {
  report::Table table{.key = "worst",
                      .title = {"Sentences with most mistakes", "错误最多的句子"},
                      .columns = {{"example", {"sentence", "句子"}, Form::count},
                                  {"wrong", {"wrong tokens", "错误词元"}, Form::count},
                                  {"reading", {"", ""}, Form::text},
                                  {"text", {"text", "文本"}, Form::text}},
                      .note = e.worst.empty() ? Words{"None: every sentence is right.", "没有，全部正确。"}
                                              : Words{"The truth over the answer.", "上为标准，下为输出。"}};
  for (const TagEvaluation::Mistake& m : e.worst) {
    table.rows.push_back({static_cast<std::int64_t>(m.example), m.wrong, Words{"true", "标准"}, m.gold});
    table.rows.push_back({static_cast<std::int64_t>(m.example), m.wrong, Words{"answer", "输出"}, m.answer});
  }
  return table;
}

Score share(std::string name, Words title, double value, bool headline = false) {
  return {std::move(name), std::move(title), value, Form::share, Better::higher, headline};
}

std::vector<Score> scores_of(const TagEvaluation& e, const Tagging& tagging) {
  std::vector<Score> scores;
  const bool scheme = tagging.scheme != TagScheme::none;
  if (scheme) {
    scores = {share("f1", {"F1", "F1"}, e.f1, true), share("precision", {"precision", "精确率"}, e.precision),
              share("recall", {"recall", "召回率"}, e.recall)};
  }
  scores.push_back(share("accuracy", {"accuracy of tags", "标记准确率"}, e.accuracy, !scheme));
  const auto add = [&](std::string name, Words title, double value, bool headline = false) {
    if (!std::isnan(value)) scores.push_back(share(std::move(name), std::move(title), value, headline));
  };
  const bool words = tagging.words;
  add("unseen_recall",
      words ? Words{"recall of unseen words (OOV)", "未登录词召回率"}
            : Words{"accuracy on unseen tokens", "未见词元准确率"},
      e.unseen_recall, words);
  add("seen_recall",
      words ? Words{"recall of seen words (IV)", "登录词召回率"}
            : Words{"accuracy on seen tokens", "已见词元准确率"},
      e.seen_recall);
  add("unseen_rate", {"share of unseen ones", "未见比例"}, e.unseen_rate);
  scores.push_back({.name = "tokens",
                    .title = {"tokens", "词元数"},
                    .value = static_cast<double>(e.tokens),
                    .form = Form::count});
  return scores;
}

void count_words(std::span<const TaggedSentence* const> sentences, std::span<const Strings> answers,
                 const TaggerInput& input, TagEvaluation& e) {
  WordScores words([&](std::string_view word) { return input.seen.contains(word); });
  const TagScheme scheme = input.tagging.scheme;
  for (std::size_t i = 0; i < sentences.size(); ++i)
    words.add(words_in(*sentences[i], sentences[i]->tags, scheme),
              words_in(*sentences[i], answers[i], scheme));
  const WordCounts& counts = words.by_place();
  e.unseen_rate = counts.unseen_rate();
  e.unseen_recall = counts.unseen_recall();
  e.seen_recall = counts.seen_recall();
}

void count_unseen_tokens(const TokenScores& tokens, TagEvaluation& e) {
  const auto value = [](TokenScores::Share share) { return share.all == 0 ? std::nan("") : share.value(); };
  e.unseen_recall = value(tokens.unseen());
  e.seen_recall = value(tokens.seen());
  e.unseen_rate = tokens.all().all == 0
                      ? 0
                      : static_cast<double>(tokens.unseen().all) / static_cast<double>(tokens.all().all);
}

}  // namespace

PhraseScores phrase_scores_for(const Tagging& tagging) {
  const bool letters = tagging.scheme == TagScheme::bioes || tagging.scheme == TagScheme::bmes;
  return {tagging.scheme, letters ? PhraseReading::scheme : PhraseReading::conlleval};
}

TagEvaluation evaluation_of(std::span<const TaggedSentence* const> sentences,
                            std::span<const Strings> answers, const TaggerInput& input, int worst) {
  const Tagging& tagging = input.tagging;
  TagEvaluation e{.sentences = std::ssize(sentences)};
  TokenScores tokens([&](std::string_view token) { return input.seen.contains(token); });
  PhraseScores phrases = phrase_scores_for(tagging);
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    tokens.add(sentences[i]->tokens, sentences[i]->tags, answers[i]);
    if (tagging.scheme != TagScheme::none) phrases.add(sentences[i]->tags, answers[i]);
  }
  e.tokens = tokens.all().all;
  e.accuracy = tokens.all().value();
  e.precision = phrases.all().precision() / 100;
  e.recall = phrases.all().recall() / 100;
  e.f1 = phrases.all().f1() / 100;
  if (tagging.words)
    count_words(sentences, answers, input, e);
  else
    count_unseen_tokens(tokens, e);
  e.worst = worst_of(sentences, answers, tagging, worst);
  e.summary = {.examples = e.sentences, .counted = counted(), .scores = scores_of(e, tagging)};
  if (tagging.scheme != TagScheme::none && !only_words(tagging))
    e.summary.blocks.emplace_back(phrase_table(phrases));
  else
    e.summary.blocks.emplace_back(tag_table(tokens));
  if (!only_words(tagging)) e.summary.blocks.emplace_back(confused_tags(tokens));
  e.summary.blocks.emplace_back(mistakes_table(e));
  return e;
}

Evaluation no_evaluation() {
  return {.counted = counted(), .scores = scores_of({}, {.scheme = TagScheme::bmes, .words = true})};
}

}  // namespace rondo::tag

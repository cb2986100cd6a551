#include "tasks/translate/evaluation.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "tasks/translate/pairs.h"
#include "tasks/translate/scores/bleu.h"
#include "tasks/translate/scores/chrf.h"
#include "tasks/translate/scores/scorers.h"
#include "tasks/translate/units.h"

namespace rondo::translate {
namespace {

/// A sentence of the test part, translated.
struct Judged {
  const SentencePair* pair;
  std::string translation;
  BleuCounts bleu;
  ChrfCounts chrf;
};

/// Translations of the sources, those of a direction together.
std::vector<std::vector<Translation>> translated(const Translator& translator,
                                                 const std::vector<const SentencePair*>& pairs) {
  std::map<std::string, std::vector<std::size_t>> by_direction;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    by_direction[pairs[i]->direction()].push_back(i);
  std::vector<std::vector<Translation>> all(pairs.size());
  for (const auto& [direction, own] : by_direction) {
    std::vector<std::string> sources;
    for (const std::size_t i : own)
      sources.push_back(pairs[i]->source);
    const SentencePair& first = *pairs[own.front()];
    auto found = translator.translate(sources, {.from = first.from, .to = first.to});
    for (std::size_t k = 0; k < own.size(); ++k)
      all[own[k]] = std::move(found[k]);
  }
  return all;
}

std::vector<Judged> judged(const Translator& translator, const Dataset& test, BleuTokenizer tokenizer) {
  const std::vector<const SentencePair*> pairs = pairs_in(test);
  std::vector<std::vector<Translation>> found = translated(translator, pairs);
  std::vector<Judged> all;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::string_view reference = pairs[i]->target;
    std::string text = std::move(found[i].front().text);
    const BleuCounts bleu = bleu_counts(text, std::span(&reference, 1), tokenizer);
    all.push_back({pairs[i], std::move(text), bleu, {}});
    all.back().chrf = chrf_counts(all.back().translation, std::span(&reference, 1), 0);
  }
  return all;
}

report::Table by_length(const std::vector<Judged>& all) {
  report::Table table{.key = "by_length",
                      .title = {"BLEU by the length of the source", "按原文长度的 BLEU"},
                      .columns = {{"words", {"Words of the source", "原文词数"}},
                                  {"sentences", {"Sentences", "句数"}, Form::count},
                                  {"bleu", {"BLEU", "BLEU"}, Form::number}}};
  constexpr std::size_t borders[] = {0, 6, 11, 16, 21, 31, 51, 1'000'000};
  for (std::size_t b = 0; b + 1 < std::size(borders); ++b) {
    BleuCounts sum;
    std::int64_t count = 0;
    for (const Judged& one : all) {
      const std::size_t words = words_of(one.pair->source).size();
      if (words < borders[b] || words >= borders[b + 1]) continue;
      sum += one.bleu;
      ++count;
    }
    if (count == 0) continue;
    const std::string first = std::to_string(std::max<std::size_t>(borders[b], 1));
    const std::string name =
        borders[b + 1] > 1'000 ? first + " +" : first + " - " + std::to_string(borders[b + 1] - 1);
    table.rows.push_back({name, count, sum.score()});
  }
  return table;
}

report::Table scores_by_direction(const std::vector<Judged>& all) {
  report::Table table{.key = "by_direction",
                      .title = {"Scores by direction", "各方向的成绩"},
                      .columns = {{"direction", {"Direction", "方向"}},
                                  {"sentences", {"Sentences", "句数"}, Form::count},
                                  {"bleu", {"BLEU", "BLEU"}, Form::number},
                                  {"chrf", {"chrF2", "chrF2"}, Form::number}}};
  struct Sums {
    std::int64_t count = 0;
    BleuCounts bleu;
    ChrfCounts chrf;
  };
  std::map<std::string, Sums> sums;
  for (const Judged& one : all) {
    Sums& own = sums[one.pair->direction()];
    ++own.count;
    own.bleu += one.bleu;
    own.chrf += one.chrf;
  }
  for (const auto& [direction, own] : sums)
    table.rows.push_back({direction, own.count, own.bleu.score(), own.chrf.score()});
  return table;
}

report::Table extremes(const std::vector<Judged>& all, int count, bool worst) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> scores;
  for (const Judged& one : all)
    scores.push_back(one.chrf.score());
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return worst ? scores[a] < scores[b] : scores[a] > scores[b];
  });
  report::Table table{.key = worst ? "worst" : "best",
                      .title = worst ? Words{"Worst translations, by chrF", "最差的译文（按 chrF）"}
                                     : Words{"Best translations, by chrF", "最好的译文（按 chrF）"},
                      .columns = {{"chrf", {"chrF", "chrF"}, Form::number},
                                  {"source", {"Source", "原文"}},
                                  {"translation", {"Translation", "译文"}},
                                  {"reference", {"Reference", "参考译文"}}}};
  order.resize(std::min(order.size(), static_cast<std::size_t>(std::max(count, 0))));
  for (const std::size_t i : order)
    table.rows.push_back({scores[i], all[i].pair->source, all[i].translation, all[i].pair->target});
  return table;
}

}  // namespace

report::Heat attention_map(const ScoredTranslation& scored) {
  report::Heat heat{.key = "attention",
                    .title = {"Where each word of the translation looked", "译文每个词所关注的原文"},
                    .row_title = {"translation", "译文"},
                    .column_title = {"source", "原文"},
                    .rows = scored.target_words,
                    .columns = scored.source_words};
  for (const std::vector<double>& weights : scored.attention)
    heat.values.emplace_back(weights.begin(), weights.end());
  return heat;
}

TranslationEvaluation evaluation_of(const Translator& translator, const Dataset& test, int worst) {
  TranslationEvaluation evaluation{.sentences = static_cast<std::int64_t>(test.size())};
  std::vector<std::string> references;
  std::vector<SentencePair> pairs;
  for (const SentencePair* const pair : pairs_in(test)) {
    references.push_back(pair->target);
    pairs.push_back(*pair);
  }
  const BleuTokenizer tokenizer = tokenizer_of(references);
  const std::vector<Judged> all = judged(translator, test, tokenizer);
  BleuCounts bleu;
  ChrfCounts chrf;
  for (const Judged& one : all) {
    bleu += one.bleu;
    chrf += one.chrf;
  }
  double nats = 0;
  for (const ScoredTranslation& scored : translator.score(pairs)) {
    nats -= scored.log_probability;
    evaluation.tokens += scored.tokens;
  }
  evaluation.bleu = bleu.score();
  evaluation.chrf = chrf.score();
  evaluation.loss = evaluation.tokens > 0 ? nats / static_cast<double>(evaluation.tokens) : 0;
  evaluation.signature = bleu_signature(tokenizer, 1, false);
  if (!translator.directions().empty()) evaluation.blocks.push_back(scores_by_direction(all));
  evaluation.blocks.push_back(by_length(all));
  if (worst > 0) {
    evaluation.blocks.push_back(extremes(all, worst, true));
    evaluation.blocks.push_back(extremes(all, std::min(worst, 5), false));
  }
  return evaluation;
}

}  // namespace rondo::translate

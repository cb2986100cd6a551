// Forced decoding: what a model says of given translations.
#include <algorithm>
#include <numeric>

#include "tasks/translate/model.h"

namespace rondo::translate {
namespace {

constexpr std::size_t examined_at_once = 32;

void examine_batch(const TranslationModel& model, std::span<const NumberedPair> pairs,
                   std::span<const std::size_t> which, std::vector<Examined>& to) {
  std::vector<const NumberedPair*> batch_pairs;
  for (const std::size_t i : which)
    batch_pairs.push_back(&pairs[i]);
  const Units& target = model.input().target;
  const PairBatch batch = pack_pairs(batch_pairs, target.begin(), target.end());
  Attended attended;
  const Var logits = model->logits(model->tops(batch, model->attends() ? &attended : nullptr));
  const Var all = log_softmax(logits);
  const auto columns = static_cast<std::size_t>(all.columns());
  for (std::int64_t k = 0; k < batch.layout->sequences(); ++k) {
    Examined& own = to[which[static_cast<std::size_t>(batch.layout->order()[static_cast<std::size_t>(k)])]];
    for (std::int64_t t = 0; t < batch.layout->length(k); ++t) {
      const auto row = static_cast<std::size_t>(batch.layout->row(k, t));
      const auto token = static_cast<std::size_t>(batch.after.data<std::int32_t>()[row]);
      own.log_probabilities.push_back(static_cast<double>(all.values()[row * columns + token]));
      if (model->attends()) own.attention.push_back(attended.of(static_cast<std::int64_t>(row)));
    }
  }
}

}  // namespace

std::vector<Examined> examine(const TranslationModel& model, std::span<const NumberedPair> pairs) {
  const InferenceMode constant;
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return pairs[a].target.size() > pairs[b].target.size();
  });
  std::vector<Examined> all(pairs.size());
  for (std::size_t at = 0; at < order.size(); at += examined_at_once)
    examine_batch(model, pairs, std::span(order).subspan(at, std::min(examined_at_once, order.size() - at)),
                  all);
  return all;
}

std::vector<std::vector<double>> by_words(const Examined& examined, const Encoded& source,
                                          std::span<const std::int32_t> word_of_target,
                                          std::size_t target_words) {
  std::vector<std::vector<double>> rows(target_words, std::vector<double>(source.words.size()));
  if (examined.attention.empty()) return {};
  for (std::size_t t = 0; t < word_of_target.size(); ++t)
    for (std::size_t s = 0; s < source.tokens.size(); ++s)
      rows[static_cast<std::size_t>(word_of_target[t])][static_cast<std::size_t>(source.word_of[s])] +=
          examined.attention[t][s];
  for (std::vector<double>& row : rows) {
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    for (double& weight : row)
      weight = sum > 0 ? weight / sum : 1.0 / static_cast<double>(row.size());
  }
  return rows;
}

std::size_t strongest(std::span<const double> weights) {
  return static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
}

}  // namespace rondo::translate

// How a WideClassifier learns: log-count ratios of naive Bayes, then logistic regression, a class at a time.
#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

#include <rondo/data/multi_label.h>

#include "base/fields.h"
#include "base/message.h"
#include "runtime/parallel.h"
#include "wide/classifier.h"
#include "wide/features.h"
#include "wide/log_counts.h"
#include "wide/logistic_regression.h"
#include "wide/naive_bayes.h"
#include "wide/token_texts.h"

namespace rondo {
namespace {

void check_data(const Dataset& texts, const WideOptions& options, std::span<const float> class_weights) {
  check(options, {"wide"});
  const bool several = data::is_multi_label(texts);
  if (!texts.is_text() || !(texts.target() == Target::labels || several))
    fail(ErrorKind::data, "a wide classifier takes texts with labels");
  const std::size_t classes = texts.class_names().size();
  if (texts.empty() || classes < 2)
    fail(ErrorKind::data, "a wide classifier needs texts of two classes or more, got " +
                              std::to_string(texts.size()) + " of " + std::to_string(classes));
  if (several && classes == 2)  // one column of weights stands for two classes
    fail(ErrorKind::data,
         "a wide classifier of several labels a text needs three classes or more, got 2; leave it out "
         "(--wide off)");
  if (!class_weights.empty() && class_weights.size() != classes)
    fail(ErrorKind::usage, "class_weights are one for each of " + std::to_string(classes) + " classes, got " +
                               std::to_string(class_weights.size()));
}

int longest_for(const WideOptions& options, Tokenizer tokenizer) {
  if (options.wide_ngrams > 0) return options.wide_ngrams;
  return tokenizer == Tokenizer::characters ? 3 : 2;
}

/// Texts with which one class after the other is told from the rest.
struct Lesson {
  wide::Features texts;
  std::vector<std::int32_t> labels;                   ///< of texts with one label each
  std::vector<std::vector<std::int32_t>> with_label;  ///< else: the texts of each class, ascending
  std::vector<std::int32_t> texts_with;               ///< of each n-gram
  std::vector<float> costs;                           ///< of each text

  Lesson(const Dataset& data, const wide::NgramTable& table, const wide::TokenTexts& tokens,
         const WideOptions& options, std::span<const float> class_weights)
      : texts(features_of(table, tokens)), texts_with(static_cast<std::size_t>(table.size())) {
    const bool several = data::is_multi_label(data);
    if (several) with_label.resize(data.class_names().size());
    for (std::size_t i = 0; i < data.size(); ++i) {
      float of_class = 1;
      if (several) {
        for (const std::int32_t label : data::labels_of(data, i))
          with_label[static_cast<std::size_t>(label)].push_back(static_cast<std::int32_t>(i));
      } else {
        labels.push_back(data.label(i));
        if (!class_weights.empty()) of_class = class_weights[static_cast<std::size_t>(labels.back())];
      }
      costs.push_back(std::max(options.wide_cost * of_class * data.weight(i), 0.0F));
    }
    for (const std::int32_t ngram : texts.numbers)
      ++texts_with[static_cast<std::size_t>(ngram)];
  }

  wide::WeightColumn learn(std::int32_t of_class, std::size_t most, const std::function<bool()>& stop) const {
    const std::vector<std::int32_t> inside = those_of(of_class);
    const std::vector<float> ratios = wide::log_count_ratios(texts, inside, texts_with, 1);
    std::vector<std::int8_t> y;
    y.reserve(inside.size());
    for (const std::int32_t is_inside : inside)
      y.push_back(is_inside == 1 ? 1 : -1);
    const wide::BinarySolution solution =
        wide::solve({.texts = texts, .values = ratios, .y = y, .costs = costs}, stop);
    return wide::pruned_column(solution.weights, solution.bias, texts_with, most);
  }

 private:
  /// 1 for each text of a class, else 0.
  std::vector<std::int32_t> those_of(std::int32_t of_class) const {
    std::vector<std::int32_t> inside(texts.size());
    if (with_label.empty())
      for (std::size_t i = 0; i < labels.size(); ++i)
        inside[i] = labels[i] == of_class ? 1 : 0;
    else
      for (const std::int32_t text : with_label[static_cast<std::size_t>(of_class)])
        inside[static_cast<std::size_t>(text)] = 1;
    return inside;
  }
};

/// Columns over the n-grams that have a weight in any of them.
void drop_weightless(wide::NgramTable& table, std::vector<wide::WeightColumn>& columns) {
  std::vector<bool> keep(static_cast<std::size_t>(table.size()));
  for (const wide::WeightColumn& column : columns)
    for (const std::int32_t ngram : column.ngrams)
      keep[static_cast<std::size_t>(ngram)] = true;
  std::vector<std::int32_t> numbers;
  table = table.pruned(keep, numbers);
  for (wide::WeightColumn& column : columns)
    for (std::int32_t& ngram : column.ngrams)
      ngram = numbers[static_cast<std::size_t>(ngram)];
}

/// A column a class, each learned by itself.
std::vector<wide::WeightColumn> learned_columns(const Lesson& lesson, std::size_t classes, int weights,
                                                const std::function<bool()>& stop) {
  std::vector<wide::WeightColumn> columns(wide::columns_for(classes));
  const std::size_t most =
      weights == 0 ? 0 : std::max<std::size_t>(1, static_cast<std::size_t>(weights) / columns.size());
  std::mutex asking;
  const auto stopped = [&] {
    const std::lock_guard guard(asking);
    return stop && stop();
  };
  parallel_for(static_cast<std::int64_t>(columns.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto c = static_cast<std::size_t>(begin); c < static_cast<std::size_t>(end); ++c)
      columns[c] = lesson.learn(static_cast<std::int32_t>(wide::class_of_column(c, classes)), most, stopped);
  });
  return columns;
}

}  // namespace

WideClassifier WideClassifier::train(const Dataset& texts, const TextEncoder& encoder,
                                     const WideOptions& options, std::span<const float> class_weights,
                                     const std::function<bool()>& stop) {
  return wide::train(texts, encoder, options, class_weights, stop, nullptr);
}

std::shared_ptr<const wide::NaiveBayes> wide::train_naive_bayes(const Dataset& texts,
                                                                const TextEncoder& encoder,
                                                                const WideOptions& options) {
  const TokenTexts tokens = token_texts(texts, encoder);
  NgramTable table = NgramTable::learn(tokens, longest_for(options, encoder.options().tokenizer),
                                       encoder.vocab().size(), options.wide_min_texts);
  const std::size_t classes = texts.class_names().size();
  if (!NaiveBayes::fits(table, classes)) return nullptr;
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < texts.size(); ++i)
    labels.push_back(texts.label(i));
  const Features features = features_of(table, tokens);
  return std::make_shared<NaiveBayes>(std::move(table), features, labels, classes);
}

WideClassifier wide::train(const Dataset& texts, const TextEncoder& encoder, const WideOptions& options,
                           std::span<const float> class_weights, const std::function<bool()>& stop,
                           std::shared_ptr<const NaiveBayes>* naive_bayes) {
  check_data(texts, options, class_weights);
  const TextEncoder whole = encoder.uncut();
  const std::size_t classes = texts.class_names().size();
  std::optional<TokenTexts> tokens = token_texts(texts, whole);
  NgramTable table = NgramTable::learn(*tokens, longest_for(options, whole.options().tokenizer),
                                       whole.vocab().size(), options.wide_min_texts);
  std::vector<WeightColumn> columns;
  {
    const Lesson lesson(texts, table, *tokens, options, class_weights);
    tokens.reset();  // before the descent takes its memory
    if (naive_bayes != nullptr && !lesson.labels.empty() && NaiveBayes::fits(table, classes))
      *naive_bayes = std::make_shared<NaiveBayes>(table, lesson.texts, lesson.labels, classes);
    columns = learned_columns(lesson, classes, options.wide_weights, stop);
  }
  drop_weightless(table, columns);
  WideOptions settled = options;
  settled.wide_ngrams = static_cast<int>(table.longest());
  const std::int32_t ngrams = table.size();
  return WideClassifier(std::make_shared<WideClassifier::Impl>(WideClassifier::Impl{
      settled, whole, texts.class_names(), std::move(table), Weights(ngrams, std::move(columns))}));
}

}  // namespace rondo

// The scores of a classifier of several labels a text.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/message.h"
#include "tasks/classify/text_classifier.h"
#include "train/metrics.h"

namespace rondo {
namespace {

using E = MultiLabelEvaluation;
using Lesson = classify::AnswerLesson;

double ratio(double part, double of) {
  return of == 0 ? 0 : part / of;
}

bool has(const std::vector<std::int32_t>& labels, std::size_t label) {
  return std::binary_search(labels.begin(), labels.end(), static_cast<std::int32_t>(label));
}

/// Of a label, or of all together.
struct Counts {
  std::int64_t right = 0, said = 0, truth = 0;

  void add(bool is_true, bool is_said) {
    right += is_true && is_said ? 1 : 0;
    said += is_said ? 1 : 0;
    truth += is_true ? 1 : 0;
  }
  double precision() const { return ratio(static_cast<double>(right), static_cast<double>(said)); }
  double recall() const { return ratio(static_cast<double>(right), static_cast<double>(truth)); }
  double f1() const { return ratio(2 * static_cast<double>(right), static_cast<double>(said + truth)); }
};

/// Every answer counted, by label and together.
struct Table {
  std::vector<Counts> of_label;
  Counts all;
  std::int64_t answers = 0, wrong = 0, texts_right = 0;

  Table(const Lesson& lesson, const std::vector<float>& thresholds) : of_label(thresholds.size()) {
    for (std::size_t i = 0; i < lesson.probabilities.size(); ++i) {
      std::int64_t wrong_here = 0;
      for (std::size_t c = 0; c < thresholds.size(); ++c) {
        const bool is_true = has(lesson.labels[i], c), is_said = lesson.probabilities[i][c] >= thresholds[c];
        of_label[c].add(is_true, is_said);
        all.add(is_true, is_said);
        wrong_here += is_true != is_said ? 1 : 0;
        ++answers;
      }
      wrong += wrong_here;
      texts_right += wrong_here == 0 ? 1 : 0;
    }
  }
  template <class Score>
  double macro(Score&& score) const {
    double sum = 0, labels = 0;
    for (const Counts& counts : of_label) {
      if (counts.said + counts.truth == 0) continue;
      sum += score(counts);
      labels += 1;
    }
    return ratio(sum, labels);
  }
  double macro_f1() const {
    return macro([](const Counts& c) { return c.f1(); });
  }
};

E::AtRank at_rank(const Lesson& lesson, int k) {
  E::AtRank score{.k = k};
  double texts = 0;
  for (std::size_t i = 0; i < lesson.probabilities.size(); ++i) {
    if (lesson.labels[i].empty()) continue;
    Prediction prediction;
    prediction.probabilities = lesson.probabilities[i];
    double right = 0;
    for (const std::size_t c : prediction.ranking(static_cast<std::size_t>(k)))
      right += has(lesson.labels[i], c) ? 1 : 0;
    score.precision += right / k;
    score.recall += right / static_cast<double>(lesson.labels[i].size());
    texts += 1;
  }
  score.precision = ratio(score.precision, texts);
  score.recall = ratio(score.recall, texts);
  return score;
}

/// The mean binary cross entropy of a text's answers.
double loss_of(const Lesson& lesson, std::size_t text) {
  constexpr double least = 1e-12;
  double sum = 0;
  const std::vector<float>& row = lesson.probabilities[text];
  for (std::size_t c = 0; c < row.size(); ++c) {
    const double p = static_cast<double>(row[c]), of_truth = has(lesson.labels[text], c) ? p : 1 - p;
    sum -= std::log(std::max(of_truth, least));
  }
  return ratio(sum, static_cast<double>(row.size()));
}

std::string in_words(const std::vector<std::string>& names, const std::vector<std::int32_t>& labels) {
  std::string text;
  for (const std::int32_t label : labels)
    text += (text.empty() ? "" : ", ") + names[static_cast<std::size_t>(label)];
  return text;
}

/// The texts of the largest loss among those with a wrong answer; equal ones in the order of the data.
std::vector<E::Mistake> worst_of(const Lesson& lesson, const Dataset& data,
                                 const std::vector<float>& thresholds, std::size_t count) {
  std::vector<E::Mistake> mistakes;
  for (std::size_t i = 0; i < lesson.probabilities.size(); ++i) {
    std::vector<std::int32_t> said;
    for (std::size_t c = 0; c < thresholds.size(); ++c)
      if (lesson.probabilities[i][c] >= thresholds[c]) said.push_back(static_cast<std::int32_t>(c));
    if (said == lesson.labels[i]) continue;
    mistakes.push_back({.example = i,
                        .text = {},
                        .labels = in_words(data.class_names(), lesson.labels[i]),
                        .predicted = in_words(data.class_names(), said),
                        .loss = loss_of(lesson, i)});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const auto& a, const auto& b) { return a.loss > b.loss; });
  if (mistakes.size() > count) mistakes.resize(count);
  for (E::Mistake& mistake : mistakes)
    mistake.text = data.text(mistake.example);
  return mistakes;
}

E::Part part_of(Words name, std::string key, const Lesson& lesson, std::size_t classes) {
  const Table table(lesson, std::vector<float>(classes, 0.5F));
  return {std::move(name), std::move(key), table.all.f1(), table.macro_f1()};
}

/// What the branch says by itself.
std::vector<Prediction> of_branch(std::span<const std::vector<float>> scores) {
  std::vector<Prediction> all;
  for (const std::vector<float>& row : scores) {
    Prediction& prediction = all.emplace_back();
    for (const float score : row)
      prediction.probabilities.push_back(static_cast<float>(1 / (1 + std::exp(-static_cast<double>(score)))));
  }
  return all;
}

std::vector<E::PerLabel> per_label(const Table& table, const std::vector<std::string>& names,
                                   const std::vector<float>& thresholds) {
  std::vector<E::PerLabel> labels;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const Counts& counts = table.of_label[c];
    labels.push_back({.name = names[c],
                      .precision = counts.precision(),
                      .recall = counts.recall(),
                      .f1 = counts.f1(),
                      .threshold = static_cast<double>(thresholds[c]),
                      .support = counts.truth});
  }
  return labels;
}

}  // namespace

MultiLabelEvaluation evaluate_label_sets(const TextClassifier::Impl& model, const Dataset& data,
                                         std::span<const std::string> texts, int worst) {
  const std::vector<Prediction> of_network = model.of_networks(texts);
  const std::vector<std::vector<float>> scores = model.scores(texts);
  const Lesson lesson = lesson_of(model.cooled(model.mixed(of_network, scores)), data);
  const std::vector<float>& thresholds = model.answers.thresholds;
  const Table table(lesson, thresholds);
  Mean loss;
  for (std::size_t i = 0; i < lesson.probabilities.size(); ++i)
    loss.add(loss_of(lesson, i));
  E e{.examples = static_cast<std::int64_t>(data.size()),
      .loss = loss.value(),
      .micro_precision = table.all.precision(),
      .micro_recall = table.all.recall(),
      .micro_f1 = table.all.f1(),
      .macro_precision = table.macro([](const Counts& c) { return c.precision(); }),
      .macro_recall = table.macro([](const Counts& c) { return c.recall(); }),
      .macro_f1 = table.macro_f1(),
      .hamming_loss = ratio(static_cast<double>(table.wrong), static_cast<double>(table.answers)),
      .subset_accuracy = ratio(static_cast<double>(table.texts_right), static_cast<double>(data.size())),
      .at_rank = {},
      .labels = per_label(table, model.classes(), thresholds),
      .worst = worst_of(lesson, data, thresholds, static_cast<std::size_t>(std::max(worst, 0)))};
  for (const int k : {1, 3, 5})
    if (static_cast<std::size_t>(k) <= model.classes().size()) e.at_rank.push_back(at_rank(lesson, k));
  if (!model.network || !model.wide) return e;
  const std::size_t classes = model.classes().size();
  e.parts = {part_of({"wide branch alone", "仅宽分支"}, "wide", lesson_of(of_branch(scores), data), classes),
             part_of({"network alone", "仅网络"}, "network", lesson_of(of_network, data), classes),
             part_of({"both", "两者结合"}, "both", lesson, classes)};
  return e;
}

}  // namespace rondo

#include "tasks/classify/evaluation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tasks/classify/text_classifier.h"
#include "train/metrics.h"

namespace rondo {
namespace {

std::vector<ClassifierEvaluation::PerClass> per_class(const Confusion& confusion,
                                                      const std::vector<std::string>& names) {
  std::vector<ClassifierEvaluation::PerClass> classes;
  for (int i = 0; i < confusion.classes(); ++i)
    classes.push_back({.name = names[static_cast<std::size_t>(i)],
                       .precision = confusion.precision(i),
                       .recall = confusion.recall(i),
                       .f1 = confusion.f1(i),
                       .support = confusion.support(i)});
  return classes;
}

std::vector<std::vector<std::int64_t>> rows_of(const Confusion& confusion) {
  const auto classes = static_cast<std::size_t>(confusion.classes());
  std::vector<std::vector<std::int64_t>> rows(classes, std::vector<std::int64_t>(classes));
  for (std::size_t truth = 0; truth < classes; ++truth)
    for (std::size_t said = 0; said < classes; ++said)
      rows[truth][said] = confusion.count(static_cast<int>(truth), static_cast<int>(said));
  return rows;
}

/// The most confident mistakes; ties are in the order of the data.
std::vector<ClassifierEvaluation::Mistake> worst_mistakes(const Dataset& data,
                                                          std::span<const Prediction> predictions,
                                                          const std::vector<std::string>& names,
                                                          std::size_t count) {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < predictions.size(); ++i)
    if (predictions[i].label != names[static_cast<std::size_t>(data.label(i))]) wrong.push_back(i);
  std::stable_sort(wrong.begin(), wrong.end(), [&](std::size_t a, std::size_t b) {
    return predictions[a].probability > predictions[b].probability;
  });
  if (wrong.size() > count) wrong.resize(count);
  std::vector<ClassifierEvaluation::Mistake> mistakes;
  for (const std::size_t i : wrong)
    mistakes.push_back({.example = i,
                        .text = data.text(i),
                        .label = names[static_cast<std::size_t>(data.label(i))],
                        .predicted = predictions[i].label,
                        .probability = predictions[i].probability});
  return mistakes;
}

}  // namespace

ClassifierEvaluation evaluate_predictions(const Dataset& data, std::span<const Prediction> predictions,
                                          const std::vector<std::string>& names, int worst) {
  Confusion confusion(static_cast<int>(names.size()));
  Mean loss;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const std::int32_t truth = data.label(i);
    const auto said = std::find(names.begin(), names.end(), predictions[i].label) - names.begin();
    confusion.add(truth, static_cast<std::int32_t>(said));
    const double share = predictions[i].probabilities.at(static_cast<std::size_t>(truth));
    loss.add(-std::log(std::max(share, 1e-12)));
  }
  std::vector<ClassifierEvaluation::Bin> bins = reliability_of(lesson_of(predictions, data));
  const double error = calibration_error(bins);
  return {.examples = confusion.total(),
          .loss = loss.value(),
          .accuracy = confusion.accuracy(),
          .macro_precision = confusion.macro_precision(),
          .macro_recall = confusion.macro_recall(),
          .macro_f1 = confusion.macro_f1(),
          .micro_f1 = confusion.micro_f1(),
          .classes = per_class(confusion, names),
          .confusion = rows_of(confusion),
          .worst = worst_mistakes(data, predictions, names, static_cast<std::size_t>(std::max(worst, 0))),
          .reliability = std::move(bins),
          .calibration_error = error};
}

namespace {

/// Nobody reads a matrix of more classes than this.
constexpr std::size_t most_in_matrix = 30;

report::Table class_table(const ClassifierEvaluation& e) {
  report::Table table{.key = "classes",
                      .title = {"Each label", "各个标签"},
                      .columns = {{"name", {"label", "标签"}, Form::text},
                                  {"precision", {"precision", "精确率"}, Form::share},
                                  {"recall", {"recall", "召回率"}, Form::share},
                                  {"f1", {"F1", "F1"}, Form::share},
                                  {"support", {"texts", "文本数"}, Form::count}},
                      .shown = most_in_matrix};
  for (const ClassifierEvaluation::PerClass& c : e.classes)
    table.rows.push_back({c.name, c.precision, c.recall, c.f1, c.support});
  if (e.classes.size() > most_in_matrix) {
    // All are in JSON; people see those that need help.
    std::stable_sort(table.rows.begin(), table.rows.end(), [](const auto& a, const auto& b) {
      return std::get<double>(a[3]) < std::get<double>(b[3]);
    });
    table.title = {"Each label, lowest F1 first", "各个标签（F1 从低到高）"};
  }
  table.footer = {Words{"mean (macro)", "宏平均"}, e.macro_precision, e.macro_recall, e.macro_f1, e.examples};
  return table;
}

report::Matrix matrix(const ClassifierEvaluation& e) {
  report::Matrix matrix{.key = "confusion",
                        .title = {"Confusion matrix", "混淆矩阵"},
                        .row_title = {"true", "真实"},
                        .column_title = {"predicted", "预测"},
                        .counts = e.confusion};
  for (const ClassifierEvaluation::PerClass& c : e.classes)
    matrix.names.push_back(c.name);
  return matrix;
}

/// The most confused pairs of classes.
report::Table confused_pairs(const ClassifierEvaluation& e) {
  report::Table table{.key = "confused",
                      .title = {"Most confused pairs", "最易混淆的标签"},
                      .columns = {{"label", {"true", "真实"}, Form::text},
                                  {"predicted", {"predicted", "预测"}, Form::text},
                                  {"count", {"texts", "文本数"}, Form::count},
                                  {"share", {"of this label", "占该标签的比例"}, Form::share}}};
  struct Pair {
    std::size_t truth, said;
    std::int64_t count;
  };
  std::vector<Pair> pairs;
  for (std::size_t truth = 0; truth < e.confusion.size(); ++truth)
    for (std::size_t said = 0; said < e.confusion[truth].size(); ++said)
      if (truth != said && e.confusion[truth][said] > 0)
        pairs.push_back({truth, said, e.confusion[truth][said]});
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.count > b.count; });
  if (pairs.size() > most_in_matrix) {
    const std::string counts = std::to_string(most_in_matrix) + " / " + std::to_string(pairs.size());
    table.title = {table.title.en + " (" + counts + ")", table.title.zh + "（" + counts + "）"};
    pairs.resize(most_in_matrix);
  }
  for (const Pair& pair : pairs) {
    const ClassifierEvaluation::PerClass& truth = e.classes[pair.truth];
    table.rows.push_back({truth.name, e.classes[pair.said].name, pair.count,
                          static_cast<double>(pair.count) / static_cast<double>(truth.support)});
  }
  return table;
}

/// Nothing where there is nothing to compare.
std::vector<report::Block> rivals_table(const ClassifierEvaluation& e) {
  if (e.rivals.size() < 2) return {};
  report::Table table{.key = "compared",
                      .title = {"What each part is worth on these texts", "各部分在这些文本上的成绩"},
                      .columns = {{"name", {"classifier", "分类器"}, Form::text},
                                  {"accuracy", {"accuracy", "准确率"}, Form::share},
                                  {"macro_f1", {"macro-F1", "宏平均 F1"}, Form::share}},
                      .rows = {},
                      .headline = true};
  for (const ClassifierEvaluation::Rival& rival : e.rivals)
    table.rows.push_back({rival.name, rival.accuracy, rival.macro_f1});
  return {table};
}

report::Table mistakes_table(const ClassifierEvaluation& e) {
  report::Table table{
      .key = "worst",
      .title = {"Most confident mistakes", "错得最离谱的样本"},
      .columns = {{"example", {"example", "样本"}, Form::count},
                  {"label", {"true", "真实标签"}, Form::text},
                  {"predicted", {"predicted", "预测标签"}, Form::text},
                  {"probability", {"probability", "概率"}, Form::share},
                  {"text", {"text", "文本"}, Form::text}},
      .note = e.worst.empty() ? Words{"None: every text was classified correctly.", "没有，全部分类正确。"}
                              : Words{"Wrong answers that the model was most confident of.",
                                      "模型最有把握却判错的文本。"}};
  for (const ClassifierEvaluation::Mistake& m : e.worst)
    table.rows.push_back({static_cast<std::int64_t>(m.example), m.label, m.predicted,
                          static_cast<double>(m.probability), m.text});
  return table;
}

}  // namespace

Evaluation ClassifierEvaluation::summary() const {
  const auto share = [](std::string name, Words title, double value, bool headline = false) {
    return Score{std::move(name), std::move(title), value, Form::share, Better::higher, headline};
  };
  Evaluation all{.examples = examples,
                 .counted = {"texts", "文本"},
                 .scores = {{"loss", {"loss", "损失"}, loss, Form::number, Better::lower, false},
                            share("accuracy", {"accuracy", "准确率"}, accuracy, true),
                            share("macro_precision", {"macro-precision", "宏平均精确率"}, macro_precision),
                            share("macro_recall", {"macro-recall", "宏平均召回率"}, macro_recall),
                            share("macro_f1", {"macro-F1", "宏平均 F1"}, macro_f1, true),
                            share("micro_f1", {"micro-F1", "微平均 F1"}, micro_f1),
                            {"calibration_error",
                             {"calibration error", "校准误差"},
                             calibration_error,
                             Form::share,
                             Better::lower,
                             false}},
                 .blocks = rivals_table(*this)};
  if (coverage) {
    all.scores.push_back(share("coverage", {"certain answers", "确定回答占比"}, *coverage, true));
    all.scores.push_back(share("certain_accuracy", {"accuracy of certain answers", "确定回答的准确率"},
                               *certain_accuracy, true));
  }
  all.blocks.emplace_back(class_table(*this));
  if (unknown > 0)
    all.scores.push_back({"unknown",
                          {"texts of unknown labels", "未知标签的文本"},
                          static_cast<double>(unknown),
                          Form::count,
                          Better::lower,
                          true});
  if (classes.size() <= most_in_matrix)
    all.blocks.emplace_back(matrix(*this));
  else
    all.blocks.emplace_back(confused_pairs(*this));
  for (report::Block& block : calibration_blocks(*this))
    all.blocks.push_back(std::move(block));
  all.blocks.emplace_back(mistakes_table(*this));
  return all;
}

}  // namespace rondo

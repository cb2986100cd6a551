// How often a classifier is right where it says so with a probability of p.
#include <algorithm>
#include <cmath>

#include "tasks/classify/evaluation.h"

namespace rondo {

std::vector<ClassifierEvaluation::Bin> reliability_of(const classify::AnswerLesson& lesson) {
  constexpr std::size_t bins = 10;
  std::vector<ClassifierEvaluation::Bin> all(bins);
  for (std::size_t i = 0; i < lesson.probabilities.size(); ++i) {
    const std::vector<float>& of_text = lesson.probabilities[i];
    const auto best = std::max_element(of_text.begin(), of_text.end());
    const auto at = std::min(bins - 1, static_cast<std::size_t>(std::max(*best, 0.0F) * bins));
    all[at].texts += 1;
    all[at].confidence += static_cast<double>(*best);
    all[at].accuracy += best - of_text.begin() == lesson.labels[i].front() ? 1 : 0;
  }
  for (ClassifierEvaluation::Bin& bin : all) {
    if (bin.texts == 0) continue;
    bin.confidence /= static_cast<double>(bin.texts);
    bin.accuracy /= static_cast<double>(bin.texts);
  }
  return all;
}

double calibration_error(std::span<const ClassifierEvaluation::Bin> bins) {
  double sum = 0;
  std::int64_t texts = 0;
  for (const ClassifierEvaluation::Bin& bin : bins) {
    sum += static_cast<double>(bin.texts) * std::abs(bin.confidence - bin.accuracy);
    texts += bin.texts;
  }
  return texts == 0 ? 0 : sum / static_cast<double>(texts);
}

void add_certainty(ClassifierEvaluation& evaluation, const classify::AnswerLesson& lesson, float certain) {
  std::int64_t texts = 0, right = 0;
  for (std::size_t i = 0; i < lesson.probabilities.size(); ++i) {
    const std::vector<float>& of_text = lesson.probabilities[i];
    const auto best = std::max_element(of_text.begin(), of_text.end());
    if (*best < certain) continue;
    ++texts;
    right += best - of_text.begin() == lesson.labels[i].front() ? 1 : 0;
  }
  const auto share = [](std::int64_t part, std::size_t of) {
    return of == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(of);
  };
  evaluation.coverage = share(texts, lesson.probabilities.size());
  evaluation.certain_accuracy = share(right, static_cast<std::size_t>(texts));
}

namespace {

Words name_of_part(const std::string& key) {
  if (key == "network") return {"network alone", "仅网络"};
  return {"before calibration", "校准前"};
}

report::Table errors_table(const ClassifierEvaluation& e) {
  report::Table table{
      .key = "calibration",
      .title = {"Expected calibration error", "期望校准误差"},
      .columns = {{"name", {"answers", "回答"}, Form::text},
                  {"calibration_error", {"error", "误差"}, Form::share}},
      .note = {"How far probabilities are from the share of right answers, as a mean; 0 is perfect.",
               "概率与实际正确率的平均差距，0 为最佳。"}};
  for (const auto& [key, error] : e.calibration_of_parts)
    table.rows.push_back({name_of_part(key), error});
  table.rows.push_back({Words{"the classifier", "分类器"}, e.calibration_error});
  return table;
}

report::Table reliability_table(const ClassifierEvaluation& e) {
  report::Table table{.key = "reliability",
                      .title = {"Reliability", "可靠性"},
                      .columns = {{"from", {"probability from", "概率下限"}, Form::share},
                                  {"texts", {"texts", "文本数"}, Form::count},
                                  {"confidence", {"mean probability", "平均概率"}, Form::share},
                                  {"accuracy", {"right", "正确率"}, Form::share}}};
  for (std::size_t i = 0; i < e.reliability.size(); ++i) {
    const ClassifierEvaluation::Bin& bin = e.reliability[i];
    if (bin.texts > 0)
      table.rows.push_back({static_cast<double>(i) / static_cast<double>(e.reliability.size()), bin.texts,
                            bin.confidence, bin.accuracy});
  }
  return table;
}

report::Lines reliability_diagram(const ClassifierEvaluation& e) {
  report::Lines diagram{.title = {"Reliability diagram", "可靠性图"},
                        .x_title = {"tenth of probability", "概率所在的十分位"},
                        .lines = {{{"right", "正确率"}, {}}, {{"mean probability", "平均概率"}, {}}}};
  for (const ClassifierEvaluation::Bin& bin : e.reliability) {
    const bool none = bin.texts == 0;
    diagram.lines[0].second.push_back(none ? NAN : static_cast<float>(bin.accuracy));
    diagram.lines[1].second.push_back(none ? NAN : static_cast<float>(bin.confidence));
  }
  return diagram;
}

}  // namespace

std::vector<report::Block> calibration_blocks(const ClassifierEvaluation& e) {
  if (e.examples == 0 || e.reliability.empty()) return {};
  return {errors_table(e), reliability_diagram(e), reliability_table(e)};
}

}  // namespace rondo

// The scores of several labels a text as tables.
#include <algorithm>

#include <rondo/tasks/classify.h>

namespace rondo {
namespace {

report::Table label_table(const MultiLabelEvaluation& e) {
  report::Table table{.key = "labels",
                      .title = {"Each label", "各个标签"},
                      .columns = {{"name", {"label", "标签"}, Form::text},
                                  {"threshold", {"threshold", "阈值"}, Form::number},
                                  {"precision", {"precision", "精确率"}, Form::share},
                                  {"recall", {"recall", "召回率"}, Form::share},
                                  {"f1", {"F1", "F1"}, Form::share},
                                  {"support", {"texts", "文本数"}, Form::count}},
                      .note = {"A text has a label from its threshold on.", "概率达到阈值即判为该标签。"}};
  for (const MultiLabelEvaluation::PerLabel& label : e.labels)
    table.rows.push_back(
        {label.name, label.threshold, label.precision, label.recall, label.f1, label.support});
  table.footer = {Words{"mean (macro)", "宏平均"},
                  std::string(),
                  e.macro_precision,
                  e.macro_recall,
                  e.macro_f1,
                  e.examples};
  return table;
}

report::Table rank_table(const MultiLabelEvaluation& e) {
  report::Table table{.key = "at_rank",
                      .title = {"The k most likely labels", "概率最高的 k 个标签"},
                      .columns = {{"k", {"k", "k"}, Form::count},
                                  {"precision", {"precision at k", "前 k 精确率"}, Form::share},
                                  {"recall", {"recall at k", "前 k 召回率"}, Form::share}}};
  for (const MultiLabelEvaluation::AtRank& at : e.at_rank)
    table.rows.push_back({static_cast<std::int64_t>(at.k), at.precision, at.recall});
  return table;
}

report::Table parts_table(const MultiLabelEvaluation& e) {
  report::Table table{.key = "compared",
                      .title = {"What each part is worth on these texts", "各部分在这些文本上的成绩"},
                      .columns = {{"name", {"classifier", "分类器"}, Form::text},
                                  {"micro_f1", {"micro-F1", "微平均 F1"}, Form::share},
                                  {"macro_f1", {"macro-F1", "宏平均 F1"}, Form::share}},
                      .note = {"With a threshold of a half for every label.", "所有标签的阈值均取 0.5。"},
                      .headline = true};
  for (const MultiLabelEvaluation::Part& part : e.parts)
    table.rows.push_back({part.name, part.micro_f1, part.macro_f1});
  return table;
}

report::Table mistakes_table(const MultiLabelEvaluation& e) {
  report::Table table{.key = "worst",
                      .title = {"Worst answers", "偏差最大的回答"},
                      .columns = {{"example", {"example", "样本"}, Form::count},
                                  {"labels", {"true", "真实标签"}, Form::text},
                                  {"predicted", {"predicted", "预测标签"}, Form::text},
                                  {"loss", {"loss", "损失"}, Form::number},
                                  {"text", {"text", "文本"}, Form::text}}};
  for (const MultiLabelEvaluation::Mistake& m : e.worst)
    table.rows.push_back({static_cast<std::int64_t>(m.example), m.labels, m.predicted, m.loss, m.text});
  return table;
}

}  // namespace

Evaluation MultiLabelEvaluation::summary() const {
  const auto share = [](std::string name, Words title, double value, bool headline = false) {
    return Score{std::move(name), std::move(title), value, Form::share, Better::higher, headline};
  };
  Evaluation all{
      .examples = examples,
      .counted = {"texts", "文本"},
      .scores = {
          {"loss", {"loss", "损失"}, loss, Form::number, Better::lower, false},
          share("micro_f1", {"micro-F1", "微平均 F1"}, micro_f1, true),
          share("macro_f1", {"macro-F1", "宏平均 F1"}, macro_f1, true),
          share("micro_precision", {"micro-precision", "微平均精确率"}, micro_precision),
          share("micro_recall", {"micro-recall", "微平均召回率"}, micro_recall),
          share("macro_precision", {"macro-precision", "宏平均精确率"}, macro_precision),
          share("macro_recall", {"macro-recall", "宏平均召回率"}, macro_recall),
          share("subset_accuracy", {"all labels right", "全部标签正确"}, subset_accuracy, true),
          {"hamming_loss", {"Hamming loss", "汉明损失"}, hamming_loss, Form::share, Better::lower, false}}};
  for (const AtRank& at : at_rank) {
    const std::string k = std::to_string(at.k);
    all.scores.push_back(
        share("precision_at_" + k, {"precision at " + k, "前 " + k + " 精确率"}, at.precision, at.k == 1));
    all.scores.push_back(share("recall_at_" + k, {"recall at " + k, "前 " + k + " 召回率"}, at.recall));
  }
  if (lost > 0)
    all.scores.push_back({"unknown",
                          {"unknown labels", "未知标签数"},
                          static_cast<double>(lost),
                          Form::count,
                          Better::lower,
                          true});
  if (!parts.empty()) all.blocks.emplace_back(parts_table(*this));
  all.blocks.emplace_back(label_table(*this));
  all.blocks.emplace_back(rank_table(*this));
  all.blocks.emplace_back(mistakes_table(*this));
  return all;
}

}  // namespace rondo

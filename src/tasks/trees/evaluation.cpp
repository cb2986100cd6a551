#include "tasks/trees/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/shown.h"
#include "data/class_names.h"
#include "data/normalize.h"
#include "tasks/trees/labels.h"
#include "tasks/trees/network.h"
#include "tasks/trees/phrases.h"

namespace rondo::trees {
namespace {

struct Share {
  std::int64_t right = 0, all = 0;
  void add(bool is_right) {
    right += is_right ? 1 : 0;
    ++all;
  }
  double value() const {
    return all == 0 ? std::nan("") : static_cast<double>(right) / static_cast<double>(all);
  }
};

/// All counts over trees and answers.
class Counts {
 public:
  explicit Counts(const std::vector<std::string>& classes)
      : classes_(classes), numbers_(classes), polar_(have_polarity(classes)) {
    for (const std::string& name : classes)
      sides_.push_back(polarity_of(name).value_or(0));
    confusion_.assign(classes.size(), std::vector<std::int64_t>(classes.size()));
  }

  void add(const LabelledTree& tree, const TreeAnswer& answer) {
    for (std::size_t node = 0; node < tree.parents.size(); ++node)
      if (!tree.labels[node].empty()) add(tree.labels[node], answer, node, tree.parents[node] < 0);
  }

  TreeEvaluation result() const {
    TreeEvaluation e{.root_accuracy = roots_.value(),
                     .node_accuracy = nodes_.value(),
                     .root_binary = binary_roots_.value(),
                     .node_binary = binary_nodes_.value(),
                     .loss = known_ > 0 ? nats_ / static_cast<double>(known_) : std::nan(""),
                     .roots = roots_.all,
                     .nodes = nodes_.all,
                     .binary_roots = binary_roots_.all,
                     .binary_nodes = binary_nodes_.all};
    return e;
  }
  const std::vector<std::vector<std::int64_t>>& confusion() const noexcept { return confusion_; }

 private:
  void add(std::string_view label, const TreeAnswer& answer, std::size_t node, bool root) {
    const std::span<const float> probabilities =
        std::span(answer.probabilities).subspan(node * classes_.size(), classes_.size());
    const std::int32_t said = answer.labels[node];
    const std::optional<int> side = polarity_of(label);
    if (polar_ && side && *side != 0) {
      double balance = 0;
      for (std::size_t c = 0; c < classes_.size(); ++c)
        balance += sides_[c] * static_cast<double>(probabilities[c]);
      binary_nodes_.add((balance > 0) == (*side > 0));
      if (root) binary_roots_.add((balance > 0) == (*side > 0));
    }
    const std::optional<std::int32_t> truth = numbers_.find(label);
    // Truths of the task of two say nothing of five classes.
    if (polar_ && !truth && (label == negative || label == positive)) return;
    nodes_.add(truth == said);
    if (root) roots_.add(truth == said);
    if (!truth) return;
    ++confusion_[static_cast<std::size_t>(*truth)][static_cast<std::size_t>(said)];
    ++known_;
    nats_ -= std::log(std::max(static_cast<double>(probabilities[static_cast<std::size_t>(*truth)]), 1e-300));
  }

  const std::vector<std::string>& classes_;
  ClassNumbers numbers_;
  bool polar_;
  std::vector<int> sides_;
  Share roots_, nodes_, binary_roots_, binary_nodes_;
  std::vector<std::vector<std::int64_t>> confusion_;
  std::int64_t known_ = 0;
  double nats_ = 0;
};

std::vector<Score> scores_of(const TreeEvaluation& e) {
  std::vector<Score> scores;
  const auto share = [&](std::string name, Words title, double value, std::int64_t all, bool headline) {
    if (all > 0)
      scores.push_back({std::move(name), std::move(title), value, Form::share, Better::higher, headline});
  };
  share("root_accuracy", {"accuracy at the roots", "根节点准确率"}, e.root_accuracy, e.roots, true);
  share("node_accuracy", {"at all nodes", "全部节点准确率"}, e.node_accuracy, e.nodes, true);
  share("root_binary", {"positive or negative, roots", "根节点正负准确率"}, e.root_binary, e.binary_roots,
        true);
  share("node_binary", {"positive or negative, nodes", "全部节点正负准确率"}, e.node_binary, e.binary_nodes,
        false);
  if (!std::isnan(e.loss))
    scores.push_back({"loss", {"nats a node", "每节点纳特数"}, e.loss, Form::number, Better::lower, false});
  const auto count = [&](std::string name, Words title, std::int64_t value) {
    scores.push_back({.name = std::move(name),
                      .title = std::move(title),
                      .value = static_cast<double>(value),
                      .form = Form::count});
  };
  count("roots", {"labelled roots", "有标签的根节点数"}, e.roots);
  count("nodes", {"labelled nodes", "有标签的节点数"}, e.nodes);
  if (e.binary_nodes > 0) {
    count("binary_roots", {"roots that are positive or negative", "正负根节点数"}, e.binary_roots);
    count("binary_nodes", {"nodes that are positive or negative", "正负节点数"}, e.binary_nodes);
  }
  return scores;
}

/// Trees with the largest share of wrong nodes; of equal ones the larger tree.
report::Table worst_trees(std::span<const LabelledTree* const> trees, std::span<const TreeAnswer> answers,
                          const std::vector<std::string>& classes, int most) {
  struct Wrong {
    std::size_t tree;
    std::int64_t wrong, all;
  };
  std::vector<Wrong> found;
  for (std::size_t t = 0; t < trees.size(); ++t) {
    Wrong one{t, 0, 0};
    for (std::size_t node = 0; node < trees[t]->parents.size(); ++node) {
      const std::string_view label = trees[t]->labels[node];
      if (label.empty()) continue;
      ++one.all;
      one.wrong += label != classes[static_cast<std::size_t>(answers[t].labels[node])] ? 1 : 0;
    }
    if (one.wrong > 0) found.push_back(one);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Wrong& a, const Wrong& b) { return a.wrong > b.wrong; });
  found.resize(std::min(found.size(), static_cast<std::size_t>(std::max(most, 0))));
  report::Table table{.key = "worst",
                      .title = {"Trees with most mistakes", "错误最多的树"},
                      .columns = {{"line", {"line", "行"}, Form::count},
                                  {"wrong", {"wrong nodes", "错误节点"}, Form::count},
                                  {"nodes", {"labelled nodes", "有标签的节点"}, Form::count},
                                  {"true", {"root: true", "根：标准"}},
                                  {"answer", {"answer", "输出"}},
                                  {"text", {"text", "文本"}}}};
  for (const Wrong& one : found) {
    const LabelledTree& tree = *trees[one.tree];
    const auto root = static_cast<std::size_t>(std::find(tree.parents.begin(), tree.parents.end(), -1) -
                                               tree.parents.begin());
    table.rows.push_back(
        {static_cast<std::int64_t>(tree.line), one.wrong, one.all, std::string(tree.labels[root]),
         classes[static_cast<std::size_t>(answers[one.tree].labels[root])], text_of(tree, 120)});
  }
  return table;
}

}  // namespace

bool is_negator(std::string_view word) {
  static constexpr auto words = std::to_array<std::string_view>(
      {"not",    "n't",     "no",     "never",  "neither", "nor",    "nothing", "none",
       "nobody", "nowhere", "hardly", "barely", "without", "cannot", "不",      "没",
       "没有",   "未",      "无",     "别",     "莫",      "非"});
  const std::string folded = Normalizer{.form = Normalization::nfc}(word);
  return std::find(words.begin(), words.end(), folded) != words.end();
}

report::Table negation_table(std::span<const LabelledTree* const> trees, std::span<const TreeAnswer> answers,
                             const std::vector<std::string>& classes) {
  struct Row {
    std::int64_t all = 0, changed = 0, said_changed = 0, right = 0;
    std::map<std::string, std::int64_t, std::less<>> after;
  };
  std::map<std::string, Row, std::less<>> rows;
  for (std::size_t t = 0; t < trees.size(); ++t)
    for (const Negation& n : negations_in(*trees[t])) {
      const std::string_view before = trees[t]->labels[n.phrase], after = trees[t]->labels[n.negated];
      if (before.empty() || after.empty()) continue;
      Row& row = rows[std::string(before)];
      const auto said = [&](std::size_t node) -> const std::string& {
        return classes[static_cast<std::size_t>(answers[t].labels[node])];
      };
      ++row.all;
      ++row.after[std::string(after)];
      row.changed += before != after ? 1 : 0;
      row.said_changed += said(n.phrase) != said(n.negated) ? 1 : 0;
      row.right += said(n.negated) == after ? 1 : 0;
    }
  report::Table table{.key = "negation",
                      .title = {"From a phrase to its negation", "从短语到其否定"},
                      .columns = {{"label", {"label of the phrase", "短语标签"}},
                                  {"phrases", {"negated phrases", "被否定的短语"}, Form::count},
                                  {"changed", {"label changes", "标签改变"}, Form::share},
                                  {"answer_changed", {"answer changes", "输出改变"}, Form::share},
                                  {"right", {"negated phrase right", "否定短语正确"}, Form::share},
                                  {"commonest", {"commonest label once negated", "否定后最常见的标签"}}},
                      .note = {"A negated phrase stands beside a word such as \"not\" under one node.",
                               "被否定的短语与“不”“not”等词同在一个节点之下。"}};
  for (const auto& [label, row] : rows) {
    const auto share = [all = row.all](std::int64_t count) {
      return static_cast<double>(count) / static_cast<double>(all);
    };
    const auto commonest = std::max_element(row.after.begin(), row.after.end(),
                                            [](const auto& a, const auto& b) { return a.second < b.second; });
    table.rows.push_back(
        {label, row.all, share(row.changed), share(row.said_changed), share(row.right), commonest->first});
  }
  return table;
}

TreeEvaluation evaluation_of(std::span<const LabelledTree* const> trees, std::span<const TreeAnswer> answers,
                             const std::vector<std::string>& classes, int worst) {
  Counts counts(classes);
  for (std::size_t t = 0; t < trees.size(); ++t)
    counts.add(*trees[t], answers[t]);
  TreeEvaluation e = counts.result();
  e.trees = std::ssize(trees);
  e.summary = {.examples = e.trees, .counted = {"trees", "棵树"}, .scores = scores_of(e)};
  if (e.nodes > 0)
    e.summary.blocks.emplace_back(report::Matrix{.key = "confusion",
                                                 .title = {"Confusion, all nodes", "全部节点的混淆矩阵"},
                                                 .row_title = {"true label", "标准标签"},
                                                 .column_title = {"answer", "输出"},
                                                 .names = classes,
                                                 .counts = counts.confusion()});
  report::Table negations = negation_table(trees, answers, classes);
  if (!negations.rows.empty()) e.summary.blocks.emplace_back(std::move(negations));
  if (worst > 0 && e.nodes > 0) e.summary.blocks.emplace_back(worst_trees(trees, answers, classes, worst));
  return e;
}

Evaluation no_evaluation() {
  TreeEvaluation e{.roots = 1, .nodes = 1, .binary_roots = 1, .binary_nodes = 1};
  Evaluation evaluation{.counted = {"trees", "棵树"}, .scores = scores_of(e)};
  for (Score& score : evaluation.scores)
    score.value = 0;
  return evaluation;
}

}  // namespace rondo::trees

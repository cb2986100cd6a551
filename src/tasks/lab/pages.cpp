// Trials as sections of a page.
#include <algorithm>
#include <cmath>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/inspect/look.h"
#include "tasks/lab/lab.h"

namespace rondo::lab {
namespace {

Words name_in_words(Network network) {
  switch (network) {
    case Network::tanh:
      return {"tanh RNN", "tanh RNN"};
    case Network::relu:
      return {"ReLU RNN, identity", "ReLU RNN（单位阵）"};
    case Network::linear:
      return {"linear recurrence", "线性递推"};
    case Network::residual:
      return {"residual recurrence", "残差递推"};
    case Network::gru:
      return {"GRU", "GRU"};
    case Network::lstm:
      return {"LSTM", "LSTM"};
    case Network::all:
      break;
  }
  return {"all", "全部"};
}

Words name_in_words(MemoryTask task) {
  switch (task) {
    case MemoryTask::copy:
      return {"copy across a gap", "跨间隔复制"};
    case MemoryTask::adding:
      return {"adding problem", "加法问题"};
    case MemoryTask::parity:
      return {"parity", "奇偶校验"};
  }
  return {};
}

std::vector<float> logarithms(const std::vector<double>& values) {
  std::vector<float> logs;
  for (const double value : values)
    logs.push_back(value > 0 ? static_cast<float>(std::log10(value)) : NAN);
  return logs;
}

/// One curve a network.
inspect::Curves curves(std::string key, Words title, const std::vector<Trial>& trials,
                       std::vector<double> (*values)(const Trial&)) {
  report::Lines lines{.title = std::move(title), .x_title = {"step t", "时间步 t"}, .lines = {}};
  for (const Trial& trial : trials)
    lines.lines.emplace_back(name_in_words(trial.network), logarithms(values(trial)));
  return {std::move(key), std::move(lines)};
}

/// How much of the gradient at the last step is left at the first, as a power of ten; empty if nothing is.
report::Entry left_of(const inspect::Flow& flow) {
  if (flow.loss.empty() || !(flow.loss.front() > 0) || !(flow.loss.back() > 0)) return std::string("-");
  return fixed(std::log10(flow.loss.front() / flow.loss.back()), 1);
}

std::string setting_of(const LabOptions& o) {
  return std::to_string(o.length) + " steps, " + std::to_string(o.units) + " units, Adam " +
         plain(o.learning_rate) + ", clip " + plain(o.clip_norm) + ", seed " + std::to_string(o.seed);
}

}  // namespace

inspect::Section vanishing(const LabOptions& o, const std::vector<Trial>& trials) {
  const Words task = name_in_words(o.task);
  inspect::Section section{{"Gradients over " + std::to_string(o.length) + " steps: " + task.en,
                            "梯度经过 " + std::to_string(o.length) + " 步：" + task.zh},
                           {}};
  section.blocks.emplace_back(report::Note{
      {"The network answers at the last step. A gradient that falls on its way back to step 1 cannot teach "
       "it "
       "what step 1 meant. log₁₀ of norms: -3 is a thousandth.",
       "网络在最后一步作答。梯度若在回传到第 1 步的途中衰减，就无法让网络学到第 1 步的含义。图中为范数的 "
       "log₁₀：-3 即千分之一。"}});
  section.blocks.emplace_back(curves("loss_before", {"‖∂L/∂h_t‖ before learning", "学习前的 ‖∂L/∂h_t‖"},
                                     trials, [](const Trial& t) { return t.before.loss; }));
  section.blocks.emplace_back(curves("loss_after", {"‖∂L/∂h_t‖ after learning", "学习后的 ‖∂L/∂h_t‖"}, trials,
                                     [](const Trial& t) { return t.after.loss; }));
  section.blocks.emplace_back(curves("last_before", {"‖∂h_T/∂s_t‖ before learning", "学习前的 ‖∂h_T/∂s_t‖"},
                                     trials, [](const Trial& t) { return t.before.last; }));
  section.blocks.emplace_back(curves(
      "radius_before", {"Spectral radius of the step Jacobian before learning", "学习前单步雅可比的谱半径"},
      trials, [](const Trial& t) { return t.before.radius; }));
  return section;
}

inspect::Section memory(const LabOptions& o, const std::vector<Trial>& trials) {
  const Words task = name_in_words(o.task);
  const bool adding = o.task == MemoryTask::adding;
  report::Table table{
      .key = "trials",
      .title = {"Who learns it: " + task.en + ", " + setting_of(o),
                "谁能学会：" + task.zh + "（" + setting_of(o) + "）"},
      .columns = {
          {"network", {"network", "网络"}, Form::text},
          {"solved", {"solved", "是否学会"}, Form::text},
          {"steps", {"steps of training", "训练步数"}, Form::count},
          {"score",
           adding ? Words{"error (mean: 0.167)", "误差（恒取均值：0.167）"} : Words{"accuracy", "准确率"},
           adding ? Form::number : Form::share},
          {"log10_left_before", {"log₁₀ gradient left, before", "学习前梯度剩余 log₁₀"}, Form::text},
          {"log10_left_after", {"after", "学习后"}, Form::text},
          {"largest_gradient", {"longest gradient", "最大梯度范数"}, Form::text}}};
  for (const Trial& trial : trials)
    table.rows.push_back({name_in_words(trial.network),
                          trial.broken   ? Words{"no: the loss overflowed", "否：损失溢出"}
                          : trial.solved ? Words{"yes", "是"}
                                         : Words{"no", "否"},
                          trial.steps, trial.score, left_of(trial.before), left_of(trial.after),
                          significant(trial.largest_norm, 3)});
  return {{"Memory", "记忆"}, {std::move(table)}};
}

std::vector<inspect::Section> gates(const LabOptions& o, const std::vector<Trial>& trials) {
  std::vector<inspect::Section> sections;
  std::vector<std::string> steps;
  for (int t = 1; t <= o.length; ++t)
    steps.push_back(std::to_string(t));
  for (const Trial& trial : trials) {
    if (!has_gates(trial.network) || trial.broken) continue;
    inspect::Section section = inspect::section_of(trial.run, steps);
    const Words name = name_in_words(trial.network);
    section.title = {name.en + " after " + std::to_string(trial.steps) + " steps of training",
                     name.zh + "：训练 " + std::to_string(trial.steps) + " 步之后"};
    sections.push_back(std::move(section));
  }
  return sections;
}

}  // namespace rondo::lab

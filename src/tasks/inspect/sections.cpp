// A recurrent level and recurrent weights as sections of a page.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/shown.h"
#include "tasks/inspect/look.h"

namespace rondo::inspect {
namespace {

/// Rows of a heat map of units: more are drawn from evenly.
constexpr std::size_t most_units = 64;

Words name_of_gate(const std::string& gate) {
  if (gate == "input") return {"Input gate i", "输入门 i"};
  if (gate == "forget") return {"Forget gate f", "遗忘门 f"};
  if (gate == "output") return {"Output gate o", "输出门 o"};
  if (gate == "reset") return {"Reset gate r", "重置门 r"};
  if (gate == "update") return {"Update gate z (1 keeps the old state)", "更新门 z（1 表示保留旧状态）"};
  if (gate == "candidate") return {"Candidate", "候选值"};
  return {"State", "状态"};
}

/// Which units are drawn, slowest first.
struct Order {
  std::vector<std::size_t> units;
  std::vector<double> constants;  ///< of all; empty: a simple RNN has none

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < units.size(); ++i)
      names.push_back(constants.empty() ? "" : "τ " + significant(constants[units[i]], 3));
    return names;
  }
};

Order order_of(const Trajectory& seen) {
  Order order{.constants = time_constants(seen)};
  std::vector<std::size_t> all(static_cast<std::size_t>(seen.h.columns()));
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (!order.constants.empty())
    std::stable_sort(all.begin(), all.end(),
                     [&](std::size_t a, std::size_t b) { return order.constants[a] > order.constants[b]; });
  const std::size_t shown = std::min(all.size(), most_units);
  for (std::size_t i = 0; i < shown; ++i)
    order.units.push_back(all[i * all.size() / shown]);
  return order;
}

Heat units_over_steps(std::string key, Words title, const Tensor& values, const Order& order,
                      const std::vector<std::string>& tokens, double most) {
  Heat heat{.key = std::move(key),
            .title = std::move(title),
            .rows = order.names(),
            .columns = tokens,
            .most = most};
  for (const std::size_t unit : order.units) {
    std::vector<float>& row = heat.values.emplace_back();
    for (std::int64_t t = 0; t < values.rows(); ++t)
      row.push_back(static_cast<float>(values.at(t * values.columns() + static_cast<std::int64_t>(unit))));
  }
  return heat;
}

double largest(const Tensor& values) {
  double most = 0;
  for (const double value : values.data<double>())
    most = std::max(most, std::abs(value));
  return most;
}

std::vector<float> logarithms(const std::vector<double>& values) {
  std::vector<float> logs;
  for (const double value : values)
    logs.push_back(value > 0 ? static_cast<float>(std::log10(value)) : NAN);
  return logs;
}

std::vector<float> as_they_are(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

bool any_number(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

void add_flow(Section& section, const Run& run) {
  const Flow seen = flow(run);
  const Words step = {"step", "时间步"};
  report::Lines gradients{
      .title = {"Gradients, log₁₀ of their norms", "梯度范数的 log₁₀"}, .x_title = step, .lines = {}};
  const auto add = [&](Words name, const std::vector<double>& values) {
    if (any_number(values)) gradients.lines.emplace_back(std::move(name), logarithms(values));
  };
  add({"‖∂L/∂h‖", {}}, seen.loss);
  add({"‖∂L/∂c‖", {}}, seen.memory);
  add({"‖∂h_T/∂s_t‖", {}}, seen.last);
  section.blocks.emplace_back(Curves{run.name + ".log10_gradients", std::move(gradients)});
  report::Lines jacobian{
      .title = {"Step Jacobian: norm γ and spectral radius ρ", "单步雅可比：范数 γ 与谱半径 ρ"},
      .x_title = step,
      .lines = {{{"γ", {}}, as_they_are(seen.norm)}, {{"ρ", {}}, as_they_are(seen.radius)}}};
  section.blocks.emplace_back(Curves{run.name + ".jacobian", std::move(jacobian)});
}

report::Table saturation_table(const Run& run, const Trajectory& seen) {
  report::Table table{.key = run.name + ".saturation",
                      .title = {"Saturation", "饱和程度"},
                      .columns = {{"gate", {"gate", "门"}, Form::text},
                                  {"low", {"below 0.1 (tanh: -0.9)", "低于 0.1（tanh：-0.9）"}, Form::share},
                                  {"high", {"above 0.9", "高于 0.9"}, Form::share}}};
  for (const Saturation& share : saturation(seen))
    table.rows.push_back({name_of_gate(share.gate), share.low, share.high});
  return table;
}

/// How alike the hidden states of each two steps are, and which step is nearest.
void add_neighbours(Section& section, const Run& run, const Trajectory& seen,
                    const std::vector<std::string>& tokens) {
  const std::int64_t steps = seen.h.rows(), units = seen.h.columns();
  const auto product = [&](std::int64_t a, std::int64_t b) {
    double sum = 0;
    for (std::int64_t j = 0; j < units; ++j)
      sum += seen.h.at(a * units + j) * seen.h.at(b * units + j);
    return sum;
  };
  std::vector<double> lengths;
  for (std::int64_t t = 0; t < steps; ++t)
    lengths.push_back(std::sqrt(std::max(product(t, t), 1e-30)));
  Heat alike{
      .key = run.name + ".similarity",
      .title = {"Hidden states that are near: cosine of h at two steps", "相近的隐状态：两时间步 h 的余弦"},
      .rows = tokens,
      .columns = tokens};
  for (std::int64_t a = 0; a < steps; ++a) {
    std::vector<float>& row = alike.values.emplace_back();
    for (std::int64_t b = 0; b < steps; ++b)
      row.push_back(static_cast<float>(product(a, b) / lengths[static_cast<std::size_t>(a)] /
                                       lengths[static_cast<std::size_t>(b)]));
  }
  section.blocks.emplace_back(std::move(alike));
}

std::string cell_words(Cell cell, bool chinese) {
  switch (cell) {
    case Cell::lstm:
      return "LSTM";
    case Cell::gru:
      return "GRU";
    case Cell::gru_reset_before:
      return chinese ? "GRU（先重置）" : "GRU, reset before";
    case Cell::rnn_tanh:
      return chinese ? "简单 RNN（tanh）" : "simple RNN, tanh";
    case Cell::rnn_relu:
      return chinese ? "简单 RNN（ReLU）" : "simple RNN, ReLU";
    case Cell::residual:
      return chinese ? "残差递推" : "residual recurrence";
    case Cell::linear:
      return chinese ? "线性递推" : "linear recurrence";
  }
  return {};
}

}  // namespace

Section section_of(const Run& run, const std::vector<std::string>& tokens) {
  const Trajectory seen = trajectory(run);
  const Order order = order_of(seen);
  const std::string units = std::to_string(run.units());
  Section section{{"Level " + run.name + ": " + cell_words(run.cell, false) + ", " + units + " units" +
                       (run.reverse ? ", from the end" : ""),
                   "层 " + run.name + "：" + cell_words(run.cell, true) + "，" + units + " 个单元" +
                       (run.reverse ? "，反向" : "")},
                  {}};
  add_flow(section, run);
  section.blocks.emplace_back(report::Note{
      {"s is the state: h, of an LSTM h and c. Rows below are units, the slowest first; τ = 1 / (1 - mean "
       "of the forget or update gate) is the number of steps that a unit remembers.",
       "s 为状态：h；LSTM 则为 h 与 c。下图每行一个单元，慢者在上；τ = 1 /（1 - 遗忘门或更新门的均值），"
       "即该单元大约记住多少步。"}});
  for (const auto& [gate, values] : seen.gates)
    section.blocks.emplace_back(
        units_over_steps(run.name + "." + gate, name_of_gate(gate), values, order, tokens, 1));
  section.blocks.emplace_back(
      units_over_steps(run.name + ".h", {"Hidden state h", "隐状态 h"}, seen.h, order, tokens, 1));
  if (!seen.c.empty())
    section.blocks.emplace_back(units_over_steps(run.name + ".c", {"Cell state c", "细胞状态 c"}, seen.c,
                                                 order, tokens, largest(seen.c)));
  if (!seen.gates.empty()) section.blocks.emplace_back(saturation_table(run, seen));
  add_neighbours(section, run, seen, tokens);
  return section;
}

Section section_of(const ParameterStore& weights) {
  Section section{{"Recurrent weights", "循环权重"}, {}};
  const std::vector<WeightSpectrum> all = spectra(weights);
  if (all.empty()) return section;
  report::Table table{.key = "recurrent_weights",
                      .title = {"U of each gate", "各门的 U"},
                      .columns = {{"weight", {"weight", "权重"}, Form::text},
                                  {"gate", {"gate", "门"}, Form::text},
                                  {"norm", {"norm", "范数"}, Form::number},
                                  {"largest", {"largest singular value", "最大奇异值"}, Form::number},
                                  {"smallest", {"smallest", "最小奇异值"}, Form::number},
                                  {"radius", {"spectral radius", "谱半径"}, Form::number}}};
  for (const WeightSpectrum& one : all) {
    table.rows.push_back({one.name, name_of_gate(one.gate), one.norm, one.singular_values.front(),
                          one.singular_values.back(), one.radius});
  }
  section.blocks.emplace_back(std::move(table));
  for (std::size_t i = 0; i < all.size();) {
    const std::string name = all[i].name;
    report::Lines values{.title = {"Singular values of " + name, name + " 的奇异值"},
                         .x_title = {"number", "序号"},
                         .lines = {}};
    for (; i < all.size() && all[i].name == name; ++i)
      values.lines.emplace_back(name_of_gate(all[i].gate), as_they_are(all[i].singular_values));
    section.blocks.emplace_back(Curves{name + ".singular_values", std::move(values)});
  }
  return section;
}

}  // namespace rondo::inspect

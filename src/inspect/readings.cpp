// What can be read off the steps of a sequence: gates, gradients, time constants, spectra of weights.
#include <algorithm>
#include <array>
#include <cmath>

#include <rondo/error.h>

#include "base/message.h"
#include "inspect/spectrum.h"
#include "inspect/steps.h"

namespace rondo::inspect {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
/// Multiplications that `last` may cost when nobody says how many steps to follow: about a second.
constexpr double most_products = 1.6e9;

std::span<const std::string_view> gate_names(Cell cell) {
  static constexpr std::array<std::string_view, 4> lstm = {"input", "forget", "candidate", "output"};
  static constexpr std::array<std::string_view, 3> gru = {"reset", "update", "candidate"};
  if (cell == Cell::lstm) return lstm;
  if (cell == Cell::gru || cell == Cell::gru_reset_before) return gru;
  return {};
}

/// Rows in reading order as rows by steps.
Tensor by_step(const Matrix& rows, const std::vector<std::int64_t>& at) {
  Matrix sorted(rows.rows(), rows.cols());
  for (std::size_t k = 0; k < at.size(); ++k)
    sorted.row(at[k]) = rows.row(static_cast<Eigen::Index>(k));
  return tensor_of(sorted);
}

/// Row `row` of a gradient, zeros where none arrived.
Vector row_of(const Tensor& gradient, std::int64_t row, std::int64_t units) {
  Vector own = Vector::Zero(units);
  for (std::int64_t j = 0; j < units && !gradient.empty(); ++j)
    own(j) = gradient.at(row * units + j);
  return own;
}

/// One walk from the step read last to the first.
class Walk {
 public:
  Walk(const Run& run, std::int64_t sequence, const FlowOptions& options)
      : run_(run), sequence_(sequence), options_(options), steps_(steps_of(run, sequence)) {
    const auto n = static_cast<double>(steps_.units()), s = static_cast<double>(steps_.state());
    followed_ = options.steps > 0 ? options.steps
                                  : std::max<std::int64_t>(8, std::llround(most_products / (n * s * s)));
    const auto count = static_cast<std::size_t>(steps_.count());
    for (std::vector<double>* values : {&flow_.loss, &flow_.last, &flow_.norm, &flow_.radius})
      values->assign(count, nothing);
    if (run.cell == Cell::lstm) flow_.memory.assign(count, nothing);
    learned_ = !run.dh.empty() || !run.dh_last.empty() || !run.dc_last.empty();
  }

  Flow follow() {
    const std::int64_t units = steps_.units();
    Vector adjoint = Vector::Zero(steps_.state());
    Matrix product = Matrix::Zero(units, steps_.state());
    product.leftCols(units).setIdentity();
    adjoint.head(units) = row_of(run_.dh_last, sequence_, units);
    if (steps_.cell == Cell::lstm) adjoint.tail(units) = row_of(run_.dc_last, sequence_, units);
    for (std::int64_t k = steps_.count() - 1; k >= 0; --k) {
      const auto at = static_cast<std::size_t>(steps_.at[static_cast<std::size_t>(k)]);
      adjoint.head(units) +=
          row_of(run_.dh, run_.layout->row(sequence_, static_cast<std::int64_t>(at)), units);
      if (learned_) note_loss(adjoint, k, at);
      if (options_.jacobians && steps_.count() - k <= followed_) flow_.last[at] = spectral_norm(product);
      const Matrix j = jacobian(steps_, k);
      if (options_.jacobians) {
        flow_.norm[at] = spectral_norm(j);
        flow_.radius[at] = spectral_radius(j);
        if (k > 0 && steps_.count() - k < followed_) product = product * j;
      }
      adjoint = (j.transpose() * adjoint).eval();
    }
    return std::move(flow_);
  }

 private:
  void note_loss(const Vector& adjoint, std::int64_t k, std::size_t at) {
    const std::int64_t units = steps_.units();
    flow_.loss[at] = adjoint.head(units).norm();
    if (steps_.cell != Cell::lstm) return;
    const Eigen::ArrayXd squashed = steps_.c.row(k).transpose().array().tanh();
    const Eigen::ArrayXd through_h =
        adjoint.head(units).array() * steps_.gates[3].row(k).transpose().array() * (1 - squashed.square());
    flow_.memory[at] = (adjoint.tail(units).array() + through_h).matrix().norm();
  }

  const Run& run_;
  std::int64_t sequence_;
  const FlowOptions& options_;
  Steps steps_;
  std::int64_t followed_ = 0;
  bool learned_ = false;
  Flow flow_;
};

Cell cell_with(std::int64_t gates) {
  return gates == 4 ? Cell::lstm : gates == 3 ? Cell::gru : Cell::rnn_tanh;
}

}  // namespace

const Tensor* Trajectory::gate(std::string_view name) const noexcept {
  for (const auto& [own, values] : gates)
    if (own == name) return &values;
  return nullptr;
}

Trajectory trajectory(const Run& run, std::int64_t sequence) {
  const Steps steps = steps_of(run, sequence);
  Trajectory seen;
  const std::span<const std::string_view> names = gate_names(run.cell);
  for (std::size_t g = 0; g < names.size(); ++g)
    seen.gates.emplace_back(names[g], by_step(steps.gates[g], steps.at));
  seen.h = by_step(steps.h, steps.at);
  if (run.cell == Cell::lstm) seen.c = by_step(steps.c, steps.at);
  return seen;
}

Tensor step_jacobian(const Run& run, std::int64_t step, std::int64_t sequence) {
  const Steps steps = steps_of(run, sequence);
  const auto found = std::find(steps.at.begin(), steps.at.end(), step);
  if (found == steps.at.end())
    fail(ErrorKind::option, "step_jacobian: wanted a step from 0 to " + std::to_string(steps.count() - 1) +
                                ", got " + std::to_string(step));
  return tensor_of(jacobian(steps, found - steps.at.begin()));
}

Flow flow(const Run& run, std::int64_t sequence, const FlowOptions& options) {
  return Walk(run, sequence, options).follow();
}

std::vector<Saturation> saturation(const Trajectory& seen) {
  std::vector<Saturation> shares;
  for (const auto& [name, values] : seen.gates) {
    const double closed = name == "candidate" ? -0.9 : 0.1;
    std::int64_t low = 0, high = 0;
    for (const double value : values.data<double>()) {
      low += value < closed ? 1 : 0;
      high += value > 0.9 ? 1 : 0;
    }
    const auto all = static_cast<double>(values.size());
    shares.push_back({name, static_cast<double>(low) / all, static_cast<double>(high) / all});
  }
  return shares;
}

std::vector<double> time_constants(const Trajectory& seen) {
  const Tensor* kept = seen.gate("forget");
  if (kept == nullptr) kept = seen.gate("update");
  if (kept == nullptr) return {};
  std::vector<double> constants;
  for (std::int64_t j = 0; j < kept->columns(); ++j) {
    double sum = 0;
    for (std::int64_t t = 0; t < kept->rows(); ++t)
      sum += kept->at(t * kept->columns() + j);
    const double mean = sum / static_cast<double>(kept->rows());
    constants.push_back(1 / std::max(1 - mean, 1e-12));
  }
  return constants;
}

namespace {

/// The name of W_hr beside that U, which only a projected LSTM has.
std::string projection_of(std::string name) {
  constexpr std::string_view u = "weight_hh";
  return name.replace(name.find(u), u.size(), "weight_hr");
}

}  // namespace

std::vector<WeightSpectrum> spectra(const ParameterStore& weights) {
  std::vector<WeightSpectrum> all;
  for (const Parameter& parameter : weights.parameters()) {
    const Tensor& value = parameter.leaf->value;
    if (parameter.name.find("weight_hh") == std::string::npos || value.shape().size() != 2) continue;
    const bool projected = weights.find(projection_of(parameter.name)) != nullptr;
    const std::int64_t gates = projected ? gates_of(Cell::lstm) : value.rows() / value.columns(),
                       units = value.rows() / gates;
    const std::span<const std::string_view> names = gate_names(cell_with(gates));
    const Matrix u = matrix_of(value);
    for (std::int64_t g = 0; g < gates; ++g) {
      const Matrix own = u.middleRows(g * units, units);
      all.push_back({.name = parameter.name,
                     .gate = names.empty() ? "state" : std::string(names[static_cast<std::size_t>(g)]),
                     .norm = own.norm(),
                     .radius = own.rows() == own.cols() ? spectral_radius(own) : 0,
                     .singular_values = singular_values(own)});
    }
  }
  return all;
}

}  // namespace rondo::inspect

// Gates and states of a sequence, recomputed in f64 from what a Watch kept.
#include "inspect/steps.h"

#include <string>

#include <rondo/error.h>

#include "base/message.h"

namespace rondo::inspect {
namespace {

Matrix sigmoid(const Matrix& a) {
  return (1 + (-a.array()).exp()).inverse().matrix();
}

Matrix tanh(const Matrix& a) {
  return a.array().tanh().matrix();
}

/// The rows of one sequence, in reading order.
Matrix rows_of(const Tensor& rows, const std::vector<std::int64_t>& at, const Layout& layout,
               std::int64_t sequence) {
  Matrix own(static_cast<Eigen::Index>(at.size()), rows.columns());
  for (std::size_t k = 0; k < at.size(); ++k) {
    const std::int64_t row = layout.row(sequence, at[k]);
    for (std::int64_t j = 0; j < rows.columns(); ++j)
      own(static_cast<Eigen::Index>(k), j) = rows.at(row * rows.columns() + j);
  }
  return own;
}

/// Each row's predecessor: `first` for row 0.
Matrix one_later(const Matrix& rows, const Tensor& first, std::int64_t sequence) {
  Matrix before = Matrix::Zero(rows.rows(), rows.cols());
  before.bottomRows(rows.rows() - 1) = rows.topRows(rows.rows() - 1);
  for (std::int64_t j = 0; j < rows.cols() && !first.empty(); ++j)
    before(0, j) = first.at(sequence * rows.cols() + j);
  return before;
}

/// rows · Wᵀ + b for gate g.
Matrix part(const Matrix& rows, const Matrix& weight, const Matrix& bias, std::int64_t units, int g) {
  Matrix sum = rows * weight.middleRows(g * units, units).transpose();
  if (bias.size() > 0) sum.rowwise() += bias.col(0).segment(g * units, units).transpose();
  return sum;
}

/// c from the gates, step by step.
void follow_memory(Steps& steps, const Tensor& c0, std::int64_t sequence) {
  const std::int64_t units = steps.units();
  steps.c.resize(steps.count(), units);
  steps.c_before = Matrix::Zero(steps.count(), units);
  for (std::int64_t j = 0; j < units && !c0.empty(); ++j)
    steps.c_before(0, j) = c0.at(sequence * units + j);
  for (std::int64_t k = 0; k < steps.count(); ++k) {
    const Eigen::RowVectorXd fresh = steps.gates[1].row(k).cwiseProduct(steps.c_before.row(k)) +
                                     steps.gates[0].row(k).cwiseProduct(steps.gates[2].row(k));
    steps.c.row(k) = steps.zoneout * steps.c_before.row(k) + (1 - steps.zoneout) * fresh;
    if (k + 1 < steps.count()) steps.c_before.row(k + 1) = steps.c.row(k);
  }
}

void add_gates(Steps& steps, const Run& run, const Matrix& x) {
  const std::int64_t units = run.units();
  const Matrix w = matrix_of(run.weight_ih), b_w = matrix_of(run.bias_ih), b_u = matrix_of(run.bias_hh);
  const auto from_x = [&](int g) { return part(x, w, b_w, units, g); };
  const auto from_h = [&](int g) { return part(steps.h_before, steps.u, b_u, units, g); };
  const auto both = [&](int g) -> Matrix { return from_x(g) + from_h(g); };
  switch (run.cell) {
    case Cell::rnn_tanh:
    case Cell::rnn_relu:
    case Cell::residual:
    case Cell::linear:
      return;
    case Cell::lstm:
      steps.gates = {sigmoid(both(0)), sigmoid(both(1)), tanh(both(2)), sigmoid(both(3))};
      return;
    case Cell::gru:
      steps.gates = {sigmoid(both(0)), sigmoid(both(1))};
      steps.candidate = from_h(2);
      steps.gates.push_back(tanh(from_x(2) + steps.gates[0].cwiseProduct(steps.candidate)));
      return;
    case Cell::gru_reset_before:
      steps.gates = {sigmoid(both(0)), sigmoid(both(1))};
      steps.gates.push_back(
          tanh(from_x(2) + part(steps.gates[0].cwiseProduct(steps.h_before), steps.u, b_u, units, 2)));
      return;
  }
  throw Bug("inspect: unknown cell");
}

/// diag(d) · m
template <class D, class M>
Matrix scaled(const D& d, const M& m) {
  return d.matrix().asDiagonal() * m;
}

/// What the cell gave before zoneout mixed it with the state before.
Eigen::ArrayXd without_zoneout(const Steps& s, const Eigen::ArrayXd& now, const Eigen::ArrayXd& before) {
  return s.zoneout == 0 ? now : ((now - s.zoneout * before) / (1 - s.zoneout)).eval();
}

Matrix jacobian_of_lstm(const Steps& s, std::int64_t k) {
  const std::int64_t n = s.units();
  const auto row = [k](const Matrix& m) { return m.row(k).transpose().array(); };
  const Eigen::ArrayXd i = row(s.gates[0]), f = row(s.gates[1]), g = row(s.gates[2]), o = row(s.gates[3]);
  const Eigen::ArrayXd before = row(s.c_before), squashed = without_zoneout(s, row(s.c), before).tanh();
  const Eigen::ArrayXd to_h = o * (1 - squashed.square());
  Matrix j(2 * n, 2 * n);
  j.bottomLeftCorner(n, n) = scaled((before * f * (1 - f)).eval(), s.block(1)) +
                             scaled((g * i * (1 - i)).eval(), s.block(0)) +
                             scaled((i * (1 - g.square())).eval(), s.block(2));
  j.bottomRightCorner(n, n) = Matrix(f.matrix().asDiagonal());
  j.topLeftCorner(n, n) =
      scaled((squashed * o * (1 - o)).eval(), s.block(3)) + scaled(to_h, j.bottomLeftCorner(n, n).eval());
  j.topRightCorner(n, n) = Matrix((to_h * f).matrix().asDiagonal());
  return j;
}

Matrix jacobian_of_gru(const Steps& s, std::int64_t k) {
  const auto row = [k](const Matrix& m) { return m.row(k).transpose().array(); };
  const Eigen::ArrayXd r = row(s.gates[0]), z = row(s.gates[1]), n = row(s.gates[2]),
                       before = row(s.h_before);
  Matrix inner;
  if (s.cell == Cell::gru) {
    const Eigen::ArrayXd candidate = row(s.candidate);
    inner = scaled(r, s.block(2)) + scaled((candidate * r * (1 - r)).eval(), s.block(0));
  } else {
    Matrix kept = scaled((before * r * (1 - r)).eval(), s.block(0));
    kept.diagonal() += r.matrix();
    inner = s.block(2) * kept;
  }
  Matrix j = scaled(((before - n) * z * (1 - z)).eval(), s.block(1)) +
             scaled(((1 - z) * (1 - n.square())).eval(), inner);
  j.diagonal() += z.matrix();
  return j;
}

/// What is added is h - h_before.
Matrix jacobian_of_sum(const Steps& s, std::int64_t k) {
  Matrix j = Matrix::Identity(s.units(), s.units());
  if (s.cell == Cell::linear) return j;
  const Eigen::ArrayXd g = (s.h.row(k) - s.h_before.row(k)).transpose().array();
  return j + scaled((1 - g.square()).eval(), s.u);
}

Matrix jacobian_of_rnn(const Steps& s, std::int64_t k) {
  const Eigen::ArrayXd h =
      without_zoneout(s, s.h.row(k).transpose().array(), s.h_before.row(k).transpose().array());
  if (s.cell == Cell::rnn_tanh) return scaled((1 - h.square()).eval(), s.u);
  return scaled((h > 0).cast<double>().eval(), s.u);
}

}  // namespace

Matrix matrix_of(const Tensor& tensor) {
  if (tensor.empty()) return {};
  Matrix matrix(tensor.rows(), tensor.columns());
  for (std::int64_t i = 0; i < tensor.size(); ++i)
    matrix.data()[i] = tensor.at(i);
  return matrix;
}

Tensor tensor_of(const Matrix& matrix) {
  return Tensor::of<double>({matrix.rows(), matrix.cols()},
                            std::span(matrix.data(), static_cast<std::size_t>(matrix.size())));
}

Steps steps_of(const Run& run, std::int64_t sequence) {
  if (sequence < 0 || sequence >= run.layout->sequences())
    fail(ErrorKind::option, "inspect: wanted a sequence from 0 to " +
                                std::to_string(run.layout->sequences() - 1) + ", got " +
                                std::to_string(sequence));
  Steps steps{.cell = run.cell, .u = matrix_of(run.weight_hh)};
  steps.zoneout = run.zoneout;
  const std::int64_t length = run.layout->length(sequence);
  for (std::int64_t k = 0; k < length; ++k)
    steps.at.push_back(run.reverse ? length - 1 - k : k);
  steps.h = rows_of(run.h, steps.at, *run.layout, sequence);
  steps.h_before = one_later(steps.h, run.h0, sequence);
  add_gates(steps, run, rows_of(run.x, steps.at, *run.layout, sequence));
  if (run.cell == Cell::lstm) follow_memory(steps, run.c0, sequence);
  return steps;
}

namespace {

Matrix jacobian_of_cell(const Steps& steps, std::int64_t k) {
  switch (steps.cell) {
    case Cell::rnn_tanh:
    case Cell::rnn_relu:
      return jacobian_of_rnn(steps, k);
    case Cell::lstm:
      return jacobian_of_lstm(steps, k);
    case Cell::gru:
    case Cell::gru_reset_before:
      return jacobian_of_gru(steps, k);
    case Cell::residual:
    case Cell::linear:
      return jacobian_of_sum(steps, k);
  }
  throw Bug("inspect: unknown cell");
}

}  // namespace

Matrix jacobian(const Steps& steps, std::int64_t k) {
  Matrix j = jacobian_of_cell(steps, k);
  if (steps.zoneout == 0) return j;
  j *= 1 - steps.zoneout;
  j.diagonal().array() += steps.zoneout;
  return j;
}

}  // namespace rondo::inspect

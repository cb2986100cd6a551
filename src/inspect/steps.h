/// One sequence of a Run in f64, as its derivatives need it. Eigen does the linear algebra.
#pragma once
#include <Eigen/Core>

#include <rondo/inspect.h>

namespace rondo::inspect {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

/// A tensor of two dimensions, or of one as a column.
Matrix matrix_of(const Tensor& tensor);
Tensor tensor_of(const Matrix& matrix);

/// The steps of a sequence in the order in which they were read. Row k of each matrix is the k-th.
struct Steps {
  Cell cell;
  Matrix u;                      ///< U [gates · H, H]
  std::vector<Matrix> gates;     ///< after their functions, in the order of the weights, each [T, H]
  Matrix h, c;                   ///< [T, H]; c of an LSTM only
  Matrix h_before, c_before;     ///< of the step before
  Matrix candidate;              ///< of a GRU with reset after: U_n h_before + b_un
  double zoneout = 0;            ///< share of the state before that h and c keep
  std::vector<std::int64_t> at;  ///< the step of the sequence that was read k-th

  std::int64_t count() const { return h.rows(); }
  std::int64_t units() const { return h.cols(); }
  /// Numbers in the state: H, of an LSTM 2 H.
  std::int64_t state() const { return cell == Cell::lstm ? 2 * units() : units(); }
  auto block(int gate) const { return u.middleRows(gate * units(), units()); }
};

/// Error(option) if there is no such sequence.
Steps steps_of(const Run& run, std::int64_t sequence);
/// d s_k / d s_{k-1}
Matrix jacobian(const Steps& steps, std::int64_t k);

}  // namespace rondo::inspect

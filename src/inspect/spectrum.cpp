#include "inspect/spectrum.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace rondo::inspect {
namespace {

constexpr Eigen::Index krylov = 48;

/// A vector that is orthogonal to nothing in particular, the same each time.
Vector start_of(Eigen::Index size) {
  Vector v(size);
  for (Eigen::Index i = 0; i < size; ++i)
    v(i) = 1 + 0.5 * std::sin(static_cast<double>(i + 1) * 1.7);
  return v.normalized();
}

double largest_eigenvalue(const Matrix& a) {
  if (!a.allFinite()) return std::numeric_limits<double>::quiet_NaN();
  const Eigen::MatrixXd by_columns = a;
  return Eigen::EigenSolver<Eigen::MatrixXd>(by_columns, false).eigenvalues().cwiseAbs().maxCoeff();
}

}  // namespace

/// Power iteration on aᵀ a, which cannot stall on complex pairs. Errors are quadratic in those of the vector.
double spectral_norm(const Matrix& a) {
  if (a.size() == 0) return 0;
  Vector v = start_of(a.cols());
  double norm = 0;
  for (int i = 0; i < 100; ++i) {
    const Vector w = a.transpose() * (a * v);
    const double length = w.norm();
    if (!(length > 0)) return 0;
    v = w / length;
    const double next = std::sqrt(length);
    if (std::abs(next - norm) < 1e-7 * next) return next;
    norm = next;
  }
  return norm;
}

double spectral_radius(const Matrix& a) {
  if (a.rows() <= krylov) return a.size() == 0 ? 0 : largest_eigenvalue(a);
  Matrix basis(krylov + 1, a.rows());  // a row is a vector
  Matrix projected = Matrix::Zero(krylov, krylov);
  basis.row(0) = start_of(a.rows()).transpose();
  for (Eigen::Index j = 0; j < krylov; ++j) {
    Vector w = a * basis.row(j).transpose();
    const double before = w.norm();
    for (int twice = 0; twice < 2; ++twice)  // once is not orthogonal enough
      for (Eigen::Index i = 0; i <= j; ++i) {
        const double along = basis.row(i) * w;
        projected(i, j) += along;
        w -= along * basis.row(i).transpose();
      }
    const double rest = w.norm();
    if (!(rest > 1e-12 * before) || j + 1 == krylov)
      return largest_eigenvalue(projected.topLeftCorner(j + 1, j + 1));
    projected(j + 1, j) = rest;
    basis.row(j + 1) = w.transpose() / rest;
  }
  return 0;
}

/// The roots of the eigenvalues of aᵀ a: those below 1e-8 of the largest are rounding.
std::vector<double> singular_values(const Matrix& a) {
  const Eigen::MatrixXd squares = a.transpose() * a;
  const Vector ascending =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(squares, Eigen::EigenvaluesOnly).eigenvalues();
  std::vector<double> values;
  for (Eigen::Index i = ascending.size(); i > 0; --i)
    values.push_back(std::sqrt(std::max(ascending(i - 1), 0.0)));
  return values;
}

}  // namespace rondo::inspect

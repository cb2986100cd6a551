/// Norms and spectra of matrices of any size.
#pragma once
#include <vector>

#include "inspect/steps.h"

namespace rondo::inspect {

/// The largest singular value.
double spectral_norm(const Matrix& a);
/// The largest absolute value of an eigenvalue: exact up to 48 rows; of larger matrices Arnoldi's estimate
/// from a Krylov space of 48 dimensions.
double spectral_radius(const Matrix& a);
/// Largest first.
std::vector<double> singular_values(const Matrix& a);

}  // namespace rondo::inspect

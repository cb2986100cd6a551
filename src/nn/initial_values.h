/// Initial values of parameters: functions of (seed, name), the same on every machine.
#pragma once
#include <cstdint>
#include <string_view>

#include <rondo/nn.h>

namespace rondo {

/// Fills `value` (f32 or f64, [rows, columns] or [rows]) as `initial` says.
void fill_initial(Tensor& value, const Initial& initial, std::uint64_t seed, std::string_view name);

/// Makes the rows of a row-major matrix [rows, columns], rows <= columns, orthonormal. The rows must be
/// linearly independent, which random normal ones are.
void orthonormalise(std::int64_t rows, std::int64_t columns, double* matrix);

}  // namespace rondo

/// How values are transformed before they are scaled, and back.
#pragma once
#include <optional>
#include <span>

#include <rondo/tasks/forecast.h>

namespace rondo::forecast {

/// Of a value that the transform does not take (a logarithm of 0): NaN.
double transformed(double value, Transform transform, double lambda);
/// The value that gives `value`; of what no value gives, the nearest that one does.
double untransformed(double value, Transform transform, double lambda);
/// The lambda of Box and Cox (1964), -1 to 2 in steps of 0.1, under which positive values are likeliest.
double box_cox_lambda(std::span<const double> values);

/// Mean and spread (population standard deviation) of the values that are not NaN. The spread of what is
/// constant but for rounding is 0.
struct Scale {
  double level = 0, spread = 0;
  std::int64_t count = 0;

  double divisor() const noexcept { return spread > 0 ? spread : 1; }
};
Scale scale_of(std::span<const double> values);

}  // namespace rondo::forecast

#include "tasks/forecast/distributions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rondo::forecast {
namespace {

/// The continued fraction of the incomplete beta function (Lentz).
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < tiny ? tiny : d);
  double fraction = d;
  for (int m = 1; m <= 500; ++m) {
    for (const double numerator : {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                                   -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))}) {
      d = 1 + numerator * d;
      d = 1 / (std::abs(d) < tiny ? tiny : d);
      c = 1 + numerator / (std::abs(c) < tiny ? tiny : c);
      fraction *= c * d;
    }
    if (std::abs(c * d - 1) < 1e-15) break;
  }
  return fraction;
}

/// I_x(a, b)
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                   : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

double normal_cdf(double z) {
  return std::erfc(-z / std::numbers::sqrt2) / 2;
}

double normal_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00},
                   b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01},
                   c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00},
                   d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  const auto tail = [&](double q) {
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  };
  double x = 0;
  if (p < 0.02425) {
    x = tail(std::sqrt(-2 * std::log(p)));
  } else if (p > 1 - 0.02425) {
    x = -tail(std::sqrt(-2 * std::log1p(-p)));
  } else {
    const double q = p - 0.5, r = q * q;
    x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
        (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
  }
  const double e = normal_cdf(x) - p, u = e * std::sqrt(2 * std::numbers::pi) * std::exp(x * x / 2);
  return x - u / (1 + x * u / 2);
}

double student_cdf(double t, double degrees) {
  const double half = incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
  return t > 0 ? 1 - half : half;
}

double student_quantile(double p, double degrees) {
  if (p == 0.5) return 0;
  if (p < 0.5) return -student_quantile(1 - p, degrees);
  double low = 0, high = 1;
  while (student_cdf(high, degrees) < p && high < 1e12)
    high *= 2;
  for (int i = 0; i < 100 && high - low > 1e-12 * high; ++i) {
    const double middle = (low + high) / 2;
    (student_cdf(middle, degrees) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

double log_gamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

double student_from(double u, double v, double degrees) {
  return std::sqrt(degrees * std::expm1(-2 / degrees * std::log(u))) * std::cos(2 * std::numbers::pi * v);
}

double negative_binomial_quantile(double p, double mean, double alpha) {
  if (mean <= 0) return 0;
  const double spread = std::sqrt(mean + alpha * mean * mean);
  // Of so many the sum takes long, and the normal distribution is as good.
  if (mean + 8 * spread > 1e5) return std::max(0.0, std::round(mean + spread * normal_quantile(p)));
  const double r = 1 / alpha, share = mean / (r + mean);
  double probability = std::exp(r * std::log(r / (r + mean))), sum = probability;
  if (probability == 0) return std::max(0.0, std::round(mean + spread * normal_quantile(p)));
  double count = 0;
  while (sum < p && count < 1e6) {
    ++count;
    probability *= share * (r + count - 1) / count;
    sum += probability;
    if (probability < 1e-18 && count > mean) break;
  }
  return count;
}

double digamma(double x) {
  double sum = 0;
  for (; x < 6; ++x)
    sum -= 1 / x;
  const double f = 1 / (x * x);
  return sum + std::log(x) - 0.5 / x -
         f * (1.0 / 12 - f * (1.0 / 120 - f * (1.0 / 252 - f * (1.0 / 240 - f * (1.0 / 132)))));
}

double normal_crps(double mean, double sigma, double y) {
  if (sigma == 0) return std::abs(y - mean);
  const double z = (y - mean) / sigma, density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  return sigma * (z * (2 * normal_cdf(z) - 1) + 2 * density - std::numbers::inv_sqrtpi);
}

}  // namespace rondo::forecast

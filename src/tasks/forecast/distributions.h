/// Distributions of the forecasting heads: quantiles, and what their losses need. Pure functions.
#pragma once

namespace rondo::forecast {

/// The standard normal distribution.
double normal_cdf(double z);
/// Acklam's approximation with one step of Halley: to 1e-15 or so. p within (0, 1).
double normal_quantile(double p);
/// Student's t with any degrees of freedom above 0.
double student_cdf(double t, double degrees);
double student_quantile(double p, double degrees);
/// A value of Student's t from two numbers drawn uniformly from (0, 1) (Bailey 1994).
double student_from(double u, double v, double degrees);
/// Counts with a mean and a variance of mean + alpha · mean² (Salinas et al. 2020). The smallest count whose
/// distribution function reaches p.
double negative_binomial_quantile(double p, double mean, double alpha);
/// log Γ without the global sign that std::lgamma writes.
double log_gamma(double x);
/// The derivative of log Γ.
double digamma(double x);

/// The continuous ranked probability score of N(mean, sigma) (Gneiting & Raftery 2007); of sigma 0 the
/// absolute error.
double normal_crps(double mean, double sigma, double y);

}  // namespace rondo::forecast

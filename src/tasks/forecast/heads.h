/// What a forecaster's last layer says of each step: a number, quantiles, or the parameters of a
/// distribution.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/tasks/forecast.h>

#include "tasks/forecast/input.h"

namespace rondo::forecast {

/// log(1 + e^x) without overflow.
double softplus(double x);

class HeadKind {
 public:
  /// Error(option) for levels that do not ascend or have no 0.5 among them.
  explicit HeadKind(const NetworkOptions& options);

  Head head() const noexcept { return head_; }
  /// Numbers for each step.
  int parameters() const noexcept { return parameters_; }
  /// The number among them that is the middle: what is fed back.
  int middle() const noexcept { return head_ == Head::quantiles ? static_cast<int>(middle_) : 0; }
  /// Whether it says more than a number.
  bool has_intervals() const noexcept { return head_ != Head::point; }
  const std::vector<double>& levels() const noexcept { return levels_; }
  /// The largest central interval that it can give, in percent.
  double widest() const;

  /// The mean loss over targets that are there. `raw` is [future segments · rows, segment · parameters].
  /// point: as its option says; quantiles: twice the pinball loss, a mean over levels; else the negative log
  /// likelihood in nats. `count` gets the number of these targets.
  Var loss(const Var& raw, const WindowBatch& batch, std::int64_t segment, double& count) const;

  /// Quantiles at `levels` (0 to 1, ascending) from the numbers of one step. Of counts they are counts, and
  /// `size` is WindowBatch::size; else they are in the units of WindowBatch::targets.
  void quantiles(std::span<const float> raw, std::span<const double> levels, double size,
                 std::span<double> to) const;
  /// Whether it has a distribution that values can be drawn from.
  bool has_distribution() const noexcept { return head_ != Head::point && head_ != Head::quantiles; }
  /// A value from the distribution of one step, from two numbers drawn uniformly from (0, 1); units as above.
  double draw(std::span<const float> raw, double size, double u, double v) const;

 private:
  Head head_;
  PointLoss point_loss_;
  std::vector<double> levels_;
  std::size_t middle_ = 0;
  int parameters_ = 1;
};

}  // namespace rondo::forecast

/// Watches one value of the reports for improvement: what early stopping and reduce-on-plateau share.
#pragma once
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rondo/callbacks.h>

#include "base/json.h"

namespace rondo {

class Plateau {
 public:
  /// `who` watches it, for messages ("early stopping"). Of two reports with the same value the one with the
  /// lower `tie_break` is better; empty: the earlier one.
  Plateau(std::string who, std::string monitor, float min_delta, std::string tie_break = {});

  /// Gets the direction in which the value improves from the fit, unless `wanted` gives it. Error(usage) if
  /// the value needs validation data and there are none; Error(option) if it is known that no report will
  /// have it.
  void begin(const Run& run, std::optional<Better> wanted = {});
  /// Whether these values are the best so far. Error(option) if the watched value is not among them. A NaN
  /// never improves anything.
  bool improved(const std::map<std::string, float>& values);

  const std::string& monitor() const noexcept { return monitor_; }
  /// Reports since the last improvement that restarts the wait: one of the value itself, or, at the same
  /// value, one of the tie-break by tie_break_gain.
  int waited() const noexcept { return waited_; }
  /// Restarts the count and keeps the best value.
  void wait_again() noexcept { waited_ = 0; }
  /// A lower tie-break makes a report the best, but a tiny gain should not prolong training.
  static constexpr float tie_break_gain = 0.01F;
  bool any() const noexcept { return !std::isnan(best_); }
  float best() const noexcept { return best_; }

  Json save() const;
  void restore(const Json& saved);

 private:
  bool breaks_tie(float value, float second) const;
  [[noreturn]] void refuse(const std::vector<std::string>& known) const;

  std::string who_, monitor_, tie_break_;
  float min_delta_;
  Better better_ = Better::lower;
  float best_ = std::numeric_limits<float>::quiet_NaN();
  float best_second_ = std::numeric_limits<float>::quiet_NaN();    // tie_break_ of the best report
  float waited_second_ = std::numeric_limits<float>::quiet_NaN();  // of the report at which waiting began
  int waited_ = 0;
};

}  // namespace rondo

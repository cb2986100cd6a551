/// The live side of a Schedule: a factor on the learning rate for each step of one fit.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include <rondo/optim.h>

#include "base/json.h"
#include "train/plateau.h"

namespace rondo {

/// The place of a step in its fit.
struct FitPosition {
  std::int64_t step;         ///< steps of this fit before it
  std::int64_t epoch_steps;  ///< steps in one epoch
  std::int64_t epochs;       ///< of this fit
};

class LearningRate {
 public:
  explicit LearningRate(Schedule schedule);
  /// Error(usage) or Error(option) if the schedule watches a value that the fit will not report.
  void begin(const Run& run);
  double factor(const FitPosition& at) const;
  /// True when the rate was reduced because of this epoch.
  bool epoch_done(const std::map<std::string, float>& values);

  Json save() const;
  void restore(const Json& saved);

 private:
  Schedule schedule_;
  Plateau plateau_;
  double reduced_ = 1;
};

}  // namespace rondo

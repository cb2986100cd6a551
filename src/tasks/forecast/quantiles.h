/// Quantiles of the steps of a batch of windows, from a head's numbers or from paths that were drawn.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "tasks/forecast/network.h"

namespace rondo::forecast {

/// Paths of a batch's windows, [rows, paths, horizon], as ForecastNet::draw gives them.
std::vector<double> drawn_paths(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                                const WindowBatch& batch, int paths);

class BatchQuantiles {
 public:
  /// Levels are between 0 and 1, ascending. The model stays alive.
  BatchQuantiles(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                 const WindowBatch& batch, std::span<const double> levels);
  /// Of one step of a window, in the units of WindowBatch::targets; of counts as they are.
  void of(std::size_t row, std::size_t step, double size, std::span<double> to);

  /// Windows that are computed at once: deepar takes as many rows as it draws paths for each.
  static std::size_t at_once(const ForecastModel& model);

 private:
  const ForecastModel& model_;
  std::vector<double> levels_;
  std::size_t rows_, segment_, parameters_, horizon_;
  Var numbers_;
  std::vector<double> drawn_, sorted_;
};

}  // namespace rondo::forecast

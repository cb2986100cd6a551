/// Series on their grids, and parts of them as examples of a Dataset.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/forecast.h>

#include "tasks/forecast/grid.h"
#include "tasks/forecast/table.h"

namespace rondo::forecast {

struct Covariate {
  std::string name;
  Role role = Role::past;
  bool category = false;
  std::vector<std::string> words = {};  ///< of a category: what its numbers stand for
};

/// Values of covariates, [covariate][step]; NaN: missing.
using Covariates = std::vector<std::vector<float>>;

struct Series {
  std::string id;
  Grid grid;
  std::vector<double> y;                         ///< of each step; NaN: missing
  std::shared_ptr<const Covariates> covariates;  ///< as long as y
  std::vector<float> constants;

  std::int64_t steps() const noexcept { return static_cast<std::int64_t>(y.size()); }
};

struct Frame {
  std::string name;  ///< of the file
  Frequency frequency;
  TimeStyle style;
  WindowOptions windows;
  std::vector<Covariate> covariates, constants;
  std::vector<Series> series;
};

/// Rows in order of time on equal steps. Error(data) for times that contradict the options.
Frame frame_of(RawTable table, const ColumnOptions& options, const Frequency* like,
               std::vector<std::string>& notices);

/// Steps [begin, end) of a series: the targets of windows. What lies before is there to look back at.
struct SeriesPart {
  std::shared_ptr<const Frame> frame;
  std::int32_t series = 0;
  std::int64_t begin = 0, end = 0;

  const Series& of() const { return frame->series[static_cast<std::size_t>(series)]; }
};

Dataset dataset_of(std::vector<SeriesPart> parts);
/// The parts of a dataset in its order. Error(usage) for a dataset of something else.
std::vector<SeriesPart> parts_in(const Dataset& data);

}  // namespace rondo::forecast

/// What a forecaster learns of its data before it learns to forecast, and windows of series as batches.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <rondo/network.h>

#include "tasks/forecast/frame.h"
#include "tasks/forecast/transform.h"
#include "tasks/planned_batches.h"

namespace rondo::forecast {

/// The scaler of one series, fitted on its training part.
struct SeriesScale {
  std::string id;
  Scale scale;
  double lambda = 1;
  double season_error = 0;  ///< mean |y_t - y_(t - period)|; NaN: none
};

/// A covariate as features: a number with its scale, or a class.
struct LearnedCovariate {
  std::string name;
  Role role = Role::past;
  bool category = false;
  bool gaps = false;  ///< some were missing: a feature says which are there
  Scale scale;
  std::vector<std::string> words;  ///< the classes, sorted; another is none of them
};

/// A window: its first target is step `origin` of a prepared series.
struct Window {
  std::int32_t series = 0;
  std::int64_t origin = 0;
};

/// A series ready to be cut into windows.
struct PreparedSeries {
  SeriesPart part;
  std::int32_t known = 0;  ///< its number among the training series, from 1; 0: another
  SeriesScale scale;
  std::vector<float> z;  ///< transformed and scaled, of each step; NaN: missing
  std::shared_ptr<const std::vector<float>> past, future;  ///< features of each step, row by row
  std::vector<float> constants;

  /// The value that z stands for.
  double raw(double z_value, Transform transform) const {
    return untransformed(scale.scale.level + scale.scale.spread * z_value, transform, scale.lambda);
  }
};

struct WindowBatch {
  Tensor segments = {};   ///< [segments · rows, segment · features]: step by step of a segment, time-major
  Tensor future = {};     ///< [future segments · rows, segment · future features]; empty: none
  Tensor constants = {};  ///< [rows, constants]; empty: none
  Tensor ids = {};        ///< i32 [rows]
  Tensor targets = {};    ///< [rows, horizon]: (z - shift) / scale; NaN: missing
  Tensor shift = {}, scale = {};  ///< [rows]: what was taken off
  Tensor counts = {};             ///< [rows, horizon]: values as they are, for counts; else empty
  Tensor size = {};               ///< [rows]: 1 + mean of the values looked back at, for counts; else empty
  std::vector<Window> windows = {};

  std::int64_t rows() const noexcept { return ids.rows(); }
  WindowBatch to(DType type) const;
};

struct PreparedWindows;
/// Windows are cut when their batch is asked for.
using WindowBatches = PlannedBatches<PreparedWindows>;

/// The preprocessing of a forecaster, as Model<Net> asks for it.
struct ForecastInput {
  using Batch = WindowBatch;

  int lookback = 1, horizon = 1, segment = 1, period = 1;
  bool mask = false;  ///< targets had missing values: a feature says which are there
  bool counts = false;
  bool calendar = false;
  Normalise normalise = Normalise::last;
  Transform transform = Transform::none;
  int max_windows = 100'000;
  Frequency frequency;
  std::vector<SeriesScale> series;
  std::vector<LearnedCovariate> covariates, constants;

  /// Error(data) for values that the transform does not take.
  static ForecastInput learn(const Dataset& train, const ForecasterOptions& planned);

  int past_features() const;    ///< of a step that is past, besides the value
  int future_features() const;  ///< of a step to come
  int constant_features() const;
  int segments() const { return (lookback + segment - 1) / segment; }
  int future_segments() const { return (horizon + segment - 1) / segment; }

  /// Series with `ahead` steps of features behind their last.
  std::vector<PreparedSeries> prepare(const std::vector<SeriesPart>& parts, std::int64_t ahead = 0) const;
  /// Windows of which all targets lie in the part; without any, those with one target or more.
  std::vector<Window> windows(const std::vector<PreparedSeries>& series, bool all = false) const;
  WindowBatch pack(const std::vector<PreparedSeries>& series, std::span<const Window> windows) const;

  WindowBatches batches(const Dataset& parts, data::BatchOptions options, std::uint64_t seed) const;
  std::string to_json() const;
  /// Error(format) for anything that to_json() cannot have written.
  static ForecastInput from_json(std::string_view json);
};

/// What batches of windows are cut from.
struct PreparedWindows {
  ForecastInput input;
  std::vector<PreparedSeries> series;
  std::vector<Window> windows;

  WindowBatch batch(std::span<const std::size_t> examples, std::int64_t epoch) const;
};

/// mean |y_t - y_(t - period)| of steps [0, end) of which both are there; NaN without any, and how many.
std::pair<double, std::int64_t> season_error(std::span<const double> y, std::int64_t period);

/// The season of most series: the usual one of the frequency where it stands out of the autocorrelations
/// (Hyndman & Athanasopoulos; the test of M4's Naive 2), else 1.
int find_period(const std::vector<SeriesPart>& train);
/// Whether the autocorrelation at `period` stands out at the 90 % level (the test of M4 for Naive 2).
bool is_seasonal(std::span<const double> y, int period);

}  // namespace rondo::forecast

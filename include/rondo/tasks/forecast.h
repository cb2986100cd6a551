/// Forecasting: from series in a table to a model that says what comes next, and how sure it is.
///
///     const forecast::Reading data = forecast::read({"load.csv"}, {.windows = {.horizon = 24}});
///     Forecaster model = Forecaster::train(data.train, data.valid);
///     for (const SeriesForecast& one : model.forecast(data.all)) one.point;    // 24 numbers for each series
///     model.save("load.rondo");
///
/// The network is SegRNN (Lin et al. 2023): segments of a window through one GRU, all segments of the future
/// at once; or an encoder and a decoder step by step. Several columns and several series are one model.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/forecast_results.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/task.h>

namespace [[gnu::visibility("default")]] rondo {
namespace forecast {

enum class DecimalMark { automatic, point, comma };
constexpr std::array<std::string_view, 3> names_of(DecimalMark) {
  return {"auto", "point", "comma"};
}
/// Of dates in figures that do not begin with a year of four digits. year_first: 24-03-01.
enum class DateOrder { automatic, day_first, month_first, year_first };
constexpr std::array<std::string_view, 4> names_of(DateOrder) {
  return {"auto", "day_first", "month_first", "year_first"};
}
/// What becomes of a time that a series has twice with different values. An exact copy is dropped, except
/// with `sum`.
enum class Duplicates { refuse, first, last, mean, sum };
constexpr std::array<std::string_view, 5> names_of(Duplicates) {
  return {"refuse", "first", "last", "mean", "sum"};
}
enum class Gaps { mask, refuse };
constexpr std::array<std::string_view, 2> names_of(Gaps) {
  return {"mask", "refuse"};
}
enum class OffGrid { refuse, move };
constexpr std::array<std::string_view, 2> names_of(OffGrid) {
  return {"refuse", "move"};
}

/// How a table becomes series. Columns are given by name, or by number from 1.
struct ColumnOptions {
  std::vector<std::string> time = {};
  std::string id = {};
  std::vector<std::string> target = {};
  std::vector<std::string> known = {};
  std::vector<std::string> constant = {};
  std::vector<std::string> categories = {};
  std::vector<std::string> ignore = {};
  DecimalMark decimal = DecimalMark::automatic;
  DateOrder dates = DateOrder::automatic;
  std::vector<std::string> missing = {};
  std::string frequency = {};
  Duplicates duplicates = Duplicates::refuse;
  Gaps gaps = Gaps::mask;
  OffGrid off_grid = OffGrid::refuse;

  static constexpr auto fields() {
    using O = ColumnOptions;
    return std::tuple{
        field("time", &O::time,
              "column of the times, or several: year, month, day, hour, ..., or a date and a time of day; "
              "default: found by name and content; none: rows are in order"),
        field("id", &O::id, "column that names the series; default: unique_id"),
        field("target", &O::target,
              "columns to forecast, a series each; default: y, else every column of numbers"),
        field("known", &O::known, "columns whose future is known: rows behind the last target hold it"),
        field("constant", &O::constant, "columns that hold one value for each series"),
        field("categories", &O::categories, "columns of numbers that stand for classes"),
        field("ignore", &O::ignore, "columns to leave out"),
        field("decimal", &O::decimal, "decimal mark of the numbers"),
        field("dates", &O::dates, "order of dates in figures that do not begin with a year of four digits"),
        field(
            "missing", &O::missing,
            "further texts or numbers that stand for no value (-9999); empty cells, NA, NaN, null, -, .. do"),
        field("frequency", &O::frequency,
              "step from row to row: 15min, 1h, D, B (business days), W, M, Q, Y, or rows: whatever the "
              "times say; default: found"),
        field("duplicates", &O::duplicates, "what to do with a time that occurs twice with other values"),
        field("gaps", &O::gaps, "rows that are missing: mask them, or refuse the file"),
        field("off_grid", &O::off_grid, "a time between two steps: refuse it, or move it to the nearest")};
  }
};
static_assert(all_fields_listed<ColumnOptions>);

struct WindowOptions {
  int lookback = 0;
  int horizon = 0;

  static constexpr auto fields() {
    using O = WindowOptions;
    return std::tuple{
        field("lookback", &O::lookback, "steps that the model sees; 0: by frequency and length", 0, 1 << 20),
        field("horizon", &O::horizon, "steps forecast at once; 0: by frequency and length", 0, 1 << 20)};
  }
};
static_assert(all_fields_listed<WindowOptions>);

/// Where a series is cut, in time. Each side is learned from or measured on without a look at the next.
struct SplitOptions {
  std::string valid_from = {};
  std::string test_from = {};
  std::string until = {};

  static constexpr auto fields() {
    using O = SplitOptions;
    return std::tuple{
        field("valid_from", &O::valid_from, "first time of the validation part; default: by valid_share"),
        field("test_from", &O::test_from, "first time of the test part; default: by test_share"),
        field("until", &O::until, "rows from this time on are left out")};
  }
};
static_assert(all_fields_listed<SplitOptions>);

struct ReadingOptions {
  ColumnOptions columns = {};
  WindowOptions windows = {};
  SplitOptions split = {};

  static constexpr auto fields() {
    using O = ReadingOptions;
    return std::tuple{group(&O::columns, "Columns"), group(&O::windows, "Windows"),
                      group(&O::split, "Parts")};
  }
};
static_assert(all_fields_listed<ReadingOptions>);

/// What a table held: series as examples of Datasets, and how they were read. Without dates of parts (and
/// before hold_out()) all rows are in `train`.
struct Reading {
  Dataset train, valid, test;
  Dataset all;                       ///< every row, for forecasts
  std::vector<std::string> notices;  ///< what was found and chosen, one line each
  std::string record;                ///< columns and windows, JSON: for files that are read alike
};

/// CSV (also ; and |) and TSV, plain, .gz or .xz. Error(data) with the line and a cure for what is no table
/// of series; Error(option) for columns that are not there.
Reading read(const std::vector<std::filesystem::path>& files, const ReadingOptions& options = {});
/// Holds out the last rows of each series: at least a horizon for each part, if enough is left to learn from.
void hold_out(Reading& data, double valid_share = 0.1, double test_share = 0.1);

/// encoder_decoder: single steps. deepar: single steps, each from a value drawn from the distribution of the
/// step before (Salinas et al. 2020). tdnn: a time-delay network over the lookback.
enum class Network { segrnn, encoder_decoder, deepar, tdnn };
constexpr std::array<std::string_view, 4> names_of(Network) {
  return {"segrnn", "encoder_decoder", "deepar", "tdnn"};
}
enum class Cell { gru, lstm, residual, linear };
constexpr std::array<std::string_view, 4> names_of(Cell) {
  return {"gru", "lstm", "residual", "linear"};
}
/// direct: all steps from the encoder's state. recursive: each from the forecast before it.
enum class Decoding { direct, recursive };
constexpr std::array<std::string_view, 2> names_of(Decoding) {
  return {"direct", "recursive"};
}
enum class Head { point, quantiles, gaussian, student, negative_binomial };
constexpr std::array<std::string_view, 5> names_of(Head) {
  return {"point", "quantiles", "gaussian", "student", "negative_binomial"};
}
enum class PointLoss { mae, mse, huber };
constexpr std::array<std::string_view, 3> names_of(PointLoss) {
  return {"mae", "mse", "huber"};
}
/// What is taken off each window and put back (Kim et al. 2022): its last value, its mean, or mean and
/// spread.
enum class Normalise { none, last, mean, standard };
constexpr std::array<std::string_view, 4> names_of(Normalise) {
  return {"none", "last", "mean", "standard"};
}
enum class Transform { none, log, log1p, box_cox };
constexpr std::array<std::string_view, 4> names_of(Transform) {
  return {"none", "log", "log1p", "box_cox"};
}

struct NetworkOptions {
  Network network = Network::segrnn;
  Cell cell = Cell::gru;
  Decoding decoding = Decoding::direct;
  int segment = 0;
  int context = 2;
  int samples = 100;
  int units = 128;
  float dropout = -1;
  Head head = Head::quantiles;
  std::vector<double> quantiles = {0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975};
  PointLoss point_loss = PointLoss::mae;
  Normalise normalise = Normalise::last;
  Transform transform = Transform::none;
  int period = 0;
  bool calendar = false;
  bool conformal = false;
  int max_windows = 100'000;

  static constexpr auto fields() {
    using O = NetworkOptions;
    return std::tuple{
        field("network", &O::network,
              "segments through one cell, an encoder and a decoder of steps, one with samples fed back, or "
              "time delays"),
        field("cell", &O::cell, "kind of recurrent layer"),
        field("decoding", &O::decoding, "all steps at once, or each from the one before"),
        field("segment", &O::segment, "steps in a segment; 0: by the horizon", 0, 1 << 20),
        field("context", &O::context, "earlier steps that an output of a tdnn layer sees", 1, 64),
        field("samples", &O::samples, "paths that deepar draws for its quantiles", 10, 10'000),
        field("units", &O::units, "size of the hidden state", 2, 1 << 16),
        field("dropout", &O::dropout, "share dropped before the output; -1: by the horizon", -1, 0.99),
        field("head", &O::head, "what is forecast: numbers, quantiles, or a distribution's parameters"),
        field("quantiles", &O::quantiles, "levels, ascending, with 0.5 among them", 0.0001, 0.9999),
        field("point_loss", &O::point_loss, "loss of the head point"),
        field("normalise", &O::normalise, "what is taken off each window and put back"),
        field("transform", &O::transform, "how values are transformed before all else"),
        field("period", &O::period, "steps of a season; 0: found in the training part", 0, 1 << 20),
        field("calendar", &O::calendar, "hour, weekday and time of year as inputs known in advance"),
        field("conformal", &O::conformal, "widen or narrow intervals by what the validation part shows"),
        field("max_windows", &O::max_windows, "windows of an epoch; of more, every n-th", 1, 1 << 30)};
  }
};
static_assert(all_fields_listed<NetworkOptions>);

}  // namespace forecast

/// All about a forecaster and its training besides its data.
struct ForecasterOptions {
  forecast::NetworkOptions network = {};
  TrainingOptions training = {
      .batch_size = 64, .schedule = schedule::Cosine{.floor = 0.02F}, .average = 0.999F};

  static constexpr std::string_view type = "forecaster";
  static constexpr auto fields() {
    using O = ForecasterOptions;
    return std::tuple{group(&O::network, "Network"), group(&O::training, "Training")};
  }
};
static_assert(all_fields_listed<ForecasterOptions>);

class Forecaster {
 public:
  Forecaster(Forecaster&&) noexcept;
  Forecaster& operator=(Forecaster&&) noexcept;
  ~Forecaster();

  /// The options with everything derived that was left open. `reasons`, if given, gets a line for each.
  static ForecasterOptions plan(const Dataset& train, const Dataset& valid, ForecasterOptions options = {},
                                std::vector<std::string>* reasons = nullptr);
  /// Learns from the series of `train`; the epoch that did best on `valid`, if that is not empty, is kept.
  static Forecaster train(const Dataset& train, const Dataset& valid, ForecasterOptions options = {},
                          TrainingRun run = {});

  /// What follows the last row of each series. Error(option) for levels that the head cannot give, and for
  /// paths of a network that draws none or further than its horizon.
  std::vector<SeriesForecast> forecast(const Dataset& series, const ForecastRequest& request = {}) const;
  /// The rows from the one behind the first value on, beside intervals of `level` percent.
  std::vector<SeriesAnomalies> anomalies(const Dataset& series, double level = 80) const;
  /// Over all windows whose targets lie in the part, with baselines beside.
  ForecastEvaluation evaluate(const Dataset& part) const;
  const ForecasterOptions& options() const noexcept;
  const History& history() const noexcept;
  int lookback() const noexcept;
  int horizon() const noexcept;
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another application.
  static Forecaster load(const std::filesystem::path& file);

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }
  Impl& impl() noexcept { return *impl_; }

 private:
  explicit Forecaster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo

/// Forecasting as an entry of the list of applications.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/forecast.h>

#include "tasks/application.h"
#include "tasks/forecast/model.h"

namespace rondo::forecast {

/// A Forecaster with what the house asks of a trained object.
struct TrainedForecaster {
  Forecaster forecaster;

  const ForecastModel& model() const noexcept { return forecaster.impl().network; }
  ForecastModel& model() noexcept { return forecaster.impl().network; }
  const History& history() const noexcept { return forecaster.history(); }
  void save(const std::filesystem::path& file) const { forecaster.save(file); }
};

/// Options of `predict`, which forecasts from lines of numbers.
struct LineOptions {
  std::vector<double> level = {};

  static constexpr auto fields() {
    return std::tuple{field("level", &LineOptions::level,
                            "central intervals in --json, in percent: 80,95; without --json, points only")};
  }
};
static_assert(all_fields_listed<LineOptions>);

struct ForecastTask {
  static constexpr std::string_view name = "forecast", about = "learn to forecast series", data = "series",
                                    files =
                                        "CSV or TSV with a column of times, a row each; plain, .gz or .xz",
                                    next = "\"12 15 11\"";
  using Options = ForecasterOptions;
  using Reading = ReadingOptions;
  using Answering = LineOptions;
  using Typed = TrainedForecaster;

  static Words counted() { return {"series", "条序列"}; }
  static std::vector<std::string> examples();
  static std::vector<Verb> verbs();

  static void check(const Options& options, const Reading& reading, const PlaceOf& place);
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const TrainedForecaster* model);
  static Dataset read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts);
  /// In time: the last rows of each series.
  static void hold_out(Parts& parts, double valid, double test, std::uint64_t seed);
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf& place);
  static TrainedForecaster train(const Options& options, const Parts& parts, TrainingRun run);
  static TrainedForecaster load(const std::filesystem::path& file);
  static Evaluation nothing();
  static Evaluation evaluate(const TrainedForecaster& model, const Dataset& examples, int worst);
  static std::vector<std::string> check_answering(const TrainedForecaster& model, const Answering& answering);
  /// A line is the last values of a series, between blanks or commas.
  static std::vector<Answer> answer(const TrainedForecaster& model, std::span<const std::string> lines,
                                    const Answering& answering);
  static std::vector<report::Section> sections(const TrainedForecaster& model, const Parts& parts,
                                               const Evaluation& evaluation);
  static std::vector<Fact> facts(const TrainedForecaster& model);
};

}  // namespace rondo::forecast

/// All settings of `rondo train NAME`, from a configuration file and the command line, checked before any
/// data are read.
#pragma once
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/tasks/task.h>

#include "base/json.h"
#include "program.h"
#include "typed_options.h"

namespace rondo::program {

enum class ReportLanguage { automatic, en, zh };
constexpr std::array<std::string_view, 3> names_of(ReportLanguage) {
  return {"auto", "en", "zh"};
}

/// The options of a run besides those for reading and learning.
struct TrainOptions {
  std::vector<std::filesystem::path> data = {};
  std::filesystem::path out = {};
  std::filesystem::path valid = {};
  std::filesystem::path test = {};
  double valid_share = 0.1;
  double test_share = 0.1;
  ReportLanguage report_language = ReportLanguage::automatic;
  double checkpoint_seconds = 60;

  static constexpr auto fields() {
    using O = TrainOptions;
    return std::tuple{
        field("data", &O::data, "files with the data to learn from"),
        field("out", &O::out, "model file to write; the run folder FILE.run appears beside it"),
        field("valid", &O::valid, "file with validation data; default: a share of DATA"),
        field("test", &O::test, "file with test data; default: a share of DATA"),
        field("valid_share", &O::valid_share, "share of the training data held out for validation", 0, 0.9),
        field("test_share", &O::test_share, "share of DATA held out for testing", 0, 0.9),
        field("report_language", &O::report_language,
              "language of report.html; auto: the language of the data"),
        field("checkpoint_seconds", &O::checkpoint_seconds,
              "seconds between two checkpoints within an epoch; 0: only at its end", 0, 1e6)};
  }
};
static_assert(all_fields_listed<TrainOptions>);

struct TrainSettings {
  explicit TrainSettings(const TaskKind& of)
      : kind(&of),
        run(OptionTable::of<TrainOptions>()),
        common(OptionTable::of<CommonOptions>()),
        reading(of.reading),
        options(of.options) {}

  const TaskKind* kind;
  OptionTable run, common, reading, options;
  /// Where each option was set: "--batch-size", or "c.toml line 7: batch_size".
  std::map<std::string, std::string> places = {};

  const TrainOptions& about_run() const { return run.as<TrainOptions>(); }
  /// Error(option) if a typed option needs validation data. Call it if there are none.
  void require_validation() const;
  /// The name of an option in messages: the place where it was set, else the option as one would type it.
  std::string place(std::string_view name) const;
  /// All options by name, in the form of a configuration file.
  Json to_json() const;
  /// The value of one option; null if the application has no such option.
  Json value(std::string_view name) const;
};

/// Combines the defaults, the file `config` (empty: none) and `typed`, in this order. `files` are the DATA
/// arguments. Error(option) or Error(usage) for unsuitable values, options that contradict each other, and
/// files that are missing or would be overwritten.
TrainSettings settle(const TaskKind& kind, const TypedOptions& typed, const std::vector<std::string>& files,
                     const std::string& config);

}  // namespace rondo::program

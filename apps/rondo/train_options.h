/// Everything that `rondo train classify` can be told, from a configuration file and the command line,
/// checked before any data are read.
#pragma once
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/tasks.h>

#include "field_options.h"
#include "program.h"

namespace rondo::program {

enum class ReportLanguage { automatic, en, zh };
constexpr std::array<std::string_view, 3> names_of(ReportLanguage) {
  return {"auto", "en", "zh"};
}

/// What is wanted besides the data's columns and the classifier.
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
        field("data", &O::data, "files of labelled text"),
        field("out", &O::out, "the model file to write; its run folder stands beside it (FILE.run)"),
        field("valid", &O::valid, "validation data; else a share of DATA"),
        field("test", &O::test, "test data; else a share of DATA"),
        field("valid_share", &O::valid_share, "share of the training data held out for validation", 0, 0.9),
        field("test_share", &O::test_share, "share of DATA held out for testing", 0, 0.9),
        field("report_language", &O::report_language, "language of report.html; auto: that of the data"),
        field("checkpoint_seconds", &O::checkpoint_seconds,
              "time between two checkpoints within an epoch; 0: only at its end", 0, 1e6)};
  }
};
static_assert(all_fields_listed<TrainOptions>);

struct TrainSettings {
  TrainOptions run;
  CommonOptions common;
  data::ReadOptions read;
  ClassifierOptions classifier;
  /// Where each option was said: "--batch-size", or "c.toml line 7: batch_size".
  std::map<std::string, std::string> places = {};

  /// Error(option) when an option typed watches validation data that there are not.
  void require_validation() const;
  /// How messages call an option: by where it was said, else as it could be typed.
  std::string place(const std::string& name) const;
  /// All options by name, as a configuration file holds them.
  Json to_json() const;
};

/// Defaults, then the file `config` (empty: none), then `typed`; `files` are the DATA typed. Throws
/// Error(option or usage) for a value that cannot be, options that contradict each other, and files that are
/// missing or would be overwritten.
TrainSettings settle(const FieldOptions& typed, const std::vector<std::string>& files,
                     const std::string& config);

}  // namespace rondo::program

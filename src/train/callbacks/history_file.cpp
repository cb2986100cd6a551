#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rondo/callbacks.h>

#include "base/fields.h"
#include "base/files.h"

namespace rondo::callbacks {
namespace {

/// "2024-05-04T12:34:56Z"
std::string now() {
  const std::time_t time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// To milliseconds.
double rounded(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

std::string csv_number(float value) {
  if (std::isnan(value)) return "NaN";
  char text[32];
  // The shortest text that reads back the same: 0.9444444, without digits that a float does not have.
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// Removes a last line that a kill cut short.
void cut_torn_line(AppendFile& file, const std::filesystem::path& path) {
  if (file.size() == 0) return;
  const std::string bytes = read_file(path);
  const std::size_t end = bytes.rfind('\n');
  file.truncate(end == std::string::npos ? 0 : end + 1);
}

class Observer final : public Callback {
 public:
  explicit Observer(HistoryFile options)
      : options_(std::move(options)),
        json_path_(options_.folder.value() / "metrics.jsonl"),
        csv_path_(options_.folder.value() / "metrics.csv") {}

  void on_begin(Run& run) override {
    open();
    if (run.resumed()) return;
    const bool anew = run.epochs_before() == 0;
    if (anew) {
      json_->truncate(0);
      csv_->truncate(0);
    } else {
      cut_torn_line(*json_, json_path_);
      cut_torn_line(*csv_, csv_path_);
      read_columns();
    }
  }

  void on_step(const StepReport& report) override {
    if (options_.every_steps == 0 || report.step % options_.every_steps != 0) return;
    json_->write_line(dump_json(Json{{"ts", now()},
                                     {"step", report.step},
                                     {"epoch", report.epoch},
                                     {"split", "train"},
                                     {"loss", json_number(report.loss)},
                                     {"gradient_norm", json_number(report.gradient_norm)},
                                     {"learning_rate", json_number(report.learning_rate)},
                                     {"rows_per_second", std::round(report.rows_per_second)}}));
  }

  /// A validation at the end of an epoch is part of the epoch's line.
  void on_validation(const ValidationReport& report) override {
    if (report.epoch_done) return;
    Json line{{"ts", now()}, {"step", report.step}, {"epoch", report.epoch}, {"split", "valid"}};
    for (const auto& value : report.values)
      line[value.first] = json_number(value.second);
    line["seconds"] = rounded(report.seconds);
    json_->write_line(dump_json(line));
  }

  void on_epoch(const EpochReport& report) override {
    Json line{{"ts", now()}, {"step", report.step}, {"epoch", report.epoch}, {"split", "epoch"}};
    for (const auto& value : report.values)
      line[value.first] = json_number(value.second);
    line["seconds"] = rounded(report.seconds);
    line["processor_seconds"] = rounded(report.processor_seconds);
    json_->write_line(dump_json(line));
    write_csv(report);
  }

  std::string name() const override { return "history_file"; }
  std::string save() override {
    json_->sync();
    csv_->sync();
    return dump_json(Json{{"jsonl", json_->size()}, {"csv", csv_->size()}, {"columns", columns_}});
  }
  void restore(std::string_view saved) override {
    const Json json = parse_json(saved, {.name = "the lengths of the metric files"});
    open();
    json_->truncate(json.at("jsonl").get<std::uint64_t>());
    csv_->truncate(json.at("csv").get<std::uint64_t>());
    columns_ = json.at("columns").get<std::vector<std::string>>();
  }

 private:
  void open() {
    make_folder(options_.folder);
    if (!json_) json_.emplace(json_path_);
    if (!csv_) csv_.emplace(csv_path_);
  }

  /// The columns of a file that another fit has written.
  void read_columns() {
    std::string line;
    LineReader reader(csv_path_);
    if (!reader.next(line)) return;
    for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
      end = line.find(',', begin);
      columns_.push_back(line.substr(begin, end - begin));
    }
    if (columns_.size() >= 2) columns_.erase(columns_.begin(), columns_.begin() + 2);  // epoch, step
  }

  void write_csv(const EpochReport& report) {
    if (columns_.empty()) {
      std::string head = "epoch,step";
      for (const auto& value : report.values) {
        columns_.push_back(value.first);
        head += "," + value.first;
      }
      csv_->write_line(head);
    }
    std::string line = std::to_string(report.epoch) + "," + std::to_string(report.step);
    for (const std::string& column : columns_) {
      const auto found = report.values.find(column);
      line += "," + (found == report.values.end() ? std::string() : csv_number(found->second));
    }
    csv_->write_line(line);
  }

  HistoryFile options_;
  std::filesystem::path json_path_, csv_path_;
  std::optional<AppendFile> json_, csv_;
  std::vector<std::string> columns_;
};

}  // namespace

std::unique_ptr<Callback> HistoryFile::start() const {
  check(*this, FieldPlace{"history_file"});
  return std::make_unique<Observer>(*this);
}

}  // namespace rondo::callbacks

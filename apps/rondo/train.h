/// rondo train NAME: from a user's data to a model file, a run folder and a report.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rondo/tasks/task.h>

#include "base/files.h"
#include "program.h"
#include "train_settings.h"

namespace rondo::program {

class Train {
 public:
  explicit Train(const TaskKind& kind) : kind_(kind), settings_(kind) {}
  void add_to(CLI::App& train, Action& action, const std::shared_ptr<Train>& self);

 private:
  int run();
  Parts read() const;
  void say_parts(const Parts& parts) const;
  void check_earlier_run() const;
  void check_resumed() const;
  void hold_out(Parts& parts) const;
  int show_plan(const Parts& parts) const;
  TrainingRun run_options(const std::shared_ptr<std::optional<FolderLock>>& lock) const;
  void write_config() const;
  void finish(const Task& model, const Parts& parts) const;
  Evaluation tried(const Task& model, const Dataset& test) const;
  void note_single_class(const Evaluation& evaluation) const;
  void write_report(const Task& model, const Parts& parts, const Evaluation& evaluation) const;
  PlaceOf place() const {
    return [this](std::string_view name) { return settings_.place(name); };
  }
  std::filesystem::path folder() const { return out_ + ".run"; }

  const TaskKind& kind_;
  TypedOptions typed_;
  std::vector<std::string> files_;
  std::string config_, out_;
  bool dry_run_ = false, resume_ = false, restart_ = false, json_ = false;
  TrainSettings settings_;  // from run() on
};

}  // namespace rondo::program

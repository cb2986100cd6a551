/// rondo train classify: from labelled text to a model file, a run folder and a report.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <rondo/tasks.h>

#include "data_options.h"
#include "program.h"
#include "train_options.h"

namespace rondo::program {

class TrainClassify {
 public:
  void add_to(CLI::App& train, Action& action, const std::shared_ptr<TrainClassify>& self);

 private:
  int run();
  Parts read() const;
  void check_class_weights(const std::vector<std::string>& classes) const;
  void check_resumed() const;
  void hold_out(Parts& parts) const;
  int show_plan(const Parts& parts) const;
  ClassifierRun run_options() const;
  void finish(const TextClassifier& model, const Parts& parts) const;
  void write_report(const TextClassifier& model, const Parts& parts, const Evaluation& evaluation) const;
  std::filesystem::path folder() const { return out_ + ".run"; }

  FieldOptions typed_;
  std::vector<std::string> files_;
  std::string config_, out_;
  bool dry_run_ = false, resume_ = false, json_ = false;
  TrainSettings settings_;  // from run() on
};

}  // namespace rondo::program

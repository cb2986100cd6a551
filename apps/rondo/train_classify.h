/// rondo train classify: from labelled text to a model file, a run folder and a report.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <rondo/tasks.h>

#include "data_options.h"
#include "program.h"

namespace rondo::program {

class TrainClassify {
 public:
  void add_to(CLI::App& train, Action& action, const std::shared_ptr<TrainClassify>& self);

 private:
  int run();
  void check_paths() const;
  Parts read() const;
  void hold_out(Parts& parts) const;
  ClassifierOptions resolve(const Parts& parts, std::vector<std::string>& reasons) const;
  int show_plan(const Parts& parts, const ClassifierOptions& options,
                const std::vector<std::string>& reasons) const;
  void prepare_folder(const ClassifierOptions& options) const;
  ClassifierRun run_options() const;
  void finish(const TextClassifier& model, const Parts& parts) const;
  void write_report(const TextClassifier& model, const Parts& parts, const Evaluation& evaluation) const;
  std::filesystem::path folder() const { return out_ + ".run"; }

  std::shared_ptr<Common> common_ = std::make_shared<Common>();
  DataOptions data_;
  FieldOptions typed_;
  std::vector<std::string> files_;
  std::string valid_, test_, out_, config_, language_ = "auto";
  double valid_share_ = 0.1, test_share_ = 0.1, checkpoint_seconds_ = 60;
  bool dry_run_ = false, resume_ = false;
};

}  // namespace rondo::program

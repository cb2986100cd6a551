/// The shared part of the commands that take a model and data: eval, gradcheck, quantize.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <rondo/tasks/task.h>

#include "program.h"
#include "typed_options.h"

namespace rondo::program {

/// The arguments MODEL and DATA, and the command's options.
struct ModelCommand {
  std::string name;
  OptionTable own, common = OptionTable::of<CommonOptions>();
  std::span<const TaskKind> applications;
  TypedOptions typed = {};
  std::string model = {};
  std::vector<std::filesystem::path> files = {};
  bool json = false;
  OptionTable reading = {}, evaluating = {};  ///< of the model's application, once it is loaded

  /// Adds MODEL, DATA (which may be left out if `data_optional`), the options, and those of reading data.
  CLI::App* add_to(CLI::App& app, const std::string& about, const std::string& data_about,
                   bool data_optional = false);
  /// Loads the model and puts all typed options into the tables.
  std::unique_ptr<Task> load();
  /// Reads the data for the model. Notices go to standard error.
  Dataset data(const Task& task) const;
};

}  // namespace rondo::program

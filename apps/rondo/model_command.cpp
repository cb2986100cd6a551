#include "model_command.h"

#include "model_argument.h"

namespace rondo::program {

CLI::App* ModelCommand::add_to(CLI::App& app, const std::string& about, const std::string& data_about,
                               bool data_optional) {
  CLI::App* command = app.add_subcommand(name, about);
  command->add_option("MODEL", model, "model file")->required();
  CLI::Option* const data = command->add_option("DATA", files, data_about);
  if (!data_optional) data->required();
  typed.add_to(*command, own.list());
  typed.add_to(*command, common.list());
  command->add_flag("--json", json, "print the result as JSON");
  typed.add_to(*command, applications, &TaskKind::reading, "Data");
  return command;
}

std::unique_ptr<Task> ModelCommand::load() {
  typed.apply({&own, &common}, TypedOptions::Unknown::left);
  typed.check(applications, &TaskKind::reading);
  typed.check(applications, &TaskKind::evaluating);
  std::unique_ptr<Task> task = loaded_task(name, model, {files.begin(), files.end()}, applications);
  reading = task->kind().reading;
  evaluating = task->kind().evaluating;
  typed.apply({&own, &common, &reading, &evaluating}, TypedOptions::Unknown::refused, model_of(*task));
  task->kind().check(task->kind().options, reading,
                     [](std::string_view option) { return option_name(option); });
  return task;
}

Dataset ModelCommand::data(const Task& task) const {
  const Parts parts = task.kind().read(files, reading, &task);
  for (const std::string& notice : parts.notices)
    note(notice);
  return parts.train;
}

}  // namespace rondo::program

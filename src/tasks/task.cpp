#include <rondo/tasks/task.h>

#include "base/message.h"
#include "tasks/plain.h"

namespace rondo {

Evaluation Task::evaluate_by(const OptionTable&, const Dataset& examples, int worst) const {
  return evaluate(examples, worst);
}

std::vector<report::Block> Task::explain(std::string_view) const {
  fail(ErrorKind::usage, kind().name.empty() ? "a model of no application cannot explain its answers"
                                             : "a model of " + quote(kind().name) +
                                                   " cannot explain its answers; a text classifier with a "
                                                   "wide branch can");
}

std::unique_ptr<Task> load_task(const std::filesystem::path& file, std::span<const TaskKind> among) {
  const ModelInfo info = model_info(file);
  std::vector<std::string> names;
  for (const TaskKind& kind : among) {
    names.push_back(kind.name);
    if (info.application.name == kind.name) return kind.load(file);
    if (!info.application.name.empty()) continue;
    if (std::unique_ptr<Task> task = kind.adopt(file)) return task;
  }
  if (info.application.name.empty() && info.kind == ModelKind::sequential) return load_plain(file);
  fail(ErrorKind::format,
       "'" + file.string() + "' holds a model " +
           (info.application.name.empty() ? "of no application"
                                          : "of the application " + quote(info.application.name)) +
           "; this program knows " + enumerate(names, "and"));
}

}  // namespace rondo

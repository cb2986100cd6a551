/// The argument MODEL of a command. If its file is not a model, the arguments may be in the wrong order.
#pragma once
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rondo/error.h>
#include <rondo/tasks/task.h>

namespace rondo::program {

/// Rethrows `error`, which loading `model` for a command ("eval") threw, with a message for the command line.
/// `rest` are the arguments after MODEL; one of them may be the model. Call it in the handler of `error`.
[[noreturn]] void refuse_model(const Error& error, const std::string& command, const std::string& model,
                               const std::vector<std::string>& rest);

/// load(model), with errors as above.
template <class Load>
auto loaded(const std::string& command, const std::string& model, const std::vector<std::string>& rest,
            Load&& load) {
  try {
    return load(model);
  } catch (const Error& error) {
    refuse_model(error, command, model, rest);
  }
}

/// The model with what its application can do.
std::unique_ptr<Task> loaded_task(const std::string& command, const std::string& model,
                                  const std::vector<std::string>& rest,
                                  std::span<const TaskKind> applications);

/// "a model of 'tag'", for messages.
std::string model_of(const Task& task);

/// Whether what a model answers to are files, not texts: its application tells users to type "FILE...".
inline bool answers_to_files(const Task& task) {
  return task.kind().next.starts_with("FILE");
}

}  // namespace rondo::program

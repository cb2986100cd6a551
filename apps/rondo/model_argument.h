/// The argument MODEL of a command: when its file is no model, the words may stand in another order.
#pragma once
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rondo/error.h>
#include <rondo/tasks/task.h>

namespace rondo::program {

/// Throws `error`, met in loading `model` for a command ("eval"), in the words of somebody at the keyboard:
/// `rest` are the arguments after MODEL, among which the model may be. To be called in a handler.
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

}  // namespace rondo::program

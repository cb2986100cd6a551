#include "model_argument.h"

#include <filesystem>

#include "base/message.h"
#include "base/safetensors.h"

namespace rondo::program {
namespace {

bool is_model(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;  // opening a pipe would take from it
  try {
    return safetensors::Reader(file).metadata().contains("rondo");
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void refuse_model(const Error& error, const std::string& command, const std::string& model,
                  const std::vector<std::string>& rest) {
  if (is_model(model)) throw;
  for (const std::string& word : rest)
    if (is_model(word))
      fail(ErrorKind::usage, "MODEL comes first: rondo " + command + " " + word + " " + model);
  if (error.kind() != ErrorKind::format) throw;
  const std::string_view message = error.what();
  fail(error.kind(), std::string(message.substr(name_of(error.kind()).size() + 2)) +
                         "; MODEL comes first and is a file that 'rondo train NAME --out FILE' wrote");
}

std::unique_ptr<Task> loaded_task(const std::string& command, const std::string& model,
                                  const std::vector<std::string>& rest,
                                  std::span<const TaskKind> applications) {
  return loaded(command, model, rest, [&](const std::string& file) { return load_task(file, applications); });
}

std::string model_of(const Task& task) {
  return "a model of " + quote(task.kind().name);
}

}  // namespace rondo::program

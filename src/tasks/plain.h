/// A Sequential that belongs to no application.
#pragma once
#include <filesystem>
#include <memory>

#include <rondo/tasks/task.h>

namespace rondo {

/// It has weights, a summary and a file. Evaluating or answering is an Error(usage).
std::unique_ptr<Task> load_plain(const std::filesystem::path& file);

}  // namespace rondo

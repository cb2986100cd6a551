/// A Sequential of no application: what can be done with any.
#pragma once
#include <filesystem>
#include <memory>

#include <rondo/tasks/task.h>

namespace rondo {

/// It has weights, a summary and a file; to evaluate or to answer is an Error(usage).
std::unique_ptr<Task> load_plain(const std::filesystem::path& file);

}  // namespace rondo

#include "paths.h"

#include "base/files.h"
#include "base/message.h"

namespace rondo::program {
namespace fs = std::filesystem;

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  const fs::path first = fs::weakly_canonical(fs::absolute(a, error), error);
  if (error) return false;
  const fs::path second = fs::weakly_canonical(fs::absolute(b, error), error);
  return !error && first == second;
}

void check_readable(const fs::path& file) {
  std::error_code error;
  const fs::file_type type = fs::status(file, error).type();
  if (type == fs::file_type::directory) return;  // some readers take folders; the others refuse them
  if (type != fs::file_type::fifo && type != fs::file_type::character) open_to_read(file);
}

void refuse_standard_output(const fs::path& out) {
  if (out == "-")
    fail(ErrorKind::option,
         "--out '-' is not a file, and standard output cannot be written; name a file, or give "
         "./- for a file of that name");
}

}  // namespace rondo::program

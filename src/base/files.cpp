#include "base/files.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/plain_locale.h"

namespace rondo {
namespace fs = std::filesystem;
namespace {

std::string cure_of(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; make room or choose a path on another disk";
    case EACCES:
    case EPERM:
      return "; check its permissions (ls -ld) or choose another path";
    case EROFS:
      return "; choose a path on a disk that can be written";
    case EMFILE:
    case ENFILE:
      return "; close other files or raise the limit (ulimit -n)";
    case EFBIG:
      return "; raise the limit (ulimit -f) or choose another disk";
    case ENOTDIR:
      return "; a part of the path is a file, not a folder";
    default:
      return {};
  }
}

/// Names in the folder of `path`, for a suggestion. It skips a huge folder, which would take too long.
std::vector<std::string> neighbours(const fs::path& path) {
  constexpr std::size_t most = 10'000;
  std::vector<std::string> names;
  std::error_code ignored;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end && names.size() < most;
       entry.increment(ignored))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

[[noreturn]] void fail_missing(const fs::path& path) {
  const fs::path folder = path.parent_path();
  std::error_code ignored;
  if (!folder.empty() && !fs::exists(folder, ignored))
    fail(ErrorKind::io, path.string() + ": no such file (the folder " + folder.string() + " does not exist)");
  const std::string hint = suggestion(path.filename().string(), neighbours(path));
  fail(ErrorKind::io, path.string() + ": no such file" + (hint.empty() ? "; check the path" : hint));
}

void sync_path(const fs::path& path, int flags) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (!file.open()) fail_io(path, "open", errno);
  // Some file systems cannot sync a folder and say so; there is nothing more to do about it then.
  if (::fsync(file.get()) != 0 && errno != EINVAL && errno != ENOTSUP) fail_io(path, "write to disk", errno);
}

}  // namespace

void FileDescriptor::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

void fail_io(const fs::path& path, std::string_view action, int error_number) {
  const PlainLocale plain;  // the reason in the language of the rest
  fail(ErrorKind::io, path.string() + ": cannot " + std::string(action) + ": " +
                          std::generic_category().message(error_number) + cure_of(error_number));
}

FileDescriptor open_to_read(const fs::path& path) {
  if (path.empty()) fail(ErrorKind::io, "the name of the file to read is empty");
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) {
    if (errno == ENOENT) fail_missing(path);
    fail_io(path, "read", errno);
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) fail_io(path, "read", errno);
  if (S_ISDIR(status.st_mode)) fail(ErrorKind::io, path.string() + ": is a folder; name a file in it");
  return file;
}

std::optional<FileIdentity> file_identity(const fs::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity(status.st_dev, status.st_ino);
}

std::string read_file(const fs::path& path, const ReadLimits& limits) {
  const FileDescriptor file = open_to_read(path);
  const auto refuse = [&] {
    fail(ErrorKind::io,
         path.string() + ": is larger than the limit of " + std::to_string(limits.size) + " bytes");
  };
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) fail_io(path, "read", errno);
  const auto expected = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
  if (expected > limits.size) refuse();
  std::string bytes(expected + 1, '\0');  // one byte more shows the end of the file without growing
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_io(path, "read", errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > limits.size) refuse();
    // A pipe or a growing file may hold more than its status says.
    if (size == bytes.size()) bytes.resize(std::max<std::size_t>(2 * size, 1 << 16));
  }
  bytes.resize(size);
  return bytes;
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail_io(path, "make the folder", error.value());
  if (!fs::is_directory(path, error)) fail_io(path, "make the folder", EEXIST);
}

void sync_folder(const fs::path& path) {
  sync_path(path.empty() ? fs::path(".") : path, O_DIRECTORY);
}

void publish_folder(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::symlink_status(to, error).type() != fs::file_type::not_found)
    fail(ErrorKind::io, to.string() + ": exists already and is never overwritten; remove it first");
  for (fs::recursive_directory_iterator entry(from, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::file_type type = entry->symlink_status(error).type();
    if (type == fs::file_type::directory || type == fs::file_type::regular)
      sync_path(entry->path(), type == fs::file_type::directory ? O_DIRECTORY : 0);
  }
  if (error) fail_io(from, "read the folder", error.value());
  sync_folder(from);
  if (::rename(from.c_str(), to.c_str()) != 0) fail_io(to, "make the folder", errno);
  sync_folder(to.parent_path());
}

void remove_folder(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) fail_io(path, "remove the folder", error.value());
}

}  // namespace rondo

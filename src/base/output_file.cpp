// Writing: AtomicFile, check_writable and AppendFile of files.h.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/message.h"

namespace rondo {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t write_size = 1 << 16;

void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_io(path, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Follows symbolic links, so that a rename replaces the file and not the link to it.
fs::path resolve(const fs::path& path) {
  if (path.empty()) fail(ErrorKind::io, "the name of the file to write is empty");
  std::error_code ignored;
  if (!fs::is_symlink(path, ignored)) return path;
  std::error_code error;
  fs::path target = fs::weakly_canonical(path, error);
  if (error) fail_io(path, "follow the symbolic link", error.value());
  return target;
}

/// Refuses targets that a rename must not replace.
void require_plain_target(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status) || !path.has_filename())
    fail(ErrorKind::io, path.string() + ": is a folder; name a file to write in it");
  if (status.type() == fs::file_type::not_found || fs::is_regular_file(status)) return;
  if (error) fail_io(path, "write", error.value());
  fail(ErrorKind::io,
       path.string() + ": is not a plain file (a device or a pipe); name another file to write");
}

/// The prefix of the names of all temporary files of a target. The writer's process number follows it.
std::string temporary_prefix(const fs::path& target) {
  return "." + target.filename().string() + ".partial-";
}

/// The name of a file while it is written: unique to the writer, hidden, and in the same folder.
fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> count{0};
  return target.parent_path() /
         (temporary_prefix(target) + std::to_string(::getpid()) + "-" + std::to_string(count.fetch_add(1)));
}

/// The process number in a name of the form PREFIX NUMBER "-" DIGITS; 0 for any other name.
pid_t writer_in(std::string_view name, std::string_view prefix) {
  if (name.substr(0, prefix.size()) != prefix) return 0;
  name.remove_prefix(prefix.size());
  const char* const end = name.data() + name.size();
  pid_t writer = 0;
  unsigned count = 0;
  const auto [dash, error] = std::from_chars(name.data(), end, writer);
  if (error != std::errc() || dash == end || *dash != '-') return 0;
  const auto [rest, no_count] = std::from_chars(dash + 1, end, count);
  return no_count == std::errc() && rest == end ? std::max(writer, 0) : 0;
}

/// Whether nobody writes the file any more. The lock detects writers on another host or in another container,
/// where process numbers are different.
bool is_abandoned(const fs::path& temporary, pid_t writer) {
  if (::kill(writer, 0) == 0 || errno != ESRCH) return false;
  const FileDescriptor file(::open(temporary.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return file.open() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
}

/// Removes leftovers of killed processes for this target. It ignores failures, which are not errors of this
/// writer.
void remove_leftovers(const fs::path& target) {
  std::error_code ignored;
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored)) {
    const pid_t writer = writer_in(entry->path().filename().string(), temporary_prefix(target));
    if (writer != 0 && is_abandoned(entry->path(), writer)) ::unlink(entry->path().c_str());
    if (ignored) return;
  }
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : target_(resolve(path)) {
  require_plain_target(target_);
  remove_leftovers(target_);
  temporary_ = temporary_beside(target_);
  // A leftover of that name can only come from a killed process with the same number.
  file_.reset(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (file_.open()) {
    ::flock(file_.get(), LOCK_EX | LOCK_NB);  // marks the file as in use, where the file system can
    return;
  }
  const int error_number = errno;
  std::error_code ignored;
  const fs::path folder = target_.parent_path();
  if (error_number == ENOENT && !folder.empty() && !fs::exists(folder, ignored))
    fail(ErrorKind::io,
         target_.string() + ": the folder " + folder.string() + " does not exist; make it first (mkdir -p)");
  fail_io(target_, "write", error_number);
}

AtomicFile::~AtomicFile() {
  if (file_.open()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  if (!file_.open()) throw Bug("AtomicFile::write after commit");
  size_ += bytes.size();
  if (buffer_.size() + bytes.size() > write_size) flush();
  if (bytes.size() >= write_size)
    write_all(file_.get(), bytes, target_);
  else
    buffer_ += bytes;
}

void AtomicFile::flush() {
  write_all(file_.get(), buffer_, target_);
  buffer_.clear();
}

void AtomicFile::commit() {
  if (!file_.open()) throw Bug("AtomicFile::commit twice");
  flush();
  struct stat older = {};
  if (::stat(target_.c_str(), &older) == 0 && ::fchmod(file_.get(), older.st_mode & 07777) != 0)
    fail_io(target_, "keep the permissions", errno);
  if (::fsync(file_.get()) != 0) fail_io(target_, "write", errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_io(target_, "write", errno);
  file_.reset();  // from here on nothing is left to remove
  sync_folder(target_.parent_path());
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_file_atomically(const fs::path& path, const std::function<void(AtomicFile&)>& fill) {
  AtomicFile file(path);
  fill(file);
  file.commit();
}

void check_writable(const fs::path& path) {
  // A rename only needs permission for the folder, but a file marked read-only is not meant to be replaced.
  if (::access(path.c_str(), F_OK) == 0 && ::access(path.c_str(), W_OK) != 0) fail_io(path, "write", errno);
  AtomicFile file(path);
  file.write(std::string(write_size, '\0'));  // goes to the disk at once, which detects a full one
}

AppendFile::AppendFile(const fs::path& path) : path_(path) {
  file_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file_.open()) fail_io(path, "write", errno);
}

void AppendFile::write_line(std::string_view line) {
  const std::string bytes = std::string(line) + '\n';
  ssize_t written = -1;
  do {
    written = ::write(file_.get(), bytes.data(), bytes.size());
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(bytes.size())) return;
  const int error_number = written < 0 ? errno : ENOSPC;
  if (written > 0) truncate(size() - static_cast<std::uint64_t>(written));
  fail_io(path_, "write", error_number);
}

std::uint64_t AppendFile::size() const {
  struct stat status = {};
  if (::fstat(file_.get(), &status) != 0) fail_io(path_, "read its size", errno);
  return static_cast<std::uint64_t>(status.st_size);
}

void AppendFile::truncate(std::uint64_t length) {
  if (size() < length)
    fail(ErrorKind::io, path_.string() + ": has " + std::to_string(size()) + " bytes, wanted at least " +
                            std::to_string(length) + "; it was changed since");
  if (::ftruncate(file_.get(), static_cast<off_t>(length)) != 0) fail_io(path_, "cut back", errno);
}

void AppendFile::sync() {
  if (::fsync(file_.get()) != 0 && errno != EINVAL) fail_io(path_, "write to disk", errno);
}

}  // namespace rondo

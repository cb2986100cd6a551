#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/files.h"
#include "base/message.h"

namespace rondo {

FolderLock::FolderLock(const std::filesystem::path& folder) {
  make_folder(folder);
  const std::filesystem::path path = folder / "lock";
  file_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!file_.open()) fail_io(path, "write", errno);
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return;  // a file system without locks
    char holder[32] = {};
    const ssize_t size = ::pread(file_.get(), holder, sizeof holder - 1, 0);
    fail(ErrorKind::usage, folder.string() + " is in use by process " +
                               (size > 0 ? std::string(holder, static_cast<std::size_t>(size)) : "unknown") +
                               ", which trains there; wait for it, or write to another folder");
  }
  const std::string number = std::to_string(::getpid());
  const bool written = ::ftruncate(file_.get(), 0) == 0 && ::pwrite(file_.get(), number.data(), number.size(),
                                                                    0) == static_cast<ssize_t>(number.size());
  static_cast<void>(written);  // the number is for a message only
}

}  // namespace rondo

#include "base/spool.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rondo/error.h>

namespace rondo {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  const char* const said = std::getenv("TMPDIR");
  return said != nullptr && *said != '\0' ? fs::path(said) : fs::path("/tmp");
}

/// A file that no folder shows: gone when it is closed, however the program ends.
FileDescriptor nameless_file() {
  std::string name = (folder() / "rondo-XXXXXX").string();
  FileDescriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.open()) fail_io(folder(), "make a temporary file", errno);
  ::unlink(name.c_str());
  return file;
}

}  // namespace

Spool::~Spool() {
  if (mapping_ != nullptr) ::munmap(mapping_, static_cast<std::size_t>(written_));
}

void Spool::append(std::string_view bytes) {
  if (!view_.empty()) throw Bug("Spool: append after finish");
  pending_.append(bytes);
  if (pending_.size() >= limit_) flush();
}

void Spool::flush() {
  if (!file_.open()) file_ = nameless_file();
  for (std::size_t at = 0; at < pending_.size();) {
    const ssize_t count = ::write(file_.get(), pending_.data() + at, pending_.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_io(folder(), "write a temporary file", errno);
    at += static_cast<std::size_t>(count);
  }
  written_ += pending_.size();
  pending_.clear();
}

void Spool::finish() {
  if (!file_.open()) {
    pending_.shrink_to_fit();
    view_ = pending_;
    return;
  }
  flush();
  pending_ = {};
  const auto size = static_cast<std::size_t>(written_);
  mapping_ = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file_.get(), 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    fail_io(folder(), "map a temporary file", errno);
  }
  view_ = {static_cast<const char*>(mapping_), size};
}

void Spool::forget() const noexcept {
  if (mapping_ != nullptr) ::madvise(mapping_, static_cast<std::size_t>(written_), MADV_DONTNEED);
}

}  // namespace rondo

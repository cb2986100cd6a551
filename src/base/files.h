/// Files: reading with caps (plain, gzip or xz by content), atomic writing, append-only logs, folders.
///
/// Every failure is an Error(io) that names the path and the cure; damaged compressed data are Error(data).
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rondo {

/// Guards against the wrong file and against small files that unpack to enormous ones.
struct ReadLimits {
  std::uint64_t size = std::uint64_t{4} << 30;  ///< bytes after unpacking
  std::uint64_t line = std::uint64_t{1} << 26;  ///< bytes of one line
};

/// A file descriptor that closes itself.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~FileDescriptor() { reset(); }
  int get() const noexcept { return fd_; }
  bool open() const noexcept { return fd_ >= 0; }
  int release() noexcept {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1) noexcept;

 private:
  int fd_;
};

/// Throws Error(io) "PATH: cannot ACTION: reason; cure" for an errno value.
[[noreturn]] void fail_io(const std::filesystem::path& path, std::string_view action, int error_number);

/// Opens for reading; a folder is refused, a missing file gets the nearest name beside it as a suggestion.
FileDescriptor open_to_read(const std::filesystem::path& path);

/// What two names of one file have in common: its device and number there. None for a file that is not there.
using FileIdentity = std::pair<std::uint64_t, std::uint64_t>;
std::optional<FileIdentity> file_identity(const std::filesystem::path& path);

/// The bytes of a file as they are.
std::string read_file(const std::filesystem::path& path, const ReadLimits& limits = {});

/// The bytes of a file, unpacked when its content is gzip or xz.
std::string read_unpacked(const std::filesystem::path& path, const ReadLimits& limits = {});

/// The bytes of a file in order, unpacked when its content (not its name) is gzip or xz.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path, const ReadLimits& limits = {});
  InputFile(InputFile&&) noexcept;
  InputFile& operator=(InputFile&&) noexcept;
  ~InputFile();

  /// Up to `size` bytes; fewer only at the end of the file, 0 after it.
  std::size_t read(char* to, std::size_t size);
  const std::filesystem::path& path() const noexcept { return path_; }

  class Source;  // plain, gzip or xz

 private:
  std::filesystem::path path_;
  std::uint64_t left_;  // of the limit
  std::unique_ptr<Source> source_;
};

/// The lines of a file, without their ends (LF or CR LF).
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& path, const ReadLimits& limits = {});

  /// The next line into `line`; false after the last. A line over the limit is an Error(data).
  bool next(std::string& line);
  /// Number of the line last given, from 1.
  std::uint64_t number() const noexcept { return number_; }
  /// Whether the line last given ended with LF: false for a last line that was cut short.
  bool ended() const noexcept { return ended_; }

 private:
  bool refill();

  InputFile file_;
  std::uint64_t line_limit_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

/// A file that appears whole or not at all: written under a temporary name in the same folder, then
/// fsync, rename, fsync of the folder. Destroyed before commit() it leaves nothing behind. A symbolic
/// link is followed; an existing file's permissions are kept; a device or a pipe is refused.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view bytes);
  /// Bytes written so far.
  std::uint64_t size() const noexcept { return size_; }
  /// Nothing may be written afterwards.
  void commit();

 private:
  void flush();

  std::filesystem::path target_, temporary_;
  FileDescriptor file_;
  std::string buffer_;
  std::uint64_t size_ = 0;
};

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);
/// The same, in pieces: `fill` writes them and may throw, which leaves an older file as it was.
void write_file_atomically(const std::filesystem::path& path, const std::function<void(AtomicFile&)>& fill);

/// Error(io) if no file of that name can be written now. It tries to write one and removes it again.
void check_writable(const std::filesystem::path& path);

/// A log: each line is one write() at the end of the file, so lines of several writers never mix.
class AppendFile {
 public:
  /// Creates the file if it is missing.
  explicit AppendFile(const std::filesystem::path& path);

  /// Appends `line` and LF. If the disk is full, no part of the line remains.
  void write_line(std::string_view line);
  std::uint64_t size() const;
  /// Cuts the file back to `length` bytes; an Error(io) if it is shorter already.
  void truncate(std::uint64_t length);
  /// Returns when the lines are on the disk.
  void sync();

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

/// Makes a folder and those above it, unless they exist.
void make_folder(const std::filesystem::path& path);
/// Returns when all changes of names in the folder are on the disk.
void sync_folder(const std::filesystem::path& path);
/// Locks a folder for this process while it is alive, with a file `lock` that holds the process's number. The
/// lock is free when the process ends, however it ends.
class FolderLock {
 public:
  /// Makes the folder if it is missing. Error(usage) naming the process that holds it.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  FileDescriptor file_;
};

/// Makes a filled folder visible under its final name: fsync of each file and folder in it, rename,
/// fsync of the parent. `to` must not exist: a published folder is never overwritten.
void publish_folder(const std::filesystem::path& from, const std::filesystem::path& to);
/// Removes a folder and all in it; a missing one is fine.
void remove_folder(const std::filesystem::path& path);

}  // namespace rondo

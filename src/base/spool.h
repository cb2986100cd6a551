/// Bytes that are appended once and then read: in memory while they are few, in a file without a name (which
/// the system removes by itself) once they are many, so that a large corpus needs address space, not memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/files.h"

namespace rondo {

class Spool {
 public:
  /// Bytes kept in memory before a file takes over.
  static constexpr std::size_t in_memory = std::size_t{64} << 20;

  /// The file is made in the system's folder for temporary files (TMPDIR).
  explicit Spool(std::size_t limit = in_memory) : limit_(limit) {}
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();

  /// Error(io) when the disk is full. Not after finish().
  void append(std::string_view bytes);
  std::uint64_t size() const noexcept { return written_ + pending_.size(); }
  /// No more bytes will come: from here on bytes() works.
  void finish();
  /// All bytes; they live as long as the spool.
  std::string_view bytes() const noexcept { return view_; }
  /// What was read of a file so far need not stay in memory: it is read again when it is asked for.
  void forget() const noexcept;

 private:
  void flush();

  std::size_t limit_;
  std::string pending_;
  std::uint64_t written_ = 0;
  FileDescriptor file_;
  void* mapping_ = nullptr;
  std::string_view view_;
};

}  // namespace rondo

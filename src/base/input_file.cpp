// Reading: InputFile and LineReader of files.h.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <span>

#include <lzma.h>
#include <unistd.h>
#include <zlib.h>

#include "base/files.h"
#include "base/message.h"

namespace rondo {
namespace fs = std::filesystem;

/// The content of a file, read piece by piece.
class InputFile::Source {
 public:
  virtual ~Source() = default;
  /// At least one byte unless at the end.
  virtual std::size_t read(char* to, std::size_t size) = 0;
};

namespace {

constexpr std::size_t buffer_size = 1 << 16;

class PlainSource final : public InputFile::Source {
 public:
  PlainSource(FileDescriptor file, const fs::path& path) : file_(std::move(file)), path_(path) {}

  std::size_t read(char* to, std::size_t size) override {
    const std::size_t kept = std::min(size, start_.size());
    if (kept > 0) {
      std::memcpy(to, start_.data(), kept);
      start_.erase(0, kept);
      return kept;
    }
    for (;;) {
      const ssize_t got = ::read(file_.get(), to, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail_io(path_, "read", errno);
    }
  }

  /// The first bytes. read() returns them again, so this works for pipes, too.
  std::string_view peek(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const std::size_t got = read(bytes.data() + have, size - have);
      if (got == 0) break;
      have += got;
    }
    bytes.resize(have);
    start_ = bytes;
    return start_;
  }

  const fs::path& path() const { return path_; }

 private:
  FileDescriptor file_;
  fs::path path_;
  std::string start_;
};

/// What gzip and xz share: a buffer of packed bytes.
class PackedSource : public InputFile::Source {
 public:
  explicit PackedSource(std::unique_ptr<PlainSource> packed) : packed_(std::move(packed)) {}

 protected:
  std::span<char> refill() { return {buffer_.data(), packed_->read(buffer_.data(), buffer_.size())}; }
  [[noreturn]] void fail_packed(std::string_view what) const {
    fail(ErrorKind::data,
         packed_->path().string() + ": " + std::string(what) + "; copy or download it again");
  }

 private:
  std::unique_ptr<PlainSource> packed_;
  std::array<char, buffer_size> buffer_;
};

class GzipSource final : public PackedSource {
 public:
  explicit GzipSource(std::unique_ptr<PlainSource> packed) : PackedSource(std::move(packed)) {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  std::size_t read(char* to, std::size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1u << 30));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted && more_input()) {
      // A gzip file may consist of several members.
      if (between_members_ && inflateReset(&stream_) != Z_OK) fail_packed("the gzip data are damaged");
      const int status = inflate(&stream_, Z_NO_FLUSH);
      between_members_ = status == Z_STREAM_END;
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        fail_packed("the gzip data are damaged");
    }
    return wanted - stream_.avail_out;
  }

 private:
  bool more_input() {
    if (stream_.avail_in > 0) return true;
    const std::span<char> bytes = refill();
    stream_.next_in = reinterpret_cast<Bytef*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    if (bytes.empty() && !between_members_) fail_packed("the gzip data are cut short");
    return !bytes.empty();
  }

  z_stream stream_ = {};
  bool between_members_ = false;
};

class XzSource final : public PackedSource {
 public:
  explicit XzSource(std::unique_ptr<PlainSource> packed) : PackedSource(std::move(packed)) {
    constexpr std::uint64_t memory = std::uint64_t{256} << 20;  // xz -9 needs 65 MiB
    if (lzma_stream_decoder(&stream_, memory, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc();
  }
  ~XzSource() override { lzma_end(&stream_); }
  XzSource(const XzSource&) = delete;
  XzSource& operator=(const XzSource&) = delete;

  std::size_t read(char* to, std::size_t size) override {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(to);
    stream_.avail_out = size;
    while (stream_.avail_out == size && !ended_) {
      if (stream_.avail_in == 0 && !at_end_) {
        const std::span<char> bytes = refill();
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
        stream_.avail_in = bytes.size();
        at_end_ = bytes.empty();
      }
      const lzma_ret status = lzma_code(&stream_, at_end_ ? LZMA_FINISH : LZMA_RUN);
      if (status == LZMA_STREAM_END)
        ended_ = true;
      else if (status == LZMA_BUF_ERROR && at_end_)
        fail_packed("the xz data are cut short");
      else if (status == LZMA_MEMLIMIT_ERROR)
        fail_packed("unpacking the xz data would take more than 256 MiB of memory");
      else if (status != LZMA_OK && status != LZMA_BUF_ERROR)
        fail_packed("the xz data are damaged");
    }
    return size - stream_.avail_out;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool at_end_ = false;  // of the packed bytes
  bool ended_ = false;   // the unpacked ones
};

std::unique_ptr<InputFile::Source> open_source(const fs::path& path) {
  constexpr std::string_view gzip_magic = "\x1f\x8b\x08", xz_magic(
                                                              "\xfd"
                                                              "7zXZ\0",
                                                              6);
  auto plain = std::make_unique<PlainSource>(open_to_read(path), path);
  const std::string_view start = plain->peek(xz_magic.size());
  if (start.substr(0, gzip_magic.size()) == gzip_magic) return std::make_unique<GzipSource>(std::move(plain));
  if (start == xz_magic) return std::make_unique<XzSource>(std::move(plain));
  return plain;
}

}  // namespace

InputFile::InputFile(const fs::path& path, const ReadLimits& limits)
    : path_(path), left_(limits.size), source_(open_source(path)) {}
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;
InputFile::~InputFile() = default;

std::size_t InputFile::read(char* to, std::size_t size) {
  std::size_t have = 0;
  while (have < size) {
    const std::size_t got = source_->read(to + have, size - have);
    if (got == 0) break;
    if (got > left_)
      fail(ErrorKind::io, path_.string() + ": unpacks to more than the limit; is it the right file?");
    left_ -= got;
    have += got;
  }
  return have;
}

std::string read_unpacked(const fs::path& path, const ReadLimits& limits) {
  InputFile file(path, limits);
  std::string bytes;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(std::max<std::size_t>(buffer_size, 2 * before));
    const std::size_t got = file.read(bytes.data() + before, bytes.size() - before);
    if (before + got < bytes.size()) {
      bytes.resize(before + got);
      return bytes;
    }
  }
}

LineReader::LineReader(const fs::path& path, const ReadLimits& limits)
    : file_(path, limits), line_limit_(limits.line), buffer_(std::make_unique<char[]>(buffer_size)) {}

bool LineReader::refill() {
  begin_ = 0;
  end_ = file_.read(buffer_.get(), buffer_size);
  return end_ > 0;
}

bool LineReader::next(std::string& line) {
  line.clear();
  if (begin_ == end_ && !refill()) return false;
  ++number_;
  ended_ = false;
  do {
    const std::string_view rest(buffer_.get() + begin_, end_ - begin_);
    const std::size_t length = std::min(rest.find('\n'), rest.size());
    ended_ = length < rest.size();
    if (line.size() + length > line_limit_)
      fail(ErrorKind::data, file_.path().string() + " line " + std::to_string(number_) + ": is longer than " +
                                std::to_string(line_limit_) +
                                " bytes; is it a text file with one record a line?");
    line += rest.substr(0, length);
    begin_ += length + (ended_ ? 1 : 0);
  } while (!ended_ && refill());
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

}  // namespace rondo

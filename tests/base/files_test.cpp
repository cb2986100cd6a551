#include "base/files.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <lzma.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::TemporaryFolder;

void put(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string packed_gzip(std::string_view text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string input(text), bytes(deflateBound(&stream, input.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

std::string packed_xz(std::string_view text) {
  std::string bytes(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                                    reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                    reinterpret_cast<std::uint8_t*>(bytes.data()), &size, bytes.size()),
            LZMA_OK);
  bytes.resize(size);
  return bytes;
}

std::string some_text(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i)
    text += std::to_string(i * 2654435761u) + (i % 7 == 0 ? "\n" : " ");
  return text;
}

std::vector<std::string> lines_of(const fs::path& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);)
    lines.push_back(line);
  return lines;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// No file may grow beyond `bytes` while this lives: what a full disk does, without a disk to fill.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_ = {};
  sighandler_t handler_;
};

/// Permissions mean nothing to root: acts as nobody while this lives.
class OrdinaryUser {
 public:
  OrdinaryUser() : root_(::geteuid() == 0) {
    if (root_ && ::seteuid(65534) != 0) throw std::runtime_error("seteuid");
  }
  ~OrdinaryUser() {
    if (root_ && ::seteuid(0) != 0) ADD_FAILURE() << "cannot be root again";
  }

 private:
  bool root_;
};

TEST(ReadFile, GivesTheBytesAsTheyAre) {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\r\nc", 6);
  put(folder / "f", bytes);
  EXPECT_EQ(read_file(folder / "f"), bytes);
  put(folder / "empty", "");
  EXPECT_EQ(read_file(folder / "empty"), "");
  const std::string packed = packed_gzip("hello");
  put(folder / "packed", packed);
  EXPECT_EQ(read_file(folder / "packed"), packed);
}

TEST(ReadFile, ReadsFilesThatHaveNoSize) {
  EXPECT_FALSE(read_file("/proc/self/status").empty());
  expect_error(
      ErrorKind::io, [] { read_file("/dev/zero", {.size = 100'000}); }, "/dev/zero", "limit of 100000 bytes");
}

TEST(ReadFile, RefusesMoreThanTheLimit) {
  const TemporaryFolder folder;
  put(folder / "f", "12345");
  EXPECT_EQ(read_file(folder / "f", {.size = 5}), "12345");
  expect_error(
      ErrorKind::io, [&] { read_file(folder / "f", {.size = 4}); }, "limit of 4 bytes",
      (folder / "f").string());
}

TEST(ReadFile, NamesTheMissingFileAndItsNearestNeighbour) {
  const TemporaryFolder folder;
  put(folder / "reviews.tsv", "");
  expect_error(
      ErrorKind::io, [&] { read_file(folder / "reviews.tvs"); }, "reviews.tvs: no such file",
      "did you mean 'reviews.tsv'?");
  expect_error(
      ErrorKind::io, [&] { read_file(folder / "other"); }, "no such file", "check the path");
  expect_error(
      ErrorKind::io, [&] { read_file(folder / "no/such/file"); }, "the folder", "does not exist");
  expect_error(
      ErrorKind::io, [&] { read_file(folder / "reviews.tsv/x"); }, "a part of the path is a file");
  expect_error(
      ErrorKind::io, [&] { read_file(""); }, "empty");
}

TEST(ReadFile, RefusesAFolder) {
  const TemporaryFolder folder;
  expect_error(
      ErrorKind::io, [&] { read_file(folder.path()); }, "is a folder", folder.path().string());
  expect_error(
      ErrorKind::io, [&] { InputFile{folder.path()}; }, "is a folder");
}

TEST(ReadFile, SaysThatPermissionIsMissing) {
  const TemporaryFolder folder;
  put(folder / "secret", "x");
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(folder / "secret", fs::perms::none);
  const OrdinaryUser user;
  expect_error(
      ErrorKind::io, [&] { read_file(folder / "secret"); }, "secret", "Permission denied", "permissions");
}

TEST(InputFile, UnpacksByContentWhateverTheName) {
  const TemporaryFolder folder;
  const std::string text = some_text(300'000);
  put(folder / "plain.gz", text);
  put(folder / "gzip.txt", packed_gzip(text));
  put(folder / "xz", packed_xz(text));
  for (const char* name : {"plain.gz", "gzip.txt", "xz"})
    EXPECT_EQ(read_unpacked(folder / name), text) << name;
}

TEST(InputFile, ReadsEmptyFilesAndEmptyPackedFiles) {
  const TemporaryFolder folder;
  for (const std::string& bytes : {std::string(), packed_gzip(""), packed_xz("")}) {
    put(folder / "f", bytes);
    EXPECT_EQ(read_unpacked(folder / "f"), "");
    EXPECT_TRUE(lines_of(folder / "f").empty());
  }
  put(folder / "f", "\x1f");
  EXPECT_EQ(read_unpacked(folder / "f"), "\x1f");
}

TEST(InputFile, ReadsSeveralMembersOneAfterTheOther) {
  const TemporaryFolder folder;
  put(folder / "gz", packed_gzip("one\n") + packed_gzip("") + packed_gzip("two\n"));
  put(folder / "xz", packed_xz("one\n") + packed_xz("two\n"));
  EXPECT_EQ(read_unpacked(folder / "gz"), "one\ntwo\n");
  EXPECT_EQ(read_unpacked(folder / "xz"), "one\ntwo\n");
}

TEST(InputFile, RefusesPackedDataThatAreCutShort) {
  const TemporaryFolder folder;
  const std::string text = some_text(2'000);
  for (const std::string& whole : {packed_gzip(text), packed_xz(text)})
    for (std::size_t size = 6; size < whole.size(); size += 97) {
      put(folder / "f", whole.substr(0, size));
      expect_error(
          ErrorKind::data, [&] { read_unpacked(folder / "f"); }, "cut short", "again");
    }
}

TEST(InputFile, RefusesDamagedPackedData) {
  const TemporaryFolder folder;
  for (std::string whole : {packed_gzip(some_text(20'000)), packed_xz(some_text(20'000))}) {
    whole[whole.size() / 2] = static_cast<char>(whole[whole.size() / 2] ^ 0x55);
    put(folder / "f", whole);
    expect_error(
        ErrorKind::data, [&] { read_unpacked(folder / "f"); }, "damaged");
  }
  put(folder / "f", packed_gzip("x") + "garbage");
  expect_error(
      ErrorKind::data, [&] { read_unpacked(folder / "f"); }, "damaged");
}

TEST(InputFile, StopsABombAtTheLimit) {
  const TemporaryFolder folder;
  const std::string zeros(10'000'000, '\0');
  for (const std::string& bomb : {packed_gzip(zeros), packed_xz(zeros)}) {
    EXPECT_LT(bomb.size(), 20'000u);
    put(folder / "bomb", bomb);
    expect_error(
        ErrorKind::io, [&] { read_unpacked(folder / "bomb", {.size = 1'000'000}); }, "more than the limit");
    EXPECT_EQ(read_unpacked(folder / "bomb", {.size = zeros.size()}).size(), zeros.size());
  }
}

TEST(LineReader, GivesLinesWithoutTheirEnds) {
  const TemporaryFolder folder;
  put(folder / "f", "one\ntwo\r\n\nlast");
  LineReader reader(folder / "f");
  std::string line;
  EXPECT_TRUE(reader.next(line) && line == "one" && reader.number() == 1 && reader.ended());
  EXPECT_TRUE(reader.next(line) && line == "two" && reader.number() == 2 && reader.ended());
  EXPECT_TRUE(reader.next(line) && line.empty() && reader.number() == 3 && reader.ended());
  EXPECT_TRUE(reader.next(line) && line == "last" && reader.number() == 4 && !reader.ended());
  EXPECT_FALSE(reader.next(line));
  EXPECT_FALSE(reader.next(line));
}

TEST(LineReader, GivesTheSameLinesWhateverThePacking) {
  const TemporaryFolder folder;
  const std::string text = some_text(400'000) + std::string(200'000, 'x') + "\nend\n";
  put(folder / "plain", text);
  put(folder / "gz", packed_gzip(text));
  put(folder / "xz", packed_xz(text));
  const std::vector<std::string> lines = lines_of(folder / "plain");
  std::string joined;
  for (const std::string& line : lines)
    joined += line + "\n";
  EXPECT_EQ(joined, text);
  EXPECT_EQ(lines_of(folder / "gz"), lines);
  EXPECT_EQ(lines_of(folder / "xz"), lines);
}

TEST(LineReader, RefusesALineOverTheLimitAndNamesIt) {
  const TemporaryFolder folder;
  put(folder / "f", "short\n" + std::string(1'000'000, 'x') + "\n");
  LineReader reader(folder / "f", {.line = 999'999});
  std::string line;
  EXPECT_TRUE(reader.next(line));
  expect_error(
      ErrorKind::data, [&] { reader.next(line); }, "line 2", "longer than 999999 bytes");
}

TEST(AtomicFile, AppearsOnlyAtCommit) {
  const TemporaryFolder folder;
  const fs::path path = folder / "f";
  AtomicFile file(path);
  file.write("first ");
  file.write(std::string(100'000, 'x'));
  file.write(" last");
  EXPECT_EQ(file.size(), 100'011u);
  EXPECT_FALSE(fs::exists(path));
  file.commit();
  EXPECT_EQ(read_file(path), "first " + std::string(100'000, 'x') + " last");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"f"});
  EXPECT_THROW(file.write("more"), Bug);
  EXPECT_THROW(file.commit(), Bug);
}

/// A process that begins to write `path`, and is killed.
pid_t kill_a_writer_of(const fs::path& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(path);
    file.write("half");
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return child;
}

TEST(AtomicFile, RemovesWhatAKilledWriterLeft) {
  const TemporaryFolder folder;
  const std::string dead = std::to_string(kill_a_writer_of(folder / "f"));
  kill_a_writer_of(folder / "f2");
  ASSERT_EQ(names_in(folder.path()).size(), 2U) << "two temporary files";
  // None of ours, though nearly named like one.
  for (const std::string& other :
       {".f.partial-" + dead, std::string(".f.partial-x-1"), ".f.partial-" + dead + "-1.bak"})
    put(folder / other, "");
  AtomicFile living(folder / "f");
  write_file_atomically(folder / "f", "whole");
  living.write("later");
  living.commit();
  EXPECT_EQ(read_file(folder / "f"), "later") << "a writer at work keeps its file";
  write_file_atomically(folder / "f2", "whole");
  EXPECT_EQ(names_in(folder.path()).size(), 5U) << "f, f2 and the others";
}

TEST(AtomicFile, LeavesTheOlderFileWhenWritingFails) {
  const TemporaryFolder folder;
  const fs::path path = folder / "f";
  put(path, "older");
  EXPECT_THROW(write_file_atomically(path,
                                     [](AtomicFile& file) {
                                       file.write("half");
                                       throw std::runtime_error("stopped");
                                     }),
               std::runtime_error);
  EXPECT_EQ(read_file(path), "older");
  {
    const FileSizeLimit limit(50'000);
    expect_error(
        ErrorKind::io, [&] { write_file_atomically(path, std::string(200'000, 'x')); }, path.string(),
        "cannot write", "too large");
  }
  EXPECT_EQ(read_file(path), "older");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"f"});
}

TEST(AtomicFile, KeepsPermissionsAndFollowsLinks) {
  const TemporaryFolder folder;
  put(folder / "real", "older");
  fs::permissions(folder / "real", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("real", folder / "link");
  write_file_atomically(folder / "link", "newer");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "real"), "newer");
  EXPECT_EQ(fs::status(folder / "real").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(AtomicFile, RefusesWhatARenameMustNotReplace) {
  const TemporaryFolder folder;
  expect_error(
      ErrorKind::io, [&] { write_file_atomically(folder.path(), "x"); }, "is a folder");
  expect_error(
      ErrorKind::io, [&] { write_file_atomically(folder.path() / "", "x"); }, "is a folder");
  expect_error(
      ErrorKind::io, [&] { write_file_atomically("/dev/null", "x"); }, "not a plain file");
  expect_error(
      ErrorKind::io, [&] { write_file_atomically(folder / "a/b/f", "x"); }, "does not exist", "mkdir -p");
  expect_error(
      ErrorKind::io, [] { write_file_atomically("", "x"); }, "empty");
}

TEST(CheckWritable, PassesAndLeavesNothing) {
  const TemporaryFolder folder;
  check_writable(folder / "f");
  EXPECT_TRUE(names_in(folder.path()).empty());
  put(folder / "f", "kept");
  check_writable(folder / "f");
  EXPECT_EQ(read_file(folder / "f"), "kept");
}

TEST(CheckWritable, RefusesFoldersFullDisksAndMissingPermission) {
  const TemporaryFolder folder;
  expect_error(
      ErrorKind::io, [&] { check_writable(folder.path()); }, "is a folder");
  expect_error(
      ErrorKind::io, [&] { check_writable(folder / "no/f"); }, "does not exist");
  {
    const FileSizeLimit limit(1'000);
    expect_error(
        ErrorKind::io, [&] { check_writable(folder / "f"); }, "cannot write", "f");
  }
  fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  if (::geteuid() == 0) {
    const OrdinaryUser user;
    expect_error(
        ErrorKind::io, [&] { check_writable(folder / "f"); }, "Permission denied", "permissions");
  }
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(AppendFile, AddsLinesAndCutsBack) {
  const TemporaryFolder folder;
  AppendFile file(folder / "log");
  file.write_line("one");
  file.write_line("two");
  EXPECT_EQ(file.size(), 8u);
  AppendFile(folder / "log").write_line("three");
  EXPECT_EQ(read_file(folder / "log"), "one\ntwo\nthree\n");
  file.truncate(4);
  file.write_line("2");
  file.sync();
  EXPECT_EQ(read_file(folder / "log"), "one\n2\n");
  expect_error(
      ErrorKind::io, [&] { file.truncate(100); }, "has 6 bytes", "100");
}

TEST(AppendFile, LeavesNoPartOfALineOnAFullDisk) {
  const TemporaryFolder folder;
  expect_error(
      ErrorKind::io, [] { AppendFile("/dev/full").write_line("x"); }, "/dev/full", "No space left",
      "make room");
  AppendFile file(folder / "log");
  file.write_line("whole");
  {
    const FileSizeLimit limit(10);
    expect_error(
        ErrorKind::io, [&] { file.write_line("does not fit"); }, "cannot write");
  }
  EXPECT_EQ(read_file(folder / "log"), "whole\n");
  expect_error(
      ErrorKind::io, [&] { AppendFile{folder.path()}; }, "cannot write", "directory");
}

TEST(Folders, ArePublishedOnceAndNeverOverwritten) {
  const TemporaryFolder folder;
  make_folder(folder / "a/b/new");
  make_folder(folder / "a/b/new");
  put(folder / "a/b/new/weights", "1");
  publish_folder(folder / "a/b/new", folder / "a/b/000001");
  EXPECT_EQ(read_file(folder / "a/b/000001/weights"), "1");
  make_folder(folder / "a/b/new");
  expect_error(
      ErrorKind::io, [&] { publish_folder(folder / "a/b/new", folder / "a/b/000001"); }, "exists already");
  EXPECT_EQ(read_file(folder / "a/b/000001/weights"), "1");
  expect_error(
      ErrorKind::io, [&] { publish_folder(folder / "missing", folder / "a/b/000002"); }, "missing");
  remove_folder(folder / "a");
  remove_folder(folder / "a");
  EXPECT_TRUE(names_in(folder.path()).empty());
  put(folder / "file", "");
  expect_error(
      ErrorKind::io, [&] { make_folder(folder / "file"); }, "cannot make the folder");
}

}  // namespace
}  // namespace rondo

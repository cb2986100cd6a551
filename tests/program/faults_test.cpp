// What goes wrong on the user's side ends with status 2, one line, and no file left behind.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

class ProgramFaults : public testing::Test {
 protected:
  Outcome train(const std::string& data, const std::string& out = "m.rondo") {
    return run_program(small({"train", "classify", data, "--out", out}), "", folder_.path());
  }
  /// Training on it fails, says `part` in one line after notices, and leaves nothing.
  void refuses(const std::string& data, const std::string& part) {
    const Outcome outcome = train(data);
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
    EXPECT_TRUE(outcome.err.starts_with("rondo: ")) << outcome.err;
    EXPECT_LT(outcome.err.size(), 1000U) << outcome.err;
    EXPECT_TRUE(outcome.out.empty()) << outcome.out;
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "m.rondo"));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "m.rondo.run"));
  }
  void refuses_bytes(const std::string& bytes, const std::string& part) {
    write(folder_.path() / "data.tsv", bytes);
    refuses("data.tsv", part);
  }
  TemporaryFolder folder_;
};

TEST_F(ProgramFaults, MissingFile) {
  refuses("reviws.tsv", "reviws.tsv");
}
TEST_F(ProgramFaults, Folder) {
  std::filesystem::create_directory(folder_.path() / "data");
  refuses("data", "data");
}
TEST_F(ProgramFaults, BinaryFile) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i)
    bytes += static_cast<char>(i * 131 % 256);
  refuses_bytes(bytes, "data.tsv");
}
TEST_F(ProgramFaults, Gb18030Text) {
  std::string bytes;
  for (int i = 0; i < 20; ++i)
    bytes += "1\t\xba\xdc\xba\xc3\xb5\xc4\xb5\xe7\xd3\xb0\n";
  refuses_bytes(bytes, "GB18030");
}
TEST_F(ProgramFaults, OneColumn) {
  refuses_bytes("good film\nbad film\nnice\n", "column");
}
TEST_F(ProgramFaults, OneClass) {
  refuses_bytes("good\ta film\ngood\tanother film\ngood\ta third\n", "class");
}
TEST_F(ProgramFaults, EmptyFile) {
  refuses_bytes("", "empty");
}
TEST_F(ProgramFaults, OneLineOfTenMegabytes) {
  refuses_bytes(std::string(10 << 20, 'x'), "data.tsv");
}

TEST_F(ProgramFaults, OutputThatCannotBeWritten) {
  write(folder_.path() / "data.tsv", reviews_tsv());
  const Outcome outcome = train("data.tsv", "missing/folder/m.rondo");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("missing/folder"), std::string::npos) << outcome.err;
}

TEST_F(ProgramFaults, UnknownOptionsAndBadValues) {
  write(folder_.path() / "data.tsv", reviews_tsv());
  const auto fails = [&](std::vector<std::string> words, const std::string& part) {
    words.insert(words.begin(), {"train", "classify", "data.tsv", "--out", "m.rondo"});
    const Outcome outcome = run_program(words, "", folder_.path());
    EXPECT_EQ(outcome.status, 2) << words.back();
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  };
  fails({"--unitz", "4"}, "--unitz");
  fails({"--units", "0"}, "units");
  fails({"--units", "4.5"}, "units");
  fails({"--dropout", "1.5"}, "dropout");
  fails({"--cell", "lstmm"}, "lstm");
  fails({"--threads", "-1"}, "threads");
  fails({"--config", "none.toml"}, "none.toml");
  fails({"--class-weights", "unknown=2"}, "unknown");
  fails({"--monitor", "val_speed"}, "val_speed");
}

TEST_F(ProgramFaults, TheDataAreNeverOverwritten) {
  write(folder_.path() / "data.tsv", reviews_tsv());
  const Outcome outcome = train("data.tsv", "data.tsv");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("also read"), std::string::npos) << outcome.err;
  EXPECT_EQ(read_bytes(folder_.path() / "data.tsv"), reviews_tsv());
}

TEST_F(ProgramFaults, AMistakeLeavesTheEarlierRunAsItWas) {
  write(folder_.path() / "data.tsv", reviews_tsv());
  ASSERT_EQ(train("data.tsv").status, 0);
  const std::filesystem::path run = folder_.path() / "m.rondo.run";
  const std::string metrics = read_bytes(run / "metrics.csv"), config = read_bytes(run / "config.json");
  const auto fails = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = small({"train", "classify", "data.tsv", "--out", "m.rondo"});
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(run_program(words, "", folder_.path()).status, 2) << more.front();
    EXPECT_EQ(read_bytes(run / "metrics.csv"), metrics) << more.front();
    EXPECT_EQ(read_bytes(run / "config.json"), config) << more.front();
    EXPECT_FALSE(std::filesystem::is_empty(run / "checkpoints")) << more.front();
  };
  fails({"--monitor", "val_acuracy"});
  fails({"--resume", "--clip-norm", "3"});
  fails({"--vectors", "data.tsv"});
  fails({"--class-weights", "nosuch=2"});
}

TEST_F(ProgramFaults, AMistakeLeavesNoRunFolder) {
  write(folder_.path() / "data.tsv", reviews_tsv());
  EXPECT_EQ(run_program(small({"train", "classify", "data.tsv", "--out", "m.rondo", "--vectors", "data.tsv"}),
                        "", folder_.path())
                .status,
            2);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "m.rondo.run"));
}

TEST_F(ProgramFaults, HintsNameTheWholeCommand) {
  const Outcome outcome = run_program({"train", "classify", "data.tsv"});
  EXPECT_NE(outcome.err.find("'rondo train classify --help'"), std::string::npos) << outcome.err;
}

TEST_F(ProgramFaults, NoCommandAndWrongModel) {
  EXPECT_EQ(run_program({}).status, 2);
  EXPECT_EQ(run_program({"fly"}).status, 2);
  write(folder_.path() / "no.rondo", "this is no model");
  const Outcome outcome = run_program({"predict", "no.rondo", "text"}, "", folder_.path());
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "rondo: format: no.rondo: is not a rondo model file; MODEL comes first and is a file that "
            "'rondo train NAME --out FILE' wrote\n");
}

TEST_F(ProgramFaults, ResumeWithOtherOptions) {
  write(folder_.path() / "data.tsv", reviews_tsv());
  ASSERT_EQ(train("data.tsv").status, 0);
  const Outcome other = run_program(
      {"train", "classify", "data.tsv", "--out", "m.rondo", "--units", "9", "--resume"}, "", folder_.path());
  EXPECT_EQ(other.status, 2) << other.err;
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "m.rondo")) << "the older model stays";
}

// Ends on the disk being full, keeps the older model and leaves no part of a new one.
TEST_F(ProgramFaults, FullDisk) {
  const std::filesystem::path disk = folder_.path() / "disk";
  std::filesystem::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "cannot mount a tmpfs here";
  write(folder_.path() / "data.tsv", reviews_tsv());
  const Outcome outcome = run_program(
      {"train", "classify", "data.tsv", "--out", "disk/m.rondo", "--epochs", "1"}, "", folder_.path());
  EXPECT_FALSE(std::filesystem::exists(disk / "m.rondo"));
  umount(disk.c_str());
  EXPECT_EQ(outcome.status, 2) << outcome.err;
  EXPECT_NE(outcome.err.find("disk"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace rondo::test

#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

TEST(FolderLock, IsRefusedToASecondOneAndFreeWhenTheFirstEnds) {
  const test::TemporaryFolder folder;
  {
    const FolderLock first(folder / "run");
    test::expect_error(
        ErrorKind::usage, [&] { FolderLock second(folder / "run"); }, "process " + std::to_string(::getpid()),
        "another folder");
  }
  const FolderLock again(folder / "run");
}

TEST(FolderLock, EndsWithItsProcess) {
  const test::TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    const FolderLock held(folder / "run");
    _exit(0);  // without giving it back
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_NO_THROW(FolderLock(folder / "run"));
}

}  // namespace
}  // namespace rondo

/// Runs the program as a user would: arguments and standard input in; exit status, output and messages out.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace rondo::test {

struct Outcome {
  int status = -1;  ///< exit status, or 128 + the signal that ended it
  std::string out, err;
};

/// Runs to the end. `folder`: the working folder.
Outcome run_program(const std::vector<std::string>& arguments, const std::string& input = {},
                    const std::filesystem::path& folder = {});

/// The program in the background, its output thrown away.
class RunningProgram {
 public:
  RunningProgram(const std::vector<std::string>& arguments, const std::filesystem::path& folder);
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram();
  void send(int signal) const;
  /// Exit status, or 128 + the signal that ended it.
  int wait();
  /// Whether it ends within this time.
  bool ends_within(std::chrono::milliseconds time);

 private:
  pid_t process_;
  int status_ = -1;
};

}  // namespace rondo::test

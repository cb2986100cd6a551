#include "program/run_program.h"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// Replaces this process by the program, with its standard streams on files.
[[noreturn]] void become(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                         const std::string& in, const std::string& out, const std::string& err) {
  const bool opened = std::freopen(in.c_str(), "r", stdin) != nullptr &&
                      std::freopen(out.c_str(), "w", stdout) != nullptr &&
                      std::freopen(err.c_str(), "w", stderr) != nullptr;
  if (!opened || (!folder.empty() && chdir(folder.c_str()) != 0)) _exit(126);
  std::vector<char*> argv = {const_cast<char*>("rondo")};
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(RONDO_PROGRAM, argv.data());
  _exit(127);
}

pid_t start(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
            const std::string& in, const std::string& out, const std::string& err) {
  const pid_t process = fork();
  if (process < 0) throw std::runtime_error("fork failed");
  if (process == 0) become(arguments, folder, in, out, err);
  return process;
}

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Outcome run_program(const std::vector<std::string>& arguments, const std::string& input,
                    const std::filesystem::path& folder) {
  const TemporaryFolder scratch;
  const std::filesystem::path in = scratch.path() / "in", out = scratch.path() / "out",
                              err = scratch.path() / "err";
  std::ofstream(in, std::ios::binary) << input;
  int status = 0;
  waitpid(start(arguments, folder, in, out, err), &status, 0);
  return {exit_status(status), read(out), read(err)};
}

RunningProgram::RunningProgram(const std::vector<std::string>& arguments, const std::filesystem::path& folder)
    : process_(start(arguments, folder, "/dev/null", "/dev/null", "/dev/null")) {}

RunningProgram::~RunningProgram() {
  if (status_ >= 0) return;
  send(SIGKILL);
  wait();
}

void RunningProgram::send(int signal) const {
  kill(process_, signal);
}

int RunningProgram::wait() {
  if (status_ < 0) {
    int status = 0;
    waitpid(process_, &status, 0);
    status_ = exit_status(status);
  }
  return status_;
}

bool RunningProgram::ends_within(std::chrono::milliseconds time) {
  for (const auto end = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < end;) {
    int status = 0;
    if (status_ >= 0 || waitpid(process_, &status, WNOHANG) == process_) {
      if (status_ < 0) status_ = exit_status(status);
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace rondo::test

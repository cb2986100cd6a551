/// The command line: one function a subcommand adds it to the parser. Results go to standard output, progress
/// and notices to standard error.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/runtime.h>

namespace rondo::program {

/// Exit statuses besides 0.
constexpr int exit_bug = 1, exit_user = 2, exit_interrupted = 130;

/// What the subcommand chosen does once everything was parsed; gives the exit status.
using Action = std::function<int()>;

/// Options that every subcommand takes.
struct Common {
  int threads = 0;
  bool json = false;
  /// The threads asked for, in force while it lives.
  struct InForce {
    explicit InForce(int threads) : runtime({.threads = threads, .isa = {}}), use(runtime) {}
    Runtime runtime;
    Runtime::Use use;
  };
};
void add_common(CLI::App& command, const std::shared_ptr<Common>& common);

void add_train(CLI::App& app, Action& action);
void add_eval(CLI::App& app, Action& action);
void add_predict(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_gradcheck(CLI::App& app, Action& action);
void add_help(CLI::App& app, Action& action);

/// Standard output, checked: Error(io) when the disk is full or the reader has gone.
void print(std::string_view text);
/// One line on standard error, "rondo: " before it.
void note(std::string_view line);

/// Whether Ctrl-C (or SIGTERM) came since the program asked to be told instead of ended.
void watch_interrupts();
bool interrupted() noexcept;

}  // namespace rondo::program

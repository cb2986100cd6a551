/// The command line: one function a subcommand adds it to the parser. Results go to standard output, progress
/// and notices to standard error. What it can do with data and models, the applications say.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/description.h>
#include <rondo/runtime.h>
#include <rondo/tasks/task.h>

namespace rondo::program {

/// Exit statuses besides 0.
constexpr int exit_bug = 1, exit_user = 2, exit_interrupted = 130, exit_closed_pipe = 141;

/// The whole program: parses the words after the program's name and does what they say. Returns the exit
/// status. `applications` must outlive the call.
int run(std::span<const std::string> arguments, std::span<const TaskKind> applications);

/// What the subcommand chosen does once everything was parsed; gives the exit status.
using Action = std::function<int()>;

/// What a subcommand is added to, and with which applications.
struct Commands {
  CLI::App& app;
  Action& action;
  std::span<const TaskKind> applications;
};

/// Options that every command takes which works with a model.
struct CommonOptions {
  int threads = 0;

  static constexpr auto fields() {
    return std::tuple{field("threads", &CommonOptions::threads,
                            "threads to use, 0: as many as there are cores; the result is the same for any "
                            "number",
                            0, 1024)};
  }
};
static_assert(all_fields_listed<CommonOptions>);

/// The threads asked for, in force while it lives.
struct ThreadsInForce {
  explicit ThreadsInForce(const OptionTable& common)
      : runtime({.threads = common.as<CommonOptions>().threads, .isa = {}}), use(runtime) {}
  Runtime runtime;
  Runtime::Use use;
};

void add_train(const Commands& commands);
void add_eval(const Commands& commands);
/// And the verbs of the applications.
void add_predict(const Commands& commands);
/// A verb with a run of its own.
void add_verb(const Commands& commands, const TaskKind& application, const Verb& verb);
void add_score(const Commands& commands);
void add_inspect(const Commands& commands);
void add_export(const Commands& commands);
void add_quantize(const Commands& commands);
void add_gradcheck(const Commands& commands);
void add_help(const Commands& commands);

/// Thrown when nobody reads standard output any more, as after `| head`: no error, but nothing is left to do.
struct ClosedPipe {};
/// Standard output, checked: ClosedPipe, or Error(io) when the disk is full.
void print(std::string_view text);
/// One line on standard error, "rondo: " before it.
void note(std::string_view line);

/// Whether Ctrl-C (or SIGTERM) came since the program asked to be told instead of ended.
void watch_interrupts();
bool interrupted() noexcept;

}  // namespace rondo::program

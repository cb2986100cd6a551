/// The command line. One function per subcommand adds it to the parser. Results go to standard output;
/// progress and notices go to standard error. The applications define what the program can do with data and
/// models.
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

/// What the chosen subcommand does after parsing. Returns the exit status.
using Action = std::function<int()>;

/// The parser to add a subcommand to, and the applications.
struct Commands {
  CLI::App& app;
  Action& action;
  std::span<const TaskKind> applications;
  /// Whether the options of training can be asked for. They are many, and slow to set up.
  bool training = true;
};

/// Options of every command that works with a model.
struct CommonOptions {
  int threads = 0;

  static constexpr auto fields() {
    return std::tuple{field("threads", &CommonOptions::threads,
                            "number of threads; 0: one per core; the result is the same for any number", 0,
                            1024)};
  }
};
static_assert(all_fields_listed<CommonOptions>);

/// Applies the requested number of threads while it is alive.
struct ThreadsInForce {
  explicit ThreadsInForce(const OptionTable& common)
      : runtime({.threads = common.as<CommonOptions>().threads, .isa = {}}), use(runtime) {}
  Runtime runtime;
  Runtime::Use use;
};

void add_train(const Commands& commands);
void add_eval(const Commands& commands);
void add_predict(const Commands& commands);
/// The verbs of the applications.
void add_verbs(const Commands& commands);
/// A verb with a run of its own.
void add_verb(const Commands& commands, const TaskKind& application, const Verb& verb);
/// Hands a verb with a run of its own what it reads and writes. `reads`: whether standard input is read.
VerbCall verb_call(std::vector<std::string> texts, bool json, bool reads);
void add_score(const Commands& commands);
void add_inspect(const Commands& commands);
void add_export(const Commands& commands);
void add_quantize(const Commands& commands);
void add_gradcheck(const Commands& commands);
void add_lab(const Commands& commands);
void add_help(const Commands& commands);

/// Thrown if the reader of standard output has closed it, as after `| head`. This is not an error, but there
/// is nothing left to do.
struct ClosedPipe {};
/// Writes to standard output. Throws ClosedPipe, or Error(io) if the disk is full.
void print(std::string_view text);
/// Writes one line to standard error, after "rondo: ".
void note(std::string_view line);

/// From watch_interrupts() on, Ctrl-C and SIGTERM do not end the program; interrupted() tells whether one
/// came.
void watch_interrupts();
bool interrupted() noexcept;

}  // namespace rondo::program

// rondo: the command line. Exit status 0: done; 2: the user's or the world's fault; 130: Ctrl-C; 1: ours.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include <unistd.h>

#include <rondo/error.h>
#include <rondo/version.h>

#include "base/message.h"
#include "program.h"

namespace rondo::program {
namespace {

volatile std::sig_atomic_t interrupts = 0;

// The second Ctrl-C ends the program at once.
void on_interrupt(int signal) {
  if (interrupts != 0) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  interrupts = 1;
}

void set_up(CLI::App& app) {
  app.set_version_flag("--version", "rondo " + std::string(version()));
  app.require_subcommand(1);
  app.fallthrough(false);
  app.get_formatter()->column_width(34);
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{"Train, understand and run recurrent sequence models on a CPU.", "rondo"};
  Action action;
  set_up(app);
  add_train(app, action);
  add_eval(app, action);
  add_predict(app, action);
  add_inspect(app, action);
  add_export(app, action);
  add_gradcheck(app, action);
  add_help(app, action);
  // Last, so that the subcommands do not inherit it.
  app.footer(
      "'rondo help train classify' says more about a command. Start with:\n"
      "  rondo train classify reviews.tsv --out sentiment.rondo");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::string command = "rondo";
    for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
      at = at->get_subcommands().front();
      command += " " + at->get_name();
    }
    note("usage: " + std::string(error.what()) + "; see '" + command + " --help'");
    return exit_user;
  }
  return action();
}

}  // namespace

void add_common(CLI::App& command, const std::shared_ptr<Common>& common) {
  command
      .add_option("--threads", common->threads,
                  "threads to use; the result is the same for any number [all cores]")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  command.add_flag("--json", common->json, "print the result as JSON");
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    fail(ErrorKind::io, "cannot write to standard output");
}

void note(std::string_view line) {
  const std::string text = "rondo: " + std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void watch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() noexcept {
  return interrupts != 0;
}

}  // namespace rondo::program

int main(int argc, char** argv) {
  using namespace rondo::program;
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return parse_and_run(argc, argv);
  } catch (const rondo::Error& error) {
    note(error.what());
    return exit_user;
  } catch (const std::bad_alloc&) {
    note("out of memory: use a smaller batch, model or file");
    return exit_user;
  } catch (const std::exception& error) {
    note("internal error: " + std::string(error.what()) + "; please report it");
    return exit_bug;
  }
}

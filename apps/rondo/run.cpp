// Parses the arguments and runs a command. Exit status 0: success; 2: a mistake of the user or a failure of
// the environment; 130: Ctrl-C; 141: the reader of the output closed it; 1: an error in rondo.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <rondo/error.h>
#include <rondo/version.h>

#include "base/message.h"
#include "base/shown.h"
#include "program.h"
#include "usage.h"

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
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", "rondo " + std::string(version()), "print the version");
  // At most one command, so that a text may be the word 'eval'. We check ourselves that there is a command
  // and that all words are known, to report unknown words first and in our own messages.
  app.require_subcommand(0, 1);
  app.allow_extras();
}

/// Call it last, so that the commands do not inherit the footer.
void set_footer(CLI::App& app, std::span<const TaskKind> applications) {
  if (applications.empty()) return;
  const TaskKind& first = applications.front();
  std::string footer = "'rondo help train " + first.name + "' shows all options of a command.";
  if (!first.examples.empty())
    footer += " Start with:\n  " + first.examples.front() + "\n  rondo predict MODEL " + first.next;
  app.footer(footer);
}

struct NamedCommand {
  std::string_view name;
  void (*add)(const Commands&);
};
constexpr std::array named_commands = {
    NamedCommand{"train", add_train},       NamedCommand{"eval", add_eval},
    NamedCommand{"predict", add_predict},   NamedCommand{"score", add_score},
    NamedCommand{"inspect", add_inspect},   NamedCommand{"export", add_export},
    NamedCommand{"quantize", add_quantize}, NamedCommand{"gradcheck", add_gradcheck},
    NamedCommand{"lab", add_lab},
};

/// Only the command that the first word names, or all verbs where it is one. To set up the options of all
/// others would take most of the time of a short command; help, and words that are no command, need them all.
bool add_command(const Commands& commands, std::string_view word) {
  const auto named = std::find_if(named_commands.begin(), named_commands.end(),
                                  [&](const auto& c) { return c.name == word; });
  if (named != named_commands.end()) {
    named->add(commands);
    return true;
  }
  for (const TaskKind& kind : commands.applications)
    for (const Verb& verb : kind.verbs)
      if (verb.name == word) {
        add_verbs(commands);
        return true;
      }
  return false;
}

void add_all_commands(const Commands& commands) {
  for (const NamedCommand& named : named_commands) {
    named.add(commands);
    if (named.name == "predict") add_verbs(commands);
  }
  add_help(commands);
  set_footer(commands.app, commands.applications);
}

int parse_and_run(std::span<const std::string> arguments, std::span<const TaskKind> applications) {
  CLI::App app{"train, understand and run recurrent sequence models on a CPU", "rondo"};
  Action action;
  set_up(app);
  const std::string_view word = arguments.empty() ? std::string_view() : arguments.front();
  const bool training = word.empty() || word == "train" || word == "help";
  const Commands commands{app, action, applications, training};
  if (!add_command(commands, word)) add_all_commands(commands);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(),
                                       arguments.rend()));  // CLI11 wants the last argument first
  } catch (const CLI::CallForHelp&) {
    print(help_page(chosen_command(app)));
    return 0;
  } catch (const CLI::CallForVersion& version_text) {
    print(std::string(version_text.what()) + "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    refuse_unknown_words(app);
    refuse_usage(app, error);
  }
  refuse_unknown_words(app);
  if (action) return action();
  // No command was given: show the help on standard error, because it is not a result.
  const std::string page = help_page(chosen_command(app));
  std::fwrite(page.data(), 1, page.size(), stderr);
  return exit_user;
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw ClosedPipe{};
  fail(ErrorKind::io, "cannot write to standard output");
}

void note(std::string_view line) {
  const std::string text = "rondo: " + one_line(std::string(line)) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void watch_interrupts() {
  // Who starts a program with a signal ignored (nohup, a script's &) wants it to go on.
  for (const int signal : {SIGINT, SIGTERM})
    if (std::signal(signal, SIG_IGN) != SIG_IGN) std::signal(signal, on_interrupt);
}

bool interrupted() noexcept {
  return interrupts != 0;
}

int run(std::span<const std::string> arguments, std::span<const TaskKind> applications) {
  interrupts = 0;
  try {
    return parse_and_run(arguments, applications);
  } catch (const ClosedPipe&) {
    return exit_closed_pipe;
  } catch (const Error& error) {
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

}  // namespace rondo::program

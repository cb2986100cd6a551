// The verbs of applications that answer in a way of their own: filters, and what goes on without an end.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <rondo/autograd.h>

#include "base/message.h"
#include "model_argument.h"
#include "program.h"
#include "typed_options.h"

namespace rondo::program {
namespace {

struct VerbCommand {
  const TaskKind* application;
  const Verb* verb;
  TypedOptions typed = {};
  std::string model = {};
  std::vector<std::string> texts = {};
  bool json = false;

  int run() const;
  VerbCall call() const;
};

/// What has arrived on standard input: at least a byte, none at its end.
std::size_t read_arrived(char* to, std::size_t size) {
  ssize_t count = 0;
  do
    count = ::read(STDIN_FILENO, to, size);
  while (count < 0 && errno == EINTR);
  if (count < 0)
    fail(ErrorKind::io, std::string("cannot read standard input: ") + std::strerror(errno) +
                            "; give text, as in 'rondo COMMAND MODEL < FILE'");
  return static_cast<std::size_t>(count);
}

std::size_t read_nothing(char*, std::size_t) {
  return 0;
}

VerbCall VerbCommand::call() const {
  const bool asked = verb->reads_files && texts == std::vector<std::string>{"-"};
  return verb_call(texts, json,
                   asked || (!verb->reads_files && (verb->reads_terminal || isatty(STDIN_FILENO) == 0)));
}

int VerbCommand::run() const {
  OptionTable common = OptionTable::of<CommonOptions>(), options = verb->options;
  typed.apply({&common, &options}, TypedOptions::Unknown::refused);
  const ThreadsInForce threads(common);
  const std::unique_ptr<Task> task = loaded_task(verb->name, model, texts, std::span(application, 1));
  for (const std::string& text : texts)
    if (std::error_code error;
        !verb->reads_files && !answers_to_files(*task) && std::filesystem::is_regular_file(text, error))
      note(fmt::format("{} is taken as a text; to answer its lines: rondo {} {} < {}", quote(text),
                       verb->name, model, text));
  if (texts.empty() && verb->reads_terminal && !verb->reads_files && !answers_to_files(*task) &&
      isatty(STDIN_FILENO) != 0)
    note("type texts, one a line; Ctrl-D ends");
  // A verb that reads files may train on them, and sees to its weights itself.
  std::optional<InferenceMode> weights_packed_once;
  if (!verb->reads_files) weights_packed_once.emplace();
  verb->run(*task, options, call());
  return 0;
}

}  // namespace

VerbCall verb_call(std::vector<std::string> texts, bool json, bool reads) {
  return {.texts = std::move(texts),
          .json = json,
          .read = reads ? read_arrived : read_nothing,
          .write = [](std::string_view bytes) { print(bytes); },
          .notice = [](const std::string& line) { note(line); }};
}

void add_verb(const Commands& commands, const TaskKind& application, const Verb& verb) {
  const auto run = std::make_shared<VerbCommand>(VerbCommand{.application = &application, .verb = &verb});
  CLI::App* command = commands.app.add_subcommand(verb.name, verb.about);
  command->add_option("MODEL", run->model, "model file")->required();
  CLI::Option* const arguments = command->add_option(
      verb.reads_files ? "DATA" : "TEXT", run->texts,
      verb.texts_about.empty() ? "what to answer; none: standard input" : verb.texts_about);
  if (verb.reads_files) arguments->required();
  run->typed.add_to(*command, verb.options.list());
  run->typed.add_to(*command, OptionTable::of<CommonOptions>().list());
  command->add_flag("--json", run->json, "print JSON objects");
  std::string footer = verb.examples.empty() ? "" : "Examples:";
  for (const std::string& example : verb.examples)
    footer += "\n  " + example;
  command->footer(footer);
  command->callback([&action = commands.action, run] { action = [run] { return run->run(); }; });
}

}  // namespace rondo::program

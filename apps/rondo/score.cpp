// rondo score: answers in files against the truth, by the rules of a field's reference program. What can be
// scored, the library's scorers say.
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <rondo/tasks/score.h>

#include "base/message.h"
#include "program.h"
#include "typed_options.h"

namespace rondo::program {
namespace {

struct ScoreCommand {
  const Scorer* scorer;
  TypedOptions typed = {};
  std::vector<std::filesystem::path> files = {};
  bool json = false;

  int run() const;
  void check_files() const;
};

/// "GOLD ANSWER", "FILE..."
std::string arguments_of(const Scorer& scorer) {
  return fmt::format("{}{}", fmt::join(scorer.files, " "), scorer.more_files ? "..." : "");
}

void ScoreCommand::check_files() const {
  const std::size_t wanted = scorer->files.size();
  if (files.size() == wanted || (files.size() > wanted && scorer->more_files)) return;
  fail(ErrorKind::usage, fmt::format("rondo score {} wants {}, got {} file{}", scorer->name,
                                     arguments_of(*scorer), files.size(), files.size() == 1 ? "" : "s"));
}

int ScoreCommand::run() const {
  check_files();
  OptionTable options = scorer->options;
  typed.apply({&options}, TypedOptions::Unknown::refused);
  const FileScores scores = scorer->score(files, options);
  for (const std::string& notice : scores.notices)
    note(notice);
  print(json ? scores.json + "\n" : scores.text);
  return 0;
}

void add(const Commands& commands, CLI::App& parent, const Scorer& scorer) {
  const auto score = std::make_shared<ScoreCommand>(ScoreCommand{.scorer = &scorer});
  CLI::App* command = parent.add_subcommand(scorer.name, scorer.about);
  command->add_option(arguments_of(scorer), score->files, scorer.files_about)->required();
  score->typed.add_to(*command, scorer.options.list());
  command->add_flag("--json", score->json, "print the result as JSON");
  std::string footer = scorer.examples.empty() ? "" : "Examples:";
  for (const std::string& example : scorer.examples)
    footer += "\n  " + example;
  command->footer(footer);
  command->callback([&action = commands.action, score] { action = [score] { return score->run(); }; });
}

}  // namespace

void add_score(const Commands& commands) {
  CLI::App* parent = commands.app.add_subcommand(
      "score", "score answers in files by the rules of a reference program; no model is needed");
  parent->require_subcommand(0, 1);
  for (const Scorer& scorer : scorers())
    add(commands, *parent, scorer);
}

}  // namespace rondo::program

/// Help pages, made from the parser: `--help`, `rondo help`, the man page and the completions come from here.
/// Also the errors for words that no command knows.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace rondo::program {

/// The section of a page for required options, which the synopsis shows.
inline constexpr const char* required_section = "Required";

struct Command {
  std::string name;  ///< in full: "rondo train NAME"
  const CLI::App* app;
};

std::vector<const CLI::App*> commands_of(const CLI::App& app);
/// The program and all commands below it. Each command comes before its own subcommands.
std::vector<Command> all_commands(const CLI::App& root);
/// The commands without subcommands.
std::vector<Command> leaves(const CLI::App& root);
/// The command chosen by the typed words; the program itself if there is none.
Command chosen_command(const CLI::App& root);

/// "rondo predict [OPTIONS] MODEL [TEXT...]"
std::string synopsis(const Command& command);

/// A part of a page: its title, and rows of an option as typed ("--units N") and its help.
struct Section {
  std::string title;
  std::vector<std::pair<std::string, std::string>> rows;
};
std::vector<Section> sections_of(const CLI::App& command);
/// "answer texts" as "Answer texts."
std::string sentence(std::string text);
/// The page, wrapped to the width of the terminal.
std::string help_page(const Command& command);

/// Error(usage) for the first word that the chosen commands do not know, with the nearest known word.
void refuse_unknown_words(const CLI::App& root);
/// Throws Error(usage): `at` has no such command.
[[noreturn]] void refuse_command(const Command& at, const std::string& word);
/// Throws Error(usage) with the parser's error in our own words.
[[noreturn]] void refuse_usage(const CLI::App& root, const CLI::ParseError& error);

}  // namespace rondo::program

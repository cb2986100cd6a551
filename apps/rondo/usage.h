/// Pages of help, made from the parser itself: `--help`, `rondo help`, the man page and the completions all
/// come from here. And what is said of words that no command knows.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace rondo::program {

/// The section of a page for options that a command cannot do without: its synopsis shows them.
inline constexpr const char* required_section = "Required";

struct Command {
  std::string name;  ///< in full: "rondo train NAME"
  const CLI::App* app;
};

std::vector<const CLI::App*> commands_of(const CLI::App& app);
/// The program, and every command below it, each before those that it has itself.
std::vector<Command> all_commands(const CLI::App& root);
/// Those that do something: without commands of their own.
std::vector<Command> leaves(const CLI::App& root);
/// The command that the words typed chose; the program itself if they chose none.
Command chosen_command(const CLI::App& root);

/// "rondo predict [OPTIONS] MODEL [TEXT...]"
std::string synopsis(const Command& command);

/// A part of a page: its title, and rows of what to type ("--units N") and what that does.
struct Section {
  std::string title;
  std::vector<std::pair<std::string, std::string>> rows;
};
std::vector<Section> sections_of(const CLI::App& command);
/// "answer texts" as "Answer texts."
std::string sentence(std::string text);
/// For a terminal, wrapped to its width.
std::string help_page(const Command& command);

/// Throws Error(usage) for the first word that the commands chosen did not take, with the nearest that they
/// know.
void refuse_unknown_words(const CLI::App& root);
/// Throws Error(usage) because `at` has no such command.
[[noreturn]] void refuse_command(const Command& at, const std::string& word);
/// Throws Error(usage): the parser's complaint in words of ours.
[[noreturn]] void refuse_usage(const CLI::App& root, const CLI::ParseError& error);

}  // namespace rondo::program

#include "usage.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/message.h"

namespace rondo::program {
namespace {

void add_commands(const Command& command, std::vector<Command>& out) {
  out.push_back(command);
  for (const CLI::App* app : commands_of(*command.app))
    add_commands({command.name + " " + app->get_name(), app}, out);
}

std::vector<const CLI::Option*> shown_options(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
}

/// "-h, --help", "--units N", "--[no-]lowercase", "MODEL", "[TEXT...]"
std::string typed_as(const CLI::Option& option) {
  if (option.get_positional()) {
    std::string name = option.get_name();
    // "GOLD ANSWER" and "FILE..." say themselves how many there are.
    const bool said = name.find(' ') != std::string::npos || name.ends_with("...");
    if (option.get_expected_max() > 1 && !said) name += "...";
    return option.get_required() || option.get_group() == required_section ? name : "[" + name + "]";
  }
  const std::vector<std::string>& names = option.get_lnames();
  std::string text;
  for (const std::string& letter : option.get_snames())
    text += "-" + letter + ", ";
  const bool both = names.size() == 2 && names[1] == "no-" + names[0];
  text += both ? "--[no-]" + names[0] : "--" + names[0];
  return option.get_expected_max() > 0 ? text + " " + option.get_type_name() : text;
}

std::size_t page_width() {
  ::winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 80;
  return std::clamp<std::size_t>(size.ws_col, 60, 100);
}

/// Whether a range such as "(0 to 0.9)" begins there. Ranges are not broken across lines.
bool is_range(const std::string& text, std::size_t at) {
  return text[at] == '(' && at + 1 < text.size() &&
         (std::isdigit(static_cast<unsigned char>(text[at + 1])) != 0 || text[at + 1] == '-') &&
         text.find(')', at) != std::string::npos;
}

/// Wraps words into lines of at most `width`. All lines but the first are indented by `indent`.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find(' ', at), text.size());
    if (is_range(text, at)) end = text.find(')', at) + 1;
    if (column > indent && column + 1 + (end - at) > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(at, end - at);
    column += end - at;
    at = end + 1;
  }
  return out;
}

std::string section_text(const Section& section, std::size_t width) {
  constexpr std::size_t indent = 27;
  std::string out = "\n" + section.title + ":\n";
  for (const auto& [left, help] : section.rows) {
    out += "  " + left;
    // At least two spaces in between; otherwise the help begins on the next line.
    out += left.size() + 4 <= indent ? std::string(indent - left.size() - 2, ' ')
                                     : "\n" + std::string(indent, ' ');
    out += wrapped(help, indent, width) + "\n";
  }
  return out;
}

/// The candidate that was meant: the nearest by edit distance, else the only one that begins with `word`.
std::string meant(const std::string& word, const std::vector<std::string>& candidates) {
  if (std::string best = nearest(word, candidates); !best.empty()) return best;
  std::string only;
  for (const std::string& candidate : candidates) {
    if (word.size() < 2 || !candidate.starts_with(word)) continue;
    if (!only.empty()) return {};
    only = candidate;
  }
  return only;
}

[[noreturn]] void refuse_option(const Command& at, const std::string& word) {
  std::string name = word.substr(0, word.find('='));
  std::string bare = name.substr(std::min(name.find_first_not_of('-'), name.size()));
  std::replace(bare.begin(), bare.end(), '_', '-');
  std::vector<std::string> known;
  bool takes_texts = false;
  for (const CLI::Option* option : at.app->get_options()) {
    known.insert(known.end(), option->get_lnames().begin(), option->get_lnames().end());
    takes_texts |= option->get_positional() && option->get_name() == "TEXT";
  }
  const bool exact = std::find(known.begin(), known.end(), bare) != known.end();
  const std::string best = exact ? bare : meant(bare, known);
  fail(ErrorKind::usage,
       "unknown option " + name +
           (best.empty() ? "; see '" + at.name + " --help'" : "; did you mean --" + best + "?") +
           (takes_texts ? " (put a text that begins with '-' after '--')" : ""));
}

}  // namespace

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<Command> all_commands(const CLI::App& root) {
  std::vector<Command> out;
  add_commands({root.get_name(), &root}, out);
  return out;
}

std::vector<Command> leaves(const CLI::App& root) {
  std::vector<Command> out = all_commands(root);
  std::erase_if(out, [](const Command& command) { return !commands_of(*command.app).empty(); });
  return out;
}

Command chosen_command(const CLI::App& root) {
  Command at{root.get_name(), &root};
  while (!at.app->get_subcommands().empty()) {
    at.app = at.app->get_subcommands().front();
    at.name += " " + at.app->get_name();
  }
  return at;
}

std::string synopsis(const Command& command) {
  if (!commands_of(*command.app).empty()) return command.name + " COMMAND [OPTIONS]";
  std::string needed, arguments;
  for (const CLI::Option* option : shown_options(*command.app)) {
    if (option->get_positional())
      arguments += " " + typed_as(*option);
    else if (option->get_group() == required_section)
      needed += " " + typed_as(*option);
  }
  return command.name + " [OPTIONS]" + needed + arguments;
}

std::vector<Section> sections_of(const CLI::App& command) {
  std::vector<Section> sections = {{"Arguments", {}}, {required_section, {}}, {"Options", {}}};
  std::pair<std::string, std::string> help;
  for (const CLI::Option* option : shown_options(command)) {
    const std::pair<std::string, std::string> row = {typed_as(*option), option->get_description()};
    if (option == command.get_help_ptr()) {
      help = row;
      continue;
    }
    const std::string title = option->get_positional() ? "Arguments" : option->get_group();
    auto section = std::find_if(sections.begin(), sections.end(),
                                [&](const Section& each) { return each.title == title; });
    if (section == sections.end()) section = sections.insert(section, {title, {}});
    section->rows.push_back(row);
  }
  sections[2].rows.push_back(help);
  std::erase_if(sections, [](const Section& section) { return section.rows.empty(); });
  return sections;
}

std::string sentence(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text + ".";
}

std::string help_page(const Command& command) {
  const std::size_t width = page_width();
  std::string out = "Usage: " + wrapped(synopsis(command), 7, width) + "\n\n" +
                    wrapped(sentence(command.app->get_description()), 0, width) + "\n";
  Section commands{"Commands", {}};
  for (const Command& leaf : leaves(*command.app))
    if (leaf.app != command.app)
      commands.rows.emplace_back(leaf.name.substr(command.app->get_name().size() + 1),
                                 leaf.app->get_description());
  if (!commands.rows.empty()) out += section_text(commands, width);
  for (const Section& section : sections_of(*command.app))
    out += section_text(section, width);
  const std::string footer = command.app->get_footer();
  return footer.empty() ? out : out + "\n" + footer + "\n";
}

void refuse_command(const Command& at, const std::string& word) {
  std::vector<std::string> known, deeper;
  for (const CLI::App* app : commands_of(*at.app))
    known.push_back(app->get_name());
  std::string best = meant(word, known);
  for (const Command& leaf : leaves(*at.app))  // 'rondo NAME' for 'rondo train NAME'
    if (best.empty() && leaf.app->get_name() == word) best = leaf.name.substr(at.app->get_name().size() + 1);
  fail(ErrorKind::usage, "unknown command " + quote(word) +
                             (best.empty() ? "; " + quote(at.name) + " has " + enumerate(known, "and")
                                           : "; did you mean " + quote(best) + "?"));
}

void refuse_unknown_words(const CLI::App& root) {
  Command at{root.get_name(), &root};
  for (;;) {
    for (const std::string& word : at.app->remaining()) {
      if (word == "--") continue;
      if (word.starts_with('-')) refuse_option(at, word);
      if (!commands_of(*at.app).empty()) refuse_command(at, word);
      fail(ErrorKind::usage, "unexpected argument " + quote(word) + "; usage: " + synopsis(at));
    }
    if (at.app->get_subcommands().empty()) return;
    at.app = at.app->get_subcommands().front();
    at.name += " " + at.app->get_name();
  }
}

void refuse_usage(const CLI::App& root, const CLI::ParseError& error) {
  const Command at = chosen_command(root);
  const std::string what = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    fail(ErrorKind::usage, what.substr(0, what.find(' ')) + " is missing; usage: " + synopsis(at));
  for (const CLI::Option* option : at.app->get_options())
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && option->get_expected_max() > 0 &&
        what.starts_with(option->get_name() + ":"))
      fail(ErrorKind::usage, option->get_name() + " needs a value: " + typed_as(*option));
  fail(ErrorKind::usage, what + "; see '" + at.name + " --help'");
}

}  // namespace rondo::program

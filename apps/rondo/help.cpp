// rondo help: help pages, the man page and shell completion, all made from the parser.
#include <algorithm>

#include <fmt/format.h>

#include <rondo/version.h>

#include "base/message.h"
#include "program.h"
#include "usage.h"

namespace rondo::program {
namespace {

/// Escapes a text for troff: backslashes, leading dots and quotes, and minus signs.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'' && out.empty())
      out += "\\(aq";
    else if (c == '.' && out.empty())
      out += "\\&.";
    else
      out += c;
  }
  return out;
}

std::string man_command(const Command& command) {
  std::string out =
      ".SS " + roff(synopsis(command)) + "\n" + roff(sentence(command.app->get_description())) + "\n";
  for (const Section& section : sections_of(*command.app)) {
    out += ".PP\n.I " + roff(section.title) + "\n";
    for (const auto& [left, help] : section.rows)
      out += ".TP\n.B " + roff(left) + "\n" + roff(help) + "\n";
  }
  return out;
}

std::string man_page(const CLI::App& app) {
  std::string out = ".TH RONDO 1 \"\" \"rondo " + std::string(version()) +
                    "\" \"User Commands\"\n.SH NAME\nrondo \\- " + roff(app.get_description()) +
                    "\n.SH SYNOPSIS\n.B rondo\nCOMMAND [options]\n.SH COMMANDS\n";
  for (const Command& command : leaves(app))
    out += man_command(command);
  return out +
         ".SH FILES\n.TP\n.B MODEL.run/\nThe run folder of a training run: config.json, metrics.jsonl, "
         "metrics.csv, "
         "report.html, checkpoints.\n"
         ".SH ENVIRONMENT\n.TP\n.B RONDO_THREADS\nNumber of threads. Results do not depend on it.\n.TP\n.B "
         "RONDO_ISA\n"
         "Forces an instruction set: avx512amx, avx512vnni, avx512, avx2, sse4 or scalar.\n.TP\n.B "
         "RONDO_PLUGIN_PATH\n"
         "Folders, separated by colons, that are searched first for librondo_subword.so, which models with "
         "the subwords tokenizer need. After them, the program's folder is searched, then lib beside it."
         "\n.TP\n.B NO_COLOR\nNo colours in the "
         "progress bar.\n"
         ".SH EXIT STATUS\n0 success; 2 bad usage, options or data; 130 interrupted, with a checkpoint to "
         "resume from; 141 the reader of the output has closed it; 1 an error in rondo itself.\n";
}

std::vector<std::string> long_options(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    if (!option->get_group().empty() && !option->get_positional())
      names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  return names;
}

std::string words_of(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::App* below : commands_of(command))
    words.push_back(below->get_name());
  for (const std::string& name : long_options(command))
    words.push_back("--" + name);
  return fmt::format("{}", fmt::join(words, " "));
}

/// The command's name without the program's name.
std::string path_of(const Command& command) {
  const std::size_t space = command.name.find(' ');
  return space == std::string::npos ? "" : command.name.substr(space + 1);
}

std::string bash_completion(const CLI::App& app) {
  std::string cases, known;
  for (const Command& command : all_commands(app)) {
    const std::string path = path_of(command);
    cases += fmt::format("    '{}') words='{}' ;;\n", path, words_of(*command.app));
    if (!path.empty()) known += (known.empty() ? "      '" : "|'") + path + "'";
  }
  return "# bash completion for rondo: eval \"$(rondo help --completion bash)\"\n"
         "_rondo() {\n  local path='' word words='' i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n    word=${COMP_WORDS[i]}\n"
         "    case \"$word\" in -*) break ;; esac\n"
         "    case \"$path${path:+ }$word\" in\n" +
         known +
         ") path=\"$path${path:+ }$word\" ;;\n      *) break ;;\n    esac\n  done\n"
         "  case \"$path\" in\n" +
         cases +
         "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
         "complete -o filenames -F _rondo rondo\n";
}

std::string zsh_completion(const CLI::App& app) {
  return "#compdef rondo\n# zsh completion for rondo: eval \"$(rondo help --completion zsh)\"\n"
         "autoload -Uz bashcompinit && bashcompinit\n" +
         bash_completion(app);
}

/// Quotes a text for fish, in single quotes.
std::string fish_quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("'\\", at)) != std::string::npos; at += 2)
    text.insert(at, "\\");
  return "'" + text + "'";
}

std::string fish_completion(const CLI::App& app) {
  std::string out = "# fish completion for rondo: rondo help --completion fish | source\n";
  for (const CLI::App* command : commands_of(app))
    out += fmt::format("complete -c rondo -n __fish_use_subcommand -a {} -d {}\n", command->get_name(),
                       fish_quoted(command->get_description()));
  for (const Command& command : leaves(app)) {
    const std::string path = path_of(command), last = command.app->get_name();
    const std::string about = fish_quoted(command.app->get_description());
    if (const std::size_t space = path.find(' '); space != std::string::npos)
      out += fmt::format("complete -c rondo -n '__fish_seen_subcommand_from {}' -a {} -d {}\n",
                         path.substr(0, space), last, about);
    for (const CLI::Option* option : command.app->get_options())
      for (const std::string& name : option->get_lnames())
        out += fmt::format("complete -c rondo -n '__fish_seen_subcommand_from {}' -l {} -d {}\n", last, name,
                           fish_quoted(option->get_description()));
  }
  return out;
}

struct Help {
  std::vector<std::string> path;
  std::string shell;
  bool man = false;

  int run(const CLI::App& app) const;
};

int Help::run(const CLI::App& app) const {
  if (man) {
    print(man_page(app));
  } else if (shell == "bash") {
    print(bash_completion(app));
  } else if (shell == "zsh") {
    print(zsh_completion(app));
  } else if (shell == "fish") {
    print(fish_completion(app));
  } else if (!shell.empty()) {
    fail(ErrorKind::option, "--completion must be bash, zsh or fish, got " + quote(shell));
  } else {
    Command at{app.get_name(), &app};
    for (const std::string& word : path) {
      const std::vector<const CLI::App*> below = commands_of(*at.app);
      const auto found =
          std::find_if(below.begin(), below.end(), [&](const CLI::App* c) { return c->get_name() == word; });
      if (found == below.end()) refuse_command(at, word);
      at = {at.name + " " + word, *found};
    }
    print(help_page(at));
  }
  return 0;
}

}  // namespace

void add_help(const Commands& commands) {
  const auto help = std::make_shared<Help>();
  CLI::App* command =
      commands.app.add_subcommand("help", "show help for a command, the man page, or shell completion");
  command->add_option("COMMAND", help->path, "a command, such as train NAME; default: list all commands");
  command->add_flag("--man", help->man, "print the man page (troff)");
  command
      ->add_option("--completion", help->shell, "print the completion script for a shell (bash, zsh or fish)")
      ->type_name("SHELL");
  command->callback([&action = commands.action, help, &app = commands.app] {
    action = [help, &app] { return help->run(app); };
  });
}

}  // namespace rondo::program

// rondo help: the help of any command, the man page, and completion for shells; all from the parser itself.
#include <algorithm>

#include <fmt/format.h>

#include "base/message.h"
#include "program.h"

namespace rondo::program {
namespace {

using Apps = std::vector<const CLI::App*>;

Apps commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// Every command without subcommands, with its full name: "train classify".
void leaves(const CLI::App& app, const std::string& before,
            std::vector<std::pair<std::string, const CLI::App*>>& out) {
  for (const CLI::App* command : commands_of(app)) {
    const std::string name = before.empty() ? command->get_name() : before + " " + command->get_name();
    if (commands_of(*command).empty())
      out.emplace_back(name, command);
    else
      leaves(*command, name, out);
  }
}

std::vector<std::pair<std::string, const CLI::App*>> leaves(const CLI::App& app) {
  std::vector<std::pair<std::string, const CLI::App*>> out;
  leaves(app, "", out);
  return out;
}

std::vector<const CLI::Option*> shown_options(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
}

/// A text for troff: backslashes and leading dots made harmless, minus signs typed as such.
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

std::string man_command(const std::string& name, const CLI::App& command) {
  std::string usage = "rondo " + name + " [options]", options;
  for (const CLI::Option* option : shown_options(command)) {
    if (option->get_positional()) {
      usage += option->get_required() ? " " + option->get_name() : " [" + option->get_name() + "]";
      if (option->get_expected_max() > 1) usage += "...";
    }
    const std::string value =
        option->get_type_size() > 0 && !option->get_positional() ? " " + option->get_type_name() : "";
    options += ".TP\n.B " + roff(option->get_name() + value) + "\n" + roff(option->get_description()) + "\n";
  }
  return ".SS " + roff(usage) + "\n" + roff(command.get_description()) + "\n" + options;
}

std::string man_page(const CLI::App& app) {
  std::string out = ".TH RONDO 1\n.SH NAME\nrondo \\- " + roff(app.get_description()) +
                    "\n.SH SYNOPSIS\n.B rondo\nCOMMAND [options]\n.SH COMMANDS\n";
  for (const auto& [name, command] : leaves(app))
    out += man_command(name, *command);
  return out +
         ".SH FILES\n.TP\n.B MODEL.run/\nThe run folder of a training: config.json, metrics.jsonl, "
         "metrics.csv, "
         "report.html, checkpoints.\n"
         ".SH ENVIRONMENT\n.TP\n.B RONDO_THREADS\nThreads to use. Results do not depend on it.\n.TP\n.B "
         "RONDO_ISA\n"
         "avx512, avx2, sse4 or scalar: forces an instruction set.\n.TP\n.B NO_COLOR\nNo colours in the "
         "progress bar.\n"
         ".SH EXIT STATUS\n0 done; 2 bad usage, options or data; 130 interrupted, with a checkpoint to "
         "resume from; 1 an "
         "error in rondo itself.\n";
}

std::string words_of(const CLI::App& command) {
  std::string words;
  for (const CLI::App* sub : commands_of(command))
    words += sub->get_name() + " ";
  for (const CLI::Option* option : shown_options(command))
    if (!option->get_positional())
      for (const std::string& name : option->get_lnames())
        words += "--" + name + " ";
  if (!words.empty()) words.pop_back();
  return words;
}

/// Commands that have subcommands, with their full names; the program itself as "".
void branches(const CLI::App& app, const std::string& name,
              std::vector<std::pair<std::string, const CLI::App*>>& out) {
  out.emplace_back(name, &app);
  for (const CLI::App* command : commands_of(app))
    branches(*command, name.empty() ? command->get_name() : name + " " + command->get_name(), out);
}

std::string bash_completion(const CLI::App& app) {
  std::vector<std::pair<std::string, const CLI::App*>> all;
  branches(app, "", all);
  std::string cases;
  for (const auto& [name, command] : all)
    cases += fmt::format("    '{}') words='{}' ;;\n", name, words_of(*command));
  return "# bash completion for rondo: eval \"$(rondo help --completion bash)\"\n"
         "_rondo() {\n  local path='' word words='' i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n    word=${COMP_WORDS[i]}\n"
         "    case \"$word\" in -*) break ;; esac\n"
         "    case \"$path${path:+ }$word\" in\n" +
         [&] {
           std::string known;
           for (const auto& [name, command] : all)
             if (!name.empty()) known += (known.empty() ? "      '" : "|'") + name + "'";
           return known;
         }() +
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

/// For fish, inside single quotes.
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
  for (const auto& [name, command] : leaves(app)) {
    const std::string last = name.substr(name.find_last_of(' ') + 1);
    if (const std::size_t space = name.find(' '); space != std::string::npos)
      out += fmt::format("complete -c rondo -n '__fish_seen_subcommand_from {}' -a {} -d {}\n",
                         name.substr(0, space), last, fish_quoted(command->get_description()));
    for (const CLI::Option* option : shown_options(*command))
      for (const std::string& long_name : option->get_lnames())
        out += fmt::format("complete -c rondo -n '__fish_seen_subcommand_from {}' -l {} -d {}\n", last,
                           long_name, fish_quoted(option->get_description()));
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
  if (man)
    print(man_page(app));
  else if (shell == "bash")
    print(bash_completion(app));
  else if (shell == "zsh")
    print(zsh_completion(app));
  else if (shell == "fish")
    print(fish_completion(app));
  else {
    const CLI::App* at = &app;
    std::string name = "rondo";
    for (const std::string& word : path) {
      const Apps below = commands_of(*at);
      const auto found =
          std::find_if(below.begin(), below.end(), [&](const CLI::App* c) { return c->get_name() == word; });
      if (found == below.end()) {
        std::vector<std::string> known;
        for (const CLI::App* command : below)
          known.push_back(command->get_name());
        fail(ErrorKind::usage, "'" + name + "' has no command " + quote(word) + suggestion(word, known));
      }
      at = *found;
      name += " " + word;
    }
    // App::help would follow the subcommand chosen, which is this one.
    print(at->get_formatter()->make_help(at, name, CLI::AppFormatMode::Normal));
  }
  return 0;
}

}  // namespace

void add_help(CLI::App& app, Action& action) {
  const auto help = std::make_shared<Help>();
  CLI::App* command = app.add_subcommand("help", "help on a command, the man page, completion for shells");
  command->add_option("COMMAND", help->path, "a command, e.g. train classify");
  command->add_flag("--man", help->man, "print the man page (troff)");
  command->add_option("--completion", help->shell, "print completion for a shell")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  command->callback([&action, help, &app] { action = [help, &app] { return help->run(app); }; });
}

}  // namespace rondo::program

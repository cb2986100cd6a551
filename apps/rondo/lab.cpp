// rondo lab: how recurrent networks learn to remember, as tables and pages.
#include "tasks/lab/lab.h"

#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "base/files.h"
#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "program.h"
#include "scores.h"
#include "typed_options.h"

namespace rondo::program {
namespace {

struct Subject {
  std::string_view name, about;
};
constexpr std::array subjects = {
    Subject{"vanishing", "how gradients shrink or grow on their way back over the steps"},
    Subject{"memory", "which networks learn to remember over how many steps"},
    Subject{"gates", "what the gates of a GRU and an LSTM do when they have learned to remember"}};

struct Lab {
  std::string subject;
  TypedOptions typed = {};
  OptionTable options = OptionTable::of<lab::LabOptions>();
  OptionTable common = OptionTable::of<CommonOptions>();
  std::filesystem::path html;
  std::string language = "en";
  bool json = false;

  int run();
};

std::vector<inspect::Section> sections_of(const std::string& subject, const lab::LabOptions& options,
                                          const std::vector<lab::Trial>& trials) {
  std::vector<inspect::Section> sections = {lab::memory(options, trials)};
  if (subject == "vanishing") sections.push_back(lab::vanishing(options, trials));
  if (subject == "gates")
    for (inspect::Section& section : lab::gates(options, trials))
      sections.push_back(std::move(section));
  return sections;
}

int Lab::run() {
  typed.apply({&options, &common}, TypedOptions::Unknown::refused, "the lab");
  const lab::LabOptions chosen = options.as<lab::LabOptions>();
  const ThreadsInForce threads(common);
  if (subject == "gates" && chosen.network != lab::Network::all && !lab::has_gates(chosen.network))
    fail(ErrorKind::option, "--network " + std::string(name_of(chosen.network)) +
                                ": only gru and lstm have gates; choose one of them or all");
  watch_interrupts();
  std::vector<lab::Trial> trials;
  for (const lab::Network network : lab::networks_of(chosen)) {
    if (subject == "gates" && !lab::has_gates(network)) continue;
    trials.push_back(lab::trial_of(chosen, network, [] { return interrupted(); }));
    if (interrupted()) return exit_interrupted;
    const lab::Trial& done = trials.back();
    note(
        fmt::format("{}: {} steps, {}", name_of(network), done.steps, done.solved ? "solved" : "not solved"));
  }
  std::vector<inspect::Section> sections = sections_of(subject, chosen, trials);
  print(json ? inspect::to_json(sections) + "\n" : blocks_text(inspect::tables_of(sections)).substr(1));
  if (html.empty()) return 0;
  inspect::Page page{.title = "rondo lab " + subject, .sections = std::move(sections)};
  const Json settings = parse_json(options.to_json(), {.name = "options"});
  for (const auto& [key, value] : settings.items())
    page.facts.emplace_back(Words{key, {}}, value.is_string() ? value.get<std::string>() : value.dump());
  write_file_atomically(html, inspect::to_html(page, language == "zh"));
  note(html.string());
  return 0;
}

}  // namespace

void add_lab(const Commands& commands) {
  CLI::App* command = commands.app.add_subcommand(
      "lab", "see how recurrent networks learn to remember: vanishing gradients, memory, gates");
  command->require_subcommand(1, 1);
  for (const Subject& subject : subjects) {
    const auto own = std::make_shared<Lab>(Lab{.subject = std::string(subject.name)});
    CLI::App* one = command->add_subcommand(std::string(subject.name), std::string(subject.about));
    own->typed.add_to(*one, own->options.list());
    own->typed.add_to(*one, own->common.list());
    one->add_option("--html", own->html, "write a page of this name, with pictures")->type_name("FILE");
    one->add_option("--language", own->language, "language of the page (en or zh) [en]")
        ->type_name("NAME")
        ->check(CLI::IsMember({"en", "zh"}).description(""));
    one->add_flag("--json", own->json, "print the result as JSON");
    one->callback([&action = commands.action, own] { action = [own] { return own->run(); }; });
  }
}

}  // namespace rondo::program

// rondo predict and the verbs of applications: answer lines from the command line or standard input.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <rondo/autograd.h>

#include "base/json.h"
#include "base/message.h"
#include "base/utf8.h"
#include "model_argument.h"
#include "program.h"
#include "typed_options.h"

namespace rondo::program {
namespace {

/// Lines of standard input as they arrive. Lines that have already arrived come together.
class ArrivingLines {
 public:
  /// One or more lines, without line ends; none at the end of the input.
  std::vector<std::string> next() {
    std::vector<std::string> lines;
    while (lines.empty() && !(at_end_ && rest_.empty())) {
      if (!at_end_) read_more();
      take_lines(lines);
    }
    return lines;
  }

 private:
  /// A chunk holds some hundred lines, which is enough for a batch. A pipe holds no more at once.
  static constexpr std::size_t chunk = std::size_t{1} << 16;

  void read_more() {
    const std::size_t before = rest_.size();
    rest_.resize(before + chunk);
    ssize_t count = 0;
    do
      count = ::read(STDIN_FILENO, rest_.data() + before, chunk);
    while (count < 0 && errno == EINTR);
    const int error = errno;
    rest_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0)
      fail(ErrorKind::io, std::string("cannot read standard input: ") + std::strerror(error) +
                              "; give lines of text, as in 'rondo predict MODEL < FILE'");
    at_end_ = count == 0;
  }

  void take_lines(std::vector<std::string>& lines) {
    std::size_t begin = 0;
    for (std::size_t end; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1)
      add(lines, rest_.substr(begin, end - begin));
    rest_.erase(0, begin);
    if (at_end_ && !rest_.empty()) add(lines, std::exchange(rest_, {}));
  }

  void add(std::vector<std::string>& lines, std::string line) {
    if (line.ends_with('\r')) line.pop_back();
    require_utf8(line, "standard input", ++number_);
    lines.push_back(std::move(line));
  }

  std::string rest_;
  std::uint64_t number_ = 0;
  bool at_end_ = false;
};

struct Predict {
  std::string command;  ///< "predict", or a verb
  std::span<const TaskKind> applications;
  TypedOptions typed = {};
  OptionTable common = OptionTable::of<CommonOptions>(), answering = {};
  std::string model = {};
  std::vector<std::string> texts = {};
  bool json = false;

  int run();
  void answer(const Task& task, std::span<const std::string> lines) const;
  void answer_lines(const Task& task) const;
};

std::string json_of(const Answer& answer) {
  return answer.json.empty() ? dump_json(Json{{"answer", answer.text}}) : answer.json;
}

void Predict::answer(const Task& task, std::span<const std::string> lines) const {
  constexpr std::size_t at_once = 256;
  for (std::size_t at = 0; at < lines.size(); at += at_once) {
    const auto part = lines.subspan(at, std::min(at_once, lines.size() - at));
    std::string out;
    for (const Answer& answer : task.answer(part, answering))
      out += (json ? json_of(answer) : answer.text) + "\n";
    print(out);
  }
}

/// Answers together what has arrived: hundreds of lines from a pipe, a single line from a person.
void Predict::answer_lines(const Task& task) const {
  if (isatty(STDIN_FILENO) != 0) note("type one text per line; Ctrl-D ends");
  ArrivingLines input;
  std::uint64_t number = 0, blank = 0;
  for (std::vector<std::string> lines = input.next(); !lines.empty(); lines = input.next()) {
    for (const std::string& line : lines) {
      ++number;
      if (line.find_first_not_of(" \t") == line.npos && blank == 0) blank = number;
    }
    answer(task, lines);
  }
  if (blank > 0) note(fmt::format("line {} has no text; the answers to such lines mean nothing", blank));
}

int Predict::run() {
  typed.apply({&common}, TypedOptions::Unknown::left);
  typed.check(applications, &TaskKind::answering);
  const ThreadsInForce threads(common);
  const std::unique_ptr<Task> task = loaded_task(command, model, texts, applications);
  answering = task->kind().answering;
  typed.apply({&common, &answering}, TypedOptions::Unknown::refused, model_of(*task));
  for (const std::string& notice : task->check(answering))
    note(notice);
  for (const std::string& text : texts)
    if (std::error_code error; std::filesystem::is_regular_file(text, error))
      note(fmt::format("{} is taken as a text; to answer its lines: rondo {} {} < {}", quote(text), command,
                       model, text));
  const InferenceMode weights_packed_once;
  if (texts.empty())
    answer_lines(*task);
  else
    answer(*task, texts);
  return 0;
}

/// Adds a command; its help shows `examples`.
void add(const Commands& commands, const std::string& name, const std::string& about,
         std::span<const TaskKind> applications, const std::vector<std::string>& examples) {
  const auto predict = std::make_shared<Predict>(Predict{.command = name, .applications = applications});
  CLI::App* command = commands.app.add_subcommand(name, about);
  command->add_option("MODEL", predict->model, "model file")->required();
  command->add_option("TEXT", predict->texts, "texts to answer; default: the lines of standard input");
  predict->typed.add_to(*command, applications, &TaskKind::answering, "Options");
  predict->typed.add_to(*command, predict->common.list());
  command->add_flag("--json", predict->json, "print one JSON object per line");
  std::string footer = examples.empty() ? "" : "Examples:";
  for (const std::string& example : examples)
    footer += "\n  " + example;
  command->footer(footer);
  command->callback([&action = commands.action, predict] { action = [predict] { return predict->run(); }; });
}

}  // namespace

void add_predict(const Commands& commands) {
  std::vector<std::string> examples;
  for (const TaskKind& kind : commands.applications)
    examples.push_back("rondo predict MODEL " + kind.next);
  examples.emplace_back("rondo predict MODEL < lines.txt > answers.tsv");
  add(commands, "predict", "answer texts with a model, one line for each", commands.applications, examples);
  for (const TaskKind& kind : commands.applications)
    for (const Verb& verb : kind.verbs)
      if (verb.run)
        add_verb(commands, kind, verb);
      else
        add(commands, verb.name, verb.about, std::span(&kind, 1), verb.examples);
}

}  // namespace rondo::program

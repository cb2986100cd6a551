// rondo predict and the verbs of applications: answer lines from the command line or standard input.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <rondo/autograd.h>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "model_argument.h"
#include "program.h"
#include "typed_options.h"

namespace rondo::program {
namespace {

enum class OnError { stop, skip };
constexpr std::array<std::string_view, 2> names_of(OnError) {
  return {"stop", "skip"};
}

struct PredictOptions {
  OnError on_error = OnError::stop;

  static constexpr auto fields() {
    return std::tuple{field("on_error", &PredictOptions::on_error,
                            "a line that is not UTF-8: stop there, or skip it with an answer that says so")};
  }
};
static_assert(all_fields_listed<PredictOptions>);

struct Line {
  std::string text = {};
  std::string fault = {};  ///< why it has no answer; mostly empty
};

/// Lines of standard input as they arrive. Lines that have already arrived come together.
class ArrivingLines {
 public:
  /// One or more lines, without line ends; none at the end of the input.
  std::vector<Line> next() {
    std::vector<Line> lines;
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

  void take_lines(std::vector<Line>& lines) {
    std::size_t begin = 0;
    for (std::size_t end; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1)
      add(lines, rest_.substr(begin, end - begin));
    rest_.erase(0, begin);
    if (at_end_ && !rest_.empty()) add(lines, std::exchange(rest_, {}));
  }

  void add(std::vector<Line>& lines, std::string line) {
    if (line.ends_with('\r')) line.pop_back();
    Line& added = lines.emplace_back();
    try {
      require_utf8(line, "standard input", ++number_);
      added.text = std::move(line);
    } catch (const Error& error) {
      added.fault = error.what();
    }
  }

  std::string rest_;
  std::uint64_t number_ = 0;
  bool at_end_ = false;
};

struct Predict {
  std::string command;  ///< "predict", or a verb
  std::span<const TaskKind> applications;
  TypedOptions typed = {};
  OptionTable common = OptionTable::of<CommonOptions>(), own = OptionTable::of<PredictOptions>();
  OptionTable answering = {};
  std::string model = {};
  std::vector<std::string> texts = {};
  bool json = false;

  int run();
  void answer(const Task& task, std::span<const Line> lines) const;
  std::string answers_to(const Task& task, std::span<const Line> lines) const;
  void answer_lines(const Task& task) const;
};

std::string json_of(const Answer& answer) {
  return answer.json.empty() ? dump_json(Json{{"answer", answer.text}}) : answer.json;
}

/// One line for each, in order; a line with a fault has it in place of an answer.
std::string Predict::answers_to(const Task& task, std::span<const Line> lines) const {
  std::vector<std::string> good;
  for (const Line& line : lines)
    if (line.fault.empty()) good.push_back(line.text);
  const std::vector<Answer> answers = good.empty() ? std::vector<Answer>() : task.answer(good, answering);
  std::string out;
  auto answer = answers.begin();
  for (const Line& line : lines) {
    if (line.fault.empty())
      out += json ? json_of(*answer) : answer->text;
    else
      out += json ? dump_json(Json{{"error", line.fault}}) : "error\t" + one_line(line.fault);
    out += "\n";
    if (line.fault.empty()) ++answer;
  }
  return out;
}

/// All before a faulty line are answered before it ends the program.
void Predict::answer(const Task& task, std::span<const Line> lines) const {
  constexpr std::size_t at_once = 256;
  auto good = lines.end();
  if (own.as<PredictOptions>().on_error == OnError::stop)
    good = std::find_if(lines.begin(), lines.end(), [](const Line& line) { return !line.fault.empty(); });
  const auto count = static_cast<std::size_t>(good - lines.begin());
  for (std::size_t at = 0; at < count; at += at_once)
    print(answers_to(task, lines.subspan(at, std::min(at_once, count - at))));
  if (good == lines.end()) return;
  const std::string_view fault = good->fault;
  fail(ErrorKind::data, std::string(fault.substr(name_of(ErrorKind::data).size() + 2)) +
                            "; with --on-error skip, such lines are marked and the others answered");
}

/// Answers together what has arrived: hundreds of lines from a pipe, a single line from a person.
void Predict::answer_lines(const Task& task) const {
  if (isatty(STDIN_FILENO) != 0) note("type one text per line; Ctrl-D ends");
  ArrivingLines input;
  std::uint64_t number = 0, blank = 0, faults = 0;
  for (std::vector<Line> lines = input.next(); !lines.empty(); lines = input.next()) {
    for (const auto& [text, fault] : lines) {
      ++number;
      faults += fault.empty() ? 0 : 1;
      if (fault.empty() && text.find_first_not_of(" \t") == text.npos && blank == 0) blank = number;
    }
    answer(task, lines);
  }
  if (faults > 0) note(fmt::format("{} lines are not UTF-8 and have no answer", faults));
  if (blank > 0) note(fmt::format("line {} has no text; the answers to such lines mean nothing", blank));
}

/// An application whose answers are not one a line has a verb of this command's name.
const Verb* predict_of(const TaskKind& kind) {
  const auto found = std::find_if(kind.verbs.begin(), kind.verbs.end(),
                                  [](const Verb& verb) { return verb.name == "predict"; });
  return found == kind.verbs.end() ? nullptr : &*found;
}

int Predict::run() {
  typed.apply({&common, &own}, TypedOptions::Unknown::left);
  typed.check(applications, &TaskKind::answering);
  const ThreadsInForce threads(common);
  const std::unique_ptr<Task> task = loaded_task(command, model, texts, applications);
  answering = task->kind().answering;
  typed.apply({&common, &own, &answering}, TypedOptions::Unknown::refused, model_of(*task));
  for (const std::string& notice : task->check(answering))
    note(notice);
  if (const Verb* const own_way = predict_of(task->kind())) {
    if (texts.empty() && isatty(STDIN_FILENO) != 0) note("type or paste; Ctrl-D ends");
    const InferenceMode weights_packed_once;
    own_way->run(*task, answering, verb_call(texts, json, true));
    return 0;
  }
  for (const std::string& text : texts)
    if (std::error_code error; !answers_to_files(*task) && std::filesystem::is_regular_file(text, error))
      note(fmt::format("{} is taken as a text; to answer its lines: rondo {} {} < {}", quote(text), command,
                       model, text));
  const InferenceMode weights_packed_once;
  if (texts.empty()) {
    answer_lines(*task);
  } else {
    std::vector<Line> lines;
    for (const std::string& text : texts)
      lines.push_back({.text = text});
    answer(*task, lines);
  }
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
  predict->typed.add_to(*command, predict->own.list());
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
}

void add_verbs(const Commands& commands) {
  for (const TaskKind& kind : commands.applications)
    for (const Verb& verb : kind.verbs)
      if (&verb == predict_of(kind))
        continue;
      else if (verb.run)
        add_verb(commands, kind, verb);
      else
        add(commands, verb.name, verb.about, std::span(&kind, 1), verb.examples);
}

}  // namespace rondo::program

#include "train.h"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include <rondo/tasks/report.h>

#include "base/fields.h"
#include "base/files.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "scores.h"
#include "table.h"
#include "tasks/overlap.h"
#include "train/checkpoint.h"
#include "usage.h"

namespace rondo::program {
namespace {

/// File names need not be UTF-8; JSON must be.
std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The options of the run, without DATA, which is an argument without a name.
std::vector<OptionInfo> run_table() {
  std::vector<OptionInfo> table = OptionTable::of<TrainOptions>().list();
  std::erase_if(table, [](const OptionInfo& info) { return info.name == "data"; });
  for (OptionInfo& info : table)
    info.section = info.name == "out" ? required_section : "Options";
  return table;
}

/// The lock of the run folder; empty until it is held.
using Lock = std::shared_ptr<std::optional<FolderLock>>;

/// The file in a run folder while the run has not ended well. It tells a run that crashed from one that is
/// done.
std::filesystem::path mark_of(const std::filesystem::path& folder) {
  return folder / "unfinished";
}

/// A word as a shell takes it.
std::string for_shell(const std::string& word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./,:@%";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return word;
  std::string quoted = "'";
  for (const char c : word)
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

/// The command to try a new model with. One that reads files begins where the training data end.
std::string next_command(const TaskKind& kind, const std::string& model,
                         const std::vector<std::filesystem::path>& data) {
  const auto reader =
      std::find_if(kind.verbs.begin(), kind.verbs.end(), [](const Verb& verb) { return verb.reads_files; });
  if (reader == kind.verbs.end()) return "rondo predict " + for_shell(model) + " " + kind.next;
  std::string command = "rondo " + reader->name + " " + for_shell(model);
  for (const std::filesystem::path& file : data)
    command += " " + for_shell(file.string());
  return command;
}

class ConfigWriter final : public Callback {
 public:
  ConfigWriter(std::filesystem::path folder, std::string text, Lock lock)
      : folder_(std::move(folder)), text_(std::move(text)), lock_(std::move(lock)) {}
  void on_begin(Run& run) override {
    if (!*lock_) lock_->emplace(folder_);
    write_file_atomically(mark_of(folder_), "This training run has not ended; --resume continues it.\n");
    const std::filesystem::path file = folder_ / "config.json";
    if (!run.resumed() || !std::filesystem::exists(file)) write_file_atomically(file, text_);
  }

 private:
  std::filesystem::path folder_;
  std::string text_;
  Lock lock_;
};

/// Makes the run folder and its config.json when training begins, so that earlier mistakes do not touch a
/// previous run. An existing folder is locked before. A resumed run keeps its config.json.
struct ConfigFile {
  std::filesystem::path folder;
  std::string text;
  Lock lock;
  std::unique_ptr<Callback> start() const { return std::make_unique<ConfigWriter>(folder, text, lock); }
};

bool mostly_chinese(const Parts& parts) {
  const Dataset& data = parts.train;
  return parts.chinese || (data.is_text() && tokenizer_for(data.take(200).texts()) == Tokenizer::characters);
}

std::string counts_line(std::string_view part, const Dataset& data, const Words& counted) {
  std::string line =
      fmt::format("{}: {} {}", part, grouped(static_cast<std::int64_t>(data.size())), counted.en);
  if (data.target() != Target::labels) return line;
  const std::vector<std::int64_t> counts = data.class_counts();
  for (std::size_t i = 0; i < counts.size() && i < 12; ++i)
    line += fmt::format("{}{} {}", i == 0 ? " (" : ", ", data.class_names()[i], counts[i]);
  if (counts.size() > 12) line += ", ...";
  return counts.empty() ? line : line + ")";
}

/// "test accuracy"; of a score without a title, its name.
Words test_title(const Score& score) {
  const Words& title = score.title;
  if (title.en.empty()) return {"test " + score.name, "测试" + score.name};
  return {"test " + title.en, "测试" + title.in(true)};
}

/// Warns if a separate test or validation file repeats training texts. Data held out from DATA never do.
void note_overlap(std::string_view name, const Dataset& part, const Dataset& train, const Words& counted) {
  const Overlap both = overlap_of(part, train);
  const auto count = [](std::size_t number) { return grouped(static_cast<std::int64_t>(number)); };
  if (both.all > 0)
    note(
        fmt::format("{} of {} {} {} are also in the training data{}; scores on them say nothing about new {}",
                    count(both.all), count(part.size()), name, counted.en,
                    both.alike == 0 ? "" : " (" + count(both.alike) + " but for case, blanks or punctuation)",
                    counted.en));
}

}  // namespace

void Train::add_to(CLI::App& train, Action& action, const std::shared_ptr<Train>& self) {
  CLI::App* command = train.add_subcommand(kind_.name, kind_.about);
  command->add_option("DATA", files_, "files of " + kind_.data + ": " + kind_.files + "; several are joined")
      ->group(required_section);
  typed_.add_to(*command, run_table());
  command
      ->add_option("--config", config_,
                   "read options from a TOML or JSON file; the command line takes precedence")
      ->type_name("FILE");
  command->add_flag("--dry-run", dry_run_, "read the data and show what would be done, without training");
  command->add_flag("--resume", resume_, "continue from the newest checkpoint in the run folder");
  command->add_flag(
      "--restart", restart_,
      "train anew although an unfinished run lies in the run folder; its checkpoints are removed "
      "when the first new one is written");
  typed_.add_to(*command, OptionTable::of<CommonOptions>().list());
  command->add_flag("--json", json_, "print the result as JSON");
  typed_.add_to(*command, kind_.reading.list(), "Data");
  typed_.add_to(*command, kind_.options.list(), "Learning");
  std::string footer =
      "A --config file holds these options by name, such as epochs = 3 or \"epochs\": 3,\n"
      "and data = [\"FILE\"] for DATA. The config.json in a run folder is such a file: it\n"
      "makes the same model again.";
  if (!kind_.examples.empty()) footer += "\n\nExamples:";
  for (const std::string& example : kind_.examples)
    footer += "\n  " + example;
  command->footer(footer);
  command->callback([&action, self] { action = [self] { return self->run(); }; });
}

int Train::run() {
  settings_ = settle(kind_, typed_, files_, config_);
  out_ = settings_.about_run().out.string();
  if (!dry_run_) check_writable(out_);
  const auto lock = std::make_shared<std::optional<FolderLock>>();
  if (!dry_run_ && std::filesystem::exists(folder())) lock->emplace(folder());
  if (!dry_run_) check_earlier_run();
  const ThreadsInForce threads(settings_.common);
  const Parts parts = read();
  const std::vector<std::string> reasons = kind_.plan(settings_.options, parts, place());
  if (!dry_run_ || !json_)
    for (const std::string& reason : reasons)
      note(reason);
  if (dry_run_) return show_plan(parts);
  if (resume_) check_resumed();
  watch_interrupts();
  const std::unique_ptr<Task> model = kind_.train(settings_.options, parts, run_options(lock));
  if (model->history().interrupted()) {
    note(model->history().epochs() == 0 && !std::filesystem::exists(folder() / "checkpoints")
             ? "interrupted; nothing was written"
             : "interrupted; '" + folder().string() +
                   "' holds a checkpoint; the same command with --resume continues from it");
    return exit_interrupted;
  }
  finish(*model, parts);
  return 0;
}

Parts Train::read() const {
  const TrainOptions& run = settings_.about_run();
  Parts parts = kind_.read(run.data, settings_.reading, nullptr);
  if (!run.valid.empty()) parts.valid = kind_.read_more(run.valid, settings_.reading, parts);
  if (!run.test.empty()) parts.test = kind_.read_more(run.test, settings_.reading, parts);
  for (const std::string& notice : parts.notices)
    note(notice);
  note_overlap("validation", parts.valid, parts.train, kind_.counted);
  note_overlap("test", parts.test, parts.train, kind_.counted);
  hold_out(parts);
  say_parts(parts);
  if (parts.valid.empty()) settings_.require_validation();
  return parts;
}

void Train::say_parts(const Parts& parts) const {
  note(counts_line("train", parts.train, kind_.counted));
  note(counts_line("valid", parts.valid, kind_.counted));
  note(counts_line("test", parts.test, kind_.counted));
  if (parts.test.empty() && settings_.about_run().test_share > 0)
    note("no test data: too few " + kind_.counted.en +
         " to hold some out; give more, or --test FILE, to measure how good the model is");
}

/// An unfinished run is worth hours: it is not replaced without a word.
void Train::check_earlier_run() const {
  if (resume_ && restart_)
    fail(ErrorKind::usage, "--resume continues a run and --restart begins anew; give one of them");
  std::error_code error;
  if (resume_ || restart_ || !std::filesystem::exists(mark_of(folder()), error) ||
      !newest_checkpoint(folder() / "checkpoints"))
    return;
  fail(ErrorKind::usage, folder().string() +
                             " holds an unfinished run: give --resume to continue it, or --restart to train "
                             "anew in its place");
}

/// A resumed run must have the options that it began with. Here we can name the one that differs.
void Train::check_resumed() const {
  const std::filesystem::path file = folder() / "config.json", checkpoints = folder() / "checkpoints";
  std::error_code error;
  if (!std::filesystem::exists(file, error) || std::filesystem::is_empty(checkpoints, error) || error) return;
  const Json before = parse_json(read_file(file), {.name = file.string()}), now = settings_.to_json();
  // Files may have moved, and the other options here do not change what is learned.
  const std::vector<std::string> exempt = {
      "data", "out", "valid", "test", "vectors", "init", "threads", "report_language", "checkpoint_seconds"};
  for (const auto& option : now.items()) {
    const auto found = before.find(option.key());
    if (found == before.end() || *found == option.value() ||
        std::find(exempt.begin(), exempt.end(), option.key()) != exempt.end())
      continue;
    fail(ErrorKind::usage, "cannot resume: " + settings_.place(option.key()) + " is " +
                               values::to_text(option.value()) + " now, and was " + values::to_text(*found) +
                               " in " + file.string() +
                               "; give the same options, or train anew without --resume");
  }
}

void Train::hold_out(Parts& parts) const {
  const TrainOptions& run = settings_.about_run();
  const Json seed = settings_.value("seed");
  const double test = parts.test.empty() ? run.test_share : 0;
  const double valid = parts.valid.empty() ? run.valid_share * (1 - test) : 0;
  kind_.hold_out(parts, valid, test, seed.is_number() ? seed.get<std::uint64_t>() : 1);
  parts.valid_held_out = valid > 0 && !parts.valid.empty();
}

int Train::show_plan(const Parts& parts) const {
  const Json options = settings_.to_json();
  if (json_) {
    print(json_text(options, 2));
    return 0;
  }
  Table table({"option", "value"});
  for (const auto& option : options.items())
    if (option.key() != "type") table.add({option.key(), values::to_text(option.value())});
  print(table.text());
  print(fmt::format("\nWould train on {} {} and write {} and {}/\n", parts.train.size(), kind_.counted.en,
                    out_, folder().string()));
  return 0;
}

TrainingRun Train::run_options(const std::shared_ptr<std::optional<FolderLock>>& lock) const {
  return {
      .folder = folder(),
      .resume = resume_,
      .checkpoint_seconds = settings_.about_run().checkpoint_seconds,
      .stop = interrupted,
      .callbacks = {ConfigFile{folder(), json_text(settings_.to_json(), 2), lock}, callbacks::ProgressBar{}},
      .notice = [](const std::string& line) { note(line); }};
}

/// Points to the cure if a model gives every text the same class: that of most texts, usually.
void Train::note_single_class(const Evaluation& evaluation) const {
  if (settings_.value("balance_classes") != Json(false)) return;
  for (const report::Block& block : evaluation.blocks) {
    const auto* const matrix = std::get_if<report::Matrix>(&block);
    if (matrix == nullptr || matrix->key != "confusion") continue;  // of one head among several: no such cure
    std::vector<std::size_t> given;
    std::size_t true_classes = 0;
    for (std::size_t i = 0; i < matrix->names.size(); ++i) {
      const auto said = [&](const std::vector<std::int64_t>& row) { return row[i] > 0; };
      if (std::any_of(matrix->counts.begin(), matrix->counts.end(), said)) given.push_back(i);
      const std::vector<std::int64_t>& row = matrix->counts[i];
      true_classes += std::any_of(row.begin(), row.end(), [](std::int64_t n) { return n > 0; }) ? 1 : 0;
    }
    if (given.size() == 1 && true_classes > 1)
      note("every held-out example is given the class " + quote(matrix->names[given.front()]) +
           "; where others are rare, --balance-classes gives them more weight");
  }
}

/// Writes the model first, so that neither test data that do not fit nor a report that cannot be written lose
/// it.
void Train::finish(const Task& model, const Parts& parts) const {
  model.save(out_);
  std::error_code ignored;  // at worst the next run asks for --restart
  std::filesystem::remove(mark_of(folder()), ignored);
  if (model.history().epochs() == 0) write_config();  // no epoch has begun the run folder
  const Evaluation evaluation = tried(model, parts.test);
  note_single_class(evaluation);
  write_report(model, parts, evaluation);
  const std::string report = (folder() / "report.html").string();
  if (json_) {
    Json json = parse_json(evaluation.to_json(), {.name = "evaluation"});
    json["model"] = out_;
    json["report"] = report;
    print(json_text(json, -1));
    return;
  }
  std::string out;
  if (evaluation.examples > 0) out += "held-out " + headline(evaluation) + "\n" + headline_tables(evaluation);
  out += fmt::format("model   {}\nreport  {}\n", out_, report);
  print(out + "next    " + next_command(kind_, out_, settings_.about_run().data) + "\n");
}

Evaluation Train::tried(const Task& model, const Dataset& test) const {
  constexpr int worst = 20;
  try {
    return model.evaluate(test, worst);
  } catch (const Error&) {
    note("the model is in " + out_ + "; it could not be tried on the test data");
    throw;
  }
}

void Train::write_config() const {
  make_folder(folder());
  write_file_atomically(folder() / "config.json", json_text(settings_.to_json(), 2));
}

void Train::write_report(const Task& model, const Parts& parts, const Evaluation& evaluation) const {
  const ReportLanguage language = settings_.about_run().report_language;
  const bool chinese =
      language == ReportLanguage::zh || (language == ReportLanguage::automatic && mostly_chinese(parts));
  Report report{.title = std::filesystem::path(out_).filename().string(),
                .history = model.history(),
                .curves = kind_.curves,
                .facts = {},
                .sections = model.sections(parts, evaluation),
                .settings = {},
                .chinese = chinese};
  std::string files;
  for (const std::filesystem::path& file : settings_.about_run().data)
    files += (files.empty() ? "" : ", ") + file.string();
  const auto size = [](const Dataset& part) { return grouped(static_cast<std::int64_t>(part.size())); };
  report.facts = {{{"data", "数据"}, files},
                  {{kind_.counted.en + " (train, valid, test)", kind_.counted.zh + "数（训练、验证、测试）"},
                   fmt::format("{}, {}, {}", size(parts.train), size(parts.valid), size(parts.test))},
                  {{"parameters", "参数量"}, grouped(model.weights().count())}};
  for (const Fact& fact : model.facts())
    if (!fact.text.en.empty())
      report.facts.emplace_back(fact.title, truncate_to_width(fact.text.in(chinese), 300));
  for (const Score& score : evaluation.scores)
    if (score.headline && evaluation.examples > 0) report.facts.emplace_back(test_title(score), shown(score));
  const Json options = codec::encode(settings_.options.ref());
  for (const auto& option : options.items())
    if (option.key() != "type") report.settings.emplace_back(option.key(), values::to_text(option.value()));
  write_file_atomically(folder() / "report.html", report.to_html());
}

void add_train(const Commands& commands) {
  CLI::App* train = commands.app.add_subcommand("train", "train a model on data");
  train->require_subcommand(0, 1);
  for (const TaskKind& kind : commands.applications) {
    if (!commands.training) {
      train->add_subcommand(kind.name, kind.about);
      continue;
    }
    const auto command = std::make_shared<Train>(kind);
    command->add_to(*train, commands.action, command);
  }
}

}  // namespace rondo::program

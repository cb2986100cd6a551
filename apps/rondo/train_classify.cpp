#include "train_classify.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "base/files.h"
#include "base/message.h"
#include "base/utf8.h"
#include "table.h"
#include "usage.h"

namespace rondo::program {
namespace {

const std::map<std::string, std::string> run_sections = {{"out", required_section}, {"valid", "Options"}},
                                         data_sections = {{"format", "Data"}},
                                         sections = {{"tokenizer", "Text"},
                                                     {"cell", "Network"},
                                                     {"epochs", "Training"}};

/// File names need not be UTF-8; JSON must be.
std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Options of the run: all but the DATA, which need no name.
std::vector<FieldInfo> run_table() {
  std::vector<FieldInfo> table = field_table<TrainOptions>();
  std::erase_if(table, [](const FieldInfo& info) { return info.name == "data"; });
  return table;
}

class ConfigWriter final : public Callback {
 public:
  ConfigWriter(std::filesystem::path file, std::string text)
      : file_(std::move(file)), text_(std::move(text)) {}
  void on_begin(Run& run) override {
    make_folder(file_.parent_path());
    if (!run.resumed() || !std::filesystem::exists(file_)) write_file_atomically(file_, text_);
  }

 private:
  std::filesystem::path file_;
  std::string text_;
};

/// Makes the run folder with its config.json when training begins, so that no mistake before touches an
/// earlier run. A resumed one has the options that it began with, or is refused.
struct ConfigFile {
  std::filesystem::path file;
  std::string text;
  std::unique_ptr<Callback> start() const { return std::make_unique<ConfigWriter>(file, text); }
};

bool mostly_chinese(const Dataset& data) {
  return tokenizer_for(data.take(200).texts()) == Tokenizer::characters;
}

std::string counts_line(std::string_view part, const Dataset& data) {
  std::string line = fmt::format("{}: {} texts", part, grouped(static_cast<long long>(data.size())));
  const std::vector<std::int64_t> counts = data.class_counts();
  for (std::size_t i = 0; i < counts.size() && i < 12; ++i)
    line += fmt::format("{}{} {}", i == 0 ? " (" : ", ", data.class_names()[i], counts[i]);
  if (counts.size() > 12) line += ", ...";
  return counts.empty() ? line : line + ")";
}

/// A model is tried on texts that it has not seen; what is held out from DATA is such.
void note_overlap(std::string_view name, const Dataset& part, const Dataset& train) {
  const std::vector<std::string_view> texts = train.texts(), tried = part.texts();
  const std::unordered_set<std::string_view> seen(texts.begin(), texts.end());
  const auto both =
      std::count_if(tried.begin(), tried.end(), [&](std::string_view text) { return seen.count(text) != 0; });
  if (both > 0)
    note(fmt::format(
        "{} of {} {} texts are in the training data too: scores on these say nothing of new texts",
        grouped(both), grouped(static_cast<long long>(part.size())), name));
}

std::vector<std::int32_t> token_lengths(const Sequential& model, const Dataset& data) {
  std::vector<std::int32_t> lengths;
  lengths.reserve(data.size());
  for (const std::string_view text : data.texts())
    lengths.push_back(static_cast<std::int32_t>(model.encoder().encode(text).tokens.size()));
  return lengths;
}

}  // namespace

void TrainClassify::add_to(CLI::App& train, Action& action, const std::shared_ptr<TrainClassify>& self) {
  CLI::App* command =
      train.add_subcommand("classify", "learn to tell classes of texts apart: sentiment or any other labels");
  command
      ->add_option("DATA", files_,
                   "files of labelled text: TSV, CSV, JSON or JSON lines, plain, .gz or .xz; several are "
                   "joined")
      ->group(required_section);
  typed_.add_to(*command, run_table(), run_sections);
  command->add_option("--config", config_, "options from a TOML or JSON file; the command line wins")
      ->type_name("FILE");
  command->add_flag("--dry-run", dry_run_, "read the data, show what would be done, and end");
  command->add_flag("--resume", resume_, "go on from the newest checkpoint in the run folder");
  typed_.add_to(*command, field_table<CommonOptions>());
  command->add_flag("--json", json_, "print the result as JSON");
  typed_.add_to(*command, field_table<data::ReadOptions>(), data_sections);
  typed_.add_to(*command, field_table<ClassifierOptions>(), sections);
  command->footer(
      "A --config file holds these options by name, as epochs = 3 or \"epochs\": 3, and\n"
      "data = [\"FILE\"] for DATA. A run folder's config.json is one: it makes the same\n"
      "model again.\n\n"
      "Examples:\n"
      "  rondo train classify reviews.tsv --out sentiment.rondo\n"
      "  rondo train classify --config sentiment.rondo.run/config.json --out new.rondo");
  command->callback([&action, self] { action = [self] { return self->run(); }; });
}

int TrainClassify::run() {
  settings_ = settle(typed_, files_, config_);
  out_ = settings_.run.out.string();
  if (!dry_run_) check_writable(out_);
  const ThreadsInForce threads(settings_.common);
  const Parts parts = read();
  check_class_weights(parts.train.class_names());
  std::vector<std::string> reasons;
  settings_.classifier = TextClassifier::plan(parts.train, parts.valid, settings_.classifier, &reasons);
  if (!dry_run_ || !json_)
    for (const std::string& reason : reasons)
      note(reason);
  if (dry_run_) return show_plan(parts);
  if (resume_) check_resumed();
  watch_interrupts();
  const TextClassifier model =
      TextClassifier::train(parts.train, parts.valid, settings_.classifier, run_options());
  if (model.interrupted()) {
    note("interrupted; '" + folder().string() +
         "' holds a checkpoint: the same command with --resume goes on from it");
    return exit_interrupted;
  }
  finish(model, parts);
  return 0;
}

Parts TrainClassify::read() const {
  const TrainOptions& run = settings_.run;
  Parts parts = read_parts(run.data, settings_.read);
  const std::vector<std::string>& classes = parts.train.class_names();
  if (!run.valid.empty()) parts.valid = read_more(run.valid, settings_.read, classes, parts.notices);
  if (!run.test.empty()) parts.test = read_more(run.test, settings_.read, classes, parts.notices);
  for (const std::string& notice : parts.notices)
    note(notice);
  if (!run.valid.empty() || !settings_.read.valid_value.empty())
    note_overlap("validation", parts.valid, parts.train);
  if (!run.test.empty() || !settings_.read.test_value.empty()) note_overlap("test", parts.test, parts.train);
  hold_out(parts);
  note(counts_line("train", parts.train));
  note(counts_line("valid", parts.valid));
  note(counts_line("test", parts.test));
  if (parts.test.empty() && settings_.run.test_share > 0)
    note(
        "no test data: too few texts to hold some out; give more, or --test FILE, to learn how good the "
        "model is");
  if (parts.valid.empty()) settings_.require_validation();
  return parts;
}

/// A run goes on with the options that it began with; which of them is another one is easily said here.
void TrainClassify::check_resumed() const {
  const std::filesystem::path file = folder() / "config.json", checkpoints = folder() / "checkpoints";
  std::error_code error;
  if (!std::filesystem::exists(file, error) || std::filesystem::is_empty(checkpoints, error) || error) return;
  const Json before = parse_json(read_file(file), {.name = file.string()}), now = settings_.to_json();
  // Files may have moved, and the rest of these do not change what is learned.
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

void TrainClassify::check_class_weights(const std::vector<std::string>& classes) const {
  for (const auto& weight : settings_.classifier.class_weights)
    if (std::find(classes.begin(), classes.end(), weight.first) == classes.end())
      fail(ErrorKind::option, settings_.place("class_weights") + " names " + quote(weight.first) +
                                  ", which is no class; the classes are " + enumerate(classes, "and") +
                                  suggestion(weight.first, classes));
}

void TrainClassify::hold_out(Parts& parts) const {
  const double test = parts.test.empty() ? settings_.run.test_share : 0;
  const double valid = parts.valid.empty() ? settings_.run.valid_share * (1 - test) : 0;
  if (test == 0 && valid == 0) return;
  auto [train_part, valid_part, test_part] =
      parts.train.split(1 - test - valid, valid, test, settings_.classifier.seed);
  parts.train = std::move(train_part);
  if (valid > 0) parts.valid = std::move(valid_part);
  if (test > 0) parts.test = std::move(test_part);
}

int TrainClassify::show_plan(const Parts& parts) const {
  const Json options = settings_.to_json();
  if (json_) {
    print(json_text(options, 2));
    return 0;
  }
  Table table({"option", "value"});
  for (const auto& option : options.items())
    if (option.key() != "type") table.add({option.key(), values::to_text(option.value())});
  print(table.text());
  print(fmt::format("\nWould train on {} texts and write {} and {}/\n", parts.train.size(), out_,
                    folder().string()));
  return 0;
}

ClassifierRun TrainClassify::run_options() const {
  return {.folder = folder(),
          .resume = resume_,
          .checkpoint_seconds = settings_.run.checkpoint_seconds,
          .stop = interrupted,
          .callbacks = {ConfigFile{folder() / "config.json", json_text(settings_.to_json(), 2)},
                        callbacks::ProgressBar{}},
          .notice = [](const std::string& line) { note(line); }};
}

void TrainClassify::finish(const TextClassifier& model, const Parts& parts) const {
  const Evaluation evaluation = parts.test.empty() ? Evaluation{} : model.evaluate(parts.test);
  write_report(model, parts, evaluation);
  model.save(out_);
  if (json_) {
    Json json = parse_json(evaluation.to_json(), {.name = "evaluation"});
    json["model"] = out_;
    json["report"] = (folder() / "report.html").string();
    print(json_text(json, -1));
    return;
  }
  std::string out;
  if (evaluation.examples > 0)
    out += fmt::format("held-out accuracy {}  macro-F1 {}  ({} texts)\n", percent(evaluation.accuracy),
                       percent(evaluation.macro_f1), grouped(evaluation.examples));
  out += fmt::format("model   {}\nreport  {}\n", out_, (folder() / "report.html").string());
  out += fmt::format("next    rondo predict {} \"a text of yours\"\n", out_);
  print(out);
}

void TrainClassify::write_report(const TextClassifier& model, const Parts& parts,
                                 const Evaluation& evaluation) const {
  const ReportLanguage language = settings_.run.report_language;
  const bool chinese = language == ReportLanguage::zh ||
                       (language == ReportLanguage::automatic && mostly_chinese(parts.train));
  Report report{.title = std::filesystem::path(out_).filename().string(),
                .options = model.options(),
                .history = model.history(),
                .evaluation = evaluation,
                .class_names = model.class_names(),
                .class_counts = parts.train.class_counts(),
                .lengths = token_lengths(model.model(), parts.train),
                .facts = {},
                .chinese = chinese};
  const auto fact = [&](std::string_view english, std::string_view words, std::string value) {
    report.facts.emplace_back(chinese ? words : english, std::move(value));
  };
  std::string files;
  for (const std::filesystem::path& file : settings_.run.data)
    files += (files.empty() ? "" : ", ") + file.string();
  fact("data", "数据", files);
  fact("texts (train, valid, test)", "文本数（训练、验证、测试）",
       fmt::format("{}, {}, {}", grouped(static_cast<long long>(parts.train.size())),
                   grouped(static_cast<long long>(parts.valid.size())),
                   grouped(static_cast<long long>(parts.test.size()))));
  fact("vocabulary", "词表", grouped(model.model().encoder().vocab().size()));
  fact("parameters", "参数量", grouped(model.model().weights().count()));
  if (evaluation.examples > 0) fact("test accuracy", "测试准确率", percent(evaluation.accuracy));
  write_file_atomically(folder() / "report.html", report.to_html());
}

void add_train(CLI::App& app, Action& action) {
  CLI::App* train = app.add_subcommand("train", "learn a model from data");
  train->require_subcommand(0, 1);
  const auto classify = std::make_shared<TrainClassify>();
  classify->add_to(*train, action, classify);
}

}  // namespace rondo::program

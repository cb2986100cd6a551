#include "train_classify.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "base/message.h"
#include "base/utf8.h"
#include "table.h"

namespace rondo::program {
namespace {

const std::map<std::string, std::string> sections = {
    {"tokenizer", "Text"}, {"cell", "Network"}, {"epochs", "Training"}};

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

std::vector<std::int32_t> token_lengths(const Sequential& model, const Dataset& data) {
  std::vector<std::int32_t> lengths;
  lengths.reserve(data.size());
  for (const std::string_view text : data.texts())
    lengths.push_back(static_cast<std::int32_t>(model.encoder().encode(text).tokens.size()));
  return lengths;
}

}  // namespace

void TrainClassify::add_to(CLI::App& train, Action& action, const std::shared_ptr<TrainClassify>& self) {
  CLI::App* command = train.add_subcommand("classify", "text -> class: sentiment or any other labels");
  command
      ->add_option("DATA", files_,
                   "labelled text: TSV, CSV, JSON or JSON lines, plain, .gz or .xz; several are joined")
      ->required();
  command->add_option("--out", out_, "the model file; its run folder stands beside it (FILE.run)")
      ->required()
      ->type_name("FILE");
  command->add_option("--valid", valid_, "validation data; else a share of DATA")->type_name("FILE");
  command->add_option("--test", test_, "test data; else a share of DATA")->type_name("FILE");
  command
      ->add_option("--valid-share", valid_share_, "share of the training data held out for validation [0.1]")
      ->check(CLI::Range(0.0, 0.9))
      ->type_name("X");
  command
      ->add_option("--test-share", test_share_,
                   "share of DATA held out for testing where there is no test data [0.1]")
      ->check(CLI::Range(0.0, 0.9))
      ->type_name("X");
  command->add_option("--config", config_, "options from a TOML or JSON file; the command line wins")
      ->type_name("FILE");
  command->add_option("--report-language", language_, "of report.html: auto, en or zh [auto]")
      ->check(CLI::IsMember({"auto", "en", "zh"}))
      ->type_name("NAME");
  command
      ->add_option("--checkpoint-seconds", checkpoint_seconds_,
                   "time between two checkpoints within an epoch; 0: only at its end [60]")
      ->check(CLI::Range(0.0, 1e6))
      ->type_name("X");
  command->add_flag("--dry-run", dry_run_, "read the data, show what would be done, and end");
  command->add_flag("--resume", resume_, "go on from the newest checkpoint in the run folder");
  add_common(*command, common_);
  data_.add_to(*command);
  typed_.add_to(*command, field_table<ClassifierOptions>(), sections);
  command->callback([&action, self] { action = [self] { return self->run(); }; });
}

int TrainClassify::run() {
  const Common::InForce threads(common_->threads);
  check_paths();
  Parts parts = read();
  std::vector<std::string> reasons;
  const ClassifierOptions options = resolve(parts, reasons);
  if (dry_run_) return show_plan(parts, options, reasons);
  for (const std::string& reason : reasons)
    note(reason);
  prepare_folder(options);
  watch_interrupts();
  const TextClassifier model = TextClassifier::train(parts.train, parts.valid, options, run_options());
  if (model.interrupted()) {
    note("interrupted; '" + folder().string() +
         "' holds a checkpoint: the same command with --resume goes on from it");
    return exit_interrupted;
  }
  finish(model, parts);
  return 0;
}

void TrainClassify::check_paths() const {
  std::vector<std::string> inputs = files_;
  inputs.insert(inputs.end(), {valid_, test_, config_});
  std::error_code missing;
  for (const std::string& input : inputs)
    if (!input.empty() && std::filesystem::equivalent(out_, input, missing))
      fail(ErrorKind::option, "--out " + quote(out_) + " is also read: give the model a file of its own");
  if (!dry_run_) check_writable(out_);
}

Parts TrainClassify::read() const {
  const data::ReadOptions options = data_.read_options();
  Parts parts = read_parts(files_, options);
  const std::vector<std::string>& classes = parts.train.class_names();
  if (!valid_.empty()) parts.valid = read_all({valid_}, options, classes, &parts.notices);
  if (!test_.empty()) parts.test = read_all({test_}, options, classes, &parts.notices);
  for (const std::string& notice : parts.notices)
    note(notice);
  hold_out(parts);
  note(counts_line("train", parts.train));
  note(counts_line("valid", parts.valid));
  note(counts_line("test", parts.test));
  return parts;
}

void TrainClassify::hold_out(Parts& parts) const {
  ClassifierOptions options;
  typed_.apply(options);
  const double test = parts.test.empty() ? test_share_ : 0;
  const double valid = parts.valid.empty() ? valid_share_ * (1 - test) : 0;
  if (test == 0 && valid == 0) return;
  if (test + valid >= 1) fail(ErrorKind::option, "--valid-share and --test-share leave nothing to train on");
  auto [train_part, valid_part, test_part] = parts.train.split(1 - test - valid, valid, test, options.seed);
  parts.train = std::move(train_part);
  if (valid > 0) parts.valid = std::move(valid_part);
  if (test > 0) parts.test = std::move(test_part);
}

ClassifierOptions TrainClassify::resolve(const Parts& parts, std::vector<std::string>& reasons) const {
  ClassifierOptions options;
  if (!config_.empty()) update(options, read_config(config_), FieldPlace{config_ + ":"});
  typed_.apply(options);
  return TextClassifier::plan(parts.train, parts.valid, std::move(options), &reasons);
}

int TrainClassify::show_plan(const Parts& parts, const ClassifierOptions& options,
                             const std::vector<std::string>& reasons) const {
  if (common_->json) {
    print(dump_json(to_json(options), 2) + "\n");
    return 0;
  }
  for (const std::string& reason : reasons)
    note(reason);
  Table table({"option", "value"});
  for (const FieldInfo& info : field_table<ClassifierOptions>()) {
    const Json value = to_json(options)[info.name];
    table.add({info.name, value.is_string() ? value.get<std::string>() : dump_json(value)});
  }
  print(table.text());
  print(fmt::format("\nWould train on {} texts and write {} and {}/\n", parts.train.size(), out_,
                    folder().string()));
  return 0;
}

void TrainClassify::prepare_folder(const ClassifierOptions& options) const {
  make_folder(folder());
  // A resumed run has the options that it began with, or is refused.
  const std::filesystem::path config = folder() / "config.json";
  if (!resume_ || !std::filesystem::exists(config))
    write_file_atomically(config, dump_json(to_json(options), 2) + "\n");
}

ClassifierRun TrainClassify::run_options() const {
  return {.folder = folder(),
          .resume = resume_,
          .checkpoint_seconds = checkpoint_seconds_,
          .stop = interrupted,
          .callbacks = {callbacks::ProgressBar{}}};
}

void TrainClassify::finish(const TextClassifier& model, const Parts& parts) const {
  const Evaluation evaluation = parts.test.empty() ? Evaluation{} : model.evaluate(parts.test);
  write_report(model, parts, evaluation);
  model.save(out_);
  if (common_->json) {
    Json json = parse_json(evaluation.to_json(), {.name = "evaluation"});
    json["model"] = out_;
    json["report"] = (folder() / "report.html").string();
    print(dump_json(json) + "\n");
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
  const bool chinese = language_ == "zh" || (language_ == "auto" && mostly_chinese(parts.train));
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
  for (const std::string& file : files_)
    files += (files.empty() ? "" : ", ") + file;
  fact("data", "数据", files);
  fact("texts (train, valid, test)", "文本数（训练、验证、测试）",
       fmt::format("{}, {}, {}", parts.train.size(), parts.valid.size(), parts.test.size()));
  fact("vocabulary", "词表", grouped(model.model().encoder().vocab().size()));
  fact("parameters", "参数量", grouped(model.model().weights().count()));
  if (evaluation.examples > 0) fact("test accuracy", "测试准确率", percent(evaluation.accuracy));
  write_file_atomically(folder() / "report.html", report.to_html());
}

void add_train(CLI::App& app, Action& action) {
  CLI::App* train = app.add_subcommand("train", "learn a model from data");
  train->require_subcommand(1);
  const auto classify = std::make_shared<TrainClassify>();
  classify->add_to(*train, action, classify);
}

}  // namespace rondo::program

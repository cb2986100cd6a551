// rondo eval: how well a model does on labelled text.
#include <fmt/format.h>

#include <rondo/tasks.h>

#include "base/utf8.h"
#include "data_options.h"
#include "model_argument.h"
#include "program.h"
#include "table.h"

namespace rondo::program {
namespace {

struct EvalOptions {
  int worst = 10;

  static constexpr auto fields() {
    return std::tuple{field("worst", &EvalOptions::worst, "mistakes to list, surest first", 0, 1'000'000)};
  }
};
static_assert(all_fields_listed<EvalOptions>);

struct Eval {
  FieldOptions typed;
  std::string model;
  Files files;
  bool json = false;

  int run() const;
  std::string text(const Evaluation& evaluation) const;
};

std::string confusion_table(const Evaluation& e) {
  std::vector<std::string> headers = {"true \\ predicted"};
  for (const Evaluation::PerClass& c : e.classes)
    headers.push_back(">" + c.name);
  Table table(std::move(headers));
  for (std::size_t i = 0; i < e.classes.size(); ++i) {
    std::vector<std::string> cells = {e.classes[i].name};
    for (const std::int64_t count : e.confusion[i])
      cells.push_back(grouped(count));
    table.add(std::move(cells));
  }
  return table.text();
}

std::string class_table(const Evaluation& e) {
  Table table({"label", ">precision", ">recall", ">F1", ">texts"});
  for (const Evaluation::PerClass& c : e.classes)
    table.add({c.name, percent(c.precision), percent(c.recall), percent(c.f1), grouped(c.support)});
  table.add({"mean (macro)", percent(e.macro_precision), percent(e.macro_recall), percent(e.macro_f1),
             grouped(e.examples)});
  return table.text();
}

std::string mistakes_table(const Evaluation& e) {
  Table table({"true", "predicted", ">probability", "text"});
  for (const Evaluation::Mistake& m : e.worst)
    table.add({m.label, m.predicted, percent(static_cast<double>(m.probability)),
               truncate_to_width(one_line(m.text), 72)});
  return table.text();
}

std::string Eval::text(const Evaluation& e) const {
  std::string out = fmt::format("accuracy {}  macro-F1 {}  loss {:.4f}  ({} texts)\n\n", percent(e.accuracy),
                                percent(e.macro_f1), e.loss, grouped(e.examples));
  out += class_table(e) + "\n" + confusion_table(e);
  if (!e.worst.empty()) out += "\nsurest mistakes\n" + mistakes_table(e);
  return out;
}

int Eval::run() const {
  EvalOptions options;
  CommonOptions common;
  data::ReadOptions read;
  typed.apply(options, common, read);
  check_split(read, option_name);
  const ThreadsInForce threads(common);
  const TextClassifier classifier = loaded("eval", model, {files.begin(), files.end()}, TextClassifier::load);
  const Dataset examples = read_to_try(files, read, classifier.class_names());
  const Evaluation evaluation = classifier.evaluate(examples, options.worst);
  print(json ? evaluation.to_json() + "\n" : text(evaluation));
  return 0;
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
  const auto eval = std::make_shared<Eval>();
  CLI::App* command = app.add_subcommand("eval", "score a model on labelled data");
  command->add_option("MODEL", eval->model, "model file")->required();
  command->add_option("DATA", eval->files, "labelled text, read as by 'rondo train classify'")->required();
  eval->typed.add_to(*command, field_table<EvalOptions>());
  eval->typed.add_to(*command, field_table<CommonOptions>());
  command->add_flag("--json", eval->json, "print the result as JSON");
  eval->typed.add_to(*command, field_table<data::ReadOptions>(), {{"format", "Data"}});
  command->footer(
      "With --split-column the rows of --test-value are scored, without that those of\n"
      "--valid-value; else all rows are.");
  command->callback([&action, eval] { action = [eval] { return eval->run(); }; });
}

}  // namespace rondo::program

// rondo eval: scores a model on data with known answers.
#include "model_command.h"
#include "scores.h"

namespace rondo::program {
namespace {

struct EvalOptions {
  int worst = 10;

  static constexpr auto fields() {
    return std::tuple{field("worst", &EvalOptions::worst, "number of mistakes to list, most confident first",
                            0, 1'000'000)};
  }
};
static_assert(all_fields_listed<EvalOptions>);

int run_eval(ModelCommand& eval) {
  const std::unique_ptr<Task> task = eval.load();
  const ThreadsInForce threads(eval.common);
  const Evaluation evaluation =
      task->evaluate_by(eval.evaluating, eval.data(*task), eval.own.as<EvalOptions>().worst);
  print(eval.json ? evaluation.to_json() + "\n"
                  : headline(evaluation, true) + "\n" + blocks_text(evaluation.blocks));
  return 0;
}

}  // namespace

void add_eval(const Commands& commands) {
  const auto eval = std::make_shared<ModelCommand>(ModelCommand{
      .name = "eval", .own = OptionTable::of<EvalOptions>(), .applications = commands.applications});
  CLI::App* command =
      eval->add_to(commands.app, "score a model on data with known answers",
                   "files of data, in the form that 'rondo train NAME' takes for this kind of model");
  eval->typed.add_to(*command, commands.applications, &TaskKind::evaluating, "Scoring");
  command->footer(
      "With --split-column, the rows with --test-value are scored, or those with\n"
      "--valid-value if --test-value is not given. Otherwise, all rows are scored.");
  command->callback([&action = commands.action, eval] { action = [eval] { return run_eval(*eval); }; });
}

}  // namespace rondo::program

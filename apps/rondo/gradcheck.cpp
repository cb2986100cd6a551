// rondo gradcheck: a model's gradients against finite differences in f64, on the user's own data.
#include <fmt/format.h>

#include <rondo/tasks.h>

#include "base/json.h"
#include "data_options.h"
#include "program.h"
#include "table.h"

namespace rondo::program {
namespace {

struct Gradcheck {
  std::shared_ptr<Common> common = std::make_shared<Common>();
  DataOptions data;
  std::string model;
  std::vector<std::string> files;
  GradientCheckOptions options;
  int examples = 4;
  double tolerance = 1e-4;

  int run() const;
  std::string text(const std::vector<GradientCheck>& checks) const;
  std::string json(const std::vector<GradientCheck>& checks) const;
  bool good(const GradientCheck& check) const { return check.largest_error <= tolerance; }
};

std::string Gradcheck::text(const std::vector<GradientCheck>& checks) const {
  Table table({"parameter", ">compared", ">largest gradient", ">largest error", ""});
  for (const GradientCheck& check : checks)
    table.add({check.parameter, std::to_string(check.elements), fmt::format("{:.3g}", check.largest_gradient),
               fmt::format("{:.3g}", check.largest_error), good(check) ? "ok" : "WRONG"});
  return table.text();
}

std::string Gradcheck::json(const std::vector<GradientCheck>& checks) const {
  Json rows = Json::array();
  for (const GradientCheck& check : checks)
    rows.push_back({{"parameter", check.parameter},
                    {"compared", check.elements},
                    {"largest_gradient", check.largest_gradient},
                    {"largest_error", check.largest_error},
                    {"ok", good(check)}});
  return dump_json(Json{{"tolerance", tolerance}, {"parameters", std::move(rows)}}) + "\n";
}

int Gradcheck::run() const {
  const Common::InForce threads(common->threads);
  const Sequential loaded = load(model);
  const Dataset all = read_all(files, data.read_options(), loaded.class_names());
  const auto checks = loaded.check_gradients(all.take(static_cast<std::size_t>(examples)), options);
  print(common->json ? json(checks) : text(checks));
  return std::all_of(checks.begin(), checks.end(), [&](const auto& check) { return good(check); }) ? 0
                                                                                                   : exit_bug;
}

}  // namespace

void add_gradcheck(CLI::App& app, Action& action) {
  const auto check = std::make_shared<Gradcheck>();
  CLI::App* command =
      app.add_subcommand("gradcheck", "compare a model's gradients with finite differences (f64)");
  command->add_option("MODEL", check->model, "model file")->required();
  command->add_option("DATA", check->files, "labelled text, read as by 'rondo train'")->required();
  command->add_option("--examples", check->examples, "texts of DATA in the loss [4]")
      ->check(CLI::Range(1, 10'000))
      ->type_name("N");
  command
      ->add_option("--elements", check->options.elements, "numbers compared of each parameter; 0: all [20]")
      ->check(CLI::Range(0, 1 << 30))
      ->type_name("N");
  command->add_option("--step", check->options.step, "of the differences [1e-5]")
      ->check(CLI::Range(1e-12, 1.0))
      ->type_name("X");
  command->add_option("--tolerance", check->tolerance, "largest relative error that is right [1e-4]")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("X");
  command->add_option("--seed", check->options.seed, "which numbers are compared [1]")->type_name("N");
  add_common(*command, check->common);
  check->data.add_to(*command);
  command->callback([&action, check] { action = [check] { return check->run(); }; });
}

}  // namespace rondo::program

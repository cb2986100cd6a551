// rondo gradcheck: a model's gradients against finite differences in f64, on the user's own data.
#include <fmt/format.h>

#include <rondo/tasks.h>

#include "base/json.h"
#include "data_options.h"
#include "program.h"
#include "table.h"

namespace rondo::program {
namespace {

struct GradcheckOptions {
  int examples = 4;
  int elements = GradientCheckOptions{}.elements;
  double step = GradientCheckOptions{}.step;
  double tolerance = 1e-4;
  std::uint64_t seed = GradientCheckOptions{}.seed;

  static constexpr auto fields() {
    using O = GradcheckOptions;
    return std::tuple{
        field("examples", &O::examples, "texts of DATA in the loss", 1, 10'000),
        field("elements", &O::elements, "numbers compared of each parameter; 0: all", 0, 1 << 30),
        field("step", &O::step, "of the differences", 1e-12, 1),
        field("tolerance", &O::tolerance, "largest relative error that is right", 0, 1),
        field("seed", &O::seed, "which numbers are compared")};
  }
};
static_assert(all_fields_listed<GradcheckOptions>);

struct Gradcheck {
  FieldOptions typed;
  std::string model;
  Files files;
  GradcheckOptions options;
  bool as_json = false;

  int run();
  std::string text(const std::vector<GradientCheck>& checks) const;
  std::string json(const std::vector<GradientCheck>& checks) const;
  bool good(const GradientCheck& check) const { return check.largest_error <= options.tolerance; }
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
  return dump_json(Json{{"tolerance", options.tolerance}, {"parameters", std::move(rows)}}) + "\n";
}

int Gradcheck::run() {
  CommonOptions common;
  data::ReadOptions read;
  typed.apply(options, common, read);
  check_split(read, option_name);
  const ThreadsInForce threads(common);
  const Sequential loaded = load(model);
  const Dataset all = read_to_try(files, read, loaded.class_names());
  const auto checks =
      loaded.check_gradients(all.take(static_cast<std::size_t>(options.examples)),
                             {.elements = options.elements, .step = options.step, .seed = options.seed});
  print(as_json ? json(checks) : text(checks));
  return std::all_of(checks.begin(), checks.end(), [&](const auto& check) { return good(check); }) ? 0
                                                                                                   : exit_bug;
}

}  // namespace

void add_gradcheck(CLI::App& app, Action& action) {
  const auto check = std::make_shared<Gradcheck>();
  CLI::App* command =
      app.add_subcommand("gradcheck", "compare a model's gradients with finite differences (f64)");
  command->add_option("MODEL", check->model, "model file")->required();
  command->add_option("DATA", check->files, "labelled text, read as by 'rondo train classify'")->required();
  check->typed.add_to(*command, field_table<GradcheckOptions>());
  check->typed.add_to(*command, field_table<CommonOptions>());
  command->add_flag("--json", check->as_json, "print the result as JSON");
  check->typed.add_to(*command, field_table<data::ReadOptions>(), {{"format", "Data"}});
  command->callback([&action, check] { action = [check] { return check->run(); }; });
}

}  // namespace rondo::program

// rondo gradcheck: a model's gradients against finite differences in f64, on the user's own data.
#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include <rondo/tasks.h>

#include "base/json.h"
#include "data_options.h"
#include "model_argument.h"
#include "program.h"
#include "table.h"

namespace rondo::program {
namespace {

struct GradcheckOptions {
  int examples = 4;
  int elements = GradientCheckOptions{}.elements;
  double step = GradientCheckOptions{}.step;
  double tolerance = GradientCheckOptions{}.tolerance;
  std::uint64_t seed = GradientCheckOptions{}.seed;

  static constexpr auto fields() {
    using O = GradcheckOptions;
    return std::tuple{
        field("examples", &O::examples, "texts of DATA in the loss", 1, 10'000),
        field("elements", &O::elements, "numbers compared of each parameter; 0: all", 0, 1 << 30),
        field("step", &O::step, "of the differences", 1e-12, 1),
        field("tolerance", &O::tolerance, "largest relative error that is right", 1e-12, 1),
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
};

/// One line on the terminal, drawn again at every hundredth and wiped at the end.
void show_progress(std::int64_t done, std::int64_t all) {
  const std::int64_t hundredth = std::max<std::int64_t>(1, all / 100);
  if (done == all)
    fmt::print(stderr, "\r\033[K");
  else if (done % hundredth == 0)
    fmt::print(stderr, "\rcomparing {} of {} numbers\033[K", grouped(done), grouped(all));
}

std::string Gradcheck::text(const std::vector<GradientCheck>& checks) const {
  Table table({"parameter", ">compared", ">kinks", ">largest gradient", ">largest error", ""});
  std::int64_t kinks = 0;
  for (const GradientCheck& check : checks) {
    kinks += check.kinks;
    table.add({check.parameter, std::to_string(check.elements), std::to_string(check.kinks),
               fmt::format("{:.3g}", check.largest_gradient), fmt::format("{:.3g}", check.largest_error),
               check.good() ? "ok" : fmt::format("WRONG ({})", check.wrong)});
  }
  std::string out = table.text();
  if (kinks > 0)
    out += "\nkinks: where a maximum (or relu) changes branch within the step, the gradient is one side's\n";
  return out;
}

std::string Gradcheck::json(const std::vector<GradientCheck>& checks) const {
  Json rows = Json::array();
  for (const GradientCheck& check : checks)
    rows.push_back({{"parameter", check.parameter},
                    {"compared", check.elements},
                    {"wrong", check.wrong},
                    {"kinks", check.kinks},
                    {"largest_gradient", check.largest_gradient},
                    {"largest_error", check.largest_error},
                    {"ok", check.good()}});
  return dump_json(Json{{"tolerance", options.tolerance}, {"parameters", std::move(rows)}}) + "\n";
}

int Gradcheck::run() {
  CommonOptions common;
  data::ReadOptions read;
  typed.apply(options, common, read);
  check_split(read, option_name);
  const ThreadsInForce threads(common);
  const Sequential network = loaded("gradcheck", model, {files.begin(), files.end()},
                                    [](const std::string& file) { return load(file); });
  const Dataset all = read_to_try(files, read, network.class_names());
  GradientCheckOptions how{.elements = options.elements,
                           .step = options.step,
                           .tolerance = options.tolerance,
                           .seed = options.seed};
  if (::isatty(STDERR_FILENO) == 1) how.progress = show_progress;
  const auto checks = network.check_gradients(all.take(static_cast<std::size_t>(options.examples)), how);
  print(as_json ? json(checks) : text(checks));
  return std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.good(); }) ? 0
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

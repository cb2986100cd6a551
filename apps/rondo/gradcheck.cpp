// rondo gradcheck: a model's gradients against finite differences in f64, on the user's own data.
#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "base/json.h"
#include "base/shown.h"
#include "model_command.h"
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
        field("examples", &O::examples, "number of examples of DATA to use", 1, 10'000),
        field("elements", &O::elements, "numbers to compare per parameter; 0: all", 0, 1 << 30),
        field("step", &O::step, "step of the finite differences", 1e-12, 1),
        field("tolerance", &O::tolerance, "largest relative error that counts as correct", 1e-12, 1),
        field("seed", &O::seed, "seed that selects the compared numbers")};
  }
};
static_assert(all_fields_listed<GradcheckOptions>);

/// One line on the terminal, drawn again at every hundredth and wiped at the end.
void show_progress(std::int64_t done, std::int64_t all) {
  const std::int64_t hundredth = std::max<std::int64_t>(1, all / 100);
  if (done == all)
    fmt::print(stderr, "\r\033[K");
  else if (done % hundredth == 0)
    fmt::print(stderr, "\rcomparing {} of {} numbers\033[K", grouped(done), grouped(all));
}

std::string text_of(const std::vector<GradientCheck>& checks) {
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
    out += "\nkinks: a maximum (or relu) changes branch within the step; the gradient is that of one side\n";
  return out;
}

std::string json_of(const std::vector<GradientCheck>& checks, double tolerance) {
  Json rows = Json::array();
  for (const GradientCheck& check : checks)
    rows.push_back({{"parameter", check.parameter},
                    {"compared", check.elements},
                    {"wrong", check.wrong},
                    {"kinks", check.kinks},
                    {"largest_gradient", check.largest_gradient},
                    {"largest_error", check.largest_error},
                    {"ok", check.good()}});
  return dump_json(Json{{"tolerance", tolerance}, {"parameters", std::move(rows)}}) + "\n";
}

int run_gradcheck(ModelCommand& check) {
  const std::unique_ptr<Task> task = check.load();
  const ThreadsInForce threads(check.common);
  const auto& options = check.own.as<GradcheckOptions>();
  const Dataset all = check.data(*task);
  GradientCheckOptions how{.elements = options.elements,
                           .step = options.step,
                           .tolerance = options.tolerance,
                           .seed = options.seed};
  if (::isatty(STDERR_FILENO) == 1) how.progress = show_progress;
  const auto checks = task->check_gradients(all.take(static_cast<std::size_t>(options.examples)), how);
  print(check.json ? json_of(checks, options.tolerance) : text_of(checks));
  const bool good = std::all_of(checks.begin(), checks.end(), [](const auto& c) { return c.good(); });
  return good ? 0 : exit_bug;
}

}  // namespace

void add_gradcheck(const Commands& commands) {
  const auto check = std::make_shared<ModelCommand>(ModelCommand{.name = "gradcheck",
                                                                 .own = OptionTable::of<GradcheckOptions>(),
                                                                 .applications = commands.applications});
  CLI::App* command =
      check->add_to(commands.app, "compare a model's gradients with finite differences (f64)",
                    "files of data, in the form that 'rondo train NAME' takes for this kind of model");
  command->callback(
      [&action = commands.action, check] { action = [check] { return run_gradcheck(*check); }; });
}

}  // namespace rondo::program

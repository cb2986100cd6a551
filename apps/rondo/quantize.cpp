// rondo quantize: the same model in a smaller file.
#include <filesystem>
#include <optional>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "model_command.h"
#include "paths.h"
#include "scores.h"
#include "table.h"
#include "usage.h"

namespace rondo::program {
namespace {

struct QuantizeOptions {
  WeightType weights = WeightType::int8;

  static constexpr auto fields() {
    return std::tuple{
        field("weights", &QuantizeOptions::weights,
              "number type of the matrices: int8 (a quarter of the size), w8a8 (the same file, faster "
              "where the processor has VNNI, answers less exact), bf16 (half) or f32")};
  }
};
static_assert(all_fields_listed<QuantizeOptions>);

int bits_of(WeightType type) {
  return type == WeightType::f32 ? 32 : type == WeightType::bf16 ? 16 : 8;
}

/// The size of a model's file, and its scores on the data, if there are any.
struct Weighed {
  std::string weights;
  std::uintmax_t bytes = 0;
  std::vector<Score> scores;  ///< the headline's
};

Weighed weighed(const Task& task, const std::string& file, const std::optional<Dataset>& data) {
  Weighed result{std::string(name_of(task.weight_type())), std::filesystem::file_size(file), {}};
  if (!data) return result;
  for (Score& score : task.evaluate(*data, 0).scores)
    if (score.headline) result.scores.push_back(std::move(score));
  return result;
}

std::string text_of(const Weighed& before, const Weighed& after) {
  std::vector<std::string> headers = {"", "weights", ">file"};
  for (const Score& score : before.scores)
    headers.push_back(">" + score.title.en);
  Table table(std::move(headers));
  for (const auto& [name, weighed] : {std::pair("before", &before), std::pair("after", &after)}) {
    std::vector<std::string> cells = {name, weighed->weights, byte_size(static_cast<double>(weighed->bytes))};
    for (const Score& score : weighed->scores)
      cells.push_back(shown(score));
    table.add(std::move(cells));
  }
  return table.text();
}

Json json_of(const Weighed& weighed) {
  Json json = {{"weights", weighed.weights}, {"bytes", weighed.bytes}};
  for (const Score& score : weighed.scores)
    json[score.name] = json_number(score.value);
  return json;
}

int run(ModelCommand& quantize, const std::string& out) {
  refuse_standard_output(out);
  if (same_file(quantize.model, out))
    fail(ErrorKind::option,
         "--out " + quote(out) + " is the model itself; give the smaller model another file");
  const std::unique_ptr<Task> task = quantize.load();
  const ThreadsInForce threads(quantize.common);
  std::optional<Dataset> data;
  if (!quantize.files.empty()) data = quantize.data(*task);
  const Weighed before = weighed(*task, quantize.model, data);
  const WeightType type = quantize.own.as<QuantizeOptions>().weights;
  if (bits_of(type) > bits_of(task->weight_type()))
    note("the matrices are in " + std::string(name_of(task->weight_type())) + "; in " +
         std::string(name_of(type)) + " the file is larger, and the numbers stay as they were rounded");
  task->quantize(type);
  task->save(out);
  const Weighed after = weighed(*task, out, data);
  print(quantize.json
            ? dump_json(Json{{"model", out}, {"before", json_of(before)}, {"after", json_of(after)}}) + "\n"
            : text_of(before, after));
  return 0;
}

}  // namespace

void add_quantize(const Commands& commands) {
  const auto quantize = std::make_shared<ModelCommand>(ModelCommand{
      .name = "quantize", .own = OptionTable::of<QuantizeOptions>(), .applications = commands.applications});
  const auto out = std::make_shared<std::string>();
  CLI::App* command = quantize->add_to(commands.app, "write a model in half or a quarter of its size",
                                       "data on which to compare both models, as for 'rondo eval'", true);
  command->add_option("--out", *out, "model file to write")
      ->required()
      ->type_name("FILE")
      ->group(required_section);
  command->callback([&action = commands.action, quantize, out] {
    action = [quantize, out] { return run(*quantize, *out); };
  });
}

}  // namespace rondo::program

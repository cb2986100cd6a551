// rondo inspect: shows what a model file holds.
#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "base/fields.h"
#include "base/shown.h"
#include "inside.h"
#include "model/model_file.h"
#include "model_argument.h"
#include "program.h"
#include "scores.h"
#include "table.h"

namespace rondo::program {
namespace {

struct Inspect {
  std::span<const TaskKind> applications;
  std::string model;
  Inside inside;
  bool verify = false;

  int run() const;
};

/// A weight's name and shape.
using Weights = std::vector<std::pair<std::string, Shape>>;

Weights weights_of(const Task& task) {
  Weights weights;
  for (const Parameter& parameter : task.weights().parameters())
    weights.emplace_back(parameter.name, parameter.leaf->value.shape());
  return weights;
}

/// The weights of a network that this program cannot build, from the header of its file.
Weights weights_of(const ModelFile& file) {
  Weights weights;
  for (const safetensors::Entry& entry : file.arrays().entries())
    if (file.is_weight(entry)) weights.emplace_back(entry.name, entry.shape);
  return weights;
}

std::int64_t count_of(const Weights& weights) {
  std::int64_t count = 0;
  for (const auto& weight : weights) {
    std::int64_t size = 1;
    for (const std::int64_t n : weight.second)
      size *= n;
    count += size;
  }
  return count;
}

/// The content of both forms of output.
struct Content {
  std::string file;
  ModelInfo info;
  std::string summary;  ///< empty where it is not known
  std::vector<Fact> facts;
  Weights weights;
  std::vector<report::Block> insights = {};
  std::optional<Verified> verified = {};  ///< when it was asked for
};

Json json_of(const Content& content) {
  Json json = {{"file", content.file},
               {"bytes", std::filesystem::file_size(content.file)},
               {"kind", name_of(content.info.kind)},
               {"application", content.info.application.name},
               {"parameters", count_of(content.weights)},
               {"weight_type", name_of(content.info.weight_type)},
               {"weights", Json::array()},
               {"training", to_json(content.info.training)}};
  for (const auto& [name, shape] : content.weights)
    json["weights"].push_back({{"name", name}, {"shape", shape}});
  if (content.verified)
    json["verified"] = {{"checksums", content.verified->checksums}, {"blocks", content.verified->blocks}};
  for (const Fact& fact : content.facts)
    json[fact.key] = parse_json(fact.json, {.name = content.file});
  const Evaluation insights{.counted = {}, .scores = {}, .blocks = content.insights};
  Json tables = parse_json(insights.to_json(), {.name = content.file});
  tables.erase("examples");
  json.update(tables);
  if (!content.info.application.options.empty())
    json["options"] = parse_json(content.info.application.options, {.name = content.file});
  return json;
}

std::string training_text(const TrainingRecord& record) {
  std::string out = fmt::format("training   {} epochs, {} steps, {} examples, data {}\n", record.epochs,
                                grouped(record.steps), grouped(record.examples), record.data);
  if (record.kept_epoch > 0)
    out += fmt::format("kept       epoch {}, whose scores were\n", record.kept_epoch);
  for (const auto& [name, value] : record.scores)
    out += fmt::format("  {:<14} {:.4f}\n", name, value);
  return out;
}

std::string verified_text(const Verified& verified) {
  if (verified.checksums)
    return fmt::format("verified   {} blocks of weights: each has its checksum, all numbers are finite\n",
                       grouped(static_cast<std::int64_t>(verified.blocks)));
  return "verified   all numbers are finite; the file is from a version that wrote no checksums\n";
}

std::string text_of(const Content& content) {
  std::string out = fmt::format("{}  {}\n\n", content.file,
                                byte_size(static_cast<double>(std::filesystem::file_size(content.file))));
  if (!content.summary.empty()) out += content.summary + "\n";
  if (!content.info.application.name.empty())
    out += fmt::format("made by    rondo train {}\n", content.info.application.name);
  for (const Fact& fact : content.facts)
    if (!fact.text.en.empty()) out += fmt::format("{:<10} {}\n", fact.title.en, one_line(fact.text.en));
  if (content.info.weight_type != WeightType::f32)
    out += fmt::format("matrices   in {}\n", name_of(content.info.weight_type));
  if (content.verified) out += verified_text(*content.verified);
  out += training_text(content.info.training) + "\n";
  Table table({"weight", "shape"});
  for (const auto& [name, shape] : content.weights)
    table.add({name, to_string(shape)});
  return out + table.text() + blocks_text(content.insights);
}

Content content_of(const std::string& file, std::span<const TaskKind> applications) {
  Content content{.file = file, .info = model_info(file), .summary = {}, .facts = {}, .weights = {}};
  const bool known = std::any_of(applications.begin(), applications.end(), [&](const TaskKind& kind) {
    return kind.name == content.info.application.name;
  });
  if (content.info.kind == ModelKind::network && !known) {
    content.weights = weights_of(ModelFile(file));
    return content;
  }
  const std::unique_ptr<Task> task = load_task(file, applications);
  content.summary = task->summary();
  content.facts = task->facts();
  content.weights = weights_of(*task);
  content.insights = task->insights();
  return content;
}

int Inspect::run() const {
  inside.check();
  if (inside.wanted()) return inside.run(*loaded_task("inspect", model, {}, applications), model);

  const Content content = loaded("inspect", model, {}, [this](const std::string& file) {
    std::optional<Verified> verified;
    if (verify) verified = rondo::verify(ModelFile(file));
    Content all = content_of(file, applications);
    all.verified = verified;
    return all;
  });
  print(inside.json ? dump_json(json_of(content)) + "\n" : text_of(content));
  return 0;
}

}  // namespace

void add_inspect(const Commands& commands) {
  const auto inspect = std::make_shared<Inspect>(Inspect{.applications = commands.applications});
  CLI::App* command =
      commands.app.add_subcommand("inspect", "show a model's layers, weights, preprocessing and training");
  command->add_option("MODEL", inspect->model, "model file")->required();
  Inside& inside = inspect->inside;
  command
      ->add_option("--text", inside.text,
                   "show what happens inside while the model answers to this text: gates, states, "
                   "gradients, what each token contributes")
      ->type_name("TEXT");
  command->add_option("--data", inside.data, "the same for an example of this file")->type_name("FILE");
  command->add_option("--example", inside.example, "number of that example, from 1 [1]")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 30).description(""));
  command->add_option("--tokens", inside.tokens, "look at the first so many tokens (1 to 2000) [200]")
      ->type_name("N")
      ->check(CLI::Range(1, 2000).description(""));
  command->add_option("--html", inside.html, "write it as a page of this name, with pictures")
      ->type_name("FILE");
  command
      ->add_option("--language", inside.language,
                   "language of the page; auto: that of the text (auto, en or zh) [auto]")
      ->type_name("NAME")
      ->check(CLI::IsMember({"auto", "en", "zh"}).description(""));
  command->add_flag("--json", inside.json, "print the result as JSON");
  command->add_flag("--verify", inspect->verify,
                    "read all weights and compare them with the checksums in the file");
  command->callback([&action = commands.action, inspect] { action = [inspect] { return inspect->run(); }; });
}

}  // namespace rondo::program

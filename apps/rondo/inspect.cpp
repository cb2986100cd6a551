// rondo inspect: what is in a model file.
#include <filesystem>

#include <fmt/format.h>

#include <rondo/model.h>

#include "base/fields.h"
#include "model_argument.h"
#include "program.h"
#include "table.h"

namespace rondo::program {
namespace {

struct Inspect {
  std::string model;
  bool json = false;

  int run() const;
};

bool of_text(const Sequential& model) {
  return std::holds_alternative<layers::Tokens>(model.layers().front());
}

Json tokenizer_json(const TextEncoder& encoder) {
  Json json = to_json(encoder.options());
  json["vocabulary"] = encoder.vocab().size();
  json["bigrams_kept"] = encoder.bigram_count();
  json["unicode"] = encoder.unicode();
  return json;
}

Json json_of(const Sequential& model, const std::string& file) {
  Json json = {{"file", file},
               {"bytes", std::filesystem::file_size(file)},
               {"parameters", model.weights().count()},
               {"weight_type", name_of(model.weight_type())},
               {"classes", model.class_names()},
               {"layers", Json::array()},
               {"weights", Json::array()},
               {"training", to_json(model.record())}};
  for (std::size_t i = 0; i < model.layers().size(); ++i) {
    Json layer = parse_json(to_json(model.layers()[i]), {.name = file});
    layer["name"] = model.layer_names()[i];
    json["layers"].push_back(std::move(layer));
  }
  for (const Parameter& parameter : model.weights().parameters())
    json["weights"].push_back({{"name", parameter.name}, {"shape", parameter.leaf->value.shape()}});
  if (of_text(model)) json["tokenizer"] = tokenizer_json(model.encoder());
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

std::string text_of(const Sequential& model, const std::string& file) {
  std::string out =
      fmt::format("{}  {}\n\n", file, byte_size(static_cast<double>(std::filesystem::file_size(file))));
  out += model.summary() + "\n";
  if (of_text(model)) {
    const TextEncoder& encoder = model.encoder();
    out += fmt::format("tokenizer  {}, {} tokens, {} bigrams, Unicode {}\n",
                       name_of(encoder.options().tokenizer), grouped(encoder.vocab().size()),
                       grouped(encoder.bigram_count()), encoder.unicode());
  }
  if (!model.class_names().empty())
    out += fmt::format("classes    {}\n", fmt::join(model.class_names(), ", "));
  if (model.weight_type() != WeightType::f32)
    out += fmt::format("matrices   in {}\n", name_of(model.weight_type()));
  out += training_text(model.record()) + "\n";
  Table weights({"weight", "shape"});
  for (const Parameter& parameter : model.weights().parameters())
    weights.add({parameter.name, to_string(parameter.leaf->value.shape())});
  return out + weights.text();
}

int Inspect::run() const {
  const Sequential network = loaded("inspect", model, {}, [](const std::string& file) { return load(file); });
  print(json ? dump_json(json_of(network, model)) + "\n" : text_of(network, model));
  return 0;
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  const auto inspect = std::make_shared<Inspect>();
  CLI::App* command =
      app.add_subcommand("inspect", "show layers, weights, tokenizer and training of a model");
  command->add_option("MODEL", inspect->model, "model file")->required();
  command->add_flag("--json", inspect->json, "print the result as JSON");
  command->callback([&action, inspect] { action = [inspect] { return inspect->run(); }; });
}

}  // namespace rondo::program

// rondo quantize: the same model in a smaller file.
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include <rondo/model.h>

#include "base/json.h"
#include "base/message.h"
#include "data_options.h"
#include "paths.h"
#include "program.h"
#include "table.h"
#include "usage.h"

namespace rondo::program {
namespace {

struct QuantizeOptions {
  WeightType weights = WeightType::int8;

  static constexpr auto fields() {
    return std::tuple{field("weights", &QuantizeOptions::weights,
                            "numbers of the matrices: int8 (a quarter of the size), bf16 (half), f32")};
  }
};
static_assert(all_fields_listed<QuantizeOptions>);

struct Quantize {
  FieldOptions typed;
  std::string model, out;
  Files files;
  bool as_json = false;

  int run() const;
};

/// A model's file, and how it does on the data if there are any.
struct Weighed {
  std::string weights;
  std::uintmax_t bytes = 0;
  std::optional<double> accuracy;
};

double accuracy_of(const Sequential& model, const Dataset& data) {
  std::vector<std::string> texts;
  for (const std::string_view text : data.texts())
    texts.emplace_back(text);
  const std::vector<Prediction> predictions = model.predict(texts);
  std::size_t right = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i)
    right += predictions[i].label == data.class_names()[static_cast<std::size_t>(data.label(i))] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(predictions.size());
}

Weighed weighed(const Sequential& model, const std::string& file, const std::optional<Dataset>& data) {
  Weighed result{std::string(name_of(model.weight_type())), std::filesystem::file_size(file), {}};
  if (data) result.accuracy = accuracy_of(model, *data);
  return result;
}

std::string text_of(const Weighed& before, const Weighed& after) {
  Table table({"", "weights", ">file", ">accuracy"});
  for (const auto& [name, weighed] : {std::pair("before", before), std::pair("after", after)})
    table.add({name, weighed.weights, byte_size(static_cast<double>(weighed.bytes)),
               weighed.accuracy ? percent(*weighed.accuracy) : "-"});
  return table.text();
}

Json json_of(const Weighed& weighed) {
  Json json = {{"weights", weighed.weights}, {"bytes", weighed.bytes}};
  if (weighed.accuracy) json["accuracy"] = *weighed.accuracy;
  return json;
}

int Quantize::run() const {
  QuantizeOptions options;
  CommonOptions common;
  data::ReadOptions read;
  typed.apply(options, common, read);
  check_split(read, option_name);
  if (same_file(model, out))
    fail(ErrorKind::option,
         "--out " + quote(out) + " is the model itself: give the smaller one a file of its own");
  const ThreadsInForce threads(common);
  Sequential loaded = load(model);
  std::optional<Dataset> data;
  if (!files.empty()) data = read_to_try(files, read, loaded.class_names());
  const Weighed before = weighed(loaded, model, data);
  loaded.quantize(options.weights);
  loaded.save(out);
  const Weighed after = weighed(loaded, out, data);
  print(as_json
            ? dump_json(Json{{"model", out}, {"before", json_of(before)}, {"after", json_of(after)}}) + "\n"
            : text_of(before, after));
  return 0;
}

}  // namespace

void add_quantize(CLI::App& app, Action& action) {
  const auto quantize = std::make_shared<Quantize>();
  CLI::App* command = app.add_subcommand("quantize", "write a model in a half or a quarter of its size");
  command->add_option("MODEL", quantize->model, "model file")->required();
  command->add_option("DATA", quantize->files,
                      "labelled text on which to compare the two, read as by 'rondo eval'");
  command->add_option("--out", quantize->out, "model file to write")
      ->required()
      ->type_name("FILE")
      ->group(required_section);
  quantize->typed.add_to(*command, field_table<QuantizeOptions>());
  quantize->typed.add_to(*command, field_table<CommonOptions>());
  command->add_flag("--json", quantize->as_json, "print the result as JSON");
  quantize->typed.add_to(*command, field_table<data::ReadOptions>(), {{"format", "Data"}});
  command->callback([&action, quantize] { action = [quantize] { return quantize->run(); }; });
}

}  // namespace rondo::program

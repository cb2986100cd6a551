#include "tasks/facts.h"

#include <variant>

#include "base/fields.h"
#include "base/shown.h"
#include "tasks/reading.h"

namespace rondo {
namespace {

Json layers_json(const Sequential& model) {
  Json layers = Json::array();
  for (std::size_t i = 0; i < model.layers().size(); ++i) {
    Json layer = parse_json(to_json(model.layers()[i]), {.name = "a layer"});
    layer["name"] = model.layer_names()[i];
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

Fact fact_of(const TextEncoder& encoder) {
  Json json = to_json(encoder.options());
  json["vocabulary"] = encoder.vocab().size();
  json["bigrams_kept"] = encoder.bigram_count();
  json["unicode"] = encoder.unicode();
  const std::string kind(name_of(encoder.options().tokenizer));
  const std::string tokens = grouped(encoder.vocab().size()), bigrams = grouped(encoder.bigram_count());
  return {"tokenizer",
          {"tokenizer", "切分"},
          {kind + ", " + tokens + " tokens, " + bigrams + " bigrams, Unicode " + encoder.unicode(),
           kind + "，词元 " + tokens + "，二元组 " + bigrams + "，Unicode " + encoder.unicode()},
          dump_json(json)};
}

Fact fact_of(const std::vector<std::string>& classes) {
  return {"classes", {"classes", "标签"}, {joined(classes, ", "), {}}, dump_json(Json(classes))};
}

std::vector<Fact> facts_of(const Sequential& model) {
  std::vector<Fact> facts = {{"layers", {"layers", "层"}, {}, dump_json(layers_json(model))}};
  if (std::holds_alternative<layers::Tokens>(model.layers().front()))
    facts.push_back(fact_of(model.encoder()));
  if (!model.class_names().empty()) facts.push_back(fact_of(model.class_names()));
  return facts;
}

}  // namespace rondo

#include <rondo/network/inputs.h>

#include "base/json.h"
#include "base/message.h"
#include "model/known_classes.h"

namespace rondo::data {
namespace {

Json parse(std::string_view json) {
  return parse_json(json, {.name = "the network's input"});
}

std::vector<std::string> classes_from(const Json& json) {
  std::vector<std::string> classes;
  const auto found = json.find("classes");
  if (found == json.end() || !found->is_array())
    fail(ErrorKind::format, "the network's input has no list 'classes'");
  for (const Json& name : *found) {
    if (!name.is_string()) fail(ErrorKind::format, "a class name in the network's input is not text");
    classes.push_back(name.get<std::string>());
  }
  return classes;
}

}  // namespace

Texts Texts::learn(const Dataset& train, const layers::Tokens& tokens, std::uint64_t seed) {
  return {TextEncoder::learn(train, tokens, seed), train.class_names()};
}

Batches Texts::batches(const Dataset& examples, BatchOptions options, std::uint64_t seed) const {
  return {with_known_classes(examples, classes), encoder, options, seed};
}

std::string Texts::to_json() const {
  return dump_json(Json{{"text_encoder", encoder.to_json()}, {"classes", classes}});
}

Texts Texts::from_json(std::string_view text) {
  const Json json = parse(text);
  if (!json.is_object() || !json.contains("text_encoder") || !json["text_encoder"].is_string())
    fail(ErrorKind::format, "the network's input has no text encoder");
  return {TextEncoder::from_json(json["text_encoder"].get<std::string>()), classes_from(json)};
}

Features Features::learn(const Dataset& train) {
  return {static_cast<int>(train.feature_count()), train.class_names()};
}

Batches Features::batches(const Dataset& examples, BatchOptions options, std::uint64_t seed) const {
  if (examples.feature_count() != features)
    fail(ErrorKind::shape, "the network takes " + std::to_string(features) + " numbers per step, got " +
                               std::to_string(examples.feature_count()));
  return Batches(with_known_classes(examples, classes), options, seed);
}

std::string Features::to_json() const {
  return dump_json(Json{{"features", features}, {"classes", classes}});
}

Features Features::from_json(std::string_view text) {
  const Json json = parse(text);
  if (!json.is_object() || !json.contains("features") || !json["features"].is_number_unsigned() ||
      json["features"] > (1 << 20))
    fail(ErrorKind::format, "the network's input does not say its number of features");
  return {json["features"].get<int>(), classes_from(json)};
}

}  // namespace rondo::data

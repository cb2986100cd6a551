#include "model/header.h"

#include <cmath>

#include "base/fields.h"
#include "base/json.h"
#include "base/message.h"

namespace rondo {

std::string to_text(const SequentialHeader& header) {
  return dump_json(to_json(header));
}

SequentialHeader sequential_header(std::string_view text, const std::string& name) {
  const Json json = header_json(text, "sequential", name);
  return from_json<SequentialHeader>(json, {name, ErrorKind::format});
}

Json header_json(std::string_view text, std::string_view kind, const std::string& name) {
  const JsonSource source{.name = name + " (header)", .kind = ErrorKind::format, .size_cap = 100u << 20};
  Json json = parse_json(text, source);
  const auto member = [&](const char* key) -> const Json& {
    if (!json.is_object() || !json.contains(key))
      fail(ErrorKind::format, name + ": the header has no " + quote(key) + "; is it a model of rondo?");
    return json[key];
  };
  const Json& format = member("format");
  if (!format.is_number_integer() || format < oldest_format || format > newest_format)
    fail(ErrorKind::format, name + ": format " + dump_json(format) + " is not read here, only " +
                                std::to_string(oldest_format) + " to " + std::to_string(newest_format) +
                                "; a newer rondo may");
  const Json& written = member("kind");
  if (written != kind)
    fail(ErrorKind::format,
         name + ": it holds a model of kind " + dump_json(written) + ", not '" + std::string(kind) + "'");
  return json;
}

TrainingRecord training_record(const TrainingRecord& before, const Trainer& trainer) {
  const History& history = trainer.history();
  TrainingRecord record;
  record.epochs = before.epochs + history.epochs();
  record.steps = before.steps + trainer.steps();
  if (history.kept_epoch() == 0) return record;
  record.kept_epoch = before.epochs + history.kept_epoch();
  for (const auto& value : history.kept_values())
    if (std::isfinite(value.second)) record.scores[value.first] = value.second;
  return record;
}

std::string_view type_of(const AnyLayer& layer) {
  return std::visit([](const auto& l) -> std::string_view { return l.type; }, layer);
}

std::string to_json(const AnyLayer& layer) {
  return dump_json(codec::encode(detail::ref_to(layer)));
}

AnyLayer layer_from_json(std::string_view json) {
  const JsonSource source{.name = "a layer", .kind = ErrorKind::format};
  AnyLayer layer;
  codec::decode(detail::ref_to(layer), parse_json(json, source), {"layer", ErrorKind::format}, {}, codec::Extent::whole);
  return layer;
}

}  // namespace rondo

#include "model/header.h"

#include <cmath>

#include "base/fields.h"
#include "base/json.h"
#include "base/message.h"
#include "data/text_json.h"
#include "model/model_file.h"

namespace rondo {

namespace {

constexpr const char *application_key = "application", *encoder_key = "text_encoder";

/// One part of an application's record; empty text counts as {}.
Json object_in(const std::string& text, const std::string& what) {
  if (text.empty()) return Json::object();
  Json object = parse_json(text, {.name = what, .kind = ErrorKind::option});
  if (!object.is_object())
    fail(ErrorKind::option, what + " are a JSON object, got " + std::string(type_in_words(object)));
  return object;
}

/// Takes it out of a header. Format 1 has it as a text, which is empty where there is none.
std::optional<TextEncoder> take_encoder(Json& header, const std::string& name, const BytesOf& bytes_of) {
  const auto found = header.find(encoder_key);
  if (found == header.end()) fail(ErrorKind::format, name + ": the header has no " + quote(encoder_key));
  const Json tree = std::move(*found);
  header.erase(found);
  std::optional<TextEncoder> encoder;
  as_format_error(name, [&] {
    if (tree.is_string()) {
      if (tree != "") encoder = TextEncoder::from_json(tree.get_ref<const std::string&>());
    } else if (!tree.is_null()) {
      encoder = EncoderTree::read(tree, bytes_of);
    }
  });
  return encoder;
}

/// The formats of a kind of model. Some formats were of files with a wide branch alone, others of all but
/// these.
std::vector<int> formats_of(bool wide) {
  if (wide) return {wide_format, classifier_format, newest_format};
  return {oldest_format, text_format, newest_format};
}

}  // namespace

Json any_header(std::string_view text, const std::string& name) {
  const JsonSource source{.name = name + " (header)", .kind = ErrorKind::format, .size_cap = 100u << 20};
  Json json = parse_json(text, source);
  for (const char* const key : {"format", "kind"})
    if (!json.is_object() || !json.contains(key))
      fail(ErrorKind::format, name + ": the header has no " + quote(key) + "; is it a model of rondo?");
  const Json& format = json["format"];
  const bool wide = json["kind"] == name_of(ModelKind::wide);
  std::vector<std::string> read;
  for (const int known : formats_of(wide)) {
    if (format.is_number_integer() && format == known) return json;
    read.push_back(std::to_string(known));
  }
  fail(ErrorKind::format, name + ": this rondo reads formats " + enumerate(read, "and") + ", got format " +
                              dump_json(format) + "; a newer rondo may read it");
}

Json to_tree(const SequentialHeader& header, VocabForm form) {
  Json json = to_json(header);
  json[encoder_key] = header.encoder ? EncoderTree::of(*header.encoder, form) : Json();
  put_application(json, header.application);
  return json;
}

std::string to_text(const SequentialHeader& header) {
  return dump_json(to_tree(header, VocabForm::text));
}

SequentialHeader sequential_header(std::string_view text, const std::string& name) {
  Json tree = any_header(text, name);
  require_kind(tree, ModelKind::sequential, name);
  return sequential_header(std::move(tree), name);
}

SequentialHeader sequential_header(const ModelFile& file) {
  const bool wide = file.kind() == ModelKind::wide;
  Json tree = file.header_tree(wide ? ModelKind::wide : ModelKind::sequential);
  if (wide)
    for (const char* const key : {wide_key, answers_key, members_key})
      tree.erase(key);
  return sequential_header(std::move(tree), file.name(), file.bytes_of());
}

SequentialHeader sequential_header(Json tree, const std::string& name, const BytesOf& bytes_of) {
  ApplicationRecord application = take_application(tree, name);
  std::optional<TextEncoder> encoder = take_encoder(tree, name, bytes_of);
  auto header = from_json<SequentialHeader>(tree, {name, ErrorKind::format});
  header.application = std::move(application);
  header.encoder = std::move(encoder);
  return header;
}

ModelKind kind_in(const Json& header, const std::string& name) {
  ModelKind kind{};
  codec::decode(detail::ref_to(kind), header["kind"], FieldPlace{name, ErrorKind::format} / "kind", {},
                codec::Extent::whole);
  return kind;
}

void require_kind(const Json& header, ModelKind kind, const std::string& name) {
  const Json& written = header["kind"];
  if (written != name_of(kind))
    fail(ErrorKind::format, name + ": it holds a model of kind " + dump_json(written) + ", not '" +
                                std::string(name_of(kind)) + "'");
}

ModelInfo model_info(const ModelFile& file) {
  const std::string& name = file.name();
  Json json = file.header();
  const FieldPlace place{name, ErrorKind::format};
  ModelInfo info;
  codec::decode(detail::ref_to(info.kind), json["kind"], place / "kind", {}, codec::Extent::whole);
  info.application = take_application(json, name);
  codec::decode(detail::ref_to(info.library), json.value("library", Json("")), place / "library", {},
                codec::Extent::whole);
  info.training = training_of(json, name);
  info.weight_type = file.weight_type();
  return info;
}

ModelInfo model_info(const std::filesystem::path& file) {
  return model_info(ModelFile(file));
}

ApplicationRecord checked(ApplicationRecord application) {
  if (application.name.empty() && !(application.options.empty() && application.reading.empty()))
    fail(ErrorKind::option, "an application with options has a name, got none");
  if (!application.name.empty())
    application.options = dump_json(object_in(application.options, "the application's options"));
  if (!application.reading.empty())
    application.reading = dump_json(object_in(application.reading, "the application's columns"));
  return application;
}

void put_application(Json& header, const ApplicationRecord& application) {
  if (application.name.empty()) return;
  Json& record = header[application_key] = {
      {"name", application.name}, {"options", object_in(application.options, "the application's options")}};
  if (!application.reading.empty())
    record["reading"] = object_in(application.reading, "the application's columns");
}

ApplicationRecord take_application(Json& header, const std::string& name) {
  const auto found = header.find(application_key);
  if (found == header.end()) return {};
  const Json written = *found;
  header.erase(found);
  const auto has = [&](const char* key) { return written.is_object() && written.contains(key); };
  if (!has("name") || !written["name"].is_string() || written["name"].get_ref<const std::string&>().empty() ||
      !has("options") || !written["options"].is_object())
    fail(ErrorKind::format, name + ": the header's application is no name with an object of options");
  const bool read = has("reading");
  if (written.size() != (read ? 3 : 2) || (read && !written["reading"].is_object()))
    fail(ErrorKind::format,
         name + ": the header's application has more than a name and objects of options and reading");
  return {written["name"].get<std::string>(), dump_json(written["options"]),
          read ? dump_json(written["reading"]) : std::string()};
}

TrainingRecord training_of(const Json& header, const std::string& name) {
  return from_json<TrainingRecord>(header.value("training", Json::object()),
                                   {name + ": training", ErrorKind::format});
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
  codec::decode(detail::ref_to(layer), parse_json(json, source), {"layer", ErrorKind::format}, {},
                codec::Extent::whole);
  return layer;
}

}  // namespace rondo

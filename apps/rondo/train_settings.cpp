#include "train_settings.h"

#include <algorithm>

#include "base/fields.h"
#include "base/message.h"
#include "base/safetensors.h"
#include "config_file.h"
#include "paths.h"

namespace rondo::program {
namespace {

const std::vector<std::string> typed_only = {"config", "resume", "restart", "dry_run", "json", "help"};

std::vector<std::string> names_in(const Json& json) {
  std::vector<std::string> names;
  for (const auto& member : json.items())
    names.push_back(member.key());
  return names;
}

/// "; see 'rondo train NAME --help'"
std::string help_of(const TrainSettings& settings) {
  return "; see 'rondo train " + settings.kind->name + " --help'";
}

/// An option from a file or from the command line, before it is put into a table.
struct Said {
  std::string name, place;
  std::string text;  ///< of one typed
  Json json;         ///< of one in a file
  bool typed = false;
};

OptionTable* table_with(TrainSettings& settings, const std::string& name) {
  for (OptionTable* const table : {&settings.run, &settings.common, &settings.reading, &settings.options})
    if (table->contains(name)) return table;
  return nullptr;
}

/// Reads the entries of a file. Refuses an option that is unknown or set twice.
std::vector<Said> read_entries(TrainSettings& settings, const std::string& file) {
  const Json all = settings.to_json();
  std::vector<Said> said;
  for (const ConfigEntry& entry : read_config(file)) {
    std::string name = entry.key;
    std::replace(name.begin(), name.end(), '-', '_');
    const std::string line = file + " line " + std::to_string(entry.line) + ": ";
    const FieldPlace place{line + entry.key};
    if (name == "type" && all.contains(name)) {  // stands in a run folder's config.json
      values::choice_from(entry.value, place, {all["type"].get<std::string>()});
      continue;
    }
    if (std::find(typed_only.begin(), typed_only.end(), name) != typed_only.end())
      place.refuse("is for the command line only");
    const auto [before, is_new] = settings.places.emplace(name, place.path);
    if (!is_new) place.refuse("is set a second time, after " + before->second);
    const std::vector<std::string> known = names_in(all);
    if (table_with(settings, name) == nullptr)
      fail(ErrorKind::option, line + "unknown option " + quote(entry.key) +
                                  (nearest(name, known).empty() ? "; 'rondo train " + settings.kind->name +
                                                                      " --help' lists the options"
                                                                : suggestion(name, known)));
    said.push_back({name, place.path, {}, entry.value, false});
  }
  return said;
}

/// Sets an option that is part of another one after that one: --momentum after --optimizer.
void apply(TrainSettings& settings, std::vector<Said> said) {
  std::stable_partition(said.begin(), said.end(), [&](const Said& option) {
    return !table_with(settings, option.name)->is_shortcut(option.name);
  });
  for (const Said& option : said) {
    OptionTable& table = *table_with(settings, option.name);
    if (option.typed)
      table.set(option.name, option.text, option.place);
    else
      table.set_json(option.name, dump_json(option.json), option.place);
  }
}

/// The output must not be one of the inputs, and all inputs must exist.
void check_files(const TrainSettings& settings, const std::string& config) {
  const TrainOptions& run = settings.about_run();
  std::vector<std::pair<std::string, std::filesystem::path>> inputs = {
      {"--config", config}, {"--valid", run.valid}, {"--test", run.test}};
  for (const OptionTable* const table : {&settings.reading, &settings.options})
    for (const OptionInfo& info : table->list())
      if (info.kind == OptionInfo::Kind::path && info.many == OptionInfo::Many::one)
        inputs.emplace_back(option_name(info.name), settings.value(info.name).get<std::string>());
  for (const std::filesystem::path& file : run.data)
    inputs.emplace_back("DATA", file);
  for (const auto& [name, file] : inputs) {
    if (file.empty()) continue;
    if (file == "-") fail(ErrorKind::option, name + " '-' is not a file; for standard input give /dev/stdin");
    if (same_file(file, run.out))
      fail(ErrorKind::option,
           "--out " + quote(run.out.string()) + " is also read as " + name + "; give the model another file");
    check_readable(file);
  }
  if (const Json init = settings.value("init"); init.is_string() && !init.get<std::string>().empty())
    safetensors::Reader{init.get<std::string>()};
}

void check_settings(const TrainSettings& settings, const std::string& config) {
  const TrainOptions& run = settings.about_run();
  if (run.data.empty())
    fail(ErrorKind::usage,
         "DATA is missing: give the files of " + settings.kind->data + " to learn from" + help_of(settings));
  if (run.out.empty())
    fail(ErrorKind::usage, "--out FILE is missing: give the model file to write" + help_of(settings));
  refuse_standard_output(run.out);
  const auto one_of = [&](const std::filesystem::path& file, const char* file_name, const char* value_name) {
    const Json value = settings.value(value_name);
    if (!file.empty() && value.is_string() && !value.get<std::string>().empty())
      fail(ErrorKind::option, settings.place(value_name) + " and " + settings.place(file_name) +
                                  " name the same part; give one of them");
  };
  one_of(run.valid, "valid", "valid_value");
  one_of(run.test, "test", "test_value");
  settings.kind->check(settings.options, settings.reading,
                       [&](std::string_view name) { return settings.place(name); });
  const Json valid_value = settings.value("valid_value");
  const bool valid_rows = valid_value.is_string() && !valid_value.get<std::string>().empty();
  if (run.valid.empty() && run.valid_share == 0 && !valid_rows) settings.require_validation();
  check_files(settings, config);
}

}  // namespace

// Checks only typed options: the config.json of a run folder holds every option, wanted or not.
void TrainSettings::require_validation() const {
  const auto typed = [&](const char* name) {
    return place(name) == option_name(name) && places.count(name) != 0;
  };
  const std::string cure =
      " needs validation data, and there are none: give --valid FILE or a larger --valid-share";
  const Json monitor = value("monitor"), patience = value("patience");
  if (typed("monitor") && monitor.get<std::string>().starts_with("val_"))
    fail(ErrorKind::option, place("monitor") + " " + monitor.get<std::string>() + cure);
  if (typed("patience") && patience > 0) fail(ErrorKind::option, place("patience") + cure);
}

std::string TrainSettings::place(std::string_view name) const {
  const auto found = places.find(std::string(name));
  return found == places.end() ? option_name(name) : found->second;
}

Json TrainSettings::to_json() const {
  Json json = Json::object(), own = codec::encode(options.ref());
  if (own.contains("type")) json["type"] = own["type"];
  for (const OptionTable* const table : {&run, &common, &reading})
    json.update(codec::encode(table->ref()));
  json.update(own);
  return json;
}

Json TrainSettings::value(std::string_view name) const {
  const Json all = to_json();
  const auto found = all.find(std::string(name));
  return found == all.end() ? Json() : *found;
}

TrainSettings settle(const TaskKind& kind, const TypedOptions& typed, const std::vector<std::string>& files,
                     const std::string& config) {
  TrainSettings settings(kind);
  std::vector<Said> said;
  if (!config.empty()) said = read_entries(settings, config);
  for (const auto& [name, text] : typed.typed()) {
    said.push_back({name, option_name(name), text, {}, true});
    settings.places[name] = option_name(name);
  }
  apply(settings, std::move(said));
  if (!files.empty()) settings.run.as<TrainOptions>().data.assign(files.begin(), files.end());
  check_settings(settings, config);
  return settings;
}

}  // namespace rondo::program

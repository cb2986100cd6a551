#include "train_options.h"

#include <algorithm>

#include "base/message.h"
#include "base/safetensors.h"
#include "config_file.h"
#include "data_options.h"
#include "paths.h"

namespace rondo::program {
namespace {

const std::vector<std::string> typed_only = {"config", "resume", "dry_run", "json", "help"};

std::vector<std::string> names_in(const Json& json) {
  std::vector<std::string> names;
  for (const auto& member : json.items())
    names.push_back(member.key());
  return names;
}

void read_config_into(TrainSettings& settings, const std::string& file) {
  const std::vector<std::string> known = names_in(settings.to_json());
  for (const ConfigEntry& entry : read_config(file)) {
    std::string name = entry.key;
    std::replace(name.begin(), name.end(), '-', '_');
    const std::string line = file + " line " + std::to_string(entry.line) + ": ";
    const FieldPlace place{line + entry.key};
    if (name == "type") {  // stands in a run folder's config.json
      values::choice_from(entry.value, place, {std::string(ClassifierOptions::type)});
      continue;
    }
    if (std::find(typed_only.begin(), typed_only.end(), name) != typed_only.end())
      place.refuse("is for the command line only");
    const auto [before, is_new] = settings.places.emplace(name, place.path);
    if (!is_new) place.refuse("is set a second time, after " + before->second);
    const bool found = set_from_file(settings.run, name, entry.value, place) ||
                       set_from_file(settings.common, name, entry.value, place) ||
                       set_from_file(settings.read, name, entry.value, place) ||
                       set_from_file(settings.classifier, name, entry.value, place);
    if (!found)
      fail(ErrorKind::option,
           line + "unknown option " + quote(entry.key) +
               (nearest(name, known).empty() ? "; 'rondo train classify --help' lists the options"
                                             : suggestion(name, known)));
  }
}

[[noreturn]] void refuse_missing(const std::string& what) {
  fail(ErrorKind::usage, what + "; see 'rondo train classify --help'");
}

/// Options that say one thing twice, or that nothing would come of.
void check_together(const TrainSettings& s) {
  const PlaceOf place = [&](const char* name) { return s.place(name); };
  const auto one_of = [&](const std::filesystem::path& file, const char* file_name, const std::string& value,
                          const char* value_name) {
    if (!file.empty() && !value.empty())
      fail(ErrorKind::option,
           place(value_name) + " and " + place(file_name) + " name the same part; give one of them");
  };
  one_of(s.run.valid, "valid", s.read.valid_value, "valid_value");
  one_of(s.run.test, "test", s.read.test_value, "test_value");
  check_split(s.read, place);
  const OptimizerKind kind = s.classifier.optimizer;
  if (s.classifier.momentum > 0 && kind != OptimizerKind::sgd && kind != OptimizerKind::rmsprop)
    fail(ErrorKind::option,
         place("momentum") + " is for --optimizer sgd or rmsprop, not " + std::string(name_of(kind)));
}

/// Nothing that is read may be written, and all that is to be read must be there.
void check_files(const TrainSettings& s, const std::string& config) {
  std::vector<std::pair<std::string, std::filesystem::path>> inputs = {{"--config", config},
                                                                       {"--valid", s.run.valid},
                                                                       {"--test", s.run.test},
                                                                       {"--vectors", s.classifier.vectors},
                                                                       {"--init", s.classifier.init}};
  for (const std::filesystem::path& file : s.run.data)
    inputs.emplace_back("DATA", file);
  for (const auto& [name, file] : inputs) {
    if (file.empty()) continue;
    if (file == "-") fail(ErrorKind::option, name + " '-' is no file; for standard input give /dev/stdin");
    if (same_file(file, s.run.out))
      fail(ErrorKind::option, "--out " + quote(s.run.out.string()) + " is also read, as " + name +
                                  ": give the model a file of its own");
    check_readable(file);
  }
  if (!s.classifier.init.empty()) safetensors::Reader{s.classifier.init};
}

}  // namespace

// Only what was typed: a run folder's config.json holds every option, asked for or not.
void TrainSettings::require_validation() const {
  const auto typed = [&](const char* name) {
    return place(name) == option_name(name) && places.count(name) != 0;
  };
  const std::string cure =
      " needs validation data, and there are none: give --valid FILE or a larger --valid-share";
  if (typed("monitor") && name_of(classifier.monitor).starts_with("val_"))
    fail(ErrorKind::option, place("monitor") + " " + std::string(name_of(classifier.monitor)) + cure);
  if (typed("patience") && classifier.patience > 0) fail(ErrorKind::option, place("patience") + cure);
}

std::string TrainSettings::place(const std::string& name) const {
  const auto found = places.find(name);
  return found == places.end() ? option_name(name) : found->second;
}

Json TrainSettings::to_json() const {
  Json json = {{"type", std::string(ClassifierOptions::type)}};
  json.update(rondo::to_json(run));
  json.update(rondo::to_json(common));
  json.update(rondo::to_json(read));
  json.update(rondo::to_json(classifier));
  return json;
}

TrainSettings settle(const FieldOptions& typed, const std::vector<std::string>& files,
                     const std::string& config) {
  TrainSettings settings;
  if (!config.empty()) read_config_into(settings, config);
  typed.apply(settings.run, settings.common, settings.read, settings.classifier);
  for (const std::string& name : typed.names())
    settings.places[name] = option_name(name);
  if (!files.empty()) settings.run.data.assign(files.begin(), files.end());
  if (settings.run.data.empty()) refuse_missing("DATA is missing: the files of labelled text to learn from");
  if (settings.run.out.empty()) refuse_missing("--out FILE is missing: where the model is to be written");
  check_together(settings);
  if (settings.run.valid.empty() && settings.run.valid_share == 0 && settings.read.valid_value.empty())
    settings.require_validation();
  check_files(settings, config);
  return settings;
}

}  // namespace rondo::program

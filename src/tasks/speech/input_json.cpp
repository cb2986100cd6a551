// The preprocessing of a recogniser from a model's file.
#include <algorithm>
#include <cmath>
#include <utility>

#include <rondo/options.h>

#include "base/json.h"
#include "base/message.h"
#include "tasks/speech/input.h"

namespace rondo::speech {
namespace {

constexpr std::string_view where = "speech";

[[noreturn]] void refuse(const std::string& what) {
  fail(ErrorKind::format, std::string(where) + ": " + what);
}

const Json& member(const Json& json, const char* key) {
  if (!json.contains(key)) refuse(std::string("'") + key + "' is missing");
  return json[key];
}

bool truth(const Json& json, const char* key) {
  const Json& value = member(json, key);
  if (!value.is_boolean()) refuse(std::string("'") + key + "' must be true or false");
  return value.get<bool>();
}

template <Description D>
D options(const Json& json, const char* key) {
  OptionTable table = OptionTable::of<D>();
  table.read(dump_json(member(json, key)), std::string(where), ErrorKind::format);
  return table.as<D>();
}

std::vector<std::string> texts(const Json& json, const char* key) {
  const Json& list = member(json, key);
  if (!list.is_array()) refuse(std::string("'") + key + "' must be a list");
  std::vector<std::string> all;
  for (const Json& text : list) {
    if (!text.is_string()) refuse(std::string("'") + key + "' must hold texts");
    all.push_back(text.get<std::string>());
  }
  return all;
}

std::vector<float> floats(const Json& json, const char* key) {
  const Json& list = member(json, key);
  if (!list.is_array()) refuse(std::string("'") + key + "' must be a list");
  std::vector<float> all;
  for (const Json& number : list) {
    if (!number.is_number()) refuse(std::string("'") + key + "' must hold numbers");
    all.push_back(static_cast<float>(number.get<double>()));
    if (!std::isfinite(all.back())) refuse(std::string("'") + key + "' must hold numbers that are finite");
  }
  return all;
}

SpeechNormalization normalization(const Json& json) {
  const Json& value = member(json, "normalize");
  constexpr auto names = names_of(SpeechNormalization{});
  for (std::size_t i = 1; i < names.size(); ++i)
    if (value.is_string() && value.get<std::string>() == names[i]) return static_cast<SpeechNormalization>(i);
  refuse("'normalize' must be none, clip or learned");
}

}  // namespace

SpeechInput SpeechInput::from_json(std::string_view text) {
  const Json json = parse_json(text, {.name = std::string(where)});
  if (!json.is_object()) refuse("wanted an object");
  SpeechInput input{.mel = options<MelOptions>(json, "features"),
                    .normalize = normalization(json),
                    .pauses = json.contains("pauses") ? truth(json, "pauses") : truth(json, "ctc"),
                    .means = floats(json, "means"),
                    .deviations = floats(json, "deviations"),
                    .ctc = truth(json, "ctc"),
                    .words = truth(json, "words"),
                    .lowercase = truth(json, "lowercase"),
                    .symbols = texts(json, "symbols"),
                    .augment = options<AugmentOptions>(json, "augment")};
  const std::size_t wanted =
      input.normalize == SpeechNormalization::learned ? static_cast<std::size_t>(input.mel.mels) : 0;
  if (input.means.size() != wanted || input.deviations.size() != wanted)
    refuse("wanted " + std::to_string(wanted) + " means and deviations");
  if (std::any_of(input.deviations.begin(), input.deviations.end(), [](float x) { return x <= 0; }))
    refuse("'deviations' must be above 0");
  if (input.symbols.empty()) refuse("'symbols' is empty");
  if (std::adjacent_find(input.symbols.begin(), input.symbols.end(), std::greater_equal<>()) !=
      input.symbols.end())
    refuse("'symbols' must be sorted, and each be there once");
  try {
    LogMel check(input.mel);
  } catch (const Error& error) {
    refuse(error.what());
  }
  return input;
}

}  // namespace rondo::speech

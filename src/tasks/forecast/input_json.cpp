// A forecaster's preprocessing in its model file.
#include <array>
#include <cmath>
#include <limits>

#include "base/fields.h"
#include "base/json.h"
#include "base/message.h"
#include "tasks/forecast/input.h"

namespace rondo::forecast {
namespace {

const std::string where = "forecaster";
constexpr std::array<std::string_view, 4> unit_names = {"number", "milliseconds", "business_days", "months"};

const Json& member(const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key)) fail(ErrorKind::format, where + ": wanted " + quote(key));
  return json[key];
}

template <std::size_t count>
std::size_t choice(const Json& json, const std::array<std::string_view, count>& names) {
  for (std::size_t i = 0; i < count; ++i)
    if (json.is_string() && json.get<std::string>() == names[i]) return i;
  fail(ErrorKind::format, where + ": an unknown name");
}

std::int64_t whole(const Json& json, std::int64_t low, std::int64_t high) {
  if (!json.is_number_integer() || json.get<std::int64_t>() < low || json.get<std::int64_t>() > high)
    fail(ErrorKind::format, where + ": wanted a whole number within bounds");
  return json.get<std::int64_t>();
}

bool truth(const Json& json) {
  if (!json.is_boolean()) fail(ErrorKind::format, where + ": wanted true or false");
  return json.get<bool>();
}

std::string text(const Json& json) {
  if (!json.is_string()) fail(ErrorKind::format, where + ": wanted a text");
  return json.get<std::string>();
}

double finite(const Json& json) {
  const double value = number_from(json, where);
  if (!std::isfinite(value)) fail(ErrorKind::format, where + ": wanted a finite number");
  return value;
}

const Json& list(const Json& json) {
  if (!json.is_array()) fail(ErrorKind::format, where + ": wanted a list");
  return json;
}

Json json_of(const Scale& scale) {
  return {{"level", json_number(scale.level)}, {"spread", json_number(scale.spread)}, {"count", scale.count}};
}
Scale scale_from(const Json& json) {
  Scale scale{finite(member(json, "level")), finite(member(json, "spread")),
              whole(member(json, "count"), 0, std::int64_t{1} << 50)};
  if (scale.spread < 0) fail(ErrorKind::format, where + ": a spread below 0");
  return scale;
}

Json json_of(const std::vector<LearnedCovariate>& all) {
  Json json = Json::array();
  for (const LearnedCovariate& one : all)
    json.push_back({{"name", one.name},
                    {"known", one.role == Role::known},
                    {"category", one.category},
                    {"gaps", one.gaps},
                    {"scale", json_of(one.scale)},
                    {"words", one.words}});
  return json;
}
std::vector<LearnedCovariate> covariates_from(const Json& json, Role unless_known) {
  std::vector<LearnedCovariate> all;
  for (const Json& one : list(json)) {
    LearnedCovariate& to = all.emplace_back();
    to.name = text(member(one, "name"));
    to.role = truth(member(one, "known")) ? Role::known : unless_known;
    to.category = truth(member(one, "category"));
    to.gaps = truth(member(one, "gaps"));
    to.scale = scale_from(member(one, "scale"));
    for (const Json& word : list(member(one, "words")))
      to.words.push_back(text(word));
  }
  return all;
}

}  // namespace

std::string ForecastInput::to_json() const {
  Json all = Json::array();
  for (const SeriesScale& one : series)
    all.push_back({{"id", one.id},
                   {"scale", json_of(one.scale)},
                   {"lambda", json_number(one.lambda)},
                   {"season_error", json_number(one.season_error)}});
  return dump_json({{"lookback", lookback},
                    {"horizon", horizon},
                    {"segment", segment},
                    {"period", period},
                    {"mask", mask},
                    {"counts", counts},
                    {"calendar", calendar},
                    {"normalise", name_of(normalise)},
                    {"transform", name_of(transform)},
                    {"max_windows", max_windows},
                    {"unit", unit_names[static_cast<std::size_t>(frequency.unit)]},
                    {"step", frequency.step},
                    {"series", std::move(all)},
                    {"covariates", json_of(covariates)},
                    {"constants", json_of(constants)}});
}

ForecastInput ForecastInput::from_json(std::string_view bytes) {
  const Json json = parse_json(bytes, {.name = where, .size_cap = 400u << 20});
  const auto size = [&](const char* key) { return static_cast<int>(whole(member(json, key), 1, 1 << 20)); };
  ForecastInput input;
  input.lookback = size("lookback");
  input.horizon = size("horizon");
  input.segment = size("segment");
  input.period = size("period");
  input.mask = truth(member(json, "mask"));
  input.counts = truth(member(json, "counts"));
  input.calendar = truth(member(json, "calendar"));
  input.normalise = static_cast<Normalise>(choice(member(json, "normalise"), names_of(Normalise{})));
  input.transform = static_cast<Transform>(choice(member(json, "transform"), names_of(Transform{})));
  input.max_windows = static_cast<int>(whole(member(json, "max_windows"), 1, 1 << 30));
  input.frequency = {static_cast<StepUnit>(choice(member(json, "unit"), unit_names)),
                     whole(member(json, "step"), 1, std::int64_t{1} << 50)};
  for (const Json& one : list(member(json, "series"))) {
    SeriesScale& to = input.series.emplace_back();
    to.id = text(member(one, "id"));
    to.scale = scale_from(member(one, "scale"));
    to.lambda = finite(member(one, "lambda"));
    to.season_error = number_from(member(one, "season_error"), where);
  }
  if (input.series.empty()) fail(ErrorKind::format, where + ": wanted series");
  input.covariates = covariates_from(member(json, "covariates"), Role::past);
  input.constants = covariates_from(member(json, "constants"), Role::constant);
  return input;
}

}  // namespace rondo::forecast

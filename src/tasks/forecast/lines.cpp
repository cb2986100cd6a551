#include "tasks/forecast/lines.h"

#include <cmath>
#include <limits>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/model.h"

namespace rondo::forecast {
namespace {

std::vector<double> values_in(const std::string& line) {
  std::vector<double> values;
  constexpr std::string_view blanks = " \t,;\r";
  for (std::size_t at = line.find_first_not_of(blanks); at != line.npos;
       at = line.find_first_not_of(blanks, at)) {
    const std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
    const std::string_view word = std::string_view(line).substr(at, end - at);
    const std::optional<double> value = parse_number(word, {});
    if (!value && !is_missing(word))
      fail(ErrorKind::data,
           "wanted the last values of a series, such as '12 15.5 NA 11', got " + quote(word));
    values.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
    at = end;
  }
  return values;
}

/// A table of one series with such values.
SeriesPart part_of(const ForecastInput& input, std::vector<double> values) {
  auto frame = std::make_shared<Frame>();
  frame->name = "line";
  frame->frequency = input.frequency;
  frame->windows = {input.lookback, input.horizon};
  Series series;
  series.id = input.series.size() == 1 ? input.series.front().id : "";
  series.grid.frequency = input.frequency;
  series.covariates = std::make_shared<Covariates>();
  series.y = std::move(values);
  const std::int64_t steps = series.steps();
  frame->series.push_back(std::move(series));
  return {frame, 0, 0, steps};
}

Answer answer_of(const SeriesForecast& one, const std::vector<double>& levels) {
  const auto json_of = [](const std::vector<double>& values) {
    Json all = Json::array();
    for (const double value : values)
      all.push_back(std::isnan(value) ? Json() : json_number(value));
    return all;
  };
  Answer answer;
  for (const double value : one.point)
    answer.text += (answer.text.empty() ? "" : " ") + (std::isnan(value) ? "NA" : significant(value, 9));
  Json json = {{"forecast", json_of(one.point)}};
  for (std::size_t l = 0; l < one.low.size(); ++l) {
    json["lo-" + plain(levels[l])] = json_of(one.low[l]);
    json["hi-" + plain(levels[l])] = json_of(one.high[l]);
  }
  answer.json = dump_json(json);
  return answer;
}

}  // namespace

SeriesPart part_of_line(const ForecastInput& input, const std::string& line) {
  return part_of(input, values_in(line));
}

void check_lines(const ForecastModel& model) {
  const ForecastInput& input = model.input();
  if (!input.covariates.empty() || !input.constants.empty() || input.calendar)
    fail(ErrorKind::usage,
         "this model needs more than the values of a series; 'rondo forecast MODEL DATA' "
         "reads its columns and times from files");
}

std::vector<Answer> answers_of(const ForecastModel& model, std::span<const std::string> lines,
                               const std::vector<double>& levels) {
  check_lines(model);
  const std::vector<double> checked = checked_levels(model, levels);
  std::vector<SeriesPart> parts;
  std::vector<std::size_t> places;
  std::vector<Answer> answers(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<double> values = values_in(lines[i]);
    if (values.empty()) continue;
    parts.push_back(part_of(model.input(), std::move(values)));
    places.push_back(i);
  }
  const std::vector<SeriesForecast> all = forecasts_of(model, parts, {.levels = checked});
  for (std::size_t k = 0; k < all.size(); ++k)
    answers[places[k]] = answer_of(all[k], checked);
  return answers;
}

}  // namespace rondo::forecast

// A forecaster from inside: its forecast behind the values that it looked back at, and what its network does
// meanwhile.
#include "tasks/inspect/look.h"

#include <cmath>
#include <limits>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/application.h"
#include "tasks/forecast/lines.h"
#include "tasks/inspect/looks.h"

namespace rondo::forecast {
namespace {

constexpr double interval = 80;  // percent, where the model has intervals

/// The window that is looked at.
struct View {
  const ForecastModel& model;
  std::vector<PreparedSeries> series;
  Window window;
  WindowBatch batch;
};

/// The network of drawn forecasts is told each true value before the next, so its window ends where the
/// values do.
View view_of(const ForecastModel& model, const SeriesPart& part) {
  const ForecastInput& input = model.input();
  const std::int64_t steps = part.of().steps(), ahead = model->draws() ? input.horizon : 0;
  if (steps <= ahead)
    fail(ErrorKind::data,
         "inspect: wanted more than " + std::to_string(ahead) + " values, got " + std::to_string(steps));
  View view{model, input.prepare({part}, input.horizon), {0, steps - ahead}, {}};
  view.batch = input.pack(view.series, std::span(&view.window, 1));
  return view;
}

/// Steps before the forecast, as the encoder reads them.
std::vector<std::string> names_of_segments(const ForecastInput& input) {
  std::vector<std::string> names;
  const int all = input.segments() * input.segment;
  for (int first = -all; first < 0; first += input.segment)
    names.push_back(input.segment == 1
                        ? std::to_string(first)
                        : std::to_string(first) + "…" + std::to_string(first + input.segment - 1));
  return names;
}

/// The mean of what the network says is the middle, over the horizon: in units of the training part's spread,
/// from the last value where that is taken off.
Var middle_of(const ForecastModel& model, const WindowBatch& batch) {
  const Var raw = model->numbers(batch);
  const std::int64_t parameters = model->head().parameters();
  std::vector<Var> columns;
  for (std::int64_t step = 0; step < model->segment(); ++step) {
    const std::int64_t at = step * parameters + model->head().middle();
    columns.push_back(slice_columns(raw, at, at + 1));
  }
  return mean(concat(columns));
}

/// The number with the values of each segment put to where zero is.
std::vector<double> without_segments(const View& view) {
  const InferenceMode constant;
  std::vector<double> all;
  const auto size = static_cast<std::size_t>(view.batch.segments.columns());
  for (std::size_t i = 0; i < static_cast<std::size_t>(view.model.input().segments()); ++i) {
    WindowBatch edited = view.batch;
    edited.segments = view.batch.segments.clone();
    const auto numbers = edited.segments.data<float>().subspan(i * size, size);
    std::fill(numbers.begin(), numbers.end(), 0.0F);
    all.push_back(static_cast<double>(middle_of(view.model, edited).item()));
  }
  return all;
}

/// The past, then the forecast; NaN where a curve is not.
inspect::Curves picture_of(const View& view) {
  const ForecastInput& input = view.model.input();
  const bool wide = view.model->head().widest() >= interval || view.model->conformal().defined();
  const std::vector<double> levels = quantile_levels(wide ? std::vector{interval} : std::vector<double>());
  const auto lookback = static_cast<std::size_t>(input.lookback),
             horizon = static_cast<std::size_t>(input.horizon);
  std::vector<std::vector<float>> ahead(levels.size(), std::vector<float>(lookback, NAN));
  forecast_windows(view.model, view.series, std::span(&view.window, 1), levels,
                   [&](std::size_t, std::span<const double> values) {
                     for (std::size_t l = 0; l < levels.size(); ++l)
                       for (std::size_t t = 0; t < horizon; ++t)
                         ahead[l].push_back(static_cast<float>(values[l * horizon + t]));
                   });
  std::vector<float> past;
  const std::vector<double>& y = view.series.front().part.of().y;
  for (std::int64_t step = view.window.origin - input.lookback; step < view.window.origin + input.horizon;
       ++step)
    past.push_back(step >= 0 && step < static_cast<std::int64_t>(y.size())
                       ? static_cast<float>(y[static_cast<std::size_t>(step)])
                       : NAN);
  report::Lines lines{.title = {"Forecast", "预测"}, .x_title = {"step", "时间步"}, .lines = {}};
  lines.lines.emplace_back(Words{"values", "实际值"}, std::move(past));
  const std::string percent = plain(interval) + " %";
  if (wide)
    lines.lines.emplace_back(Words{"lower end, " + percent, percent + " 区间下限"}, std::move(ahead.front()));
  lines.lines.emplace_back(Words{"forecast", "预测值"}, std::move(ahead[levels.size() / 2]));
  if (wide)
    lines.lines.emplace_back(Words{"upper end, " + percent, percent + " 区间上限"}, std::move(ahead.back()));
  return {"forecast", std::move(lines)};
}

std::vector<inspect::Section> look(const TrainedForecaster& trained, const SeriesPart& part) {
  const View view = view_of(trained.model(), part);
  const inspect::Subject subject{.tokens = names_of_segments(view.model.input()),
                                 .value = {"mean of the forecast, scaled", "预测均值（标准化后）"},
                                 .score = [&] { return middle_of(view.model, view.batch); },
                                 .without = without_segments(view)};
  std::vector<inspect::Section> sections = {{{"Forecast", "预测"}, {picture_of(view)}}};
  for (inspect::Section& section : inspect::look_into(subject, view.model.weights()))
    sections.push_back(std::move(section));
  return sections;
}

}  // namespace

std::vector<inspect::Section> look(const TrainedForecaster& model, std::string_view line, std::size_t) {
  check_lines(model.model());
  const SeriesPart part = part_of_line(model.model().input(), std::string(line));
  if (part.of().steps() == 0) fail(ErrorKind::data, "inspect: wanted the last values of a series, got none");
  return look(model, part);
}

std::vector<inspect::Section> look(const TrainedForecaster& model, const Dataset& examples,
                                   std::size_t number) {
  return look(model, parts_in(examples).at(number));
}

std::string example_line(const Dataset& examples, std::size_t number) {
  const std::string& id = parts_in(examples).at(number).of().id;
  return id.empty() ? std::to_string(number + 1) : id;
}

}  // namespace rondo::forecast

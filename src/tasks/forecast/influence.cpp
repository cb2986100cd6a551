#include "tasks/forecast/influence.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "tasks/forecast/comparison.h"

namespace rondo::forecast {
namespace {

constexpr std::size_t windows_asked = 1000, most_covariates = 50;

/// Where a covariate's numbers stand in the features of a step, and in those of a step to come or of a
/// series.
struct Columns {
  std::string name;
  std::size_t past = 0, past_count = 0, future = 0, future_count = 0, constant = 0, constant_count = 0;
};

std::vector<Columns> columns_of(const ForecastInput& input) {
  constexpr std::size_t of_calendar = 6;
  std::vector<Columns> all;
  std::size_t past = 0, future = 0, constant = 0;
  if (input.calendar) {
    all.push_back({.name = "calendar", .past_count = of_calendar, .future_count = of_calendar});
    past = future = of_calendar;
  }
  // The feature that says whether a value is there stays.
  const auto values = [](const LearnedCovariate& c) { return c.category ? c.words.size() : std::size_t{1}; };
  const auto size = [&](const LearnedCovariate& c) { return values(c) + (c.gaps ? 1 : 0); };
  for (const LearnedCovariate& c : input.covariates) {
    Columns columns{.name = c.name, .past = past, .past_count = values(c)};
    past += size(c);
    if (c.role == Role::known) {
      columns.future = future;
      columns.future_count = values(c);
      future += size(c);
    }
    all.push_back(columns);
  }
  for (const LearnedCovariate& c : input.constants) {
    all.push_back({.name = c.name, .constant = constant, .constant_count = values(c)});
    constant += size(c);
  }
  if (all.size() > most_covariates) all.resize(most_covariates);
  return all;
}

/// Features of steps without some columns; series that share theirs still do.
class Without {
 public:
  using Rows = std::shared_ptr<const std::vector<float>>;
  Without(std::size_t width, std::size_t first, std::size_t count)
      : width_(width), first_(first), count_(count) {}

  Rows of(const Rows& rows) {
    if (!rows || count_ == 0) return rows;
    Rows& made = made_[rows.get()];
    if (made) return made;
    auto copy = std::make_shared<std::vector<float>>(*rows);
    for (std::size_t at = first_; at + count_ <= copy->size(); at += width_)
      std::fill_n(copy->begin() + static_cast<std::ptrdiff_t>(at), count_, 0.0F);
    return made = copy;
  }

 private:
  std::size_t width_, first_, count_;
  std::map<const std::vector<float>*, Rows> made_;
};

std::vector<PreparedSeries> without(std::vector<PreparedSeries> series, const ForecastInput& input,
                                    const Columns& columns) {
  const auto own = static_cast<std::size_t>(input.past_features() - (input.mask ? 1 : 0));
  Without past(own, columns.past, columns.past_count),
      future(static_cast<std::size_t>(input.future_features()), columns.future, columns.future_count);
  for (PreparedSeries& one : series) {
    one.past = past.of(one.past);
    one.future = future.of(one.future);
    if (columns.constant_count > 0)
      std::fill_n(one.constants.begin() + static_cast<std::ptrdiff_t>(columns.constant),
                  columns.constant_count, 0.0F);
  }
  return series;
}

double error_of(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                std::span<const Window> windows) {
  const std::vector<double> median = {0.5};
  double sum = 0, count = 0;
  forecast_windows(model, series, windows, median, [&](std::size_t i, std::span<const double> values) {
    const PreparedSeries& one = series[static_cast<std::size_t>(windows[i].series)];
    const std::vector<double> z = scaled(one, model.input(), values);
    for (std::size_t t = 0; t < z.size(); ++t) {
      const std::int64_t step = windows[i].origin + static_cast<std::int64_t>(t);
      if (step >= one.part.end) break;
      const double error = z[t] - static_cast<double>(one.z[static_cast<std::size_t>(step)]);
      if (std::isnan(error)) continue;
      sum += std::abs(error);
      ++count;
    }
  });
  return count > 0 ? sum / count : undefined;
}

}  // namespace

Influences influences_of(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                         std::span<const Window> windows) {
  const std::vector<Columns> all = columns_of(model.input());
  Influences influences;
  if (all.empty() || windows.empty()) return influences;
  std::vector<Window> some;
  for (std::size_t i = 0; i < windows.size(); i += (windows.size() + windows_asked - 1) / windows_asked)
    some.push_back(windows[i]);
  influences.mae = error_of(model, series, some);
  for (const Columns& columns : all)
    influences.without.push_back(
        {columns.name, error_of(model, without(series, model.input(), columns), some)});
  return influences;
}

}  // namespace rondo::forecast

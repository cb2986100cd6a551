// Windows of series as batches.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <set>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/input.h"

namespace rondo::forecast {
namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

/// Hour of the day, day of the week and time of the year, each as a point on a circle (sine, cosine).
void add_calendar(std::int64_t ms, std::vector<float>& to) {
  const std::int64_t days = day_of(ms);
  const double of_day = static_cast<double>(ms - days * ms_of_day) / static_cast<double>(ms_of_day);
  const Date date = date_of(days);
  const std::int64_t new_year = days_of({date.year, 1, 1}).value_or(days);
  const double of_year = static_cast<double>(days - new_year) / 365.2425;
  for (const double turn : {of_day, (static_cast<double>(weekday_of(days)) + of_day) / 7, of_year}) {
    to.push_back(static_cast<float>(std::sin(2 * std::numbers::pi * turn)));
    to.push_back(static_cast<float>(std::cos(2 * std::numbers::pi * turn)));
  }
}

/// The class that each word of a frame is; -1: none that was learned.
std::vector<int> classes_of(const Covariate& covariate, const LearnedCovariate& learned) {
  std::vector<int> classes;
  for (const std::string& word : covariate.words) {
    const auto found = std::lower_bound(learned.words.begin(), learned.words.end(), word);
    classes.push_back(found != learned.words.end() && *found == word
                          ? static_cast<int>(found - learned.words.begin())
                          : -1);
  }
  return classes;
}

void add_value(const LearnedCovariate& learned, const std::vector<int>& classes, float value,
               std::vector<float>& to) {
  const bool there = !std::isnan(value);
  if (learned.category) {
    const int own = there ? classes[static_cast<std::size_t>(value)] : -1;
    for (int c = 0; c < static_cast<int>(learned.words.size()); ++c)
      to.push_back(c == own ? 1.0F : 0.0F);
  } else {
    to.push_back(there ? static_cast<float>((static_cast<double>(value) - learned.scale.level) /
                                            learned.scale.divisor())
                       : 0.0F);
  }
  if (learned.gaps) to.push_back(there ? 1.0F : 0.0F);
}

/// Makes the features of steps; columns of one table share them.
class Features {
 public:
  Features(const ForecastInput& input, const Frame& frame) : input_(input) {
    for (const LearnedCovariate& learned : input.covariates) {
      const auto found = std::find_if(frame.covariates.begin(), frame.covariates.end(),
                                      [&](const Covariate& c) { return c.name == learned.name; });
      if (found == frame.covariates.end())
        fail(ErrorKind::data,
             frame.name + ": no column " + quote(learned.name) + ", which the model learned from");
      columns_.push_back(static_cast<std::size_t>(found - frame.covariates.begin()));
      classes_.push_back(classes_of(*found, learned));
    }
  }

  void make(const Series& series, std::int64_t steps, PreparedSeries& to) {
    if (!input_.calendar && columns_.empty()) return;
    auto& made = made_[{series.covariates.get(), series.grid.start, steps}];
    if (!made.first) {
      auto past = std::make_shared<std::vector<float>>(), future = std::make_shared<std::vector<float>>();
      for (std::int64_t t = 0; t < steps; ++t)
        add_step(series, t, *past, *future);
      made = {past, future};
    }
    to.past = made.first;
    to.future = made.second;
  }

 private:
  void add_step(const Series& series, std::int64_t t, std::vector<float>& past, std::vector<float>& future) {
    if (input_.calendar) {
      const std::size_t begin = past.size();
      add_calendar(series.grid.time(t), past);
      future.insert(future.end(), past.begin() + static_cast<std::ptrdiff_t>(begin), past.end());
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::vector<float>& column = (*series.covariates)[columns_[c]];
      const auto at = static_cast<std::size_t>(t);
      const float value = at < column.size() ? column[at] : missing;
      add_value(input_.covariates[c], classes_[c], value, past);
      if (input_.covariates[c].role == Role::known)
        add_value(input_.covariates[c], classes_[c], value, future);
    }
  }

  const ForecastInput& input_;
  std::vector<std::size_t> columns_;
  std::vector<std::vector<int>> classes_;
  std::map<std::tuple<const Covariates*, std::int64_t, std::int64_t>,
           std::pair<std::shared_ptr<std::vector<float>>, std::shared_ptr<std::vector<float>>>>
      made_;
};

std::vector<float> constants_of(const ForecastInput& input, const Frame& frame, const Series& series) {
  std::vector<float> all;
  for (const LearnedCovariate& learned : input.constants) {
    const auto found = std::find_if(frame.constants.begin(), frame.constants.end(),
                                    [&](const Covariate& c) { return c.name == learned.name; });
    if (found == frame.constants.end())
      fail(ErrorKind::data,
           frame.name + ": no column " + quote(learned.name) + ", which the model learned from");
    const float value = series.constants[static_cast<std::size_t>(found - frame.constants.begin())];
    add_value(learned, classes_of(*found, learned), value, all);
  }
  return all;
}

/// The scale of a series that was not learned from: of the rows before the part, else of its own.
SeriesScale own_scale(const SeriesPart& part, const ForecastInput& input) {
  const auto end = static_cast<std::size_t>(part.begin >= 2 ? part.begin : part.end);
  std::vector<double> values(part.of().y.begin(), part.of().y.begin() + static_cast<std::ptrdiff_t>(end));
  SeriesScale own{.id = part.of().id, .scale = {}};
  own.season_error = season_error(values, input.period).first;
  if (input.transform == Transform::box_cox) own.lambda = box_cox_lambda(values);
  for (double& value : values)
    value = transformed(value, input.transform, own.lambda);
  own.scale = scale_of(values);
  return own;
}

/// Fills one row of a batch.
class Packer {
 public:
  Packer(const ForecastInput& input, WindowBatch& to, std::int64_t rows)
      : input_(input),
        to_(to),
        rows_(rows),
        features_(1 + input.past_features()),
        future_features_(input.future_features()) {
    const auto tensor = [](Shape shape) { return Tensor::zeros(std::move(shape)); };
    to.segments = tensor({input.segments() * rows, std::int64_t{input.segment} * features_});
    if (future_features_ > 0)
      to.future = tensor({input.future_segments() * rows, std::int64_t{input.segment} * future_features_});
    if (input.constant_features() > 0) to.constants = tensor({rows, input.constant_features()});
    to.ids = Tensor::zeros({rows}, DType::i32);
    to.targets = tensor({rows, input.horizon});
    to.shift = tensor({rows});
    to.scale = tensor({rows});
    if (input.counts) {
      to.counts = tensor({rows, input.horizon});
      to.size = tensor({rows});
    }
  }

  void add(std::int64_t row, const PreparedSeries& series, std::int64_t origin) {
    const auto r = static_cast<std::size_t>(row);
    to_.ids.data<std::int32_t>()[r] = series.known;
    if (!to_.constants.empty())
      std::copy(
          series.constants.begin(), series.constants.end(),
          to_.constants.data<float>().begin() + static_cast<std::ptrdiff_t>(r * series.constants.size()));
    const auto [shift, scale] = normal_of(series, origin);
    to_.shift.data<float>()[r] = shift;
    to_.scale.data<float>()[r] = scale;
    add_past(row, series, origin, shift, scale);
    add_future(row, series, origin);
    add_targets(r, series, origin, shift, scale);
  }

 private:
  float z_at(const PreparedSeries& series, std::int64_t step) const {
    return step >= 0 && step < static_cast<std::int64_t>(series.z.size())
               ? series.z[static_cast<std::size_t>(step)]
               : missing;
  }

  std::pair<float, float> normal_of(const PreparedSeries& series, std::int64_t origin) const {
    if (input_.normalise == Normalise::none) return {0, 1};
    double sum = 0, squares = 0, count = 0;
    for (std::int64_t t = origin - 1; t >= std::max<std::int64_t>(0, origin - input_.lookback); --t) {
      const float z = z_at(series, t);
      if (std::isnan(z)) continue;
      if (input_.normalise == Normalise::last) return {z, 1};
      sum += static_cast<double>(z);
      squares += static_cast<double>(z) * static_cast<double>(z);
      ++count;
    }
    if (count == 0) return {0, 1};
    const double mean = sum / count, spread = std::sqrt(std::max(0.0, squares / count - mean * mean));
    const bool scales = input_.normalise == Normalise::standard && spread > 1e-4;
    return {static_cast<float>(mean), scales ? static_cast<float>(spread) : 1.0F};
  }

  void add_past(std::int64_t row, const PreparedSeries& series, std::int64_t origin, float shift,
                float scale) {
    const std::int64_t all = std::int64_t{input_.segments()} * input_.segment;
    const int own = features_ - 1 - (input_.mask ? 1 : 0);
    for (std::int64_t i = 0; i < all; ++i) {
      const std::int64_t step = origin - all + i, segment = i / input_.segment;
      float* cell = to_.segments.data<float>().data() + (segment * rows_ + row) * input_.segment * features_ +
                    (i % input_.segment) * features_;
      const float z = i < all - input_.lookback ? missing : z_at(series, step);
      cell[0] = std::isnan(z) ? 0.0F : (z - shift) / scale;
      if (input_.mask) cell[1] = std::isnan(z) ? 0.0F : 1.0F;
      if (own > 0 && step >= 0) copy_features(*series.past, step, own, cell + features_ - own);
    }
  }

  static void copy_features(const std::vector<float>& from, std::int64_t step, int count, float* to) {
    const auto begin = static_cast<std::size_t>(step) * static_cast<std::size_t>(count);
    if (begin + static_cast<std::size_t>(count) <= from.size())
      std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(begin), count, to);
  }

  void add_future(std::int64_t row, const PreparedSeries& series, std::int64_t origin) {
    if (future_features_ == 0) return;
    for (std::int64_t i = 0; i < input_.horizon; ++i)
      copy_features(*series.future, origin + i, future_features_,
                    to_.future.data<float>().data() +
                        ((i / input_.segment) * rows_ + row) * input_.segment * future_features_ +
                        (i % input_.segment) * future_features_);
  }

  void add_targets(std::size_t r, const PreparedSeries& series, std::int64_t origin, float shift,
                   float scale) {
    const auto horizon = static_cast<std::size_t>(input_.horizon);
    for (std::size_t i = 0; i < horizon; ++i) {
      const std::int64_t step = origin + static_cast<std::int64_t>(i);
      const float z = step < series.part.end ? z_at(series, step) : missing;
      to_.targets.data<float>()[r * horizon + i] = (z - shift) / scale;
      if (input_.counts)
        to_.counts.data<float>()[r * horizon + i] =
            std::isnan(z) ? missing : static_cast<float>(series.part.of().y[static_cast<std::size_t>(step)]);
    }
    if (!input_.counts) return;
    double sum = 0, count = 0;
    for (std::int64_t t = std::max<std::int64_t>(0, origin - input_.lookback); t < origin; ++t) {
      if (t >= series.part.of().steps()) continue;
      const double y = series.part.of().y[static_cast<std::size_t>(t)];
      if (std::isnan(y)) continue;
      sum += std::max(0.0, y);
      ++count;
    }
    to_.size.data<float>()[r] = static_cast<float>(1 + (count > 0 ? sum / count : 0));
  }

  const ForecastInput& input_;
  WindowBatch& to_;
  std::int64_t rows_;
  int features_, future_features_;
};

}  // namespace

WindowBatch PreparedWindows::batch(std::span<const std::size_t> examples, std::int64_t) const {
  std::vector<Window> chosen;
  for (const std::size_t i : examples)
    chosen.push_back(windows[i]);
  return input.pack(series, chosen);
}

WindowBatch WindowBatch::to(DType type) const {
  WindowBatch other = *this;
  for (Tensor* const tensor : {&other.segments, &other.future, &other.constants, &other.targets, &other.shift,
                               &other.scale, &other.counts, &other.size})
    if (!tensor->empty()) *tensor = tensor->to(type);
  return other;
}

std::vector<PreparedSeries> ForecastInput::prepare(const std::vector<SeriesPart>& parts,
                                                   std::int64_t ahead) const {
  std::unordered_map<std::string, std::int32_t> numbers;
  for (std::size_t i = 0; i < series.size(); ++i)
    numbers.emplace(series[i].id, static_cast<std::int32_t>(i + 1));
  std::vector<PreparedSeries> all;
  std::map<const Frame*, Features> features;
  for (const SeriesPart& part : parts) {
    const Frame& frame = *part.frame;
    if (frame.frequency != frequency)
      fail(ErrorKind::data, frame.name + ": is " + in_words(frame.frequency) + ", the model of " +
                                in_words(frequency) + " series");
    PreparedSeries& to = all.emplace_back();
    to.part = part;
    const auto found = numbers.find(part.of().id);
    to.known = found == numbers.end() ? 0 : found->second;
    to.scale = to.known > 0 ? series[static_cast<std::size_t>(to.known - 1)] : own_scale(part, *this);
    for (const double y : part.of().y)
      to.z.push_back(static_cast<float>((transformed(y, transform, to.scale.lambda) - to.scale.scale.level) /
                                        to.scale.scale.divisor()));
    to.constants = constants_of(*this, frame, part.of());
    features.try_emplace(&frame, *this, frame).first->second.make(part.of(), part.of().steps() + ahead, to);
  }
  return all;
}

std::vector<Window> ForecastInput::windows(const std::vector<PreparedSeries>& from, bool every) const {
  const auto collect = [&](std::int64_t targets) {
    std::vector<Window> all;
    std::int64_t count = 0;
    const auto range = [&](const PreparedSeries& one) {
      const std::int64_t first = std::max<std::int64_t>(one.part.begin, lookback);
      return std::pair(first, one.part.end - targets + 1);
    };
    for (const PreparedSeries& one : from)
      count += std::max<std::int64_t>(0, range(one).second - range(one).first);
    const std::int64_t stride = every ? 1 : (count + max_windows - 1) / max_windows;
    std::int64_t number = 0;
    for (std::size_t s = 0; s < from.size(); ++s)
      for (auto [origin, end] = range(from[s]); origin < end; ++origin)
        if (number++ % stride == 0) all.push_back({static_cast<std::int32_t>(s), origin});
    return all;
  };
  std::vector<Window> all = collect(horizon);
  if (all.empty()) all = collect(1);
  std::erase_if(all, [&](const Window& window) {
    const PreparedSeries& one = from[static_cast<std::size_t>(window.series)];
    const auto there = [&](std::int64_t begin, std::int64_t end) {
      return std::any_of(one.z.begin() + begin, one.z.begin() + end, [](float z) { return !std::isnan(z); });
    };
    return !there(window.origin - lookback, window.origin) ||
           !there(window.origin, std::min(one.part.end, window.origin + horizon));
  });
  return all;
}

WindowBatch ForecastInput::pack(const std::vector<PreparedSeries>& from,
                                std::span<const Window> chosen) const {
  WindowBatch batch;
  Packer packer(*this, batch, static_cast<std::int64_t>(chosen.size()));
  for (std::size_t i = 0; i < chosen.size(); ++i)
    packer.add(static_cast<std::int64_t>(i), from[static_cast<std::size_t>(chosen[i].series)],
               chosen[i].origin);
  batch.windows.assign(chosen.begin(), chosen.end());
  return batch;
}

WindowBatches ForecastInput::batches(const Dataset& parts, data::BatchOptions options,
                                     std::uint64_t seed) const {
  auto all = std::make_shared<PreparedWindows>();
  all->input = *this;
  all->series = prepare(parts_in(parts));
  all->windows = windows(all->series);
  data::BatchPlan plan(std::vector<std::int32_t>(all->windows.size(), 1), options, seed);
  return {std::move(all), std::move(plan)};
}

}  // namespace rondo::forecast

// What is learned of the training part: scalers, classes, the season.
#include "tasks/forecast/input.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "base/message.h"
#include "base/shown.h"

namespace rondo::forecast {
namespace {

constexpr std::size_t most_classes = 16;

std::span<const double> seen(const SeriesPart& part) {
  return std::span(part.of().y)
      .subspan(static_cast<std::size_t>(part.begin), static_cast<std::size_t>(part.end - part.begin));
}

/// Values that a logarithm does not take, of all series in one message.
void check_transform(const std::vector<SeriesPart>& train, Transform transform) {
  if (transform == Transform::none) return;
  std::vector<std::string> bad;
  std::size_t count = 0;
  bool below = false;
  for (const SeriesPart& part : train) {
    for (std::int64_t t = part.begin; t < part.end; ++t) {
      const double y = part.of().y[static_cast<std::size_t>(t)];
      if (std::isnan(y) || !std::isnan(transformed(y, transform, 1))) continue;
      if (++count <= 5)
        bad.push_back(part.of().id + " (" + to_text(part.of().grid.time(t), part.frame->style) + ", " +
                      plain(y) + ")");
      break;
    }
    for (const double y : seen(part))
      below = below || y <= -1;
  }
  if (count == 0) return;
  if (count > bad.size()) bad.push_back(std::to_string(count - bad.size()) + " more");
  const bool log1p = transform == Transform::log1p;
  fail(ErrorKind::data, "transform " + std::string(name_of(transform)) + " takes values above " +
                            (log1p ? "-1" : "0") + "; not so: " + enumerate(bad, "and") + "; " +
                            (log1p || below ? "--transform none works"
                                            : "--transform log1p takes zeros, --transform none all"));
}

SeriesScale learn_scale(const SeriesPart& part, Transform transform, int period) {
  SeriesScale learned{.id = part.of().id, .scale = {}};
  std::vector<double> values(seen(part).begin(), seen(part).end());
  learned.season_error = season_error(values, period).first;
  if (transform == Transform::box_cox) learned.lambda = box_cox_lambda(values);
  for (double& value : values)
    value = transformed(value, transform, learned.lambda);
  learned.scale = scale_of(values);
  return learned;
}

/// The words of the training rows, the commonest if they are many.
std::vector<std::string> learn_words(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::pair<std::string, std::size_t>> all(counts.begin(), counts.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (all.size() > most_classes) all.resize(most_classes);
  std::vector<std::string> words;
  for (const auto& [word, count] : all)
    words.push_back(word);
  std::sort(words.begin(), words.end());
  return words;
}

LearnedCovariate start_of(const Covariate& covariate) {
  LearnedCovariate learned;
  learned.name = covariate.name;
  learned.role = covariate.role;
  learned.category = covariate.category;
  return learned;
}

/// A covariate of steps, from the rows of the training part.
LearnedCovariate learn_covariate(const std::vector<SeriesPart>& train, std::size_t number) {
  const Covariate& covariate = train.front().frame->covariates[number];
  LearnedCovariate learned = start_of(covariate);
  std::vector<double> values;
  std::map<std::string, std::size_t> words;
  std::set<std::pair<const Covariates*, std::int64_t>> done;  // columns of a table share theirs
  for (const SeriesPart& part : train) {
    if (!done.emplace(part.of().covariates.get(), part.end).second) continue;
    const std::vector<float>& column = (*part.of().covariates)[number];
    for (std::int64_t t = part.begin; t < part.end; ++t) {
      const float value = column[static_cast<std::size_t>(t)];
      if (std::isnan(value)) {
        learned.gaps = true;
      } else if (covariate.category) {
        ++words[part.frame->covariates[number].words[static_cast<std::size_t>(value)]];
      } else {
        values.push_back(static_cast<double>(value));
      }
    }
  }
  learned.scale = scale_of(values);
  learned.words = learn_words(words);
  return learned;
}

LearnedCovariate learn_constant(const std::vector<SeriesPart>& train, std::size_t number) {
  const Covariate& covariate = train.front().frame->constants[number];
  LearnedCovariate learned = start_of(covariate);
  std::vector<double> values;
  std::map<std::string, std::size_t> words;
  for (const SeriesPart& part : train) {
    const float value = part.of().constants[number];
    if (std::isnan(value))
      learned.gaps = true;
    else if (covariate.category)
      ++words[part.frame->constants[number].words[static_cast<std::size_t>(value)]];
    else
      values.push_back(static_cast<double>(value));
  }
  learned.scale = scale_of(values);
  learned.words = learn_words(words);
  return learned;
}

int features_of(const LearnedCovariate& learned) {
  return (learned.category ? static_cast<int>(learned.words.size()) : 1) + (learned.gaps ? 1 : 0);
}

}  // namespace

std::pair<double, std::int64_t> season_error(std::span<const double> y, std::int64_t period) {
  double sum = 0;
  std::int64_t count = 0;
  for (std::size_t t = static_cast<std::size_t>(period); t < y.size(); ++t) {
    const double difference = y[t] - y[t - static_cast<std::size_t>(period)];
    if (std::isnan(difference)) continue;
    sum += std::abs(difference);
    ++count;
  }
  return {count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN(), count};
}

bool is_seasonal(std::span<const double> y, int period) {
  const Scale scale = scale_of(y);
  const auto n = static_cast<std::size_t>(y.size());
  if (scale.spread <= 0 || n < 3 * static_cast<std::size_t>(period)) return false;
  const auto correlation = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t t = lag; t < n; ++t)
      if (!std::isnan(y[t]) && !std::isnan(y[t - lag]))
        sum += (y[t] - scale.level) * (y[t - lag] - scale.level);
    return sum / (static_cast<double>(scale.count) * scale.spread * scale.spread);
  };
  double squares = 0;
  for (std::size_t lag = 1; lag < static_cast<std::size_t>(period); ++lag)
    squares += correlation(lag) * correlation(lag);
  const double limit = 1.645 * std::sqrt((1 + 2 * squares) / static_cast<double>(scale.count));
  return correlation(static_cast<std::size_t>(period)) > limit;
}

int find_period(const std::vector<SeriesPart>& train) {
  if (train.empty()) return 1;
  const int period = usual_period(train.front().frame->frequency);
  if (period < 2) return 1;
  constexpr std::size_t most = 50;  // more say nothing new
  std::size_t seasonal = 0, asked = 0;
  for (std::size_t i = 0; i < train.size(); i += std::max<std::size_t>(1, train.size() / most)) {
    std::span<const double> y = seen(train[i]);
    y = y.last(std::min<std::size_t>(y.size(), 20'000));
    ++asked;
    seasonal += is_seasonal(y, period) ? 1 : 0;
  }
  return 2 * seasonal > asked ? period : 1;
}

int ForecastInput::past_features() const {
  int count = mask ? 1 : 0;
  if (calendar) count += 6;
  for (const LearnedCovariate& learned : covariates)
    count += features_of(learned);
  return count;
}

int ForecastInput::future_features() const {
  int count = calendar ? 6 : 0;
  for (const LearnedCovariate& learned : covariates)
    if (learned.role == Role::known) count += features_of(learned);
  return count;
}

int ForecastInput::constant_features() const {
  int count = 0;
  for (const LearnedCovariate& learned : constants)
    count += features_of(learned);
  return count;
}

ForecastInput ForecastInput::learn(const Dataset& train, const ForecasterOptions& planned) {
  const std::vector<SeriesPart> parts = parts_in(train);
  if (parts.empty()) fail(ErrorKind::data, "a forecaster learns from series, and there are none");
  const Frame& frame = *parts.front().frame;
  ForecastInput input;
  const NetworkOptions& o = planned.network;
  input.lookback = frame.windows.lookback;
  input.horizon = frame.windows.horizon;
  input.segment = o.network == Network::segrnn ? std::max(1, o.segment) : 1;
  input.period = std::max(1, o.period);
  input.counts = o.head == Head::negative_binomial;
  input.calendar = o.calendar && frame.frequency.unit != StepUnit::number;
  input.normalise = o.normalise;
  input.transform = o.transform;
  input.max_windows = o.max_windows;
  input.frequency = frame.frequency;
  check_transform(parts, o.transform);
  for (const SeriesPart& part : parts) {
    input.series.push_back(learn_scale(part, o.transform, input.period));
    for (const double y : seen(part))
      input.mask = input.mask || std::isnan(y);
  }
  for (std::size_t c = 0; c < frame.covariates.size(); ++c)
    input.covariates.push_back(learn_covariate(parts, c));
  for (std::size_t c = 0; c < frame.constants.size(); ++c)
    input.constants.push_back(learn_constant(parts, c));
  return input;
}

}  // namespace rondo::forecast

// What a forecaster's open options become.
#include <algorithm>
#include <cmath>
#include <functional>
#include <variant>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/model.h"
#include "tasks/options/training.h"

namespace rondo::forecast {
namespace {

using Because = std::function<void(const std::string&)>;

/// Windows to learn from, as ForecastInput::windows counts them; some may have no value.
std::int64_t windows_in(const std::vector<SeriesPart>& parts) {
  std::int64_t full = 0, cut = 0;
  for (const SeriesPart& part : parts) {
    const WindowOptions& windows = part.frame->windows;
    const std::int64_t room = part.end - std::max<std::int64_t>(part.begin, windows.lookback);
    full += std::max<std::int64_t>(0, room - windows.horizon + 1);
    cut += std::max<std::int64_t>(0, room);
  }
  return full > 0 ? full : cut;
}

void check_counts(const std::vector<SeriesPart>& train, const NetworkOptions& o) {
  if (o.head != Head::negative_binomial) return;
  if (o.transform != Transform::none)
    fail(ErrorKind::option, "transform: counts (head negative_binomial) are not transformed; wanted none");
  for (const SeriesPart& part : train)
    for (std::int64_t t = part.begin; t < part.end; ++t)
      if (const double y = part.of().y[static_cast<std::size_t>(t)]; y < 0)
        fail(ErrorKind::data, part.of().id + ": " + to_text(part.of().grid.time(t), part.frame->style) +
                                  ": the head negative_binomial is for counts, got " + plain(y) +
                                  "; --head quantiles takes any number");
}

/// Says which words of a column of classes no training row has.
void say_unknown_words(const std::vector<SeriesPart>& train, const Because& because) {
  const Frame& frame = *train.front().frame;
  for (std::size_t c = 0; c < frame.covariates.size(); ++c) {
    const Covariate& covariate = frame.covariates[c];
    std::vector<bool> seen(covariate.words.size());
    for (const SeriesPart& part : train)
      for (std::int64_t t = part.begin; covariate.category && t < part.end; ++t) {
        const float word = (*part.of().covariates)[c][static_cast<std::size_t>(t)];
        if (!std::isnan(word)) seen[static_cast<std::size_t>(word)] = true;
      }
    std::vector<std::string> unknown;
    for (std::size_t w = 0; w < seen.size() && unknown.size() < 5; ++w)
      if (!seen[w]) unknown.push_back(quote(covariate.words[w]));
    if (!unknown.empty())
      because("column " + quote(covariate.name) + ": " + enumerate(unknown, "and") +
              " occurs in no training row, and is an unknown class where it does");
  }
}

void plan_network(NetworkOptions& o, const std::vector<SeriesPart>& train, const Because& because) {
  const WindowOptions& windows = train.front().frame->windows;
  const std::string ahead = "horizon " + std::to_string(windows.horizon);
  if (o.segment == 0) {
    o.segment = o.network == Network::segrnn
                    ? std::clamp((windows.horizon + 3) / 4, 1, std::min(48, windows.lookback))
                    : 1;
    if (o.network == Network::segrnn) because("segment = " + std::to_string(o.segment) + ": " + ahead);
  }
  if (o.network != Network::segrnn && o.segment != 1)
    fail(ErrorKind::option, "segment: " + std::string(name_of(o.network)) +
                                " takes single steps; wanted 1, got " + std::to_string(o.segment));
  if (o.network == Network::tdnn && o.decoding == Decoding::recursive)
    fail(ErrorKind::option, "decoding: a tdnn says all steps at once; wanted direct, got recursive");
  if (o.network == Network::deepar && o.head == Head::quantiles) {
    o.head = Head::student;
    because("head = student: deepar draws from a distribution");
  }
  if (o.network == Network::deepar && o.head == Head::point)
    fail(ErrorKind::option,
         "head: deepar draws from a distribution; wanted gaussian, student or negative_binomial, got point");
  if (o.segment > windows.lookback)
    fail(ErrorKind::option, "segment: wanted at most the lookback (" + std::to_string(windows.lookback) +
                                "), got " + std::to_string(o.segment));
  if (o.dropout < 0) {
    o.dropout = windows.horizon > 192 ? 0.5F : windows.horizon >= 48 ? 0.3F : 0.1F;
    because("dropout = " + plain(o.dropout) + ": " + ahead);
  }
  if (o.period == 0) {
    o.period = find_period(train);
    because("period = " + std::to_string(o.period) + ": " + in_words(train.front().frame->frequency) +
            (o.period > 1 ? ", and the training part repeats itself so" : ", no season found"));
  }
}

void plan_training(TrainingOptions& t, std::int64_t windows, const Dataset& valid, const Because& because) {
  const std::string of = "of " + grouped(windows) + " windows";
  constexpr int usual_batch = 64;  // of 256, ETTh1's errors are 2 % larger at 192 steps
  if (t.batch_size == usual_batch && windows < 20 * usual_batch) {
    t.batch_size = 8;
    while (t.batch_size < usual_batch && 40 * static_cast<std::int64_t>(t.batch_size) <= windows)
      t.batch_size *= 2;
    because("batch_size = " + std::to_string(t.batch_size) + ": " + of);
  }
  if (t.epochs == 0) {
    const double passes = 3.6e5 / static_cast<double>(std::max<std::int64_t>(1, windows));
    t.epochs = std::clamp(static_cast<int>(std::lround(passes)), 5, 60);
    because("epochs = " + std::to_string(t.epochs) + ": " + of);
  }
  if (t.patience < 0) t.patience = 0;
  if (t.monitor.empty()) t.monitor = valid.empty() ? "loss" : "val_loss";
  plan_rate(t, [](const Optimizer& optimizer) {
    return std::holds_alternative<optim::SGD>(optimizer) ? 0.1F : 2e-3F;
  });
  const double steps = std::ceil(static_cast<double>(windows) / t.batch_size) * t.epochs;
  plan_average(t, ForecasterOptions{}.training.average, steps, because);
}

}  // namespace

ForecasterOptions planned(const Dataset& train, const Dataset& valid, ForecasterOptions o,
                          std::vector<std::string>* reasons) {
  const Because because = [reasons](const std::string& line) {
    if (reasons != nullptr) reasons->push_back(line);
  };
  const std::vector<SeriesPart> parts = parts_in(train);
  if (parts.empty()) fail(ErrorKind::data, "a forecaster learns from series, and there are none");
  HeadKind{o.network};
  plan_network(o.network, parts, because);
  const std::int64_t windows = windows_in(parts);
  if (windows == 0)
    fail(ErrorKind::data, "no window to learn from is left in the training part: lookback " +
                              std::to_string(parts.front().frame->windows.lookback) + " + horizon " +
                              std::to_string(parts.front().frame->windows.horizon) +
                              " steps; give longer series, or a smaller --lookback or --horizon");
  check_counts(parts, o.network);
  say_unknown_words(parts, because);
  if (o.network.conformal && valid.empty())
    fail(ErrorKind::option, "conformal: needs a validation part; give more rows, or --valid-from");
  plan_training(o.training, std::min<std::int64_t>(windows, o.network.max_windows), valid, because);
  return o;
}

}  // namespace rondo::forecast

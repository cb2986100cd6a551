#include "tasks/forecast/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "base/shown.h"
#include "tasks/forecast/baselines.h"
#include "tasks/forecast/calendar.h"
#include "tasks/forecast/comparison.h"
#include "tasks/forecast/influence.h"

namespace rondo::forecast {
namespace {

/// Windows scored at most; of more, every n-th.
constexpr std::size_t most_windows = 200'000;

/// Scores a model and the baselines on the same windows.
class Comparison {
 public:
  Comparison(const ForecastModel& model, const std::vector<SeriesPart>& parts)
      : model_(model),
        input_(model.input()),
        series_(input_.prepare(parts)),
        windows_(input_.windows(series_, true)),
        seasonal_quantiles_(series_, input_.period),
        fallbacks_(input_.period),
        calendar_({"rondo", "naive", "seasonal-naive"}, input_.frequency),
        step_intervals_(static_cast<std::size_t>(input_.horizon)) {
    stride_ = windows_.size() / (most_windows + 1) + 1;
    if (stride_ > 1) {
      std::vector<Window> some;
      for (std::size_t i = 0; i < windows_.size(); i += stride_)
        some.push_back(windows_[i]);
      windows_ = std::move(some);
    }
    for (const char* name : {"rondo", "naive", "seasonal-naive", "drift", "theta"})
      methods_.emplace_back(name, series_.size(), input_.horizon);
    fit_linear(parts);
  }

  ForecastEvaluation run() {
    ForecastEvaluation evaluation;
    const bool intervals = model_->head().has_intervals() || model_->conformal().defined();
    forecast_windows(
        model_, series_, windows_, score_levels,
        [&](std::size_t i, std::span<const double> values) { score_window(windows_[i], values, intervals); });
    evaluation.windows = static_cast<std::int64_t>(windows_.size());
    evaluation.missing = missing_;
    const std::vector<double> errors = season_errors_before(series_, input_.period);
    evaluation.model = methods_.front().scores(errors);
    for (std::size_t m = 1; m < methods_.size(); ++m)
      evaluation.baselines.push_back(methods_[m].scores(errors));
    evaluation.blocks = blocks(evaluation);
    return evaluation;
  }

 private:
  void fit_linear(const std::vector<SeriesPart>& parts) {
    std::vector<SeriesPart> before;
    for (SeriesPart part : parts) {
      part.end = part.begin;
      part.begin = 0;
      if (part.end > 0) before.push_back(part);
    }
    if (before.empty()) return;
    const std::vector<PreparedSeries> past = input_.prepare(before);
    const std::vector<Window> windows = input_.windows(past);
    using Kind = LinearBaseline::Kind;
    for (const auto& [kind, name] :
         {std::pair(Kind::nlinear, "nlinear"), std::pair(Kind::dlinear, "dlinear")}) {
      LinearBaseline line(kind, input_, past, windows);
      if (!line.fitted()) continue;
      linear_.push_back(std::move(line));
      methods_.emplace_back(name, series_.size(), input_.horizon);
    }
  }

  void score_window(const Window& window, std::span<const double> values, bool intervals) {
    const auto s = static_cast<std::size_t>(window.series);
    const PreparedSeries& one = series_[s];
    const auto horizon = static_cast<std::size_t>(input_.horizon);
    std::vector<double> y(horizon, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t t = 0; t < horizon; ++t) {
      const std::int64_t step = window.origin + static_cast<std::int64_t>(t);
      if (step < one.part.end) y[t] = one.part.of().y[static_cast<std::size_t>(step)];
      missing_ += std::isnan(y[t]) ? 1 : 0;
    }
    const std::vector<double> z = scaled(one, input_, y);
    const auto add = [&](std::size_t method, std::span<const double> f, std::span<const double> quantiles) {
      methods_[method].add(s, y, z, f, scaled(one, input_, f), quantiles);
    };
    const std::size_t middle = score_levels.size() / 2;
    add(0, values.subspan(middle * horizon, horizon), intervals ? values : std::span<const double>());
    if (intervals) add_intervals(y, values);
    const PlainForecasts plain = plain_forecasts(one, window.origin, input_.horizon, input_.period);
    fallbacks_.add(one.part.of().id,
                   std::span(one.part.of().y).first(static_cast<std::size_t>(window.origin)), input_.horizon);
    add_by_calendar(one, window.origin, z, values.subspan(middle * horizon, horizon), plain);
    add(1, plain.naive, {});
    add(2, plain.seasonal, seasonal_quantiles_.around(s, plain.seasonal));
    add(3, plain.drift, {});
    add(4, plain.theta, {});
    for (std::size_t l = 0; l < linear_.size(); ++l)
      add(5 + l, unscaled(one, input_, linear_[l].forecast(one, window.origin)), {});
  }

  /// Central intervals from the outermost levels inwards.
  void add_intervals(std::span<const double> y, std::span<const double> values) {
    for (std::size_t t = 0; t < y.size(); ++t) {
      for (std::size_t l = 0; l < intervals_.size(); ++l)
        intervals_[l].add(y[t], values[l * y.size() + t],
                          values[(score_levels.size() - 1 - l) * y.size() + t]);
      step_intervals_[t].add(y[t], values[t], values[(score_levels.size() - 1) * y.size() + t]);
    }
  }

  void add_by_calendar(const PreparedSeries& series, std::int64_t origin, std::span<const double> z,
                       std::span<const double> model, const PlainForecasts& plain) {
    const std::array<std::span<const double>, 3> forecasts = {model, plain.naive, plain.seasonal};
    for (std::size_t m = 0; m < forecasts.size(); ++m) {
      const std::vector<double> f = scaled(series, input_, forecasts[m]);
      for (std::size_t t = 0; t < z.size(); ++t)
        if (!std::isnan(z[t]))
          calendar_.add(m, series.part.of().grid.time(origin + static_cast<std::int64_t>(t)), f[t] - z[t]);
    }
  }

  std::vector<report::Block> blocks(const ForecastEvaluation& evaluation) const {
    std::vector<report::Block> all;
    all.emplace_back(table(evaluation));
    all.emplace_back(report::Note{verdict(evaluation)});
    if (fallbacks_.none() + fallbacks_.earlier() > 0) all.emplace_back(report::Note{said_of_fallbacks()});
    report::Lines steps{
        .title = {"Mean absolute scaled error by step ahead", "按预测步的平均绝对误差（标准化后）"},
        .x_title = {"steps ahead", "向前步数"},
        .lines = {}};
    for (const MethodSums& method : methods_) {
      if (method.name() == "drift" || method.name() == "theta") continue;
      const std::vector<double> errors = method.by_step();
      steps.lines.emplace_back(Words{method.name(), method.name()},
                               std::vector<float>(errors.begin(), errors.end()));
    }
    all.emplace_back(std::move(steps));
    for (report::Block& block : calendar_.blocks())
      all.push_back(std::move(block));
    if (intervals_.front().count() > 0) add_coverage(all);
    const Influences influences = influences_of(model_, series_, windows_);
    if (!influences.without.empty()) all.emplace_back(influence_table(influences));
    return all;
  }

  Words said_of_fallbacks() const {
    const std::string nothing = grouped(fallbacks_.none()), earlier = grouped(fallbacks_.earlier());
    return {"seasonal-naive: at " + nothing +
                " steps nothing lies a season or more before: there it has no forecast and no error; at " +
                earlier + " steps an earlier season stands for a value that is missing",
            "季节朴素法：有 " + nothing + " 步在一个季节之前没有任何值，那里没有预测，也不计误差；有 " +
                earlier + " 步因值缺失而改用更早的季节"};
  }

  /// How often the values lie in the model's intervals: by their level, and of 80 % by step ahead.
  void add_coverage(std::vector<report::Block>& to) const {
    report::Table table{.key = "intervals",
                        .title = {"Coverage of the intervals", "区间覆盖率"},
                        .columns = {{"level", {"Interval, %", "区间（%）"}},
                                    {"covers", {"Covers", "覆盖率"}, Form::share},
                                    {"width", {"Mean width", "平均宽度"}, Form::number}}};
    for (std::size_t l = intervals_.size(); l-- > 0;)
      table.rows.push_back(
          {fixed(100 * (1 - 2 * score_levels[l]), 0), intervals_[l].coverage(), intervals_[l].width()});
    to.emplace_back(std::move(table));
    report::Lines steps{
        .title = {"Share of values within 80 % intervals by step ahead", "按预测步的 80% 区间覆盖率"},
        .x_title = {"steps ahead", "向前步数"},
        .lines = {{{"rondo", "rondo"}, {}}}};
    for (const IntervalSums& step : step_intervals_)
      steps.lines.front().second.push_back(static_cast<float>(step.coverage()));
    to.emplace_back(std::move(steps));
  }

  static report::Table influence_table(const Influences& influences) {
    report::Table table{
        .key = "influence",
        .title = {"Without one covariate", "去掉一个协变量"},
        .columns = {{"covariate", {"Covariate", "协变量"}},
                    {"mae", {"MAE without, scaled", "去掉后的平均绝对误差（标准化）"}, Form::number},
                    {"change", {"Change", "变化"}, Form::number}},
        .note = {"Each in turn is replaced by its training mean, a class by none; with all, the MAE is " +
                     fixed(influences.mae, 4) + ". A negative change: the model does better without it.",
                 "依次用训练集均值代替一个协变量（类别则不给）；全部都在时平均绝对误差为 " +
                     fixed(influences.mae, 4) + "。变化为负：没有它模型反而更好。"}};
    for (const Influence& one : influences.without)
      table.rows.push_back({one.name, one.mae, one.mae - influences.mae});
    return table;
  }

  /// What wins, in plain words.
  static Words verdict(const ForecastEvaluation& evaluation) {
    const ForecastScores* best = &evaluation.model;
    for (const ForecastScores& one : evaluation.baselines)
      if (one.mae < best->mae) best = &one;
    const auto number = [](double value) { return fixed(value, 4); };
    if (best == &evaluation.model)
      return {"the model is ahead of every baseline by MAE", "按平均绝对误差，模型优于所有基线"};
    return {"the baseline " + best->method + " is better than the model by MAE (" + number(best->mae) +
                " against " + number(evaluation.model.mae) + ")",
            "按平均绝对误差，基线 " + best->method + " 优于模型（" + number(best->mae) + " 对 " +
                number(evaluation.model.mae) + "）"};
  }

  report::Table table(const ForecastEvaluation& evaluation) const {
    const Words said = verdict(evaluation);
    report::Table table{
        .key = "baselines",
        .title = {"Beside baselines: " + said.en, "与基线比较：" + said.zh},
        .columns = {{"method", {"Method", "方法"}},
                    {"mse", {"MSE, scaled", "均方误差（标准化）"}, Form::number},
                    {"mae", {"MAE, scaled", "平均绝对误差（标准化）"}, Form::number},
                    {"rmse", {"RMSE", "均方根误差"}, Form::number},
                    {"smape", {"sMAPE", "sMAPE"}, Form::number},
                    {"mase", {"MASE", "MASE"}, Form::number},
                    {"wql", {"WQL", "加权分位数损失"}, Form::number},
                    {"coverage", {"80 % covers", "80% 区间覆盖率"}, Form::share}},
        .note = {"Each baseline sees what lies before each window; NLinear and DLinear are least "
                 "squares with a ridge, fitted on what lies before the test part.",
                 "各基线只能看到窗口之前的数据；NLinear 与 DLinear 为岭最小二乘，用测试部分之前的数据拟合。"},
        .headline = true};
    const auto add = [&](const ForecastScores& s) {
      table.rows.push_back({s.method, s.mse, s.mae, s.rmse, s.smape, s.mase, s.wql, s.coverage});
    };
    add(evaluation.model);
    for (const ForecastScores& one : evaluation.baselines)
      add(one);
    return table;
  }

  const ForecastModel& model_;
  const ForecastInput& input_;
  std::vector<PreparedSeries> series_;
  std::vector<Window> windows_;
  std::size_t stride_ = 1;
  SeasonalQuantiles seasonal_quantiles_;
  std::vector<MethodSums> methods_;
  std::vector<LinearBaseline> linear_;
  SeasonalFallbacks fallbacks_;
  CalendarErrors calendar_;
  std::array<IntervalSums, score_levels.size() / 2> intervals_;
  std::vector<IntervalSums> step_intervals_;
  std::int64_t missing_ = 0;
};

}  // namespace

ForecastEvaluation evaluation_of(const ForecastModel& model, const std::vector<SeriesPart>& parts) {
  return Comparison(model, parts).run();
}

}  // namespace rondo::forecast

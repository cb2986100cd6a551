#include "tasks/forecast/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "base/shown.h"
#include "tasks/forecast/baselines.h"
#include "tasks/forecast/comparison.h"

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
        seasonal_quantiles_(series_, input_.period) {
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
    const PlainForecasts plain = plain_forecasts(one, window.origin, input_.horizon, input_.period);
    add(1, plain.naive, {});
    add(2, plain.seasonal, seasonal_quantiles_.around(s, plain.seasonal));
    add(3, plain.drift, {});
    add(4, plain.theta, {});
    for (std::size_t l = 0; l < linear_.size(); ++l)
      add(5 + l, unscaled(one, input_, linear_[l].forecast(one, window.origin)), {});
  }

  std::vector<report::Block> blocks(const ForecastEvaluation& evaluation) const {
    std::vector<report::Block> all;
    all.emplace_back(table(evaluation));
    all.emplace_back(report::Note{verdict(evaluation)});
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
    return all;
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
  std::int64_t missing_ = 0;
};

}  // namespace

ForecastEvaluation evaluation_of(const ForecastModel& model, const std::vector<SeriesPart>& parts) {
  return Comparison(model, parts).run();
}

}  // namespace rondo::forecast

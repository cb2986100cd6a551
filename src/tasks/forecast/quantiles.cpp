#include "tasks/forecast/quantiles.h"

#include <algorithm>

#include "tasks/forecast/scores.h"

namespace rondo::forecast {

std::vector<double> drawn_paths(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                                const WindowBatch& batch, int paths) {
  std::vector<Scale> scales;
  for (const Window& window : batch.windows)
    scales.push_back(series[static_cast<std::size_t>(window.series)].scale.scale);
  return model->draw(batch, scales, paths);
}

BatchQuantiles::BatchQuantiles(const ForecastModel& model, const std::vector<PreparedSeries>& series,
                               const WindowBatch& batch, std::span<const double> levels)
    : model_(model),
      levels_(levels.begin(), levels.end()),
      rows_(static_cast<std::size_t>(batch.rows())),
      segment_(static_cast<std::size_t>(model.input().segment)),
      parameters_(static_cast<std::size_t>(model->head().parameters())),
      horizon_(static_cast<std::size_t>(model.input().horizon)) {
  if (model->draws())
    drawn_ = drawn_paths(model, series, batch, model->samples());
  else
    numbers_ = model->numbers(batch);
}

void BatchQuantiles::of(std::size_t row, std::size_t step, double size, std::span<double> to) {
  if (!model_->draws()) {
    const std::size_t place = (((step / segment_) * rows_ + row) * segment_ + step % segment_) * parameters_;
    model_->head().quantiles(numbers_.values().subspan(place, parameters_), levels_, size, to);
    return;
  }
  const auto paths = static_cast<std::size_t>(model_->samples());
  sorted_.clear();
  for (std::size_t k = 0; k < paths; ++k)
    sorted_.push_back(drawn_[(row * paths + k) * horizon_ + step]);
  std::sort(sorted_.begin(), sorted_.end());
  for (std::size_t l = 0; l < levels_.size(); ++l)
    to[l] = sorted_quantile(sorted_, levels_[l]);
}

std::size_t BatchQuantiles::at_once(const ForecastModel& model) {
  constexpr std::size_t windows = 256, rows = 8192;
  if (!model->draws()) return windows;
  return std::clamp<std::size_t>(rows / static_cast<std::size_t>(model->samples()), 1, windows);
}

}  // namespace rondo::forecast

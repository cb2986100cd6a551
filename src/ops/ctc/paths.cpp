#include "ops/ctc/paths.h"

#include <cmath>

namespace rondo::ctc {

double log_add(double a, double b) {
  if (a == never) return b;
  if (b == never) return a;
  if (std::isnan(b)) return b;
  const double larger = std::max(a, b), smaller = std::min(a, b);
  return larger + std::log1p(std::exp(smaller - larger));
}

template <class T>
std::vector<double> log_probabilities(const T* rows, const Layout& layout, Index sequence, Index symbols) {
  const Index frames = layout.length(sequence);
  std::vector<double> logs(static_cast<std::size_t>(frames * symbols));
  for (Index t = 0; t < frames; ++t) {
    const T* const row = rows + layout.row(sequence, t) * symbols;
    double* const to = logs.data() + t * symbols;
    const double largest = static_cast<double>(*std::max_element(row, row + symbols));
    double sum = 0;
    for (Index k = 0; k < symbols; ++k)
      sum += std::exp(static_cast<double>(row[k]) - largest);
    const double log_sum = largest + std::log(sum);
    for (Index k = 0; k < symbols; ++k)
      to[k] = static_cast<double>(row[k]) - log_sum;
  }
  return logs;
}
template std::vector<double> log_probabilities(const float*, const Layout&, Index, Index);
template std::vector<double> log_probabilities(const double*, const Layout&, Index, Index);

Paths::Paths(std::span<const double> logs, Index symbols, std::span<const std::int32_t> labels,
             std::int32_t blank)
    : logs_(logs),
      symbols_(symbols),
      frames_(static_cast<Index>(logs.size()) / symbols),
      labels_(labels),
      blank_(blank),
      places_(2 * static_cast<Index>(labels.size()) + 1),
      ahead_(static_cast<std::size_t>(frames_ * places_), never) {
  double* row = ahead_.data();
  for (Index s = 0; s < std::min<Index>(2, places_); ++s)
    row[s] = log(0, s);
  for (Index t = 1; t < frames_; ++t, row += places_)
    for (Index s = 0; s < places_; ++s) {
      double sum = row[s];
      if (s >= 1) sum = log_add(sum, row[s - 1]);
      if (s >= 2 && skips(s - 2)) sum = log_add(sum, row[s - 2]);
      row[places_ + s] = sum + log(t, s);
    }
  total_ = row[places_ - 1];
  if (places_ > 1) total_ = log_add(total_, row[places_ - 2]);
}

std::vector<double> Paths::before(Index frame, const std::vector<double>& behind) const {
  std::vector<double> sums(behind.size(), never);
  const auto next = [&](Index s) { return behind[static_cast<std::size_t>(s)] + log(frame + 1, s); };
  for (Index s = 0; s < places_; ++s) {
    double sum = next(s);
    if (s + 1 < places_) sum = log_add(sum, next(s + 1));
    if (skips(s)) sum = log_add(sum, next(s + 2));
    sums[static_cast<std::size_t>(s)] = sum;
  }
  return sums;
}

void Paths::posteriors(std::vector<double>& to) const {
  to.assign(logs_.size(), 0);
  std::vector<double> behind(static_cast<std::size_t>(places_), never);
  behind.back() = 0;
  if (places_ > 1) behind[behind.size() - 2] = 0;
  for (Index t = frames_ - 1; t >= 0; --t) {
    if (t + 1 < frames_) behind = before(t, behind);
    for (Index s = 0; s < places_; ++s) {
      const double path =
          ahead_[static_cast<std::size_t>(t * places_ + s)] + behind[static_cast<std::size_t>(s)];
      if (path != never) to[static_cast<std::size_t>(t * symbols_ + symbol(s))] += std::exp(path - total_);
    }
  }
}

}  // namespace rondo::ctc

#include "ops/crf/lattice.h"

#include <cmath>

namespace rondo::crf {
namespace {

/// Above this a scale of powers is near to where f64 ends.
constexpr double largest_scale = 600;

}  // namespace

Lattice::Lattice(const Sequences& scores, const Chain& chain)
    : scores_(scores),
      layout_(*scores.layout()),
      tags_(chain.tags),
      start_(chain.start),
      end_(chain.end),
      matrix_(tags_, chain.transitions),
      transposed_(matrix_.transposed()),
      begins_(begins_of(layout_)),
      log_totals_(static_cast<std::size_t>(layout_.sequences())) {
  const auto rows = static_cast<std::size_t>(layout_.rows());
  const std::size_t size = rows * static_cast<std::size_t>(tags_);
  for (std::vector<double>* const all : {&ahead_, &behind_, &ahead_powers_, &behind_powers_})
    all->resize(size);
  ahead_largest_.resize(rows);
  behind_largest_.resize(rows);
  visit_float(scores.rows().dtype(), "crf", [&]<class T>() {
    const T* const numbers = elements<T>(scores_.rows().value());
    parallel_balanced(work_of(layout_, tags_), work_grain,
                      [&](std::size_t sequence) { forward(numbers, static_cast<Index>(sequence)); });
  });
}

template <class T>
void Lattice::forward(const T* scores, Index sequence) {
  const Index begin = begins_[static_cast<std::size_t>(sequence)], length = layout_.length(sequence);
  double* ahead = ahead_.data() + begin * tags_;
  for (Index t = 0; t < length; ++t, ahead += tags_) {
    const T* const score = scores + layout_.row(sequence, t) * tags_;
    if (t == 0)
      std::copy_n(start_.data(), tags_, ahead);
    else
      ahead_largest_[static_cast<std::size_t>(begin + t - 1)] =
          matrix_.multiply(ahead - tags_, ahead_powers_.data() + (begin + t - 1) * tags_, ahead);
    for (Index k = 0; k < tags_; ++k)
      ahead[k] += static_cast<double>(score[k]);
  }
  std::vector<double> last(ahead - tags_, ahead);
  for (Index k = 0; k < tags_; ++k)
    last[static_cast<std::size_t>(k)] += end_[static_cast<std::size_t>(k)];
  log_totals_[static_cast<std::size_t>(sequence)] = log_sum(tags_, last.data());
}

template <class T>
void Lattice::backward(Index sequence, const T* scores, T* marginals) {
  const Index begin = begins_[static_cast<std::size_t>(sequence)];
  const double log_total = log_totals_[static_cast<std::size_t>(sequence)];
  std::vector<double> after = end_;  // of what may follow a step
  for (Index t = layout_.length(sequence) - 1; t >= 0; --t) {
    const Index row = begin + t, packed = layout_.row(sequence, t);
    const double* const ahead = ahead_.data() + row * tags_;
    double* const behind = behind_.data() + row * tags_;
    for (Index k = 0; k < tags_; ++k) {
      const double rest = after[static_cast<std::size_t>(k)];
      marginals[packed * tags_ + k] = static_cast<T>(std::exp(ahead[k] + rest - log_total));
      behind[k] = rest + static_cast<double>(scores[packed * tags_ + k]);
    }
    if (t > 0)
      behind_largest_[static_cast<std::size_t>(row)] =
          transposed_.multiply(behind, behind_powers_.data() + row * tags_, after.data());
  }
}

template <class T>
void Lattice::backward(T* marginals) {
  const T* const scores = elements<T>(scores_.rows().value());
  parallel_balanced(work_of(layout_, tags_), work_grain,
                    [&](std::size_t sequence) { backward(static_cast<Index>(sequence), scores, marginals); });
}

template void Lattice::backward(float* marginals);
template void Lattice::backward(double* marginals);

void Lattice::add_pairs(Index from, const std::vector<double>& weights, double* row) const {
  const double *const logs = matrix_.logs(from), *const powers = matrix_.powers(from);
  std::vector<double> scaled(static_cast<std::size_t>(tags_));  // times powers: the same
  for (std::size_t sequence = 0; sequence < begins_.size(); ++sequence) {
    const Index begin = begins_[sequence], end = begin + layout_.length(static_cast<Index>(sequence));
    for (Index here = begin, next = begin + 1; next < end; ++here, ++next) {
      const double log_scale = ahead_largest_[static_cast<std::size_t>(here)] + matrix_.largest() +
                               behind_largest_[static_cast<std::size_t>(next)] - log_totals_[sequence];
      if (log_scale < largest_scale) {
        const double factor = weights[sequence] * std::exp(log_scale) *
                              ahead_powers_[static_cast<std::size_t>(here * tags_ + from)];
        const double* const behind = behind_powers_.data() + next * tags_;
        for (Index k = 0; factor != 0 && k < tags_; ++k)
          scaled[static_cast<std::size_t>(k)] += factor * behind[k];
      } else {
        const double ahead = ahead_[static_cast<std::size_t>(here * tags_ + from)] - log_totals_[sequence];
        const double* const behind = behind_.data() + next * tags_;
        for (Index k = 0; k < tags_; ++k)
          row[k] += weights[sequence] * std::exp(ahead + logs[k] + behind[k]);
      }
    }
  }
  for (Index k = 0; k < tags_; ++k)
    row[k] += scaled[static_cast<std::size_t>(k)] * powers[k];
}

}  // namespace rondo::crf

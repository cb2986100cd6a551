/// Forward and backward sums over all paths that lead to the labels of one sequence.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ops/common.h"

namespace rondo::ctc {

/// The logarithm of 0.
inline constexpr double never = -std::numeric_limits<double>::infinity();

/// ln(exp(a) + exp(b)); an impossible side stays out of it.
double log_add(double a, double b);

/// ln softmax of each row [frames, symbols], in f64.
template <class T>
std::vector<double> log_probabilities(const T* rows, const Layout& layout, Index sequence, Index symbols);

/// The lattice of one sequence. A place is a label or one of the blanks before, between and behind them.
class Paths {
 public:
  /// `logs` [frames, symbols] are ln probabilities; both must outlive it.
  Paths(std::span<const double> logs, Index symbols, std::span<const std::int32_t> labels,
        std::int32_t blank);

  /// ln of the sum over all paths; `never` where there is none.
  double total() const noexcept { return total_; }
  /// to[frame, symbol] = p(the path has this symbol at this frame), for a total that is not `never`.
  void posteriors(std::vector<double>& to) const;

 private:
  std::int32_t symbol(Index place) const {
    return place % 2 == 0 ? blank_ : labels_[static_cast<std::size_t>(place / 2)];
  }
  /// Whether a path may go from this place to the next but one: over a blank between two unequal labels.
  bool skips(Index place) const {
    return place % 2 == 1 && place + 2 < places_ && symbol(place) != symbol(place + 2);
  }
  double log(Index frame, Index place) const {
    return logs_[static_cast<std::size_t>(frame * symbols_ + symbol(place))];
  }
  /// The sums behind a frame, from those behind the next: without the frame's own symbol.
  std::vector<double> before(Index frame, const std::vector<double>& behind) const;

  std::span<const double> logs_;
  Index symbols_, frames_;
  std::span<const std::int32_t> labels_;
  std::int32_t blank_;
  Index places_;
  std::vector<double> ahead_;  ///< [frames, places]: all beginnings that end there, its symbol included
  double total_ = never;
};

}  // namespace rondo::ctc

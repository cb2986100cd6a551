/// A conditional random field's weights and rules as one thing in f64, and its sums over all tags of a
/// sequence.
#pragma once
#include <limits>
#include <string_view>
#include <vector>

#include <rondo/crf.h>

#include "ops/common.h"

namespace rondo::crf {

/// The logarithm of 0: of what the rules forbid.
inline constexpr double never = -std::numeric_limits<double>::infinity();

/// log of the sum of exp(x[i]) for i < n.
double log_sum(Index n, const double* x);

/// A square matrix known by the logarithms of its elements.
class LogMatrix {
 public:
  LogMatrix(Index size, std::vector<double> logs);
  LogMatrix transposed() const;

  /// out[k] = log Σ_j exp(x[j] + log m[j, k]): as a sum of products of powers, each x and m less its largest,
  /// and term by term only where these vanish. `powers` gets exp(x - largest); returns the largest x.
  double multiply(const double* x, double* powers, double* out) const;

  const double* logs(Index row) const { return logs_.data() + row * size_; }
  /// exp(log m - largest()).
  const double* powers(Index row) const { return powers_.data() + row * size_; }
  double largest() const noexcept { return largest_; }
  Index size() const noexcept { return size_; }

 private:
  double exact(const double* x, Index column) const;

  Index size_;
  std::vector<double> logs_, powers_;
  double largest_;
};

/// Weights, with `never` where the rules forbid.
struct Chain {
  Index tags;
  std::vector<double> transitions;  ///< [tags, tags]
  std::vector<double> start, end;   ///< [tags]
};
/// Error(shape) naming `operation` for scores, weights or rules that do not fit each other.
Chain chain_of(std::string_view operation, const Sequences& scores, const CRFWeights& weights,
               const TagRules& rules);

/// How much work a sequence of that many steps is, for parallel_balanced; and how much is worth a thread.
inline std::vector<Index> work_of(const Layout& layout, Index tags) {
  std::vector<Index> work;
  for (const std::int32_t length : layout.lengths())
    work.push_back(Index{length} * tags * (tags + 16));
  return work;
}
inline constexpr Index work_grain = 1 << 15;

/// Where each sequence's steps begin when sequences lie one after the other.
std::vector<Index> begins_of(const Layout& layout);

/// A sequence's scores, step after step, in f64: [length, tags].
template <class T>
void copy_scores(const T* rows, const Layout& layout, Index sequence, Index tags, double* to) {
  for (Index t = 0; t < layout.length(sequence); ++t)
    std::copy_n(rows + layout.row(sequence, t) * tags, tags, to + t * tags);
}

/// Error(data): the rules leave a sequence of that length without any tags.
[[noreturn]] void refuse_length(std::string_view operation, Index length);

}  // namespace rondo::crf

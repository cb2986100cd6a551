/// Forward and backward sums over all sequences of tags, for a whole batch.
#pragma once
#include <vector>

#include "ops/crf/chain.h"

namespace rondo::crf {

/// For each step and tag, sequence after sequence: logarithms of sums over all beginnings and over all ends.
class Lattice {
 public:
  Lattice(const Sequences& scores, const Chain& chain);

  /// log Z of each sequence; `never` where the rules leave none, NaN where the scores are no numbers.
  const std::vector<double>& log_totals() const noexcept { return log_totals_; }

  /// Goes back over the batch. `marginals` (packed [rows, tags]) gets p(tag at the step).
  template <class T>
  void backward(T* marginals);

  /// row[k] += Σ weight · p(tag `from` at a step, k at the next) over all pairs of steps, one after the
  /// other. After backward().
  void add_pairs(Index from, const std::vector<double>& weights, double* row) const;

 private:
  template <class T>
  void forward(const T* scores, Index sequence);
  template <class T>
  void backward(Index sequence, const T* scores, T* marginals);

  Sequences scores_;
  const Layout& layout_;
  Index tags_;
  std::vector<double> start_, end_;
  LogMatrix matrix_, transposed_;
  std::vector<Index> begins_;
  std::vector<double> log_totals_;
  // [rows, tags], and the largest of each row: what ends in a tag, its score included; what begins with one,
  // its score included; and the powers of both.
  std::vector<double> ahead_, behind_, ahead_powers_, behind_powers_, ahead_largest_, behind_largest_;
};

}  // namespace rondo::crf

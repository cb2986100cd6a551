/// One call of `recurrent`: its operands, what forward keeps for backward, and how its work is divided among
/// threads.
#pragma once
#include <memory>
#include <numeric>
#include <vector>

#include <rondo/ops.h>

#include "ops/recurrent/chain.h"
#include "runtime/parallel.h"

namespace rondo::recurrence {

/// What forward leaves of one direction where it does not keep all that backward reads: see segments.h.
struct Saved {
  std::vector<Index> bounds;  ///< segment i is the visits from bounds[i] to bounds[i + 1]
  /// The state before each segment, of the sequences that go on in it [carried, H]; none before the first.
  std::vector<Tensor> h, c;
  /// Keep::bf16: what is kept of all rows, in the order of Chain::kept, and h of all rows; null: not needed.
  std::shared_ptr<void> kept_halves, h_halves;

  Index segments() const noexcept { return static_cast<Index>(bounds.size()) - 1; }
  Index begin(Index segment) const { return bounds[static_cast<std::size_t>(segment)]; }
  Index end(Index segment) const { return begin(segment + 1); }
};

struct Call {
  Sequences x;
  std::vector<RecurrentWeights> weights;
  Var h0, c0;
  std::shared_ptr<const Copies> copies;  ///< of x, if the products of x are made for its distinct rows
  bool reverse;                          ///< of the only direction; of two, the second is in reverse
  bool keep;                             ///< for backward
  bool asked_for_outputs;                ///< not for the final states alone
  Index every;                           ///< visits of a segment that is computed again; 0: none is
  Keep type;                             ///< of what is kept
  Index hidden;                          ///< H
  Tensor mask;                           ///< recurrent dropout [count, directions · H]; empty: none
  Tensor outputs;                        ///< [rows, directions · H]; empty: nobody reads them again
  Tensor h, c;                           ///< final states [count, directions · H]
  std::vector<Tensor> kept = {};         ///< of each direction: see Chain; none: see `saved`
  std::vector<Saved> saved = {};         ///< of each direction; none: all is kept
  Tensor zeros = {};                     ///< [H]

  /// The operand of the products of x: its rows, or only the distinct ones.
  const Var& input() const noexcept { return copies == nullptr ? x.rows() : copies->distinct; }
  Index directions() const noexcept { return static_cast<Index>(weights.size()); }
  const Layout& layout() const noexcept { return *x.layout(); }
};

/// The elements from `offset` on; null for an empty tensor.
template <class T>
T* from(Tensor& tensor, Index offset = 0) {
  return tensor.empty() ? nullptr : tensor.data<T>().data() + offset;
}
template <class T>
const T* from(const Tensor& tensor, Index offset = 0) {
  return tensor.empty() ? nullptr : tensor.data<T>().data() + offset;
}

template <class T>
Chain<T> chain_of(Call& call, Index direction) {
  const Index offset = direction * call.hidden, stride = call.directions() * call.hidden;
  return {.walk = {&call.layout(), direction == 1 || call.reverse},
          .input = call.x.features(),
          .hidden = call.hidden,
          .x = from<T>(call.input().value()),
          .copies = call.copies == nullptr ? nullptr : from<std::int32_t>(call.copies->of),
          .h0 = from<T>(call.h0.value(), offset),
          .c0 = from<T>(call.c0.value(), offset),
          .state_stride = stride,
          .mask = from<T>(std::as_const(call.mask), offset),
          .h = from<T>(call.outputs, offset),
          .h_stride = stride,
          .kept = call.kept.empty() ? nullptr : from<T>(call.kept[static_cast<std::size_t>(direction)]),
          .c = from<T>(call.c, offset),
          .zeros = from<T>(std::as_const(call.zeros))};
}

/// One worker's share of a direction.
struct Share {
  Group group;
  BlockRange blocks;
};

/// How a call is divided among threads, if that pays. Usually threads take groups of sequences with all units
/// and never wait for each other. If each thread would read a U that is too large for its cache, they take
/// units instead and meet after each step. Two directions run side by side.
class Jobs {
 public:
  /// `work`: multiply-adds of the whole call. `units`: whether threads may divide the units.
  Jobs(const Call& call, Index work, Index gates, bool units) : directions_(call.directions()) {
    constexpr Index worth_a_thread = 64 * 1024;
    threads_ = std::clamp<Index>(work / worth_a_thread, 1, parallelism());
    const UnitBlocks blocks{call.hidden};
    by_units_ = units && directions_ == 1 && threads_ > 1 &&
                (reads_too_much(call, gates, threads_) || ends_thin(call, gates, blocks, threads_));
    if (by_units_) {
      const Index parts = std::min(threads_, blocks.count());
      for (Index part = 0; part < parts; ++part)
        shares_.push_back({{0, call.layout().sequences()},
                           {blocks.count() * part / parts, blocks.count() * (part + 1) / parts}});
      return;
    }
    for (const Group group : share_out(call.layout(), threads_ / std::gcd(threads_, directions_)))
      shares_.push_back({group, {0, blocks.count()}});
  }
  const std::vector<Share>& shares() const noexcept { return shares_; }
  bool by_units() const noexcept { return by_units_; }

  /// body(direction, index of the share)
  template <class Body>
  void run(const Body& body) const {
    const auto count = static_cast<Index>(shares_.size()) * directions_;
    const auto one = [&](Index job) { body(job % directions_, static_cast<std::size_t>(job / directions_)); };
    if (threads_ == 1)
      parallel_parts(1, [&](int) {
        for (Index job = 0; job < count; ++job)
          one(job);
      });
    else
      parallel_parts(static_cast<int>(count), [&](int job) { one(job); });
  }

 private:
  /// Whether threads that each read all of U at each step would wait for it. Percent of the peak on two cores
  /// of 1 MB second-level cache, LSTM training, groups and units:
  ///   medium (U of 6.5 MB, 10 sequences a thread) 77 80, big (16 MB, 32) 83 85, mid (4 MB, 32) 84 81.
  static bool reads_too_much(const Call& call, Index gates, Index threads) {
    constexpr Index large = 768 * 1024, too_large = 2 * 1024 * 1024, few = 24;
    const Index u = gates * call.hidden * call.hidden;
    return u > too_large || (u > large && call.layout().sequences() < few * threads);
  }

  /// Whether lengths are so different that in the end each thread would read all of U for the few sequences
  /// of its group that are left. As above, with lengths as spread as IMDB's reviews, training and inference:
  ///   small (U of 640 KB) 70 73 and 80 83, mid 80 86 and 86 91; GRU at small (480 KB) 71 76 and 80 79,
  ///   SimpleRNN (160 KB) 68 68 and 78 65.
  /// Shares must be even: 100 units are 32 and 68, 68 59 and 80 56 there.
  static bool ends_thin(const Call& call, Index gates, UnitBlocks blocks, Index threads) {
    constexpr Index worth_meeting = 96 * 1024;
    const Layout& layout = call.layout();
    const bool even = blocks.count() % threads == 0 || blocks.count() >= 8 * threads;
    return even && gates * call.hidden * call.hidden >= worth_meeting &&
           4 * layout.rows() < 3 * layout.steps() * layout.sequences();
  }

  Index directions_, threads_;
  bool by_units_;
  std::vector<Share> shares_;
};

}  // namespace rondo::recurrence

/// Computes several segments again at the same time. Their states are all known, so segments of a few long
/// sequences run side by side as if they were more sequences: a step then reads U once for all of them, and
/// threads share them out.
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "ops/recurrent/call_forward.h"
#include "ops/recurrent/segments.h"

namespace rondo::recurrence {

template <class Cell, class T>
class Bundle {
 public:
  /// chain: of the whole batch, for its operands.
  Bundle(const Saved& saved, const Chain<T>& chain, const ForwardOperands<Cell, T>& operands)
      : saved_(saved), chain_(chain), operands_(operands) {}

  /// Puts the rows of a segment where the chain has its window. Returns false, and leaves them, if running
  /// segments side by side does not pay.
  bool bring(Index segment) {
    if (segment < first_ || segment >= end_) run(segment + 1);
    if (segment < first_ || segment >= end_) return false;
    copy(segment);
    return true;
  }

 private:
  /// Rows that a step may have in all. With as many, reading U costs less than computing with it.
  static constexpr Index most_rows = 4;

  Index visits(Index segment) const { return saved_.end(segment) - saved_.begin(segment); }
  /// The sequences at each visit of the segment and at the one before; 0 if they are not as many at all of
  /// them, or if it is the first one, which may start from nothing.
  Index rows_of(Index segment) const {
    if (segment == 0) return 0;
    const Walk& walk = chain_.walk;
    const Index rows = walk.layout->rows_at(walk.step(saved_.begin(segment) - 1));
    for (Index visit = saved_.begin(segment); visit < saved_.end(segment); ++visit)
      if (walk.layout->rows_at(walk.step(visit)) != rows) return 0;
    return rows;
  }
  /// Whether the segment before `first` can run beside it.
  bool alike(Index first) const {
    return first > 1 && visits(first - 1) == visits(first) && rows_of(first - 1) == rows_;
  }

  /// Runs the segments before `end`, as many as fit.
  void run(Index end) {
    first_ = end_ = end;
    rows_ = rows_of(end - 1);
    if (rows_ == 0 || 2 * rows_ > most_rows) return;
    --first_;
    while ((end_ - first_ + 1) * rows_ <= most_rows && alike(first_))
      --first_;
    if (end_ - first_ < 2) {
      first_ = end_;
      return;
    }
    open();
    const Index all = rows_ * (end_ - first_);
    const int parts = static_cast<int>(std::min<Index>(parallelism(), all));
    parallel_parts(parts, [&](int part) {
      Forward<Cell, T>(beside_, operands_.weights(), operands_.projected(), kernels<T>(),
                       {all * part / parts, all * (part + 1) / parts}, {0, beside_.blocks().count()})
          .run(0, beside_.walk.visits());
    });
  }

  /// Lays out the segments as sequences: their rows of x, their states, their masks.
  void open() {
    const Index count = rows_ * (end_ - first_), size = chain_.hidden, steps = visits(first_);
    layout_ = Layout::uniform(count, steps);
    beside_ = chain_;
    beside_.walk = {layout_.get(), false};
    beside_.state_stride = beside_.h_stride = size;
    T* const h0 = h0_.at_least(count * size);
    T* const c0 = Cell::memory ? c0_.at_least(count * size) : nullptr;
    T* const mask = chain_.mask == nullptr ? nullptr : mask_.at_least(count * size);
    for (Index s = 0; s < count; ++s) {
      const auto segment = static_cast<std::size_t>(first_ + s / rows_);
      const Index row = s % rows_;
      std::copy_n(from<T>(saved_.h[segment], row * size), size, h0 + s * size);
      if (c0 != nullptr) std::copy_n(from<T>(saved_.c[segment], row * size), size, c0 + s * size);
      if (mask != nullptr) std::copy_n(chain_.mask + row * chain_.state_stride, size, mask + s * size);
    }
    beside_.h0 = h0;
    beside_.c0 = c0;
    beside_.mask = mask;
    beside_.h = h_.at_least(count * steps * size);
    beside_.kept = Cell::kept > 0 ? kept_.at_least(count * steps * size * Cell::kept) : nullptr;
    gather_inputs(count, steps);
  }
  void gather_inputs(Index count, Index steps) {
    const Index input = chain_.input;
    T* const x = chain_.copies == nullptr ? x_.at_least(count * steps * input) : nullptr;
    std::int32_t* const copies = chain_.copies == nullptr ? nullptr : copies_.at_least(count * steps);
    for (Index step = 0, to = 0; step < steps; ++step)
      for (Index s = 0; s < count; ++s, ++to) {
        const Index visit = saved_.begin(first_ + s / rows_) + step;
        const Index row = chain_.row(chain_.walk.step(visit), s % rows_);
        if (x != nullptr)
          std::copy_n(chain_.x + row * input, input, x + to * input);
        else
          copies[to] = chain_.copies[row];
      }
    if (x != nullptr) beside_.x = x;
    beside_.copies = copies;
  }

  void copy(Index segment) const {
    const Index size = chain_.hidden, at = (segment - first_) * rows_;
    const UnitBlocks blocks = chain_.blocks();
    for (Index i = 0; i < visits(segment); ++i) {
      const Index step = chain_.walk.step(saved_.begin(segment) + i);
      std::copy_n(beside_.h + beside_.row(i, at) * size, rows_ * size,
                  chain_.h + chain_.row(step, 0) * chain_.h_stride);
      for (Index block = 0; Cell::kept > 0 && block < blocks.count(); ++block)
        std::copy_n(beside_.template kept_at<Cell>(i, at, block), rows_ * Cell::kept * blocks.size(block),
                    chain_.template kept_at<Cell>(step, 0, block));
    }
  }

  const Saved& saved_;
  const Chain<T>& chain_;
  const ForwardOperands<Cell, T>& operands_;
  Index first_ = 0, end_ = 0, rows_ = 0;  ///< the segments that are here, and the sequences of each
  std::shared_ptr<const Layout> layout_;
  Chain<T> beside_ = {};
  Scratch<T> h0_, c0_, mask_, x_, h_, kept_;
  Scratch<std::int32_t> copies_;
};

}  // namespace rondo::recurrence

/// Computes the gradients of weights and biases from those of the pre-activations, some hundred rows at a
/// time, while these are in the cache.
#pragma once
#include <vector>

#include "ops/recurrent/chain_backward.h"
#include "runtime/parallel.h"

namespace rondo::recurrence {

/// Where gradients of weights are summed; null: not needed.
template <class T>
struct Sums {
  T *weight_ih = nullptr, *weight_hh = nullptr, *bias_ih = nullptr, *bias_hh = nullptr;
  /// Whether no gradient has arrived yet. The first rows then need not read the zeros.
  bool ih_zero = false, hh_zero = false;
};

template <class Cell, class T>
class WeightGradients {
 public:
  WeightGradients(const Chain<T>& chain, const Sums<T>& sums)
      : chain_(chain), sums_(sums), kernels_(kernels<T>()), parts_(make_parts(chain.hidden, sums)) {}

  /// Some gates that are neighbours in a row of gradients and in the weights, and the sums that they
  /// contribute to.
  struct Part {
    Index from, to, count;  ///< columns from `from` on are the gates from `to` on
    bool x, fed, extra, bias_ih, bias_hh;
  };
  /// The parts, which can run at the same time; none if no gradient is needed.
  const std::vector<Part>& parts() const noexcept { return parts_; }
  /// Multiply-adds of a part.
  Index work(const Part& part) const {
    Index width = 1;  // the biases' sums
    if (part.x && sums_.weight_ih != nullptr) width += chain_.input;
    if ((part.fed || part.extra) && sums_.weight_hh != nullptr) width += chain_.hidden;
    return part.count * rows_ * width;
  }
  const Sums<T>& sums() const noexcept { return sums_; }

  /// Continues with packed rows [first, first + count).
  void open(Index first, Index count) {
    if (parts_.empty()) return;
    if (begun_) sums_.ih_zero = sums_.hh_zero = false;
    begun_ = true;
    first_ = first;
    rows_ = count;
    const Index width = kernels_.panel_columns;
    if (sums_.weight_ih != nullptr) x_.make(chain_.input, rows_, width);
    fed_.make(chain_.hidden, rows_, width);
    if (gated) extra_.make(chain_.hidden, rows_, width);
  }
  /// Packs the matrices' inputs in these rows, one share of `shares`.
  void fill(Index share, Index shares) const {
    if (parts_.empty()) return;
    const Layout& layout = *chain_.walk.layout;
    std::vector<T> dropped(static_cast<std::size_t>(chain_.mask == nullptr ? 0 : chain_.hidden));
    const Index end = first_ + rows_ * (share + 1) / shares;
    Index row = first_ + rows_ * share / shares, step = 0;
    if (sums_.weight_ih != nullptr)
      x_.put({chain_.x + row * chain_.input, chain_.input}, end - row, 0, chain_.input, row - first_);
    for (; row < end; ++step) {
      const Index begin = layout.begin(step), last = std::min(end, begin + layout.rows_at(step));
      if (row >= last) continue;
      fill_rows(step, row - begin, last - begin, row - first_, dropped.data());
      row = last;
    }
  }
  /// Adds the rows to one part of the sums, after all shares are filled. `gradients` are those of these rows,
  /// from Backward. Every sum is one chain over the rows in the order of these calls.
  void add(const Part& part, const T* gradients) const {
    Scratch<T> memory;
    const T* const columns = gradients + part.from;
    const Laid<T> laid =
        kernels_.lay(part.count, rows_, {columns, 1, stride_}, memory.at_least(laid_size(part.count, rows_)));
    const auto multiply = [&](bool belongs, const Panels& right, T* sum, bool zero) {
      if (!belongs || sum == nullptr) return;
      T* const to = sum + part.to * right.columns;
      const ChainStart<T> start = zero ? ChainStart<T>{} : ChainStart<T>{to, right.columns};
      kernels_.product_laid(part.count, right.columns, rows_, laid, right.data, start, to, right.columns, {});
    };
    multiply(part.x, x_, sums_.weight_ih, sums_.ih_zero);
    multiply(part.fed, fed_, sums_.weight_hh, sums_.hh_zero);
    multiply(part.extra, extra_, sums_.weight_hh, sums_.hh_zero);
    add_biases(part, columns);
  }

 private:
  static constexpr bool beside = Cell::candidate == Candidate::beside;
  static constexpr bool gated = Cell::candidate == Candidate::gated;

  static std::vector<Part> make_parts(Index hidden, const Sums<T>& sums) {
    std::vector<Part> parts;
    for (const Move& move : to_memory_order<Cell>({hidden})) {
      const bool joint = move.to < joint_gates<Cell> * hidden;
      parts.push_back({move.to, move.from, move.count, true, joint, !joint && gated, true, joint || gated});
    }
    const Index candidate = joint_gates<Cell> * hidden;
    if (beside) parts.push_back({Cell::gates * hidden, candidate, hidden, false, true, false, false, true});
    std::erase_if(parts, [&](const Part& part) {
      return !(part.x && sums.weight_ih != nullptr) &&
             !((part.fed || part.extra) && sums.weight_hh != nullptr) &&
             !(part.bias_ih && sums.bias_ih != nullptr) && !(part.bias_hh && sums.bias_hh != nullptr);
    });
    return cut(parts);
  }
  /// Into parts that are laid out at once.
  static std::vector<Part> cut(const std::vector<Part>& parts) {
    std::vector<Part> small;
    for (Part part : parts) {
      const Index pieces = (part.count + laid_rows / 2 - 1) / (laid_rows / 2), all = part.count;
      const Index from = part.from, to = part.to;
      for (Index piece = 0; piece < pieces; ++piece) {
        const Index begin = all * piece / pieces;
        part.from = from + begin;
        part.to = to + begin;
        part.count = all * (piece + 1) / pieces - begin;
        small.push_back(part);
      }
    }
    return small;
  }

  /// A right operand: rows of numbers, packed as they are copied.
  struct Panels {
    Scratch<T> memory = {};
    T* data = nullptr;
    Index columns = 0, depth = 0;

    void make(Index width, Index rows, Index panel_columns) {
      columns = width;
      depth = rows;
      data = memory.at_least((width + panel_columns - 1) / panel_columns * panel_columns * rows);
    }
    /// Copies `count` numbers of some rows to the columns from `at` on, where a panel begins.
    void put(Strided<const T> from, Index rows, Index at, Index count, Index row) const {
      const Kernels<T>& table = kernels<T>();
      table.pack_steps(count, rows, from, data + at * depth + row * table.panel_columns, depth);
    }
  };

  /// Sequences [first, last) of a step, the rows from `row` on. dropped: [H], where there is a mask.
  void fill_rows(Index step, Index first, Index last, Index row, T* dropped) const {
    const Index size = chain_.hidden, visit = chain_.walk.step(step);
    const auto at = [&](Index s) { return row + s - first; };
    if (chain_.mask != nullptr) {
      for (Index s = first; s < last; ++s) {
        chain_.feed(kernels_, visit, s, dropped);
        fed_.put({dropped, 0}, 1, 0, size, at(s));
      }
    } else {
      chain_.each_kind(visit, first, last, [&](Index from, Index to) {
        fed_.put(chain_.h_before_rows(visit, from, 0), to - from, 0, size, at(from));
      });
    }
    if constexpr (gated) {
      const UnitBlocks blocks = chain_.blocks();
      for (Index block = 0; block < blocks.count(); ++block) {
        const Strided<T> kept = chain_.template kept_rows<Cell>(step, first, block);
        extra_.put({kept.data + (Cell::kept - 1) * blocks.size(block), kept.stride}, last - first,
                   blocks.begin(block), blocks.size(block), row);
      }
    }
  }

  void add_biases(const Part& part, const T* columns) const {
    T* const ih = part.bias_ih ? sums_.bias_ih : nullptr;
    T* const hh = part.bias_hh ? sums_.bias_hh : nullptr;
    if (ih == nullptr && hh == nullptr) return;
    T total[laid_rows / 2] = {};
    kernels_.add_rows(rows_, part.count, {columns, stride_}, total);
    for (T* const bias : {ih, hh})
      if (bias != nullptr) kernels_.add(part.count, bias + part.to, total, bias + part.to);
  }

  const Chain<T>& chain_;
  Sums<T> sums_;
  const Kernels<T>& kernels_;
  const Index stride_ = scratch_stride(gradient_columns<Cell>(chain_.hidden));
  const std::vector<Part> parts_;
  Panels x_, fed_, extra_;
  Index first_ = 0, rows_ = 0;
  bool begun_ = false;
};

}  // namespace rondo::recurrence

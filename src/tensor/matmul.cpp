#include "tensor/matmul.h"

#include <algorithm>
#include <vector>

#include <rondo/error.h>

#include "runtime/buffers.h"
#include "runtime/parallel.h"

namespace rondo {
namespace {

/// Multiply-adds below which another thread costs more than it saves.
constexpr Index piece_work = 64 * 1024;

/// The cost of packing a number, in multiply-adds.
constexpr Index packing_work = 8;

Index ceil_divide(Index count, Index by) {
  return (count + by - 1) / by;
}

/// How many items of a loop make `piece_work` if each has `work` multiply-adds.
Index grain_for(Index work) {
  return ceil_divide(piece_work, std::max<Index>(1, work));
}

/// The data that all pieces of one product share.
template <class T>
struct Job {
  Index m, n, k;
  Operand<T> a;
  const Kernels<T>* table;
  const T* packed;
  ChainStart<T> start;
  T* c;
  Index c_stride;

  void rows(Index begin, Index end) const {
    const Operand<T> part{a.data + begin * a.stride, a.stride, a.k_stride};
    table->product(end - begin, n, k, part, packed, start_at(begin, 0), c + begin * c_stride, c_stride);
  }
  ChainStart<T> start_at(Index row, Index column) const {
    return {start.data == nullptr ? nullptr : start.data + row * start.stride + column, start.stride};
  }
  Index panels() const { return ceil_divide(n, table->panel_columns); }

  /// Whether `threads` finish sooner if they divide the panels than if they divide the rows. A share of b
  /// stays in its thread's cache, so panels win a tie.
  bool by_columns(Index threads) const {
    // The time of a row by columns of the result, including a tile's cost besides its multiply-adds.
    const auto time = [this](Index rows) { return rows + ceil_divide(rows, table->tile_rows); };
    const Index wide = ceil_divide(panels(), threads) * table->panel_columns;
    return wide * time(m) <= n * time(ceil_divide(m, threads));
  }

  /// Whole panels.
  void columns(Index begin, Index end) const {
    const Index first = begin * table->panel_columns;
    const Index width = std::min(n, end * table->panel_columns) - first;
    table->product(m, width, k, a, packed + first * k, start_at(0, first), c + first, c_stride);
  }
};

template <class T>
Job<T> job_of(Index m, Operand<T> a, const Packed<T>& b, T* c, Index c_stride, Start start, const T* bias) {
  if ((start == Start::bias) != (bias != nullptr) && b.n() > 0)
    throw Bug("matmul: a bias goes with Start::bias only");
  if (b.table() == nullptr) throw Bug("matmul: the packed operand is empty");
  const ChainStart<T> from = start == Start::result ? ChainStart<T>{c, c_stride} : ChainStart<T>{bias};
  return {m, b.n(), b.k(), a, b.table(), b.data(), from, c, c_stride};
}

}  // namespace

template <class T>
Packed<T>::Packed(Index n, Index k) : table_(&kernels<T>()), n_(n), k_(k) {
  const Index width = table_->panel_columns;
  memory_ = acquire_buffer(static_cast<std::size_t>(ceil_divide(n, width) * width * k) * sizeof(T));
}

/// Panels are `far` from half of a usual second-level cache on. LSTM training gains 1 to 2 % with matrices of
/// 640 KB and more, and nothing with 200 KB.
template <class T>
Write Packed<T>::where() const noexcept {
  constexpr Index much = 512 * 1024;
  return n_ * k_ * static_cast<Index>(sizeof(T)) < much ? Write::near : Write::far;
}

template <class T>
template <class Pack>
void Packed<T>::each_panel(const Pack& pack) const {
  const Index width = table_->panel_columns;
  T* const packed = static_cast<T*>(memory_.get());
  parallel_for(ceil_divide(n_, width), grain_for(packing_work * width * k_), [&](Index begin, Index end) {
    const Index first = begin * width;
    pack(first, std::min(n_, end * width) - first, packed + first * k_);
  });
}

template <class T>
Packed<T>::Packed(Index n, Index k, Operand<T> b) : Packed(n, k) {
  each_panel([&](Index first, Index count, T* panels) {
    table_->pack(count, k, {b.data + first * b.stride, b.stride, b.k_stride}, panels, where());
  });
}

template <class T>
Packed<T> Packed<T>::with_columns(Index n, Index k, Operand<T> b, std::span<const Move> moves) {
  Packed packed(n, k);
  const Index width = packed.table_->panel_columns;
  packed.each_panel([&](Index first, Index count, T* panels) {
    std::vector<T> gathered;
    auto move = std::upper_bound(moves.begin(), moves.end(), first,
                                 [](Index column, const Move& m) { return column < m.to + m.count; });
    for (Index column = first; column < first + count; column += width, panels += width * k) {
      const Index columns = std::min(width, first + count - column);
      while (move->to + move->count <= column)
        ++move;
      const T* from = b.data + (move->from + column - move->to) * b.stride;
      if (column + columns <= move->to + move->count) {
        packed.table_->pack(columns, k, {from, b.stride, b.k_stride}, panels, packed.where());
        continue;
      }
      // The panel's columns come from several places.
      gathered.resize(static_cast<std::size_t>(columns * k));
      auto part = move;
      for (Index i = 0; i < columns; ++i) {
        while (part->to + part->count <= column + i)
          ++part;
        from = b.data + (part->from + column + i - part->to) * b.stride;
        for (Index step = 0; step < k; ++step)
          gathered[static_cast<std::size_t>(i * k + step)] = from[step * b.k_stride];
      }
      packed.table_->pack(columns, k, {gathered.data(), k, 1}, panels, packed.where());
    }
  });
  return packed;
}

template <class T>
Packed<T> Packed<T>::with_steps(Index n, Index k, Operand<T> b, std::span<const Move> moves) {
  Packed packed(n, k);
  const Index width = packed.table_->panel_columns;
  packed.each_panel([&](Index first, Index count, T* panels) {
    for (Index column = first; column < first + count; column += width, panels += width * k)
      for (const Move& move : moves)
        packed.table_->pack(std::min(width, first + count - column), move.count,
                            {b.data + column * b.stride + move.from * b.k_stride, b.stride, b.k_stride},
                            panels + move.to * width, packed.where());
  });
  return packed;
}

template <class T>
void matmul(Index m, Operand<T> a, const Packed<T>& b, T* c, Index c_stride, Start start, const T* bias) {
  const Job<T> job = job_of(m, a, b, c, c_stride, start, bias);
  const Index depth = std::max<Index>(1, job.k);
  if (job.by_columns(parallelism())) {
    const Index grain = grain_for(m * depth * job.table->panel_columns);
    parallel_for(job.panels(), grain, [&](Index begin, Index end) { job.columns(begin, end); });
  } else {
    parallel_for(m, grain_for(job.n * depth), [&](Index begin, Index end) { job.rows(begin, end); });
  }
}

template <class T>
void matmul(Index m, Index n, Index k, Operand<T> a, Operand<T> b, T* c, Index c_stride, Start start,
            const T* bias) {
  matmul(m, a, Packed<T>(n, k, b), c, c_stride, start, bias);
}

template <class T>
void matmul_serial(Index m, Operand<T> a, const Packed<T>& b, T* c, Index c_stride, Start start,
                   const T* bias) {
  job_of(m, a, b, c, c_stride, start, bias).rows(0, m);
}

template class Packed<float>;
template class Packed<double>;
template void matmul(Index, Operand<float>, const Packed<float>&, float*, Index, Start, const float*);
template void matmul(Index, Operand<double>, const Packed<double>&, double*, Index, Start, const double*);
template void matmul(Index, Index, Index, Operand<float>, Operand<float>, float*, Index, Start, const float*);
template void matmul(Index, Index, Index, Operand<double>, Operand<double>, double*, Index, Start,
                     const double*);
template void matmul_serial(Index, Operand<float>, const Packed<float>&, float*, Index, Start, const float*);
template void matmul_serial(Index, Operand<double>, const Packed<double>&, double*, Index, Start,
                            const double*);

}  // namespace rondo

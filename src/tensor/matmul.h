/// Matrix products for everything above the kernels: packing, blocking and threads around Kernels::product.
///
/// The order of every sum depends on K only: each element is one chain of FMAs over ascending k. Threads
/// split rows or columns of the result, never K.
#pragma once
#include <memory>
#include <span>

#include "kernels/kernels.h"

namespace rondo {

/// Moves neighbours of an operand to another place in the packed one: [from, from + count) to [to, to +
/// count).
struct Move {
  Index from, to, count;
};

/// A right-hand operand packed once and used for many products (recurrent weights over the steps).
template <class T>
class Packed {
 public:
  Packed() = default;
  /// Columns [0, n) of b, each of length k. Packs in parallel.
  Packed(Index n, Index k, Operand<T> b);
  /// The same with the columns, or the elements of each column, in another order. The moves contain every
  /// place once, in ascending order.
  static Packed with_columns(Index n, Index k, Operand<T> b, std::span<const Move> moves);
  static Packed with_steps(Index n, Index k, Operand<T> b, std::span<const Move> moves);
  Index n() const noexcept { return n_; }
  Index k() const noexcept { return k_; }
  const T* data() const noexcept { return static_cast<const T*>(memory_.get()); }
  /// The kernels that packed it. Only they can read it. Null if nothing is packed.
  const Kernels<T>* table() const noexcept { return table_; }

 private:
  Packed(Index n, Index k);
  Write where() const noexcept;
  /// Runs pack(first, count, panels) for all panels; columns [first, first + count) belong to each call.
  template <class Pack>
  void each_panel(const Pack& pack) const;

  std::shared_ptr<void> memory_;
  const Kernels<T>* table_ = nullptr;
  Index n_ = 0, k_ = 0;
};

/// The start value of a product's chains.
enum class Start { zero, bias, result };

/// c[m, n] = start + a · b on the current runtime's threads. `bias` only with Start::bias.
template <class T>
void matmul(Index m, Operand<T> a, const Packed<T>& b, T* c, Index c_stride, Start start = Start::zero,
            const T* bias = nullptr);

/// The same, packing b on the way.
template <class T>
void matmul(Index m, Index n, Index k, Operand<T> a, Operand<T> b, T* c, Index c_stride,
            Start start = Start::zero, const T* bias = nullptr);

/// Serial, for callers inside a parallel piece (a batch slice of a recurrence).
template <class T>
void matmul_serial(Index m, Operand<T> a, const Packed<T>& b, T* c, Index c_stride, Start start = Start::zero,
                   const T* bias = nullptr);

}  // namespace rondo

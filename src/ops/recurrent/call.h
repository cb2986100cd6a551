/// One call of `recurrent`: its operands, what forward leaves for backward, and how its work is shared out.
#pragma once
#include <numeric>
#include <vector>

#include <rondo/ops.h>

#include "ops/recurrent/chain.h"
#include "runtime/parallel.h"

namespace rondo::recurrence {

struct Call {
  Sequences x;
  std::vector<RecurrentWeights> weights;
  Var h0, c0;
  bool reverse;                   ///< of the only direction; of two, the second is in reverse
  bool keep;                      ///< for backward
  Index hidden;                   ///< H
  Tensor mask;                    ///< recurrent dropout [count, directions · H]; empty: none
  Tensor outputs;                 ///< [rows, directions · H]
  Tensor h, c;                    ///< final states [count, directions · H]
  std::vector<Tensor> kept = {};  ///< of each direction: see Chain
  Tensor zeros = {};              ///< [H]

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
  const Tensor& x = call.x.rows().value();
  return {.walk = {&call.layout(), direction == 1 || call.reverse},
          .input = call.x.features(),
          .hidden = call.hidden,
          .x = from<T>(x),
          .h0 = from<T>(call.h0.value(), offset),
          .c0 = from<T>(call.c0.value(), offset),
          .state_stride = stride,
          .mask = from<T>(std::as_const(call.mask), offset),
          .h = from<T>(call.outputs, offset),
          .h_stride = stride,
          .kept = call.keep ? from<T>(call.kept[static_cast<std::size_t>(direction)]) : nullptr,
          .c = from<T>(call.c, offset),
          .zeros = from<T>(std::as_const(call.zeros))};
}

/// All directions of all groups of sequences, on several threads if it pays.
class Jobs {
 public:
  /// work: multiply-adds of the whole.
  Jobs(const Call& call, Index work) : directions_(call.directions()) {
    constexpr Index worth_a_thread = 64 * 1024;
    threads_ = std::clamp<Index>(work / worth_a_thread, 1, parallelism());
    groups_ = share_out(call.layout(), threads_ / std::gcd(threads_, directions_));
  }
  const std::vector<Group>& groups() const noexcept { return groups_; }

  /// body(direction, index of the group)
  template <class Body>
  void run(const Body& body) const {
    const auto count = static_cast<Index>(groups_.size()) * directions_;
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
  Index directions_, threads_;
  std::vector<Group> groups_;
};

}  // namespace rondo::recurrence

/// One call of `recurrent`: its operands, what forward leaves for backward, and both ways through all
/// directions.
#pragma once
#include <memory>
#include <numeric>
#include <vector>

#include <rondo/ops.h>

#include "autograd/tape.h"
#include "ops/recurrent/chain_backward.h"

namespace rondo::recurrence {

/// What one direction's forward leaves behind; see Chain.
struct Trace {
  Tensor gates, extra, fed, c;
};

struct Call {
  Sequences x;
  std::vector<RecurrentWeights> weights;
  Var h0, c0;
  bool reverse;    ///< of the only direction; of two, the second is in reverse
  bool keep;       ///< for backward
  Index hidden;    ///< H
  Tensor mask;     ///< recurrent dropout [count, directions · H]; empty: none
  Tensor outputs;  ///< [rows, directions · H]
  Tensor h, c;     ///< final states [count, directions · H]
  std::vector<Trace> traces = {};
  Tensor zeros = {};  ///< [H]

  Index directions() const noexcept { return static_cast<Index>(weights.size()); }
  const Layout& layout() const noexcept { return *x.layout(); }
  Trace& trace(Index direction) { return traces[static_cast<std::size_t>(direction)]; }
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

template <class Cell, class T>
void allocate(Call& call) {
  const Layout& layout = call.layout();
  const Index rows = call.keep ? layout.rows() : layout.sequences();
  const Shape states{rows, call.hidden};
  const DType type = dtype_of<T>;
  call.zeros = Tensor::zeros({call.hidden}, type);
  for (Index direction = 0; direction < call.directions(); ++direction) {
    Trace trace;
    trace.fed = Tensor::uninitialised(states, type);
    if (has_extra<Cell>) trace.extra = Tensor::uninitialised(states, type);
    if (call.keep) trace.gates = Tensor::uninitialised({rows, Cell::gates * call.hidden}, type);
    if (call.keep && Cell::memory) trace.c = Tensor::uninitialised(states, type);
    call.traces.push_back(std::move(trace));
  }
}

template <class Cell, class T>
Chain<T> chain_of(Call& call, Index direction) {
  const Index offset = direction * call.hidden, stride = call.directions() * call.hidden;
  const Tensor& x = call.x.rows().value();
  Trace& trace = call.trace(direction);
  // Without backward, c needs no more memory than the final states.
  const bool own_c = !trace.c.empty();
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
          .keep = call.keep,
          .gates = from<T>(trace.gates),
          .extra = from<T>(trace.extra),
          .fed = from<T>(trace.fed),
          .c = own_c ? from<T>(trace.c) : from<T>(call.c, offset),
          .c_stride = own_c ? call.hidden : stride,
          .zeros = from<T>(std::as_const(call.zeros))};
}

template <class T>
std::vector<Chain<T>> chains(Call& call, Chain<T> (*make)(Call&, Index)) {
  std::vector<Chain<T>> all;
  for (Index direction = 0; direction < call.directions(); ++direction)
    all.push_back(make(call, direction));
  return all;
}

/// Runs body(direction, group) for all directions and all sequences, on several threads if it pays.
/// `work`: multiply-adds of the whole.
template <class Body>
void for_groups(const Call& call, Index work, const Body& body) {
  constexpr Index worth_a_thread = 64 * 1024;
  const Index threads = std::clamp<Index>(work / worth_a_thread, 1, parallelism());
  const Index directions = call.directions();
  const std::vector<Group> groups = share_out(call.layout(), threads / std::gcd(threads, directions));
  const auto count = static_cast<Index>(groups.size());
  const auto one = [&](Index job) {
    body(job % directions, groups[static_cast<std::size_t>(job / directions)]);
  };
  if (threads == 1)
    parallel_parts(1, [&](int) {
      for (Index job = 0; job < count * directions; ++job)
        one(job);
    });
  else
    parallel_parts(static_cast<int>(count * directions), [&](int job) { one(job); });
}

/// ForwardWeights and the memory behind them.
template <class T>
struct PreparedWeights {
  ForwardWeights<T> weights;
  std::vector<T> start;
};

template <class Cell, class T>
PreparedWeights<T> prepare(const RecurrentWeights& of, Index input, Index size) {
  const Index columns = Cell::gates * size, joint = joint_gates<Cell> * size;
  const T* const u = from<T>(of.weight_hh.value());
  const T* const bias_ih = from<T>(of.bias_ih.value());
  const T* const bias_hh = from<T>(of.bias_hh.value());
  PreparedWeights<T> prepared{
      {Packed<T>(columns, input, {from<T>(of.weight_ih.value()), input, 1}),
       Packed<T>(joint, size, {u, size, 1}),
       has_extra<Cell> ? Packed<T>(size, size, {u + joint * size, size, 1}) : Packed<T>(), nullptr, nullptr},
      {}};
  if (bias_ih == nullptr && bias_hh == nullptr) return prepared;
  prepared.start.assign(static_cast<std::size_t>(columns), T(0));
  T* const start = prepared.start.data();
  if (bias_ih != nullptr) std::copy_n(bias_ih, columns, start);
  constexpr bool beside = Cell::candidate == Candidate::beside;
  if (bias_hh != nullptr) {
    for (Index column = 0; column < (beside ? joint : columns); ++column)
      start[column] += bias_hh[column];
    if (beside) prepared.weights.extra_start = bias_hh + joint;
  }
  prepared.weights.start = start;
  return prepared;
}

/// Copies the states in which sequences end.
template <class T>
void gather_final(const Call& call, const Chain<T>& chain, Index direction, Group group, Tensor& h,
                  Tensor& c) {
  const Index offset = direction * call.hidden;
  for (Index s = group.first; s < group.last; ++s) {
    const Index step = chain.walk.last_step(s), place = s * chain.state_stride + offset;
    std::copy_n(chain.h + chain.row(step, s) * chain.h_stride, chain.hidden, from<T>(h) + place);
    if (chain.c != nullptr && chain.keep)
      std::copy_n(chain.c + chain.slot(step, s) * chain.c_stride, chain.hidden, from<T>(c) + place);
  }
}

template <class Cell, class T>
void run_forward(Call& call) {
  allocate<Cell, T>(call);
  const std::vector<Chain<T>> all = chains<T>(call, chain_of<Cell, T>);
  std::vector<PreparedWeights<T>> weights;
  for (const RecurrentWeights& of : call.weights)
    weights.push_back(prepare<Cell, T>(of, call.x.features(), call.hidden));
  const Index work = call.layout().rows() * call.directions() * Cell::gates * call.hidden *
                     (call.hidden + call.x.features());
  for_groups(call, work, [&](Index direction, Group group) {
    const auto at = static_cast<std::size_t>(direction);
    Forward<Cell, T>(all[at], weights[at].weights, kernels<T>()).run(group);
    gather_final<T>(call, all[at], direction, group, call.h, call.c);
  });
}

/// to [count, H], `stride` apart, += the rows of `of`.
template <class T>
void add_states(Tensor* to, Index offset, Index stride, const Tensor& of) {
  if (to == nullptr) return;
  parallel_for(of.rows(), 1 << 10, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      T* const sums = from<T>(*to, row * stride + offset);
      kernels<T>().add(of.columns(), sums, from<T>(of, row * of.columns()), sums);
    }
  });
}

template <class Cell, class T>
void run_backward(Call& call, Gradients& gradients) {
  const Index count = call.layout().sequences(), size = call.hidden, stride = call.directions() * size;
  std::vector<Chain<T>> all = chains<T>(call, chain_of<Cell, T>);
  std::vector<BackwardWeights<T>> weights;
  std::vector<Tensor> dh, dc;
  for (const RecurrentWeights& of : call.weights) {
    const T* const u = from<T>(of.weight_hh.value());
    const Index joint = joint_gates<Cell> * size;
    weights.push_back({Packed<T>(size, joint, {u, 1, size}),
                       has_extra<Cell> ? Packed<T>(size, size, {u + joint * size, 1, size}) : Packed<T>()});
    dh.push_back(Tensor::uninitialised({count, size}, dtype_of<T>));
    dc.push_back(Cell::memory ? Tensor::uninitialised({count, size}, dtype_of<T>) : Tensor());
  }
  const Tensor &outputs = gradients.of_result(0), &h = gradients.of_result(1);
  const Tensor c = Cell::memory ? gradients.of_result(2) : Tensor();
  Tensor* const dh0 = gradients.into(call.h0);
  Tensor* const dc0 = gradients.into(call.c0);
  const Index work = call.layout().rows() * call.directions() * Cell::gates * size * size;
  for_groups(call, work, [&](Index direction, Group group) {
    const auto at = static_cast<std::size_t>(direction);
    const Index offset = direction * size;
    const Arrived<T> arrived{from<T>(outputs, offset), from<T>(h, offset), from<T>(c, offset),
                             dh0 != nullptr,           from<T>(dh[at]),    from<T>(dc[at])};
    Backward<Cell, T>(all[at], weights[at], arrived, kernels<T>()).run(group);
  });
  const auto sum = [&](const Var& of) {
    Tensor* const into = gradients.into(of);
    return into == nullptr ? nullptr : from<T>(*into);
  };
  // The forward direction first, always: both add to the gradient of x.
  for (Index direction = 0; direction < call.directions(); ++direction) {
    const auto at = static_cast<std::size_t>(direction);
    const RecurrentWeights& of = call.weights[at];
    add_states<T>(dh0, direction * size, stride, dh[at]);
    add_states<T>(dc0, direction * size, stride, dc[at]);
    add_gradients<Cell, T>(
        all[at], from<T>(of.weight_ih.value()),
        {sum(call.x.rows()), sum(of.weight_ih), sum(of.weight_hh), sum(of.bias_ih), sum(of.bias_hh)});
    call.trace(direction) = {};  // its memory serves the next direction's products
  }
}

}  // namespace rondo::recurrence

/// The forward pass of a call, for all directions.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "autograd/forms.h"
#include "ops/linear.h"
#include "ops/recurrent/call.h"
#include "ops/recurrent/chain_forward.h"
#include "ops/recurrent/segments.h"

namespace rondo::recurrence {

/// ForwardWeights and the memory behind them.
template <class T>
struct PreparedWeights {
  ForwardWeights<T> weights = {};
  std::vector<T> start = {};
};

/// Of each block, its rows of gates [begin, end), gate after gate.
inline std::vector<SmallMatrix> by_blocks(WeightType type, UnitBlocks blocks, const float* matrix,
                                          Index length, Index begin, Index end) {
  std::vector<SmallMatrix> all;
  std::vector<float> rows;
  for (Index block = 0; block < blocks.count() && begin < end; ++block) {
    rows.clear();
    for (Index gate = begin; gate < end; ++gate) {
      const float* const from = matrix + (gate * blocks.units + blocks.begin(block)) * length;
      rows.insert(rows.end(), from, from + blocks.size(block) * length);
    }
    all.emplace_back(type, kernels<float>(), (end - begin) * blocks.size(block), length, rows.data());
  }
  return all;
}

template <class Cell, class T>
ForwardWeights<T> pack_matrices(const T* w, const T* u, Index input, Index size,
                                std::span<const Move> joint_order) {
  const Index joint = joint_gates<Cell> * size;
  return {Packed<T>::with_columns(joint, input, {w, input, 1}, joint_order),
          has_extra<Cell> ? Packed<T>(size, input, {w + joint * input, input, 1}) : Packed<T>(),
          Packed<T>::with_columns(joint, size, {u, size, 1}, joint_order),
          has_extra<Cell> ? Packed<T>(size, size, {u + joint * size, size, 1}) : Packed<T>(),
          nullptr,
          nullptr};
}

template <class Cell>
ForwardWeights<float> pack_int8(WeightType type, const float* w, const float* u, Index input, Index size) {
  constexpr Index joint = joint_gates<Cell>, gates = Cell::gates;
  ForwardWeights<float> weights{};
  weights.int8 = std::make_shared<const Int8Weights>(Int8Weights{
      type, by_blocks(type, {size}, w, input, 0, joint), by_blocks(type, {size}, w, input, joint, gates),
      by_blocks(type, {size}, u, size, 0, joint), by_blocks(type, {size}, u, size, joint, gates)});
  return weights;
}

template <class Cell, class T>
PreparedWeights<T> pack(const RecurrentWeights& of, bool int8, Index input, Index size) {
  const Index columns = Cell::gates * size, joint = joint_gates<Cell> * size;
  const std::vector<Move> order = to_memory_order<Cell>({size});
  const std::span<const Move> joint_order(order.data(), order.size() - (has_extra<Cell> ? 1 : 0));
  const T* const w = from<T>(of.weight_ih.value());
  const T* const u = from<T>(of.weight_hh.value());
  const T* const bias_ih = from<T>(of.bias_ih.value());
  const T* const bias_hh = from<T>(of.bias_hh.value());
  PreparedWeights<T> prepared;
  if constexpr (std::is_same_v<T, float>)
    if (int8) prepared.weights = pack_int8<Cell>(of.weight_ih.leaf()->weight_type, w, u, input, size);
  if (!int8) prepared.weights = pack_matrices<Cell>(w, u, input, size, joint_order);
  if (bias_ih == nullptr && bias_hh == nullptr) return prepared;
  std::vector<T> start(static_cast<std::size_t>(columns), T(0));
  if (bias_ih != nullptr) std::copy_n(bias_ih, columns, start.data());
  constexpr bool beside = Cell::candidate == Candidate::beside;
  if (bias_hh != nullptr) {
    for (Index column = 0; column < (beside ? joint : columns); ++column)
      start[static_cast<std::size_t>(column)] += bias_hh[column];
    if (beside) prepared.weights.extra_start = bias_hh + joint;
  }
  prepared.start.resize(start.size());
  for (const Move& move : order)
    std::copy_n(start.data() + move.from, move.count, prepared.start.data() + move.to);
  prepared.weights.start = prepared.start.data();
  return prepared;
}

/// The form that `pack` makes of a direction's weights, for a call with so many rows.
template <class Cell, class T, bool int8>
std::shared_ptr<const PreparedWeights<T>> prepare_in(const RecurrentWeights& of, Index input, Index size,
                                                     Index rows) {
  struct OfCell : PreparedWeights<T> {};  // the order of the columns depends on the cell
  const std::array parameters = {of.weight_ih, of.weight_hh, of.bias_ih, of.bias_hh};
  return form_of<OfCell>(parameters, &kernels<T>(), rows,
                         [&] { return OfCell{pack<Cell, T>(of, int8, input, size)}; });
}

template <class Cell, class T>
std::shared_ptr<const PreparedWeights<T>> prepare(const Call& call, const RecurrentWeights& of) {
  const Index input = call.x.features(), rows = call.layout().rows();
  if constexpr (std::is_same_v<T, float>)
    if (!call.keep && is_int8(of.weight_ih) && is_int8(of.weight_hh))
      return prepare_in<Cell, T, true>(of, input, call.hidden, rows);
  return prepare_in<Cell, T, false>(of, input, call.hidden, rows);
}

/// Copies the states in which sequences end at visits [begin, end).
template <class Cell, class T>
void gather_final(Call& call, const Chain<T>& chain, Index direction, Group group, Index begin, Index end) {
  const UnitBlocks blocks = chain.blocks();
  for (Index s = group.first; s < group.last; ++s) {
    const Index step = chain.walk.last_step(s), visit = chain.walk.reverse ? chain.walk.visits() - 1 : step;
    if (visit < begin || visit >= end) continue;
    const Index place = s * chain.state_stride;
    std::copy_n(chain.h + chain.row(step, s) * chain.h_stride, chain.hidden,
                from<T>(call.h) + place + direction * call.hidden);
    if (!Cell::memory || chain.kept == nullptr) continue;
    for (Index block = 0; block < blocks.count(); ++block)
      std::copy_n(chain.template c_at<Cell>(step, s, block), blocks.size(block),
                  chain.c + place + blocks.begin(block));
  }
}

/// The input's part of the distinct rows, if x repeats; else empty.
template <class Cell, class T>
Tensor project_distinct(const Call& call, const ForwardWeights<T>& weights) {
  if (call.copies == nullptr) return {};
  const Index input = call.x.features(), rows = call.input().rows(), columns = Cell::gates * call.hidden;
  const T* const x = from<T>(call.input().value());
  Tensor gates = Tensor::uninitialised({rows, scratch_stride(columns)}, dtype_of<T>);
  if constexpr (std::is_same_v<T, float>) {
    if (weights.in_int8()) {
      const UnitBlocks blocks{call.hidden};
      const Strided<float> to{from<T>(gates), gates.columns()};
      parallel_for(rows, std::max<Index>(1, 128 * 1024 / (columns * input)), [&](Index begin, Index end) {
        Int8Rows rounding(weights.int8->type, kernels<float>(), int8_rows, input);
        project_int8<Cell>(weights, blocks, {0, blocks.count()}, end - begin, x + begin * input, input,
                           rounding, {to[begin], to.stride});
      });
      return gates;
    }
  }
  const auto multiply = [&](const Packed<T>& w, Index column) {
    const T* const start = weights.start == nullptr ? nullptr : weights.start + column;
    matmul(rows, {x, input, 1}, w, from<T>(gates, column), gates.columns(),
           start == nullptr ? Start::zero : Start::bias, start);
  };
  multiply(weights.w, 0);
  if (has_extra<Cell>) multiply(weights.w_extra, joint_gates<Cell> * call.hidden);
  return gates;
}

/// What the forward pass of one direction reads.
template <class Cell, class T>
class ForwardOperands {
 public:
  ForwardOperands(const Call& call, Index direction)
      : prepared_(prepare<Cell, T>(call, call.weights[static_cast<std::size_t>(direction)])),
        distinct_(project_distinct<Cell, T>(call, prepared_->weights)) {}
  const ForwardWeights<T>& weights() const noexcept { return prepared_->weights; }
  Projected<T> projected() const { return {from<T>(distinct_), distinct_.columns()}; }

 private:
  std::shared_ptr<const PreparedWeights<T>> prepared_;
  Tensor distinct_;
};

/// The forward pass of one direction, some visits at a time.
template <class Cell, class T>
class ForwardPass {
 public:
  ForwardPass(const Chain<T>& chain, const ForwardOperands<Cell, T>& operands, const Jobs& jobs) {
    for (const Share& share : jobs.shares())
      workers_.emplace_back(chain, operands.weights(), operands.projected(), kernels<T>(), share.group,
                            share.blocks);
  }
  /// A worker's sequences.
  void run(std::size_t worker, Index begin, Index end) { workers_[worker].run(begin, end); }
  /// Step by step; each thread takes its units.
  void run_by_units(const Jobs& jobs, Index begin, Index end) {
    for (Index visit = begin; visit < end;) {
      Index opened_end = 0;
      jobs.run([&](Index, std::size_t worker) {
        const Index opened = workers_[worker].open(visit, end);
        if (worker == 0) opened_end = opened;
      });
      for (; visit < opened_end; ++visit)
        jobs.run([&](Index, std::size_t worker) { workers_[worker].take(visit); });
    }
  }

 private:
  std::vector<Forward<Cell, T>> workers_;
};

/// Runs all directions, each segment by segment, and saves what backward needs of them.
template <class Cell, class T>
void forward_in_segments(Call& call, std::vector<Chain<T>>& chains,
                         const std::vector<ForwardOperands<Cell, T>>& operands, const Jobs& jobs) {
  std::vector<Window<Cell, T>> windows;
  std::vector<ForwardPass<Cell, T>> passes;
  Index most = 0;
  for (std::size_t d = 0; d < chains.size(); ++d) {
    windows.emplace_back(call.outputs.empty(), call.every == 0);
    passes.emplace_back(chains[d], operands[d], jobs);
    most = std::max(most, call.saved[d].segments());
  }
  for (Index segment = 0; segment < most; ++segment) {
    const auto each = [&](const auto& body) {
      for (std::size_t d = 0; d < chains.size(); ++d)
        if (segment < call.saved[d].segments()) body(d, call.saved[d]);
    };
    each([&](std::size_t d, const Saved& saved) { windows[d].open(chains[d], saved, segment); });
    if (jobs.by_units())
      passes.front().run_by_units(jobs, call.saved.front().begin(segment), call.saved.front().end(segment));
    else
      jobs.run([&](Index direction, std::size_t share) {
        const auto d = static_cast<std::size_t>(direction);
        if (segment < call.saved[d].segments())
          passes[d].run(share, call.saved[d].begin(segment), call.saved[d].end(segment));
      });
    each([&](std::size_t d, Saved& saved) {
      gather_final<Cell, T>(call, chains[d], static_cast<Index>(d), {0, call.layout().sequences()},
                            saved.begin(segment), saved.end(segment));
      save<Cell, T>(saved, chains[d], segment);
    });
  }
}

/// Memory for what the call makes.
template <class Cell, class T>
void make_room(Call& call) {
  call.zeros = Tensor::zeros({call.hidden}, dtype_of<T>);
  if (call.keep) call.saved = saved_for<Cell, T>(call);
  const Index rows = call.layout().rows();
  if (call.asked_for_outputs || call.saved.empty())
    call.outputs = Tensor::uninitialised({rows, call.directions() * call.hidden}, dtype_of<T>);
  for (Index d = 0; d < call.directions() && call.keep && call.saved.empty(); ++d)
    call.kept.push_back(Cell::kept > 0 ? Tensor::uninitialised({rows, Cell::kept * call.hidden}, dtype_of<T>)
                                       : Tensor());
}

template <class Cell, class T>
void run_forward(Call& call) {
  make_room<Cell, T>(call);
  std::vector<Chain<T>> chains;
  std::vector<ForwardOperands<Cell, T>> operands;
  for (Index direction = 0; direction < call.directions(); ++direction) {
    chains.push_back(chain_of<T>(call, direction));
    operands.emplace_back(call, direction);
  }
  const Index work = call.layout().rows() * call.directions() * Cell::gates * call.hidden *
                     (call.hidden + call.x.features());
  const Jobs jobs(call, work, Cell::gates, Cell::candidate != Candidate::gated);
  if (!call.saved.empty()) return forward_in_segments<Cell, T>(call, chains, operands, jobs);
  const Index visits = call.layout().steps();
  if (jobs.by_units()) {
    ForwardPass<Cell, T>(chains.front(), operands.front(), jobs).run_by_units(jobs, 0, visits);
    gather_final<Cell, T>(call, chains.front(), 0, {0, call.layout().sequences()}, 0, visits);
    return;
  }
  jobs.run([&](Index direction, std::size_t share) {
    const auto at = static_cast<std::size_t>(direction);
    const auto& [group, blocks] = jobs.shares()[share];
    Forward<Cell, T>(chains[at], operands[at].weights(), operands[at].projected(), kernels<T>(), group,
                     blocks)
        .run(0, visits);
    gather_final<Cell, T>(call, chains[at], direction, group, 0, visits);
  });
}

}  // namespace rondo::recurrence

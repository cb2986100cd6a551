/// The forward pass of a call, for all directions.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "autograd/forms.h"
#include "ops/linear.h"
#include "ops/recurrent/call.h"
#include "ops/recurrent/chain_forward.h"

namespace rondo::recurrence {

/// ForwardWeights and the memory behind them.
template <class T>
struct PreparedWeights {
  ForwardWeights<T> weights = {};
  std::vector<T> start = {};
};

/// Of each block, its rows of gates [begin, end), gate after gate.
inline std::vector<SmallMatrix> by_blocks(UnitBlocks blocks, const float* matrix, Index length, Index begin,
                                          Index end) {
  std::vector<SmallMatrix> all;
  std::vector<float> rows;
  for (Index block = 0; block < blocks.count() && begin < end; ++block) {
    rows.clear();
    for (Index gate = begin; gate < end; ++gate) {
      const float* const from = matrix + (gate * blocks.units + blocks.begin(block)) * length;
      rows.insert(rows.end(), from, from + blocks.size(block) * length);
    }
    all.emplace_back(WeightType::int8, kernels<float>(), (end - begin) * blocks.size(block), length,
                     rows.data());
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
ForwardWeights<float> pack_int8(const float* w, const float* u, Index input, Index size) {
  constexpr Index joint = joint_gates<Cell>, gates = Cell::gates;
  ForwardWeights<float> weights{};
  weights.int8 = std::make_shared<const Int8Weights>(
      Int8Weights{by_blocks({size}, w, input, 0, joint), by_blocks({size}, w, input, joint, gates),
                  by_blocks({size}, u, size, 0, joint), by_blocks({size}, u, size, joint, gates)});
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
    if (int8) prepared.weights = pack_int8<Cell>(w, u, input, size);
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

/// Copies the states in which sequences end.
template <class Cell, class T>
void gather_final(const Call& call, const Chain<T>& chain, Index direction, Group group, Tensor& h) {
  const UnitBlocks blocks = chain.blocks();
  for (Index s = group.first; s < group.last; ++s) {
    const Index step = chain.walk.last_step(s), place = s * chain.state_stride;
    std::copy_n(chain.h + chain.row(step, s) * chain.h_stride, chain.hidden,
                from<T>(h) + place + direction * call.hidden);
    if (!Cell::memory || !call.keep) continue;
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
        Int8Rows rounding(kernels<float>(), int8_rows, input);
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

/// Runs step by step; each thread takes its units.
template <class Cell, class T>
void forward_by_units(const Chain<T>& chain, const ForwardWeights<T>& weights, Projected<T> projected,
                      const Jobs& jobs) {
  std::vector<Forward<Cell, T>> workers;
  for (const Share& share : jobs.shares())
    workers.emplace_back(chain, weights, projected, kernels<T>(), share.group, share.blocks);
  for (Index visit = 0; visit < chain.walk.visits();) {
    Index end = 0;
    jobs.run([&](Index, std::size_t worker) {
      const Index opened = workers[worker].open(visit);
      if (worker == 0) end = opened;
    });
    for (; visit < end; ++visit)
      jobs.run([&](Index, std::size_t worker) { workers[worker].take(visit); });
  }
}

template <class Cell, class T>
void run_forward(Call& call) {
  const DType type = dtype_of<T>;
  call.zeros = Tensor::zeros({call.hidden}, type);
  std::vector<Chain<T>> chains;
  std::vector<std::shared_ptr<const PreparedWeights<T>>> weights;
  std::vector<Tensor> distinct;
  std::vector<Projected<T>> projected;
  for (Index direction = 0; direction < call.directions(); ++direction) {
    call.kept.push_back(call.keep && Cell::kept > 0
                            ? Tensor::uninitialised({call.layout().rows(), Cell::kept * call.hidden}, type)
                            : Tensor());
    chains.push_back(chain_of<T>(call, direction));
    weights.push_back(prepare<Cell, T>(call, call.weights[static_cast<std::size_t>(direction)]));
    distinct.push_back(project_distinct<Cell, T>(call, weights.back()->weights));
    projected.push_back({from<T>(std::as_const(distinct.back())), distinct.back().columns()});
  }
  const Index work = call.layout().rows() * call.directions() * Cell::gates * call.hidden *
                     (call.hidden + call.x.features());
  const Jobs jobs(call, work, Cell::gates, Cell::candidate != Candidate::gated);
  if (jobs.by_units()) {
    forward_by_units<Cell, T>(chains.front(), weights.front()->weights, projected.front(), jobs);
    gather_final<Cell, T>(call, chains.front(), 0, {0, call.layout().sequences()}, call.h);
    return;
  }
  jobs.run([&](Index direction, std::size_t share) {
    const auto at = static_cast<std::size_t>(direction);
    const auto& [group, blocks] = jobs.shares()[share];
    Forward<Cell, T>(chains[at], weights[at]->weights, projected[at], kernels<T>(), group, blocks).run();
    gather_final<Cell, T>(call, chains[at], direction, group, call.h);
  });
}

}  // namespace rondo::recurrence

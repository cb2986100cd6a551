#include <algorithm>

#include <rondo/error.h>

#include "model/stream/step.h"
#include "ops/recurrent/gru.h"
#include "ops/recurrent/lstm.h"
#include "ops/recurrent/residual.h"
#include "ops/recurrent/rnn.h"
#include "runtime/parallel.h"

namespace rondo::streaming {
namespace {

using namespace recurrence;

/// Rows [gate · units + first, ... + count) of [gates · units, length] for gates [begin, end), gate after
/// gate.
std::vector<float> rows_of_part(const float* matrix, Index length, Index units, Index first, Index count,
                                Index begin, Index end) {
  std::vector<float> rows;
  rows.reserve(static_cast<std::size_t>((end - begin) * count * length));
  for (Index gate = begin; gate < end; ++gate) {
    const float* const from = matrix + (gate * units + first) * length;
    rows.insert(rows.end(), from, from + count * length);
  }
  return rows;
}

/// Some units of a level: the share of one thread. Each element is the same chain as in chain_forward.h.
template <class Cell>
struct Units {
  Index first, count;
  SmallMatrix w, u;           ///< of all gates; of the joint gates, which take h · Uᵀ directly
  SmallMatrix u_extra;        ///< of the candidate, unless joint
  std::vector<float> start;   ///< [gates · count]
  std::vector<float> beside;  ///< [count]: where Candidate::beside begins
};

template <class Cell>
Units<Cell> units_of(const Setting& setting, const RecurrentArrays& arrays, Index first, Index count) {
  constexpr Index gates = Cell::gates, joint = joint_gates<Cell>;
  constexpr bool is_beside = Cell::candidate == Candidate::beside;
  const Index h = arrays.units;
  const auto part = [&](const float* matrix, Index length, Index begin, Index end) {
    return rows_of_part(matrix, length, h, first, count, begin, end);
  };
  const auto packed = [&](const float* matrix, Index length, Index begin, Index end) {
    return SmallMatrix(setting.type, *setting.kernels, (end - begin) * count, length,
                       part(matrix, length, begin, end).data());
  };
  Units<Cell> units{first,
                    count,
                    packed(arrays.weight_ih, arrays.input, 0, gates),
                    packed(arrays.weight_hh, h, 0, joint),
                    {},
                    {},
                    {}};
  if (has_extra<Cell>) units.u_extra = packed(arrays.weight_hh, h, joint, gates);
  units.start.resize(static_cast<std::size_t>(gates * count));
  if (arrays.bias_ih != nullptr) units.start = part(arrays.bias_ih, 1, 0, gates);
  if (is_beside) units.beside.resize(static_cast<std::size_t>(count));
  if (arrays.bias_hh == nullptr) return units;
  const std::vector<float> bias = part(arrays.bias_hh, 1, 0, gates);
  const auto straight = static_cast<std::size_t>((is_beside ? joint : gates) * count);
  for (std::size_t i = 0; i < straight; ++i)
    units.start[i] += bias[i];
  if (is_beside) units.beside.assign(bias.begin() + joint * count, bias.end());
  return units;
}

template <class Cell>
class RecurrentStep final : public Step {
 public:
  RecurrentStep(const Setting& setting, const RecurrentArrays& arrays)
      : Step(arrays.units, (Cell::memory ? 2 : 1) * arrays.units),
        setting_(setting),
        input_(arrays.input),
        units_(arrays.units),
        fresh_share_(1 - static_cast<float>(arrays.zoneout)) {
    const int count = parts_of(setting, Cell::gates * units_ * (input_ + units_));
    for (int part = 0; part < count; ++part) {
      const Index first = part_begin(part, count, units_);
      parts_.push_back(
          streaming::units_of<Cell>(setting, arrays, first, part_begin(part + 1, count, units_) - first));
    }
  }

  std::size_t memory(Index rows) const override {
    const auto few_rows = [&](Index k) { return FewRows::memory(setting_.type, *setting_.kernels, rows, k); };
    return few_rows(input_) + 2 * few_rows(units_) + Arena::size_of<float>(rows * Cell::gates * units_) +
           Arena::size_of<float>(rows * units_);
  }

  const float* run(const Moment& now) const override {
    Arena arena = now.arena;
    const FewRows x(setting_.type, *setting_.kernels, now.rows, input_, now.x, input_, arena);
    const FewRows h(setting_.type, *setting_.kernels, now.rows, units_, now.before, now.state_stride, arena);
    const Buffers buffers{arena.take<float>(now.rows * Cell::gates * units_),
                          has_extra<Cell> ? arena.take<float>(now.rows * units_) : nullptr};
    const auto each_part = [&](const auto& body) {
      parallel_parts(static_cast<int>(parts_.size()),
                     [&](int part) { body(parts_[static_cast<std::size_t>(part)]); });
    };
    if constexpr (Cell::candidate == Candidate::gated) {
      each_part([&](const Units<Cell>& part) {
        products(part, now, buffers, x, h);
        Cell::gate(*setting_.kernels, rows_of(part, now, buffers));
      });
      const FewRows fed(setting_.type, *setting_.kernels, now.rows, units_, buffers.extra, units_, arena);
      each_part([&](const Units<Cell>& part) {
        float* const gates = buffers.gates + now.rows * Cell::gates * part.first;
        part.u_extra.multiply_onto(fed, gates + joint_gates<Cell> * part.count, Cell::gates * part.count);
        finish(part, now, buffers);
      });
    } else {
      each_part([&](const Units<Cell>& part) {
        products(part, now, buffers, x, h);
        finish(part, now, buffers);
      });
    }
    return now.rows == 1 ? now.after : now.y;
  }

 private:
  struct Buffers {
    float* gates;  ///< part after part, in each [rows, gates, units of the part]
    float* extra;  ///< [rows, units]
  };

  void products(const Units<Cell>& part, const Moment& now, const Buffers& buffers, const FewRows& x,
                const FewRows& h) const {
    const Index stride = Cell::gates * part.count;
    float* const gates = buffers.gates + now.rows * Cell::gates * part.first;
    part.w.multiply(x, part.start.data(), gates, stride);
    part.u.multiply_onto(h, gates, stride);
    if constexpr (Cell::candidate == Candidate::beside)
      part.u_extra.multiply(h, part.beside.data(), buffers.extra + part.first, units_);
  }

  CellRows<float> rows_of(const Units<Cell>& part, const Moment& now, const Buffers& buffers) const {
    const Index stride = Cell::gates * part.count;
    float* const gates = buffers.gates + now.rows * Cell::gates * part.first;
    const Strided<const float> before = {now.before + part.first, now.state_stride};
    const Strided<float> after = {now.after + part.first, now.state_stride};
    return {.rows = now.rows,
            .size = part.count,
            .gates = {gates, stride},
            .candidate = {has_extra<Cell> ? gates + joint_gates<Cell> * part.count : nullptr, stride},
            .extra = {has_extra<Cell> ? buffers.extra + part.first : nullptr, units_},
            .fed = before,
            .h_before = before,
            .c_before = {Cell::memory ? before.data + units_ : nullptr, now.state_stride},
            .kept = {},
            .c = {Cell::memory ? after.data + units_ : nullptr, now.state_stride},
            .h = after};
  }

  void finish(const Units<Cell>& part, const Moment& now, const Buffers& buffers) const {
    const CellRows<float> rows = rows_of(part, now, buffers);
    Cell::forward(*setting_.kernels, rows);
    if (fresh_share_ != 1) keep_some(part, now);
    if (now.rows == 1) return;
    for (Index row = 0; row < now.rows; ++row)
      std::copy_n(rows.h[row], rows.size, now.y + row * units_ + part.first);
  }

  /// The expectation of zoneout, with the bits of the operation.
  void keep_some(const Units<Cell>& part, const Moment& now) const {
    const float old_share = 1 - fresh_share_;
    for (Index row = 0; row < now.rows; ++row)
      for (Index half = 0; half < (Cell::memory ? 2 : 1); ++half) {
        const Index at = row * now.state_stride + half * units_ + part.first;
        for (Index j = at; j < at + part.count; ++j)
          now.after[j] = old_share * now.before[j] + fresh_share_ * now.after[j];
      }
  }

  Setting setting_;
  Index input_, units_;
  float fresh_share_;  ///< what share of a state is new
  std::vector<Units<Cell>> parts_;
};

/// Cell::linear: h = h_before + tanh(W x + b).
class LinearStep final : public Step {
 public:
  LinearStep(const Setting& setting, const RecurrentArrays& arrays)
      : Step(arrays.units, arrays.units), setting_(setting), input_(arrays.input) {
    if (arrays.bias_ih != nullptr) bias_.assign(arrays.bias_ih, arrays.bias_ih + arrays.units);
    const int count = parts_of(setting, input_ * arrays.units);
    for (int part = 0; part < count; ++part) {
      const Index first = part_begin(part, count, arrays.units);
      parts_.push_back({first, SmallMatrix(setting.type, *setting.kernels,
                                           part_begin(part + 1, count, arrays.units) - first, input_,
                                           arrays.weight_ih + first * input_)});
    }
  }

  std::size_t memory(Index rows) const override {
    return FewRows::memory(setting_.type, *setting_.kernels, rows, input_);
  }

  const float* run(const Moment& now) const override {
    Arena arena = now.arena;
    const FewRows x(setting_.type, *setting_.kernels, now.rows, input_, now.x, input_, arena);
    parallel_parts(static_cast<int>(parts_.size()), [&](int index) {
      const auto& [first, weight] = parts_[static_cast<std::size_t>(index)];
      weight.multiply(x, bias_.empty() ? nullptr : bias_.data() + first, now.y + first, width());
    });
    setting_.kernels->tanh(now.rows * width(), now.y, now.y);
    for (Index row = 0; row < now.rows; ++row) {
      float* const y = now.y + row * width();
      setting_.kernels->add(width(), now.before + row * now.state_stride, y, y);
      std::copy_n(y, width(), now.after + row * now.state_stride);
    }
    return now.y;
  }

 private:
  Setting setting_;
  Index input_;
  std::vector<float> bias_;
  std::vector<std::pair<Index, SmallMatrix>> parts_;
};

}  // namespace

std::unique_ptr<Step> recurrent_step(const Setting& setting, const RecurrentArrays& arrays) {
  switch (arrays.cell) {
    case Cell::rnn_tanh:
      return std::make_unique<RecurrentStep<RnnCell<Squash::tanh>>>(setting, arrays);
    case Cell::rnn_relu:
      return std::make_unique<RecurrentStep<RnnCell<Squash::relu>>>(setting, arrays);
    case Cell::lstm:
      return std::make_unique<RecurrentStep<LstmCell>>(setting, arrays);
    case Cell::gru:
      return std::make_unique<RecurrentStep<GruCell>>(setting, arrays);
    case Cell::gru_reset_before:
      return std::make_unique<RecurrentStep<GruResetBeforeCell>>(setting, arrays);
    case Cell::residual:
      return std::make_unique<RecurrentStep<ResidualCell>>(setting, arrays);
    case Cell::linear:
      return std::make_unique<LinearStep>(setting, arrays);
  }
  throw Bug("recurrent_step: unknown cell");
}

}  // namespace rondo::streaming

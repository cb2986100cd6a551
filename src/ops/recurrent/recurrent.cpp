#include <array>
#include <cmath>
#include <span>
#include <string>

#include <rondo/ops.h>

#include "base/message.h"
#include "base/shown.h"
#include "ops/common.h"
#include "ops/recurrent/call_backward.h"
#include "ops/recurrent/call_forward.h"
#include "ops/recurrent/gru.h"
#include "ops/recurrent/lstm.h"
#include "ops/recurrent/residual.h"
#include "ops/recurrent/rnn.h"

namespace rondo {

int gates_of(Cell cell) noexcept {
  constexpr std::array gates = {1, 1, 4, 3, 3, 1, 1};
  return gates[static_cast<std::size_t>(cell)];
}

namespace {

using recurrence::Call;

constexpr bool has_memory(Cell cell) {
  return cell == Cell::lstm;
}

std::string name_of(Cell cell) {
  return "recurrent (" + std::string(names_of(cell)[static_cast<std::size_t>(cell)]) + ")";
}

constexpr bool has_state_product(Cell cell) {
  return cell != Cell::linear;
}

/// H, by the weights.
Index units_of(const std::string& where, Cell cell, const RecurrentWeights& weights) {
  if (!has_state_product(cell)) {
    if (weights.weight_hh.defined() || weights.bias_hh.defined())
      fail(ErrorKind::usage, where + " has no recurrent weights; leave weight_hh and bias_hh undefined");
    const Var& w = weights.weight_ih;
    if (!w.defined() || w.shape().size() != 2 || w.rows() < 1)
      refuse_shape(where, "'weight_ih' of [H, D]", describe(w));
    return w.rows();
  }
  const Var& u = weights.weight_hh;
  if (u.shape().size() != 2 || u.columns() < 1)
    refuse_shape(where, "'weight_hh' of [" + std::to_string(gates_of(cell)) + " H, H]", describe(u));
  return u.columns();
}

/// Checks all sizes and types before any computation. Returns H.
Index check(Cell cell, const Sequences& x, std::span<const RecurrentWeights> directions, const Var& h0,
            const Var& c0, const RecurrentOptions& options) {
  const std::string where = name_of(cell);
  if (x.layout() == nullptr) fail(ErrorKind::shape, where + " wanted sequences, got none");
  const DType type = x.rows().dtype();
  if (directions.empty() || directions.size() > 2)
    fail(ErrorKind::shape,
         where + " wanted weights of one or two directions, got " + std::to_string(directions.size()));
  if (directions.size() == 2 && options.reverse)
    fail(ErrorKind::usage, where + ": 'reverse' is for a single direction; of two, the second is in reverse");
  if (!(options.recurrent_dropout >= 0 && options.recurrent_dropout <= 1))
    fail(ErrorKind::option,
         where + ": recurrent_dropout wanted 0 to 1, got " + plain(options.recurrent_dropout));
  const Index size = units_of(where, cell, directions.front()), columns = gates_of(cell) * size;
  for (const RecurrentWeights& weights : directions) {
    if (has_state_product(cell)) checked(where, "weight_hh", weights.weight_hh, {columns, size}, type);
    checked(where, "weight_ih", weights.weight_ih, {columns, x.features()}, type);
    if (weights.bias_ih.defined()) checked(where, "bias_ih", weights.bias_ih, {columns}, type);
    if (weights.bias_hh.defined()) checked(where, "bias_hh", weights.bias_hh, {columns}, type);
  }
  const Shape states{x.count(), static_cast<Index>(directions.size()) * size};
  if (h0.defined()) checked(where, "h0", h0, states, type);
  if (c0.defined() && !has_memory(cell)) fail(ErrorKind::usage, where + " has no c; leave c0 undefined");
  if (c0.defined()) checked(where, "c0", c0, states, type);
  return size;
}

/// Recurrent dropout: 0 or 1 / (1 - rate), the same at every step of a sequence. Empty outside a Recording.
Tensor mask_of(const RecurrentOptions& options, const Shape& shape, DType type) {
  if (!recording_options() || options.recurrent_dropout == 0) return {};
  return dropout(Tensor::full(shape, 1, type), options.recurrent_dropout, options.dropout_key).value();
}

/// Calls f.template operator()<CellOfThatKind>().
template <class F>
void visit_cell(Cell cell, const F& f) {
  using namespace recurrence;
  switch (cell) {
    case Cell::rnn_tanh:
      return f.template operator()<RnnCell<Squash::tanh>>();
    case Cell::rnn_relu:
      return f.template operator()<RnnCell<Squash::relu>>();
    case Cell::lstm:
      return f.template operator()<LstmCell>();
    case Cell::gru:
      return f.template operator()<GruCell>();
    case Cell::gru_reset_before:
      return f.template operator()<GruResetBeforeCell>();
    case Cell::residual:
      return f.template operator()<ResidualCell>();
    case Cell::linear:
      break;
  }
  throw Bug("recurrent: a linear recurrence has no steps");
}

/// Cell::linear: what is added to the state depends on no state, so all steps of all sequences are one
/// product and one sum.
RecurrentResult linear_recurrence(const Sequences& x, std::span<const RecurrentWeights> directions,
                                  const Var& h0, bool reverse, Index size) {
  std::vector<Var> outputs, last;
  for (std::size_t d = 0; d < directions.size(); ++d) {
    const bool backward = d == 1 || reverse;
    const auto begin = static_cast<Index>(d) * size;
    const Var first = h0.defined() && directions.size() == 2 ? slice_columns(h0, begin, begin + size) : h0;
    const Var change = tanh(linear(x.rows(), directions[d].weight_ih, directions[d].bias_ih));
    const Sequences h = running_sum({change, x.layout()}, first, backward);
    outputs.push_back(h.rows());
    last.push_back(backward ? slice_rows(h.rows(), 0, x.count()) : h.last());
  }
  if (outputs.size() == 1) return {Sequences(outputs[0], x.layout()), last[0], Var()};
  return {Sequences(concat(outputs), x.layout()), concat(last), Var()};
}

/// The copies of x, if using them pays. A product of a row costs D multiply-adds per gate. Copying a result,
/// or adding to a sum, costs about as much as ten.
std::shared_ptr<const Copies> copies_of(const Sequences& x) {
  constexpr Index worth_it = 24;
  return x.features() < worth_it ? nullptr : x.copies();
}

/// Visits between the states that a Recording with `recompute` keeps; 0: it keeps all.
Index visits_between_states(int recompute, const Layout& layout) {
  if (recompute >= 0) return recompute;
  return static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(layout.steps()))));
}

std::vector<Var> inputs_of(const Call& call) {
  std::vector<Var> inputs = {call.input(), call.h0, call.c0};
  for (const RecurrentWeights& of : call.weights)
    inputs.insert(inputs.end(), {of.weight_ih, of.weight_hh, of.bias_ih, of.bias_hh});
  return inputs;
}

}  // namespace

RecurrentResult recurrent(Cell cell, const Sequences& x, std::span<const RecurrentWeights> directions,
                          const Var& h0, const Var& c0, const RecurrentOptions& options) {
  const Index size = check(cell, x, directions, h0, c0, options);
  if (cell == Cell::linear) return linear_recurrence(x, directions, h0, options.reverse, size);
  const Index columns = static_cast<Index>(directions.size()) * size;
  const DType type = x.rows().dtype();
  const Shape states{x.count(), columns};
  auto call = std::make_shared<Call>(Call{.x = x,
                                          .weights = {directions.begin(), directions.end()},
                                          .h0 = h0,
                                          .c0 = c0,
                                          .copies = copies_of(x),
                                          .reverse = options.reverse,
                                          .asked_for_outputs = options.outputs});
  const std::vector<Var> inputs = inputs_of(*call);
  const RecordingOptions memory = recording_memory();
  call->keep = any_tracked(inputs);
  call->every = visits_between_states(memory.recompute, call->layout());
  call->type = memory.keep;
  call->hidden = size;
  call->mask = mask_of(options, states, type);
  call->h = Tensor::uninitialised(states, type);
  if (has_memory(cell)) call->c = Tensor::uninitialised(states, type);
  visit_float(type, name_of(cell), [&]<class T>() {
    visit_cell(cell, [&]<class Kind>() { recurrence::run_forward<Kind, T>(*call); });
  });
  std::vector<Tensor> values = {options.outputs ? call->outputs : Tensor(), call->h};
  if (has_memory(cell)) values.push_back(call->c);
  std::vector<Var> results = record(std::move(values), inputs, [call, cell, type](Gradients& gradients) {
    visit_float(type, name_of(cell), [&]<class T>() {
      visit_cell(cell, [&]<class Kind>() { recurrence::run_backward<Kind, T>(*call, gradients); });
    });
  });
  return {options.outputs ? Sequences(results[0], x.layout()) : Sequences(), results[1],
          has_memory(cell) ? results[2] : Var()};
}

State recurrent_step(Cell cell, const Var& x, const RecurrentWeights& weights, const State& state) {
  const std::size_t parts = has_memory(cell) ? 2 : 1;
  if (state.size() != parts)
    fail(ErrorKind::shape, name_of(cell) + " wanted a state of " + (parts == 2 ? "{h, c}" : "{h}") +
                               ", got " + std::to_string(state.size()) + " parts");
  const Sequences step(x, Layout::uniform(x.rows(), 1));
  const RecurrentResult result =
      recurrent(cell, step, {&weights, 1}, state[0], parts == 2 ? state[1] : Var());
  return parts == 2 ? State{result.outputs.rows(), result.c} : State{result.outputs.rows()};
}

}  // namespace rondo

#include <rondo/error.h>
#include <rondo/nn.h>

#include "nn/recurrent_stack.h"

namespace rondo::nn {
namespace {

/// The weights of a single step.
template <class Options>
std::shared_ptr<const RecurrentStack> cell_of(const Scope& in, int input, const Options& options) {
  if (options.layers != 1 || options.bidirectional)
    fail(ErrorKind::option, "a single step of " + std::string(Options::type) +
                                " has one layer and one direction; use several cells, or nn::" +
                                (Options::type == "lstm" ? "LSTM" : "GRU"));
  return std::make_shared<RecurrentStack>(in, input, options, false);
}

}  // namespace

RecurrentLayers::RecurrentLayers(const Scope& in, int input, const layers::LSTM& options)
    : stack_(std::make_shared<RecurrentStack>(in, input, options)) {}
RecurrentLayers::RecurrentLayers(const Scope& in, int input, const layers::GRU& options)
    : stack_(std::make_shared<RecurrentStack>(in, input, options)) {}
RecurrentLayers::RecurrentLayers(const Scope& in, int input, const layers::SimpleRNN& options)
    : stack_(std::make_shared<RecurrentStack>(in, input, options)) {}
RecurrentLayers::RecurrentLayers(const Scope& in, int input, const layers::ResidualRecurrence& options)
    : stack_(std::make_shared<RecurrentStack>(in, input, options)) {}
RecurrentLayers::RecurrentLayers(const Scope& in, int input, const layers::LinearRecurrence& options)
    : stack_(std::make_shared<RecurrentStack>(in, input, options)) {}

Recurrence RecurrentLayers::run(const Sequences& x, const State& initial) const {
  return stack_->run(x, initial);
}

State RecurrentLayers::start(std::int64_t rows) const {
  return stack_->start(rows);
}

Step RecurrentLayers::step(const Var& x, const State& state, std::uint64_t time) const {
  return stack_->step(x, state, time);
}

Sequences RecurrentLayers::operator()(const Sequences& x) const {
  return run(x).outputs;
}

Var RecurrentLayers::last(const Sequences& x) const {
  return stack_->last(stack_->run(x, {}, 0, false).state);
}

int RecurrentLayers::features() const noexcept {
  return stack_->features();
}

LSTMCell::LSTMCell(const Scope& in, int input, const layers::LSTM& options)
    : stack_(cell_of(in, input, options)) {}

State LSTMCell::start(std::int64_t rows) const {
  return stack_->start(rows);
}

State LSTMCell::operator()(const Var& x, const State& state) const {
  return stack_->step(x, state, 0).state;
}

GRUCell::GRUCell(const Scope& in, int input, const layers::GRU& options)
    : stack_(cell_of(in, input, options)) {}

State GRUCell::start(std::int64_t rows) const {
  return stack_->start(rows);
}

State GRUCell::operator()(const Var& x, const State& state) const {
  return stack_->step(x, state, 0).state;
}

}  // namespace rondo::nn

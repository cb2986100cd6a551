/// A network of one's own one step at a time, its state kept in between.
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <rondo/network/hooks.h>

namespace [[gnu::visibility("default")]] rondo {

/// All that such a stream remembers, for saving and going on elsewhere.
struct NetworkStreamState {
  std::vector<Tensor> parts;
  std::int64_t steps = 0;  ///< pushed so far
};

namespace detail {
NetworkStreamState save_state(const State& state, std::int64_t steps);
/// Error(shape) when it is not of the kind of `like`: other parts, types, or numbers a row.
State restore_state(const NetworkStreamState& saved, const State& like);
}  // namespace detail

/// A session over a network's start() and step(); made by Model::stream(). Copies go on by themselves. They
/// share the weights with the model, which must not change meanwhile.
///
/// Each push makes the weights ready anew: an InferenceMode around many pushes spares that.
template <class Net>
class NetworkStream {
 public:
  /// From the network's start(rows): so many sequences that advance together.
  explicit NetworkStream(Net net, std::int64_t rows = 1) : net_(std::move(net)) {
    const InferenceMode constant;
    start_ = state_ = net_.start(rows);
  }
  /// From a state that the network made otherwise.
  NetworkStream(Net net, State start) : net_(std::move(net)), start_(std::move(start)), state_(start_) {}

  /// One step of every sequence; what the network says of it.
  template <class X>
  requires Steps<Net, X>
  auto push(const X& x) {
    const InferenceMode constant;
    auto result = net_.step(x, state_);
    state_ = std::move(result.state);
    ++steps_;
    return std::move(result.output);
  }
  /// Steps pushed since the start or the last reset().
  std::int64_t steps() const noexcept { return steps_; }

  /// Goes on with these rows of the state, in this order; one may stand several times.
  void select(std::span<const std::int32_t> rows) { state_ = state_.select(rows); }
  /// Back to the start.
  void reset() {
    state_ = start_;
    steps_ = 0;
  }
  NetworkStreamState state() const { return detail::save_state(state_, steps_); }
  /// Error(shape) for the state of another network.
  void set_state(const NetworkStreamState& state) {
    state_ = detail::restore_state(state, start_);
    steps_ = state.steps;
  }

 private:
  Net net_;
  State start_, state_;
  std::int64_t steps_ = 0;
};

}  // namespace rondo

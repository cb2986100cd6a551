/// Runs a user-defined network one step at a time and keeps its state.
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <rondo/network/hooks.h>

namespace [[gnu::visibility("default")]] rondo {

/// Everything that a stream remembers. Use it to save a stream and to continue elsewhere.
struct NetworkStreamState {
  std::vector<Tensor> parts;
  std::int64_t steps = 0;  ///< number of steps pushed so far
};

namespace detail {
NetworkStreamState save_state(const State& state, std::int64_t steps);
/// Error(shape) if the parts, types or row sizes differ from those of `like`.
State restore_state(const NetworkStreamState& saved, const State& like);
}  // namespace detail

/// A stream over a network's start() and step(). Model::stream() makes it. Copies continue independently.
/// They share the weights with the model, which must not change meanwhile.
///
/// Each push packs the weights anew. An InferenceMode around many pushes avoids that.
template <class Net>
class NetworkStream {
 public:
  /// Starts `rows` sequences that advance together, from the network's start(rows).
  explicit NetworkStream(Net net, std::int64_t rows = 1) : net_(std::move(net)) {
    const InferenceMode constant;
    start_ = state_ = net_.start(rows);
  }
  /// Starts from another state of the network.
  NetworkStream(Net net, State start) : net_(std::move(net)), start_(std::move(start)), state_(start_) {}

  /// Pushes one step of every sequence and returns the network's output.
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

  /// Continues with these rows of the state, in this order. A row may occur several times.
  void select(std::span<const std::int32_t> rows) { state_ = state_.select(rows); }
  /// Returns to the start.
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

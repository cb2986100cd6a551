/// The layers of a model as steps of a stream, and the sizes that a stream needs.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <rondo/stream.h>

#include "model/sequential_impl.h"
#include "model/stream/step.h"

namespace rondo {

namespace streaming {

struct Plan {
  std::vector<std::unique_ptr<const Step>> steps;
  std::string giver;  ///< the first layer, for messages
  bool takes_ids = false;
  Vocab vocab;
  int max_length = 0;           ///< tokens that predict() reads of a text; 0: all
  Index ids = 0;                ///< token numbers are below this
  Index inputs = 0;             ///< numbers per step; 0 for ids
  Index state = 0, widest = 0;  ///< state of all layers; width of the widest output
};

/// Error(usage) naming the layer that cannot be run step by step. The weights are copied.
std::shared_ptr<const Plan> plan_of(const Sequential::Impl& model);

}  // namespace streaming

/// Several streams: what they share, and what each one remembers.
struct Stream::Impl {
  Impl(std::shared_ptr<const streaming::Plan> shared, Index rows);
  Impl(const Impl& other);
  Impl& operator=(const Impl&) = delete;

  Index outputs() const noexcept { return plan->steps.back()->width(); }
  /// Runs the next step of all streams. Exactly one of x and ids is used.
  std::span<const float> advance(const float* x, const std::int32_t* ids);
  /// Error(usage) if the model takes numbers, Error(data) for a number that it has no row for.
  void check_ids(std::span<const std::int32_t> tokens) const;
  void check_numbers(std::size_t count) const;

  /// Whether the next step writes to the memory of its input.
  bool overwrites(const float* x) const;
  /// Where the stream writes its state in that case.
  float* to_remember(Index row) noexcept;
  void reset(Index row) noexcept;
  StreamState state(Index row) const;
  void set_state(Index row, const StreamState& state);

  std::shared_ptr<const streaming::Plan> plan;
  Index rows;
  std::vector<float> states[2];  ///< [rows, state]: now and after the step
  std::size_t current = 0;
  std::vector<std::int64_t> steps;
  std::vector<float> input;  ///< room for a copy: an output may be the next input
  std::vector<float> outputs_of_layers[2];
  std::shared_ptr<void> arena;
  std::size_t arena_size = 0;
};

}  // namespace rondo

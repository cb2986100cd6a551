/// The layers of a model as steps of a stream, and what a stream needs besides.
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
  Index ids = 0;                ///< token numbers end here
  Index inputs = 0;             ///< numbers of a step; 0 for ids
  Index state = 0, widest = 0;  ///< of all layers together; of the widest output
};

/// Error(usage) naming the layer that cannot be run step by step. The weights are copied.
std::shared_ptr<const Plan> plan_of(const Sequential::Impl& model);

}  // namespace streaming

/// Streams side by side: what they share, and what each remembers.
struct Stream::Impl {
  Impl(std::shared_ptr<const streaming::Plan> shared, Index rows);
  Impl(const Impl& other);
  Impl& operator=(const Impl&) = delete;

  Index outputs() const noexcept { return plan->steps.back()->width(); }
  /// The next step of all; exactly one of x and ids is used.
  std::span<const float> advance(const float* x, const std::int32_t* ids);
  /// Error(usage) if the model takes numbers, Error(data) for a number that it has no row for.
  void check_ids(std::span<const std::int32_t> tokens) const;
  void check_numbers(std::size_t count) const;

  /// Whether the next step writes where its input lies.
  bool overwrites(const float* x) const;
  /// Where to write what it shall remember instead.
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

/// What the layers of a stream do at one step. They are immutable and get everything that changes from step
/// to step as arguments, so that any number of streams and threads can share them.
#pragma once
#include <cstdint>
#include <memory>

#include <rondo/layers.h>
#include <rondo/ops.h>

#include "tensor/small_weights.h"

namespace rondo::streaming {

/// The rows of all streams at one step, as one layer sees them.
struct Moment {
  Index rows;
  const float* x;           ///< [rows, width of the layer before]
  const std::int32_t* ids;  ///< [rows]: for an Embedding, which has no x
  float* y;                 ///< [rows, width]: room for the output
  const float* before;      ///< [rows, state] with state_stride between rows: what the layer remembers
  float* after;             ///< the same for the next step; must be written completely
  Index state_stride;
  const std::int64_t* steps;  ///< [rows]: this one included
  Arena arena;
};

class Step {
 public:
  Step(Index width, Index state) : width_(width), state_(state) {}
  virtual ~Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  Index width() const noexcept { return width_; }
  /// How many numbers the layer remembers per stream; they are zero at the start.
  Index state() const noexcept { return state_; }
  /// How many bytes of the arena a step takes.
  virtual std::size_t memory(Index) const { return 0; }
  /// Returns [rows, width]: now.y, or, for a single row, a place in now.after.
  virtual const float* run(const Moment& now) const = 0;

 private:
  Index width_, state_;
};

/// The settings that all layers of a stream share.
struct Setting {
  WeightType type;
  const Kernels<float>* kernels;
  int threads;  ///< that may work on one layer
};

/// Into how many parts to divide a layer whose weights have `numbers` numbers.
int parts_of(const Setting& setting, Index numbers);
/// Where part `part` of `parts` begins among `count` columns or units.
Index part_begin(int part, int parts, Index count);

/// One level of a recurrent layer, with PyTorch's arrays; biases may be null.
struct RecurrentArrays {
  Cell cell;
  Index input, units;
  const float *weight_ih, *weight_hh, *bias_ih, *bias_hh;
  float zoneout = 0;
};
std::unique_ptr<Step> recurrent_step(const Setting& setting, const RecurrentArrays& arrays);

/// In place, on rows [rows, width].
void activate_rows(const Kernels<float>& kernels, Activation activation, Index rows, Index width, float* y);
/// The same from x to y.
std::unique_ptr<Step> activation_step(const Setting& setting, Index width, Activation activation);

}  // namespace rondo::streaming

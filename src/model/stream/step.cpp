#include "model/stream/step.h"

#include <algorithm>

#include "ops/hard_sigmoid.h"

namespace rondo::streaming {
namespace {

/// From so many bytes of weights on, another thread pays off for a layer, even if it must be woken first.
constexpr Index worth_a_thread = 256 * 1024;

Index bytes_of(WeightType type) {
  return type == WeightType::f32 ? 4 : type == WeightType::bf16 ? 2 : 1;
}

class ActivationStep final : public Step {
 public:
  ActivationStep(const Setting& setting, Index width, Activation activation)
      : Step(width, 0), kernels_(*setting.kernels), activation_(activation) {}
  const float* run(const Moment& now) const override {
    std::copy_n(now.x, now.rows * width(), now.y);
    activate_rows(kernels_, activation_, now.rows, width(), now.y);
    return now.y;
  }

 private:
  const Kernels<float>& kernels_;
  Activation activation_;
};

}  // namespace

int parts_of(const Setting& setting, Index numbers) {
  const Index worth = numbers * bytes_of(setting.type) / worth_a_thread;
  return static_cast<int>(std::clamp<Index>(worth, 1, setting.threads));
}

Index part_begin(int part, int parts, Index count) {
  constexpr Index whole_vectors = 16;
  const Index begin = count * part / parts;
  return part == parts ? count : begin / whole_vectors * whole_vectors;
}

void activate_rows(const Kernels<float>& kernels, Activation activation, Index rows, Index width, float* y) {
  switch (activation) {
    case Activation::linear:
      return;
    case Activation::tanh:
      return kernels.tanh(rows * width, y, y);
    case Activation::sigmoid:
      return kernels.sigmoid(rows * width, y, y);
    case Activation::relu:
      return kernels.relu(rows * width, y, y);
    case Activation::softmax:
      for (Index row = 0; row < rows; ++row)
        kernels.softmax(width, y + row * width, y + row * width);
      return;
    case Activation::hard_sigmoid:
      std::transform(y, y + rows * width, y, hard_sigmoid_of<float>);
  }
}

std::unique_ptr<Step> activation_step(const Setting& setting, Index width, Activation activation) {
  return std::make_unique<ActivationStep>(setting, width, activation);
}

}  // namespace rondo::streaming

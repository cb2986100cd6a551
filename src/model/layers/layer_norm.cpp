#include "model/layers/kind.h"

namespace rondo {
namespace {

using namespace streaming;

class LayerNormStep final : public Step {
 public:
  LayerNormStep(const Setting& setting, Index width, const float* gain, const float* bias, double epsilon)
      : Step(width, 0),
        kernels_(*setting.kernels),
        gain_(gain, gain + width),
        bias_(bias, bias + width),
        epsilon_(static_cast<float>(epsilon)) {}
  const float* run(const Moment& now) const override {
    for (Index row = 0; row < now.rows; ++row) {
      float* const y = now.y + row * width();
      kernels_.normalize(width(), now.x + row * width(), epsilon_, y);
      kernels_.multiply(width(), y, gain_.data(), y);
      kernels_.add(width(), y, bias_.data(), y);
    }
    return now.y;
  }

 private:
  const Kernels<float>& kernels_;
  std::vector<float> gain_, bias_;
  float epsilon_;
};

class LayerNormKind final : public HeadlessKind<layers::LayerNorm> {
 public:
  Signature output(const layers::LayerNorm& layer, const Place& place) const override {
    takes_numbers(place, layer);
    return {place.in.kind, place.in.width, false, giver(place, layer)};
  }

  Transform live(const layers::LayerNorm& layer, const Place& place, const Scope& scope) const override {
    return on_rows(nn::LayerNorm(scope, place.in.width, layer));
  }

  void add_steps(const layers::LayerNorm& layer, streaming::Builder& stream) const override {
    stream.push(std::make_unique<LayerNormStep>(stream.setting(), stream.input(), stream.numbers("weight"),
                                                stream.numbers("bias"), layer.epsilon));
  }
};

}  // namespace

const LayerKind<layers::LayerNorm>& kind_of(const layers::LayerNorm&) {
  static const LayerNormKind kind;
  return kind;
}

}  // namespace rondo

#include "model/layers/kind.h"
#include "runtime/parallel.h"

namespace rondo {
namespace {

using namespace streaming;

/// The matrix is divided by rows into parts, one for each thread that pays off.
class DenseStep final : public Step {
 public:
  DenseStep(const Setting& setting, Index input, Index units, const float* weight, const float* bias,
            Activation activation)
      : Step(units, 0), setting_(setting), input_(input), activation_(activation) {
    if (bias != nullptr) bias_.assign(bias, bias + units);
    const int count = parts_of(setting, input * units);
    for (int part = 0; part < count; ++part) {
      const Index first = part_begin(part, count, units);
      parts_.push_back(
          {first, SmallMatrix(setting.type, *setting.kernels, part_begin(part + 1, count, units) - first,
                              input, weight + first * input)});
    }
  }

  std::size_t memory(Index rows) const override {
    return FewRows::memory(setting_.type, *setting_.kernels, rows, input_);
  }

  const float* run(const Moment& now) const override {
    Arena arena = now.arena;
    const FewRows x(setting_.type, *setting_.kernels, now.rows, input_, now.x, input_, arena);
    parallel_parts(static_cast<int>(parts_.size()), [&](int index) {
      const Part& part = parts_[static_cast<std::size_t>(index)];
      part.weight.multiply(x, bias_.empty() ? nullptr : bias_.data() + part.first, now.y + part.first,
                           width());
    });
    activate_rows(*setting_.kernels, activation_, now.rows, width(), now.y);
    return now.y;
  }

 private:
  struct Part {
    Index first;
    SmallMatrix weight;
  };
  Setting setting_;
  Index input_;
  Activation activation_;
  std::vector<float> bias_;
  std::vector<Part> parts_;
};

class DenseKind final : public LayerKind<layers::Dense> {
 public:
  Signature output(const layers::Dense& layer, const Place& place) const override {
    takes_numbers(place, layer);
    return {place.in.kind, layer.units, false, giver(place, layer)};
  }

  Transform live(const layers::Dense& layer, const Place& place, const Scope& scope) const override {
    return on_rows(nn::Dense(scope, place.in.width, layer));
  }

  void add_steps(const layers::Dense& layer, streaming::Builder& stream) const override {
    stream.push(std::make_unique<DenseStep>(stream.setting(), stream.input(), layer.units,
                                            stream.numbers("weight"), stream.numbers("bias"),
                                            layer.activation));
  }

  Activation final_activation(const layers::Dense& layer) const override {
    return taken_by_losses(layer.activation);
  }
  std::unique_ptr<const Head> head(const layers::Dense& layer, const Place& place,
                                   const Scope& scope) const override {
    const Activation last = final_activation(layer);
    if (last == Activation::linear) return nullptr;
    layers::Dense scores = layer;
    scores.activation = Activation::linear;
    return head_for(last, nn::Dense(scope, place.in.width, scores));
  }
};

}  // namespace

const LayerKind<layers::Dense>& kind_of(const layers::Dense&) {
  static const DenseKind kind;
  return kind;
}

}  // namespace rondo

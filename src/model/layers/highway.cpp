#include "model/layers/kind.h"
#include "runtime/parallel.h"

namespace rondo {
namespace {

using namespace streaming;

class HighwayStep final : public Step {
 public:
  HighwayStep(const streaming::Builder& stream, Activation activation)
      : Step(stream.input(), 0), setting_(stream.setting()), activation_(activation) {
    for (const char* const name : {"bias", "gate_bias"}) {
      const float* const bias = stream.numbers(name);
      biases_.emplace_back(bias, bias + width());
    }
    const int count = parts_of(setting_, 2 * width() * width());
    for (int part = 0; part < count; ++part) {
      const Index first = part_begin(part, count, width()), next = part_begin(part + 1, count, width());
      const auto some = [&](const char* name) {
        return SmallMatrix(setting_.type, *setting_.kernels, next - first, width(),
                           stream.numbers(name) + first * width());
      };
      parts_.push_back({first, some("weight"), some("gate_weight")});
    }
  }

  std::size_t memory(Index rows) const override {
    return FewRows::memory(setting_.type, *setting_.kernels, rows, width()) +
           Arena::size_of<float>(rows * width());
  }

  /// In the order of nn::Highway, product by product.
  const float* run(const Moment& now) const override {
    Arena arena = now.arena;
    float* const taken = arena.take<float>(now.rows * width());
    const FewRows x(setting_.type, *setting_.kernels, now.rows, width(), now.x, width(), arena);
    parallel_parts(static_cast<int>(parts_.size()), [&](int index) {
      const Part& part = parts_[static_cast<std::size_t>(index)];
      part.weight.multiply(x, biases_[0].data() + part.first, now.y + part.first, width());
      part.gate.multiply(x, biases_[1].data() + part.first, taken + part.first, width());
    });
    activate_rows(*setting_.kernels, activation_, now.rows, width(), now.y);
    setting_.kernels->sigmoid(now.rows * width(), taken, taken);
    for (Index i = 0; i < now.rows * width(); ++i)
      now.y[i] = taken[i] * now.y[i] + (1 - taken[i]) * now.x[i];
    return now.y;
  }

 private:
  struct Part {
    Index first;
    SmallMatrix weight, gate;
  };
  Setting setting_;
  Activation activation_;
  std::vector<std::vector<float>> biases_;  ///< of what is done, and of the gate
  std::vector<Part> parts_;
};

class HighwayKind final : public HeadlessKind<layers::Highway> {
 public:
  Signature output(const layers::Highway& layer, const Place& place) const override {
    takes_numbers(place, layer);
    return {place.in.kind, place.in.width, false, giver(place, layer)};
  }

  Transform live(const layers::Highway& layer, const Place& place, const Scope& scope) const override {
    return on_rows(nn::Highway(scope, place.in.width, layer));
  }

  void add_steps(const layers::Highway& layer, streaming::Builder& stream) const override {
    stream.push(std::make_unique<HighwayStep>(stream, layer.activation));
  }
};

}  // namespace

const LayerKind<layers::Highway>& kind_of(const layers::Highway&) {
  static const HighwayKind kind;
  return kind;
}

}  // namespace rondo

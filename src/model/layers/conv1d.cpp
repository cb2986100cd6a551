#include <algorithm>

#include "base/message.h"
#include "model/layers/kind.h"
#include "runtime/parallel.h"

namespace rondo {
namespace {

using namespace streaming;

/// A causal convolution, window after window. Remembers the steps that later windows still see, the oldest
/// first.
class Conv1DStep final : public Step {
 public:
  Conv1DStep(const Setting& setting, Index input, const layers::Conv1D& layer, const float* weight,
             const float* bias)
      : Step(layer.filters, Index{layer.dilation} * (layer.kernel_size - 1) * input),
        setting_(setting),
        input_(input),
        size_(layer.kernel_size),
        dilation_(layer.dilation),
        activation_(layer.activation) {
    setting_.type = WeightType::f32;  // only matrices of two dimensions are rounded
    if (bias != nullptr) bias_.assign(bias, bias + width());
    const Index columns = input_ * size_;
    const int count = parts_of(setting_, columns * width());
    for (int part = 0; part < count; ++part) {
      const Index first = part_begin(part, count, width());
      parts_.push_back(
          {first, SmallMatrix(setting_.type, *setting.kernels, part_begin(part + 1, count, width()) - first,
                              columns, weight + first * columns)});
    }
  }

  std::size_t memory(Index rows) const override {
    return FewRows::memory(setting_.type, *setting_.kernels, rows, input_ * size_) +
           Arena::size_of<float>(rows * input_ * size_);
  }

  const float* run(const Moment& now) const override {
    Arena arena = now.arena;
    const Index columns = input_ * size_;
    float* const windows = arena.take<float>(now.rows * columns);
    for (Index row = 0; row < now.rows; ++row) {
      const float* const x = now.x + row * input_;
      const float* const before = now.before + row * now.state_stride;
      fill(x, before, windows + row * columns);
      float* const after = now.after + row * now.state_stride;
      if (state() == 0) continue;
      std::copy(before + input_, before + state(), after);
      std::copy_n(x, input_, after + state() - input_);
    }
    const FewRows seen(setting_.type, *setting_.kernels, now.rows, columns, windows, columns, arena);
    parallel_parts(static_cast<int>(parts_.size()), [&](int index) {
      const auto& [first, weight] = parts_[static_cast<std::size_t>(index)];
      weight.multiply(seen, bias_.empty() ? nullptr : bias_.data() + first, now.y + first, width());
    });
    activate_rows(*setting_.kernels, activation_, now.rows, width(), now.y);
    return now.y;
  }

 private:
  /// Feature by feature, as windows() lays them out; the last tap is x itself.
  void fill(const float* x, const float* before, float* window) const {
    for (Index tap = 0; tap < size_; ++tap) {
      const float* const from = tap + 1 == size_ ? x : before + tap * dilation_ * input_;
      for (Index c = 0; c < input_; ++c)
        window[c * size_ + tap] = from[c];
    }
  }

  Setting setting_;
  Index input_, size_, dilation_;
  Activation activation_;
  std::vector<float> bias_;
  std::vector<std::pair<Index, SmallMatrix>> parts_;
};

class Conv1DKind final : public HeadlessKind<layers::Conv1D> {
 public:
  Signature output(const layers::Conv1D& layer, const Place& place) const override {
    takes_steps(place, layer);
    Signature out{Signature::Kind::steps, layer.filters, false, giver(place, layer)};
    if (layer.stride > 1 || layer.padding == Padding::valid) out.resampled = out.giver;
    return out;
  }

  Transform live(const layers::Conv1D& layer, const Place& place, const Scope& scope) const override {
    const nn::Conv1D module(scope, place.in.width, layer);
    return [module](const Flow& in) -> Flow { return module(std::get<Sequences>(in)); };
  }

  void add_steps(const layers::Conv1D& layer, streaming::Builder& stream) const override {
    if (layer.padding != Padding::causal || layer.stride != 1)
      fail(ErrorKind::usage, "this model cannot have a stream: " + quote(stream.name()) +
                                 " (conv1d) sees later steps, or skips some; train it with padding = causal "
                                 "and stride = 1");
    stream.push(std::make_unique<Conv1DStep>(stream.setting(), stream.input(), layer,
                                             stream.numbers("weight"), stream.numbers("bias")));
  }
};

}  // namespace

const LayerKind<layers::Conv1D>& kind_of(const layers::Conv1D&) {
  static const Conv1DKind kind;
  return kind;
}

}  // namespace rondo

#include <algorithm>
#include <unordered_map>

#include "model/stream/step.h"
#include "runtime/parallel.h"

namespace rondo::streaming {
namespace {

void activate(const Kernels<float>& kernels, Activation activation, Index rows, Index width, float* y) {
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
  }
}

/// A table of rows in its type.
class SmallTable {
 public:
  SmallTable(WeightType type, const Table& table) : type_(type), count_(table.count), width_(table.width) {
    const Index size = count_ * width_;
    if (type == WeightType::f32) wide_.assign(table.rows, table.rows + size);
    if (type == WeightType::bf16)
      for (Index i = 0; i < size; ++i)
        halves_.push_back(to_bf16(table.rows[i]));
    if (type == WeightType::int8) bytes_ = to_int8(count_, width_, table.rows);
  }
  Index width() const noexcept { return width_; }

  void copy_row(Index row, float* to) const {
    const Index from = row * width_;
    if (type_ == WeightType::f32) std::copy_n(wide_.data() + from, width_, to);
    if (type_ == WeightType::bf16)
      std::transform(halves_.data() + from, halves_.data() + from + width_, to, from_bf16);
    if (type_ != WeightType::int8) return;
    const float scale = bytes_.scales[static_cast<std::size_t>(row)];
    std::transform(bytes_.numbers.data() + from, bytes_.numbers.data() + from + width_, to,
                   [scale](std::int8_t number) { return scale * static_cast<float>(number); });
  }

 private:
  WeightType type_;
  Index count_, width_;
  std::vector<float> wide_;
  std::vector<std::uint16_t> halves_;
  Int8Matrix bytes_;
};

/// Remembers the previous token, plus one, if there are bigrams.
class EmbeddingStep final : public Step {
 public:
  EmbeddingStep(WeightType type, const Table& tokens, const Table& bigrams, std::span<const Pair> pairs)
      : Step(tokens.width + bigrams.width, pairs.empty() ? 0 : 1),
        tokens_(type, tokens),
        bigrams_(type, bigrams) {
    for (std::size_t i = 0; i < pairs.size(); ++i)
      numbers_.emplace(key_of(pairs[i]), static_cast<Index>(i));
  }

  const float* run(const Moment& now) const override {
    for (Index row = 0; row < now.rows; ++row) {
      float* const y = now.y + row * width();
      tokens_.copy_row(now.ids[row], y);
      if (bigrams_.width() == 0) continue;
      const auto previous = static_cast<std::int32_t>(now.before[row * now.state_stride]) - 1;
      const auto found = numbers_.find(key_of({previous, now.ids[row]}));
      bigrams_.copy_row(found == numbers_.end() ? 0 : found->second, y + tokens_.width());
      now.after[row * now.state_stride] = static_cast<float>(now.ids[row] + 1);
    }
    return now.y;
  }

 private:
  static std::uint64_t key_of(Pair pair) {
    return std::uint64_t{static_cast<std::uint32_t>(pair.previous + 1)} << 32 |
           static_cast<std::uint32_t>(pair.token);
  }
  SmallTable tokens_, bigrams_;
  std::unordered_map<std::uint64_t, Index> numbers_;
};

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
    activate(*setting_.kernels, activation_, now.rows, width(), now.y);
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

class ActivationStep final : public Step {
 public:
  ActivationStep(const Setting& setting, Index width, Activation activation)
      : Step(width, 0), kernels_(*setting.kernels), activation_(activation) {}
  const float* run(const Moment& now) const override {
    std::copy_n(now.x, now.rows * width(), now.y);
    activate(kernels_, activation_, now.rows, width(), now.y);
    return now.y;
  }

 private:
  const Kernels<float>& kernels_;
  Activation activation_;
};

class LayerNormStep final : public Step {
 public:
  LayerNormStep(const Setting& setting, Index width, const float* gain, const float* bias, float epsilon)
      : Step(width, 0),
        kernels_(*setting.kernels),
        gain_(gain, gain + width),
        bias_(bias, bias + width),
        epsilon_(epsilon) {}
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

/// Over the steps so far. Remembers sums for the mean and the largest for the maximum.
class PoolingStep final : public Step {
 public:
  PoolingStep(const Setting& setting, Index input, std::vector<Pool> over_time)
      : Step(static_cast<Index>(over_time.size()) * input, remembering(over_time) * input),
        kernels_(*setting.kernels),
        input_(input),
        over_time_(std::move(over_time)) {}

  std::size_t memory(Index) const override { return Arena::size_of<std::int32_t>(input_); }

  const float* run(const Moment& now) const override {
    Arena arena = now.arena;
    std::int32_t* const winners = arena.take<std::int32_t>(input_);
    for (Index row = 0; row < now.rows; ++row) {
      const float* const x = now.x + row * input_;
      const float* before = now.before + row * now.state_stride;
      float *after = now.after + row * now.state_stride, *y = now.y + row * width();
      for (const Pool pool : over_time_) {
        if (pool == Pool::last) {
          std::copy_n(x, input_, y);
        } else {
          if (pool == Pool::mean) mean(now.steps[row], x, before, after, y);
          if (pool == Pool::max) largest(now.steps[row], x, before, after, winners, y);
          before += input_;
          after += input_;
        }
        y += input_;
      }
    }
    return now.y;
  }

 private:
  static Index remembering(const std::vector<Pool>& over_time) {
    return std::count_if(over_time.begin(), over_time.end(), [](Pool pool) { return pool != Pool::last; });
  }
  void mean(std::int64_t steps, const float* x, const float* before, float* after, float* y) const {
    kernels_.add(input_, before, x, after);
    kernels_.scale(input_, 1 / static_cast<float>(steps), after, y);
  }
  void largest(std::int64_t steps, const float* x, const float* before, float* after, std::int32_t* winners,
               float* y) const {
    std::copy_n(steps == 1 ? x : before, input_, after);
    if (steps > 1) kernels_.max_with_index(input_, x, 0, after, winners);
    std::copy_n(after, input_, y);
  }

  const Kernels<float>& kernels_;
  Index input_;
  std::vector<Pool> over_time_;
};

}  // namespace

std::unique_ptr<Step> embedding_step(const Setting& setting, const Table& tokens, const Table& bigrams,
                                     std::span<const Pair> pairs) {
  return std::make_unique<EmbeddingStep>(setting.type, tokens, bigrams, pairs);
}
std::unique_ptr<Step> dense_step(const Setting& setting, Index input, Index units, const float* weight,
                                 const float* bias, Activation activation) {
  return std::make_unique<DenseStep>(setting, input, units, weight, bias, activation);
}
std::unique_ptr<Step> activation_step(const Setting& setting, Index width, Activation activation) {
  return std::make_unique<ActivationStep>(setting, width, activation);
}
std::unique_ptr<Step> layer_norm_step(const Setting& setting, Index width, const float* gain,
                                      const float* bias, float epsilon) {
  return std::make_unique<LayerNormStep>(setting, width, gain, bias, epsilon);
}
std::unique_ptr<Step> pooling_step(const Setting& setting, Index width, std::vector<Pool> over_time) {
  return std::make_unique<PoolingStep>(setting, width, std::move(over_time));
}

}  // namespace rondo::streaming

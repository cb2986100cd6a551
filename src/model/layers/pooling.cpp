#include <algorithm>

#include "base/message.h"
#include "model/layers/kind.h"

namespace rondo {
namespace {

using namespace streaming;

/// Keeps widths within int, even for a hostile file.
constexpr int most_pools = 16;

/// Pools over the steps so far. Remembers sums for the mean and the largest values for the maximum.
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

class PoolingKind final : public HeadlessKind<layers::Pooling> {
 public:
  Signature output(const layers::Pooling& layer, const Place& place) const override {
    takes_steps(place, layer);
    const int several = static_cast<int>(layer.over_time.size());
    if (several == 0)
      fail(ErrorKind::option, giver(place, layer) + " takes at least one of last, mean and max, got none");
    if (several > most_pools)
      fail(ErrorKind::option, giver(place, layer) + " takes at most " + std::to_string(most_pools) +
                                  " pools side by side, got " + std::to_string(several));
    return {Signature::Kind::rows, several * place.in.width, false,
            giver(place, layer, several > 1 ? std::to_string(several) + " side by side" : "")};
  }

  Transform live(const layers::Pooling& layer, const Place&, const Scope&) const override {
    const nn::Pooling module(layer);
    return [module](const Flow& in) -> Flow { return module(std::get<Sequences>(in)); };
  }

  void add_steps(const layers::Pooling& layer, streaming::Builder& stream) const override {
    stream.push(std::make_unique<PoolingStep>(stream.setting(), stream.input(), layer.over_time));
  }
};

}  // namespace

const LayerKind<layers::Pooling>& kind_of(const layers::Pooling&) {
  static const PoolingKind kind;
  return kind;
}

}  // namespace rondo

#include <cmath>
#include <utility>

#include <rondo/ops.h>

#include "base/shown.h"
#include "ops/loss_options.h"

namespace rondo {
namespace {

/// Elements of a loss are summed, and their slopes computed, in blocks of this size (the order of the sum).
constexpr Index block_size = 1024;

/// Calls f(block, begin, count) over blocks of [0, count), on several threads.
template <class F>
void for_each_block(Index count, const F& f) {
  parallel_for((count + block_size - 1) / block_size, costly_grain / block_size,
               [&](Index first, Index last) {
                 for (Index block = first; block < last; ++block)
                   f(block, block * block_size, std::min(block_size, count - block * block_size));
               });
}

// Losses of single elements: mean squared error and the like, and binary cross entropy

/// The weight of an element: its row's weight, times one interpolated between those of the targets 0 and 1.
struct Weighting {
  Tensor of_rows;
  Index columns;
  double of_zero = 1, of_one = 1;

  /// The weights of elements [begin, begin + n), whose targets are given.
  template <class T>
  void fill(Index begin, Index n, const T* targets, T* out) const {
    const T *row = elements<T>(of_rows) + begin / columns, low = static_cast<T>(of_zero);
    const T span = static_cast<T>(of_one) - low;
    for (Index i = 0, column = begin % columns; i < n; ++i) {
      out[i] = *row * (low + span * targets[i]);
      if (++column < columns) continue;
      column = 0;
      ++row;
    }
  }
};

void check_targets(std::string_view operation, const Var& x, const Tensor& targets) {
  if (x.shape() != targets.shape() || x.dtype() != targets.dtype())
    refuse_shape(operation, "targets like the predictions, " + describe(x), describe(targets));
}

/// sum(weight · loss) and sum(weight) over all elements.
template <class T, class Loss>
std::pair<double, double> weighted_sums(const Var& x, const Tensor& targets, const Weighting& weighting,
                                        const Loss& loss) {
  const Index count = x.value().size();
  const auto blocks = static_cast<std::size_t>((count + block_size - 1) / block_size);
  std::vector<double> losses(blocks), weights(blocks);
  for_each_block(count, [&](Index block, Index begin, Index size) {
    std::array<T, block_size> value, weight;
    const T* target = elements<T>(targets) + begin;
    loss.values(size, elements<T>(x.value()) + begin, target, value.data());
    weighting.fill(begin, size, target, weight.data());
    const auto at = [](const std::array<T, block_size>& numbers, Index i) {
      return static_cast<double>(numbers[static_cast<std::size_t>(i)]);
    };
    const auto place = static_cast<std::size_t>(block);
    losses[place] = lane_sum(0, size, [&](Index i) { return at(weight, i) * at(value, i); });
    weights[place] = lane_sum(0, size, [&](Index i) { return at(weight, i); });
  });
  return {in_order(losses), in_order(weights)};
}

/// dx += factor · weight · slope
template <class T, class Loss>
void add_slopes(const Var& x, const Tensor& targets, const Weighting& weighting, const Loss& loss, T factor,
                T* dx) {
  for_each_block(x.value().size(), [&](Index, Index begin, Index size) {
    std::array<T, block_size> slope, weight;
    const T* target = elements<T>(targets) + begin;
    loss.slopes(size, elements<T>(x.value()) + begin, target, slope.data());
    weighting.fill(begin, size, target, weight.data());
    kernels<T>().scale(size, factor, weight.data(), weight.data());
    kernels<T>().multiply_add(size, weight.data(), slope.data(), dx + begin);
  });
}

/// sum(weight · loss) / sum(weight) over all elements. Loss: values(n, x, target, out) and slopes(...), where
/// out has room for block_size elements. With weights that sum to 0 the loss is 0 and nothing gets a
/// gradient.
template <class Loss>
Var weighted_mean(std::string_view operation, const Var& x, const Tensor& targets, const Weighting& weighting,
                  const Loss& loss) {
  check_targets(operation, x, targets);
  const auto [total, weight] = visit_float(
      x.dtype(), operation, [&]<class T>() { return weighted_sums<T>(x, targets, weighting, loss); });
  const double share = weight == 0 ? 0 : 1 / weight;
  return record(number(total * share, x.dtype()), {x}, [x, targets, weighting, loss, share](Gradients& g) {
    visit_float(x.dtype(), "a gradient", [&]<class T>() {
      const T factor = static_cast<T>(share) * arrived_number<T>(g);
      add_slopes(x, targets, weighting, loss, factor, elements<T>(*g.into(x)));
    });
  });
}

/// A loss that is a function of the difference d = x - target: value(d) and slope(d).
template <class Function>
struct OfDifference {
  Function function;
  template <class T>
  void values(Index n, const T* x, const T* target, T* out) const {
    for (Index i = 0; i < n; ++i)
      out[i] = function.value(x[i] - target[i]);
  }
  template <class T>
  void slopes(Index n, const T* x, const T* target, T* out) const {
    for (Index i = 0; i < n; ++i)
      out[i] = function.slope(x[i] - target[i]);
  }
};

struct Square {
  template <class T>
  T value(T d) const {
    return d * d;
  }
  template <class T>
  T slope(T d) const {
    return 2 * d;
  }
};

struct Absolute {
  template <class T>
  T value(T d) const {
    return std::abs(d);
  }
  template <class T>
  T slope(T d) const {
    return d > 0 ? T{1} : d < 0 ? T{-1} : T{0};
  }
};

struct Huber {
  double delta;
  template <class T>
  T value(T d) const {
    const T bend = static_cast<T>(delta), size = std::abs(d);
    return size < bend ? d * d / 2 : bend * (size - bend / 2);
  }
  template <class T>
  T slope(T d) const {
    const T bend = static_cast<T>(delta);
    return std::clamp(d, -bend, bend);
  }
};

/// -t log σ(x) - (1 - t) log(1 - σ(x)) = max(x, 0) - x t + log(1 + exp(-|x|)): no overflow at either end.
struct BinaryCrossEntropy {
  double smoothing;
  template <class T>
  T smoothed(T target) const {
    const T s = static_cast<T>(smoothing);
    return target * (1 - s) + s / 2;
  }
  template <class T>
  void values(Index n, const T* x, const T* target, T* out) const {
    for (Index i = 0; i < n; ++i)
      out[i] = -std::abs(x[i]);
    kernels<T>().exp(n, out, out);
    for (Index i = 0; i < n; ++i)
      out[i] += 1;
    kernels<T>().log(n, out, out);
    for (Index i = 0; i < n; ++i)
      out[i] += std::max(x[i], T{0}) - x[i] * smoothed(target[i]);
  }
  template <class T>
  void slopes(Index n, const T* x, const T* target, T* out) const {
    kernels<T>().sigmoid(n, x, out);
    for (Index i = 0; i < n; ++i)
      out[i] -= smoothed(target[i]);
  }
};

template <class Function>
Var mean_of_difference(std::string_view operation, const Var& x, const Tensor& targets,
                       const Tensor& sample_weights, const Function& function) {
  const Tensor weights = checked_weights(operation, "sample_weights", sample_weights, x.rows(), x.dtype());
  return weighted_mean(operation, x, targets, {weights, std::max<Index>(1, x.columns())},
                       OfDifference<Function>{function});
}

}  // namespace

Var mse(const Var& x, const Tensor& targets, const Tensor& sample_weights) {
  return mean_of_difference("mse", x, targets, sample_weights, Square{});
}

Var mae(const Var& x, const Tensor& targets, const Tensor& sample_weights) {
  return mean_of_difference("mae", x, targets, sample_weights, Absolute{});
}

Var huber(const Var& x, const Tensor& targets, double delta, const Tensor& sample_weights) {
  if (!(delta > 0)) fail(ErrorKind::option, "huber: delta wanted above 0, got " + std::to_string(delta));
  return mean_of_difference("huber", x, targets, sample_weights, Huber{delta});
}

Var binary_cross_entropy(const Var& logits, const Tensor& targets, const CrossEntropyOptions& options) {
  static constexpr std::string_view operation = "binary_cross_entropy";
  check_smoothing(operation, options.label_smoothing);
  const Tensor of_classes = checked_weights(operation, "class_weights", options.class_weights, 2, DType::f64);
  const Tensor of_rows =
      checked_weights(operation, "sample_weights", options.sample_weights, logits.rows(), logits.dtype());
  return weighted_mean(operation, logits, targets,
                       {of_rows, std::max<Index>(1, logits.columns()), of_classes.at(0), of_classes.at(1)},
                       BinaryCrossEntropy{options.label_smoothing});
}

}  // namespace rondo

// Logits of a large vocabulary are many times what the network before them computes: 28 MB a step for 700
// rows of 10 000 words. They exist for a block of rows at a time. Only their powers exp(x - max) are kept.
// The powers become gradients for a block of classes at a time, right before the products that use them.

#include <type_traits>

#include "ops/class_loss.h"
#include "ops/linear.h"
#include "runtime/buffers.h"

namespace rondo {
namespace {

/// The number of rows whose logits are made together: whole tiles of every instruction set, and few enough
/// for the logits of a large vocabulary to stay in the caches until they are used.
constexpr Index block_rows = 48;
/// The number of classes whose gradients are made together: whole tiles. From 192 to 1 024, the time is the
/// same within 2 %. Neither size affects a result.
constexpr Index block_classes = 288;
/// Rows of powers are too far apart for the hardware prefetcher.
constexpr Index rows_ahead = 4;
/// The number of multiply-adds that pays for another thread.
constexpr Index part_work = 1 << 18;

/// x [rows, in], weight [classes, in], bias [classes] or null.
template <class T>
struct Operands {
  Index rows, in, classes;
  const T *x, *weight, *bias;

  Operands(const Var& a, const Var& b, const Var& c)
      : rows(a.rows()),
        in(a.columns()),
        classes(b.rows()),
        x(elements<T>(a.value())),
        weight(elements<T>(b.value())),
        bias(c.defined() ? elements<T>(c.value()) : nullptr) {}
};

/// Where results for each row go. `factors` and `powers` null: for the value alone; `likeliest` null: not
/// wanted.
template <class T>
struct RowResults {
  double* losses;
  std::int32_t* likeliest;
  T *factors, *powers;
};

/// Rows [begin, end). multiply(row, count, logits) makes the logits of some rows.
template <class T, class Multiply>
void forward(const Operands<T>& of, const Multiply& multiply, const ClassLoss<T>& loss, Index begin,
             Index end, const RowResults<T>& to) {
  const Index visits = (end - begin + block_rows - 1) / block_rows;
  const Index most = std::min(block_rows, end - begin);
  const std::shared_ptr<void> room = acquire_buffer(static_cast<std::size_t>(most * of.classes) * sizeof(T));
  T* const logits = static_cast<T*>(room.get());
  for (Index visit = 0; visit < visits; ++visit) {
    const Index first = begin + (end - begin) * visit / visits;
    const Index last = begin + (end - begin) * (visit + 1) / visits;
    multiply(first, last - first, logits);
    for (Index row = first; row < last; ++row) {
      T* const own = logits + (row - first) * of.classes;
      T* const kept = to.powers == nullptr ? nullptr : to.powers + row * of.classes;
      T* const powers = kept == nullptr && to.likeliest != nullptr ? own : kept;
      const auto [value, factor, total] = loss(row, own, powers);
      to.losses[row] = value;
      if (to.likeliest != nullptr) to.likeliest[row] = loss.likeliest(powers, total);
      if (kept != nullptr) to.factors[row] = factor;
    }
  }
}

/// The backward pass. Null: not needed.
template <class T>
struct Backward {
  Operands<T> of;
  ClassLoss<T> loss;
  double arrived;
  const T *factors, *powers;
  T *dx, *dweight, *dbias;
  bool add;  ///< to the weight's gradient; else overwrites it

  /// Every part visits all blocks of classes. In each block it computes its share of the weight's and the
  /// bias's rows, and its rows of dx, whose chains continue from block to block.
  void run() const {
    const Index work = of.rows * of.classes * of.in / part_work;
    const int parts = static_cast<int>(std::clamp<Index>(work, 1, parallelism()));
    Packed<T> x;
    if (dweight != nullptr) x = Packed<T>(of.in, of.rows, by_columns(of.x, of.in));
    parallel_parts(parts, [&](int part) {
      const Index begin = of.rows * part / parts, end = of.rows * (part + 1) / parts;
      const Index width = std::min(block_classes, of.classes), panel = kernels<T>().panel_columns;
      const Index packed = (of.in + panel - 1) / panel * panel * width;
      const std::shared_ptr<void> room =
          acquire_buffer(static_cast<std::size_t>(of.rows * width + packed) * sizeof(T));
      T* const slopes = static_cast<T*>(room.get());
      for (Index first = 0; first < of.classes; first += width) {
        const Index size = std::min(width, of.classes - first);
        const Index from = size * part / parts, to = size * (part + 1) / parts;
        make_slopes(0, begin, first, size, from, to, slopes);
        make_slopes(begin, end, first, size, 0, size, slopes);
        make_slopes(end, of.rows, first, size, from, to, slopes);
        if (from < to) weight_rows(first + from, to - from, slopes + from, size, x);
        if (dx != nullptr && begin < end)
          input_rows(begin, end, first, size, slopes, slopes + of.rows * width);
      }
    });
  }

 private:
  /// What one part reads: rows [begin, end), and the block's classes [from, to).
  void make_slopes(Index begin, Index end, Index first, Index size, Index from, Index to, T* slopes) const {
    for (Index row = begin; row < end && from < to; ++row) {
      const T* const later = powers + std::min(row + rows_ahead, end - 1) * of.classes + first;
      for (Index i = from; i < to; i += 64 / static_cast<Index>(sizeof(T)))
        __builtin_prefetch(later + i);
      loss.slopes(row, arrived, factors[row], first + from, to - from,
                  powers + row * of.classes + first + from, slopes + row * size + from);
    }
  }

  void weight_rows(Index first, Index count, const T* slopes, Index stride, const Packed<T>& x) const {
    if (dbias != nullptr) kernels<T>().add_rows(of.rows, count, {slopes, stride}, dbias + first);
    if (dweight != nullptr)
      matmul_serial(count, {slopes, 1, stride}, x, dweight + first * of.in, of.in,
                    add ? Start::result : Start::zero);
  }

  void input_rows(Index begin, Index end, Index first, Index size, const T* slopes, T* packed) const {
    const Kernels<T>& k = kernels<T>();
    k.pack(of.in, size, by_columns(of.weight + first * of.in, of.in), packed, Write::near);
    T* const to = dx + begin * of.in;
    const ChainStart<T> start = first == 0 ? ChainStart<T>{} : ChainStart<T>{to, of.in};
    k.product(end - begin, of.in, size, by_rows(slopes + begin * size, size), packed, start, to, of.in);
  }
};

/// What forward keeps for backward.
struct Kept {
  Var x, weight, bias;
  ClassLossTerms terms;
  Tensor factors, powers;
};

template <class T>
void give(Gradients& g, const Kept& kept) {
  const auto& [x, weight, bias, terms, factors, powers] = kept;
  Tensor dx = g.wants(x) ? Tensor::uninitialised(x.shape(), x.dtype()) : Tensor{};
  const bool lies_ready = weight.leaf() != nullptr;
  const bool add = lies_ready && weight.leaf()->reached;
  Tensor dweight;
  if (g.wants(weight))
    dweight = lies_ready ? *g.into(weight) : Tensor::uninitialised(weight.shape(), weight.dtype());
  Tensor dbias = bias.defined() && g.wants(bias) ? *g.into(bias) : Tensor{};
  const auto start = [](Tensor& gradient) { return gradient.empty() ? nullptr : elements<T>(gradient); };
  Backward<T>{.of = {x, weight, bias},
              .loss = terms.loss<T>(),
              .arrived = static_cast<double>(arrived_number<T>(g)),
              .factors = elements<T>(factors),
              .powers = elements<T>(powers),
              .dx = start(dx),
              .dweight = start(dweight),
              .dbias = start(dbias),
              .add = add}
      .run();
  if (!dx.empty()) g.give(x, std::move(dx));
  if (!dweight.empty() && !lies_ready) g.give(weight, std::move(dweight));
}

}  // namespace

Var linear_cross_entropy(const Var& x, const Var& weight, const Var& bias, const Tensor& labels,
                         const CrossEntropyOptions& options, std::vector<std::int32_t>* likeliest) {
  static constexpr std::string_view operation = "linear_cross_entropy";
  check_linear(operation, x, weight, bias);
  const Index rows = x.rows(), classes = weight.rows();
  Kept kept{x, weight, bias, {operation, rows, classes, x.dtype(), labels, options}, {}, {}};
  const bool tracked = any_tracked({x, weight, bias});
  if (tracked) {
    kept.factors = Tensor::uninitialised({rows}, x.dtype());
    kept.powers = Tensor::uninitialised({rows, classes}, x.dtype());
  }
  if (likeliest != nullptr) likeliest->resize(static_cast<std::size_t>(rows));
  Tensor mean = visit_float(x.dtype(), operation, [&]<class T>() {
    const Operands<T> of(x, weight, bias);
    const ClassLoss<T> loss = kept.terms.loss<T>();
    std::vector<double> losses(static_cast<std::size_t>(rows));
    const RowResults<T> to{losses.data(), likeliest == nullptr ? nullptr : likeliest->data(),
                           tracked ? elements<T>(kept.factors) : nullptr,
                           tracked ? elements<T>(kept.powers) : nullptr};
    const auto run = [&](const auto& multiply) {
      parallel_for(rows, rows_grain(classes * (1 + of.in / 8), costly_grain),
                   [&](Index begin, Index end) { forward(of, multiply, loss, begin, end, to); });
    };
    if constexpr (std::is_same_v<T, float>) {
      if (is_int8(weight) && !tracked) {
        const auto packed = int8_form(weight, rows);
        run([&](Index row, Index count, T* logits) {
          packed->multiply_serial(count, of.x + row * of.in, of.bias, logits);
        });
        return mean_of(losses, loss.share, x.dtype());
      }
    }
    const auto packed = form_of<Packed<T>>({&weight, 1}, &kernels<T>(), rows, [&] {
      return Packed<T>(classes, of.in, by_rows(of.weight, of.in));
    });
    run([&](Index row, Index count, T* logits) {
      matmul_serial(count, by_rows(of.x + row * of.in, of.in), *packed, logits, classes,
                    of.bias == nullptr ? Start::zero : Start::bias, of.bias);
    });
    return mean_of(losses, loss.share, x.dtype());
  });
  return record(std::move(mean), {x, weight, bias}, [kept = std::move(kept)](Gradients& g) {
    visit_float(kept.powers.dtype(), operation, [&]<class T>() { give<T>(g, kept); });
  });
}

}  // namespace rondo

/// The table of numeric kernels: one set of functions per instruction set, and the readable reference.
///
/// Goals: serial, no allocation, raw pointers in; every function's result depends only on its arguments,
/// never on alignment or on how a caller divides rows, so that any split over threads gives the same bits.
/// Non-goals: threads, shapes, errors - callers (tensor/, ops/) have checked everything.
///
/// f32 exists for every instruction set; f64 is always the reference, a template over both in reference.h.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace rondo {

using Index = std::int64_t;

/// One operand of a product, addressed by (index along M or N, index along K). Either stride may be 1.
template <class T>
struct Operand {
  const T* data;
  Index stride;    ///< between neighbours along M (or N)
  Index k_stride;  ///< between neighbours along K
};

/// Rows in memory, `stride` apart. Stride 0: the same row repeated.
template <class T>
struct Strided {
  T* data = nullptr;
  Index stride = 0;

  T* operator[](Index row) const { return data + row * stride; }
  operator Strided<const T>() const requires(!std::is_const_v<T>) { return {data, stride}; }
};

/// The start values of a product's chains: row i, column j starts from data[i * stride + j]. Null: zero.
/// Stride 0: the same values for every row (a bias). The result itself: adds to it.
template <class T>
struct ChainStart {
  const T* data = nullptr;
  Index stride = 0;
};

/// How results are stored. Results that are used at once go through the caches. Results that are large
/// compared to the caches bypass them (non-temporal stores), which avoids reading the old contents.
enum class Write { near, far };

/// Memory that the caller of a product uses next. It is prefetched while the multipliers are busy. It need
/// not exist.
template <class T>
struct Ahead {
  const T* data = nullptr;
  Index count = 0;
};

/// The settings of an Adam update, besides its arrays.
struct AdamStep {
  float learning_rate, beta1, beta2, epsilon;
  float correction1, correction2;  ///< 1 - beta1^t, 1 - beta2^t
  float decoupled_decay;           ///< AdamW's: w -= lr * decay * w
  float l2;                        ///< Adam's: g += l2 * w
};

/// The arguments of a dropout mask, besides the place of an element.
struct DropoutMask {
  std::uint64_t seed, stream;  ///< of Philox4x32-10: the key, and the upper half of the counter
  std::uint32_t threshold;     ///< an element is kept if the upper 31 bits of its word are at least this
  double scale;                ///< factor for kept elements
};
/// Elements in a chunk: they take the four words of 64 Philox blocks, first all first words, then all second
/// ones, so that vectors of any width draw them side by side.
inline constexpr Index dropout_chunk = 256;

/// How many products of 12-bit and 8-bit numbers a 32-bit sum can hold, whatever their values.
inline constexpr Index small_depth = 8192;
/// The largest numbers of 12 and 8 bits, and the largest |a| of a row that is rounded to zeros.
inline constexpr int most_in_12_bits = 2047, most_in_8_bits = 127;
inline constexpr float least_quantized = 1e-30F;

/// Left rows of products with matrices of 8 bits, rounded to whole numbers of some bits.
template <class T>
struct RoundedRows {
  /// Room for a rounded row of length k, in numbers of 16 bits.
  Index (*size)(Index k);
  /// q = a / scale, rounded. The scale, which is returned, maps the largest |a| to the largest number of so
  /// many bits. q has the layout that `product` beside it reads. If a has a number that is not finite, no
  /// product with q is finite.
  T (*round)(Index k, const T* a, std::int16_t* q);
  /// c[m, n] = start + a_scales[row] · scales[column] · (q · packed). Sums of at most small_depth products
  /// are exact, those of longer columns are added in order.
  void (*product)(Index m, Index n, Index k, const std::int16_t* q, Index q_stride, const T* a_scales,
                  const std::int8_t* packed, const float* scales, const T* bias, T* c, Index c_stride,
                  bool accumulate);
};

/// A left operand, laid out for the tiles.
template <class T>
struct Laid {
  const T* data;
  bool by_steps;  ///< the layout for an operand whose rows are neighbours in memory
};
/// The largest number of rows at a time, and the memory for them.
inline constexpr Index laid_rows = 96;
constexpr Index laid_size(Index rows, Index k) {
  return rows * ((k + 7) / 8 * 8);
}

template <class T>
struct Kernels {
  std::string_view isa;
  std::string_view arithmetic;  ///< tables of one arithmetic give the same bits

  // Products. Each element is one chain of FMAs over ascending k. The call gives its start value.

  /// Columns of a packed panel, and rows of the tallest tile.
  Index panel_columns, tile_rows;
  /// Packs columns [0, n) of b, each of length k, into ceil(n / panel_columns) panels of [k][panel_columns],
  /// padded with zeros. `packed` lies at a multiple of 32 bytes if it is `far`.
  void (*pack)(Index n, Index k, Operand<T> b, T* packed, Write where);
  /// Packs some steps of a right operand of `depth` steps: k rows of n columns. `packed` is the place of the
  /// first of them in the first panel.
  void (*pack_steps)(Index n, Index k, Strided<const T> rows, T* packed, Index depth);
  /// c[m, n] (row stride c_stride) = start + a · packed. Only columns [0, n) of c are touched. If start and c
  /// overlap, they must be the same elements.
  void (*product)(Index m, Index n, Index k, Operand<T> a, const T* packed, ChainStart<T> start, T* c,
                  Index c_stride);
  /// The same in two parts, for a left operand with several right ones (k >= 1, 1 to laid_rows rows): lays
  /// out its m rows in `memory` of laid_size(m, k) elements, ...
  Laid<T> (*lay)(Index m, Index k, Operand<T> a, T* memory);
  /// ... and multiplies.
  void (*product_laid)(Index m, Index n, Index k, Laid<T> a, const T* packed, ChainStart<T> start, T* c,
                       Index c_stride, Ahead<T> ahead);

  // Products with matrices in fewer bits. A stream's step has few rows and spends its time reading them; a
  // batch has many. Columns lie in groups, with two or four steps of k side by side, so that they are read
  // forward once for up to 4 rows, of 8 bits for up to 8.

  /// Numbers in a packed matrix of n columns, each of length k.
  Index (*bf16_size)(Index n, Index k);
  /// Packs n columns of length k, given one after the other: the upper halves of f32 numbers.
  void (*pack_bf16)(Index n, Index k, const std::uint16_t* columns, std::uint16_t* packed);
  /// The same as `product` with the matrix's numbers, bit for bit.
  void (*product_bf16)(Index m, Index n, Index k, const T* a, Index a_stride, const std::uint16_t* packed,
                       const T* bias, T* c, Index c_stride, bool accumulate);
  Index (*int8_size)(Index n, Index k);
  /// Packs n columns of length k of numbers in [-127, 127].
  void (*pack_int8)(Index n, Index k, const std::int8_t* columns, std::int8_t* packed);
  /// Both read what pack_int8 of the same table has packed.
  RoundedRows<T> in_12_bits, in_8_bits;

  // Element by element; in and out may be the same memory.

  void (*sigmoid)(Index n, const T* x, T* y);
  void (*tanh)(Index n, const T* x, T* y);
  void (*relu)(Index n, const T* x, T* y);
  void (*exp)(Index n, const T* x, T* y);
  void (*log)(Index n, const T* x, T* y);
  /// dx += dy * f'(.) from the activated y.
  void (*sigmoid_backward)(Index n, const T* y, const T* dy, T* dx);
  void (*tanh_backward)(Index n, const T* y, const T* dy, T* dx);
  void (*relu_backward)(Index n, const T* y, const T* dy, T* dx);
  void (*add)(Index n, const T* a, const T* b, T* y);
  void (*subtract)(Index n, const T* a, const T* b, T* y);
  void (*multiply)(Index n, const T* a, const T* b, T* y);
  /// y += a * b
  void (*multiply_add)(Index n, const T* a, const T* b, T* y);
  /// y += x, some rows of n.
  void (*add_to)(Index rows, Index n, Strided<const T> x, Strided<T> y);
  /// sums[n] += each of the rows, one after the other.
  void (*add_rows)(Index rows, Index n, Strided<const T> x, T* sums);
  /// y += s * x
  void (*scale_add)(Index n, T s, const T* x, T* y);
  /// y = s * x
  void (*scale)(Index n, T s, const T* x, T* y);
  /// Where x > y (or x is NaN): y = x, winner = id. For max pooling.
  void (*max_with_index)(Index n, const T* x, std::int32_t id, T* y, std::int32_t* winner);
  /// y = scale · x where the mask keeps, else 0, for the elements from `first` on, a multiple of
  /// dropout_chunk.
  void (*dropout)(Index n, Index first, const DropoutMask& mask, const T* x, T* y);

  // Reductions over one row, in blocks of a fixed size combined in order.

  T (*sum)(Index n, const T* x);
  T (*max)(Index n, const T* x);
  T (*dot)(Index n, const T* a, const T* b);
  /// Sum of squares in f64: blocks of 4 096 elements.
  double (*sum_squares)(Index n, const T* x);
  /// Sum of exp(x - largest), where `largest` is max(x); unless y is null it gets the terms. y may be x.
  T (*exp_sum)(Index n, T largest, const T* x, T* y);
  /// Returns log(sum(exp(x))) and, unless y is null, y = softmax(x); y may be x.
  T (*softmax)(Index n, const T* x, T* y);
  /// dx += y * (dy - sum(y * dy))
  void (*softmax_backward)(Index n, const T* y, const T* dy, T* dx);
  /// xhat = (x - mean) / sqrt(variance + epsilon); returns 1 / sqrt(variance + epsilon) for backward.
  T (*normalize)(Index n, const T* x, T epsilon, T* xhat);
  /// dx += the gradient of normalize, from dxhat.
  void (*normalize_backward)(Index n, const T* xhat, const T* dxhat, T rstd, T* dx);

  // Recurrent cells, for some units of some rows. If a row holds several arrays, each has `units` elements.
  // `kept` is what backward needs; in forward it may be null.

  /// h = tanh(gates), relu(gates).
  void (*rnn_tanh_forward)(Index rows, Index units, Strided<const T> gates, Strided<T> h);
  void (*rnn_relu_forward)(Index rows, Index units, Strided<const T> gates, Strided<T> h);
  /// dgates = dh * f'(.) from h.
  void (*rnn_tanh_backward)(Index rows, Index units, Strided<const T> h, Strided<const T> dh,
                            Strided<T> dgates);
  void (*rnn_relu_backward)(Index rows, Index units, Strided<const T> h, Strided<const T> dh,
                            Strided<T> dgates);
  /// gates: pre-activations i f g o, overwritten. kept: the same, activated. c and h are written; c_before
  /// may be c.
  void (*lstm_forward)(Index rows, Index units, Strided<T> gates, Strided<const T> c_before, Strided<T> kept,
                       Strided<T> c, Strided<T> h);
  /// dc: in: of c, from the step after; out: of c_before. dgates: gradients of the pre-activations. tanh(c)
  /// is recomputed.
  void (*lstm_backward)(Index rows, Index units, Strided<const T> kept, Strided<const T> c_before,
                        Strided<const T> c, Strided<const T> dh, Strided<T> dc, Strided<T> dgates);
  /// Reset after. gates: pre-activations of r and z; n: the input's part; hn = U_n h + b_un. kept: activated
  /// r z n, and hn. h = (1 - z) n + z h_before; h_before may be h.
  void (*gru_forward)(Index rows, Index units, Strided<const T> gates, Strided<const T> n,
                      Strided<const T> hn, Strided<const T> h_before, Strided<T> kept, Strided<T> h);
  /// dh: in: of h; out: the part that reaches h_before directly (z * dh). dgates of r and z, dn: gradients of
  /// the pre-activations. dhn = r * dn is the gradient of hn.
  void (*gru_backward)(Index rows, Index units, Strided<const T> kept, Strided<const T> h_before,
                       Strided<T> dh, Strided<T> dgates, Strided<T> dn, Strided<T> dhn);

  // Optimisers over neighbouring parameters. g is first multiplied by `scale` (clipping); then l2 * w is
  // added.

  /// velocity = momentum * velocity + g; w -= lr * (nesterov ? g + momentum * velocity : velocity).
  /// velocity may be null when momentum is 0.
  void (*sgd)(Index n, T* w, const T* g, T* velocity, T lr, T momentum, bool nesterov, T l2, T scale);
  void (*adagrad)(Index n, T* w, const T* g, T* sum, T lr, T epsilon, T l2, T scale);
  /// PyTorch's RMSprop; velocity may be null when momentum is 0.
  void (*rmsprop)(Index n, T* w, const T* g, T* square, T* velocity, T lr, T alpha, T epsilon, T momentum,
                  T l2, T scale);
  /// PyTorch's: w -= lr / correction1 * m / (sqrt(v / correction2) + epsilon).
  void (*adam)(Index n, T* w, const T* g, T* m, T* v, const AdamStep& step, T scale);
};

/// The instruction sets of this machine, best first; the reference ("scalar") is last.
std::span<const Kernels<float>* const> all_kernels();

/// The readable reference.
template <class T>
const Kernels<T>& reference_kernels();

}  // namespace rondo

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/cells.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/maths_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

HWY_INLINE Vector one_minus(Vector x) {
  return hn::Sub(all(1.0F), x);
}
/// slope * y (1 - y), through a sigmoid whose value is y.
HWY_INLINE Vector through_sigmoid(Vector slope, Vector y) {
  return hn::Mul(slope, hn::Mul(y, one_minus(y)));
}
/// slope * (1 - y^2), through a tanh whose value is y.
HWY_INLINE Vector through_tanh(Vector slope, Vector y) {
  return hn::Mul(slope, hn::NegMulAdd(y, y, all(1.0F)));
}

/// Prefetches what a cell reads of other steps. If many weights have passed through the caches since, this
/// data is in an outer cache, in rows too short for the hardware prefetcher.
HWY_INLINE void expect(Index count, const float* numbers) {
  for (Index i = 0; i < count; i += 16)
    __builtin_prefetch(numbers + i);
}

/// body(row) for each row, with expect_row(row) some rows ahead of it.
template <class Expect, class Body>
HWY_INLINE void each_row(Index rows, const Expect& expect_row, const Body& body) {
  constexpr Index ahead = 8;
  for (Index row = 0; row < rows && row < ahead; ++row)
    expect_row(row);
  for (Index row = 0; row < rows; ++row) {
    if (row + ahead < rows) expect_row(row + ahead);
    body(row);
  }
}

void rnn_tanh_forward(Index rows, Index units, Strided<const float> gates, Strided<float> h) {
  map_rows(
      rows, units, h, [](Vector x) RONDO_INLINE { return tanh(x); }, gates);
}
void rnn_relu_forward(Index rows, Index units, Strided<const float> gates, Strided<float> h) {
  map_rows(
      rows, units, h, [](Vector x) RONDO_INLINE { return positive(x); }, gates);
}
void rnn_tanh_backward(Index rows, Index units, Strided<const float> h, Strided<const float> dh,
                       Strided<float> dgates) {
  map_rows(rows, units, dgates, through_tanh, dh, h);
}
void rnn_relu_backward(Index rows, Index units, Strided<const float> h, Strided<const float> dh,
                       Strided<float> dgates) {
  map_rows(rows, units, dgates, through_relu, dh, h);
}

/// Gates and state; activated o goes to its pre-activation's place.
void lstm_state(Index units, float* gates, const float* c_before, float* kept, float* c) {
  each_vector(units, [=](auto part, Index u) RONDO_INLINE {
    float* const at = gates + u;
    const Vector in = sigmoid(part.load(at)), forget = sigmoid(part.load(at + units));
    const Vector candidate = tanh(part.load(at + 2 * units)), out = sigmoid(part.load(at + 3 * units));
    if (kept != nullptr) {
      part.store(in, kept + u);
      part.store(forget, kept + units + u);
      part.store(candidate, kept + 2 * units + u);
      part.store(out, kept + 3 * units + u);
    }
    part.store(out, at + 3 * units);
    part.store(hn::MulAdd(forget, part.load(c_before + u), hn::Mul(in, candidate)), c + u);
  });
}

void lstm_output(Index units, const float* out, const float* c, float* h) {
  map(
      units, h, [](Vector o, Vector state) RONDO_INLINE { return hn::Mul(o, tanh(state)); }, out, c);
}

void lstm_forward(Index rows, Index units, Strided<float> gates, Strided<const float> c_before,
                  Strided<float> kept, Strided<float> c, Strided<float> h) {
  const auto expect_row = [=](Index row) RONDO_INLINE { expect(units, c_before[row]); };
  // A row's tanh(c) waits for its state. The next row's gates fill that time.
  each_row(rows, expect_row, [=](Index row) RONDO_INLINE {
    lstm_state(units, gates[row], c_before[row], kept.data == nullptr ? nullptr : kept[row], c[row]);
    if (row > 0) lstm_output(units, gates[row - 1] + 3 * units, c[row - 1], h[row - 1]);
  });
  if (rows > 0) lstm_output(units, gates[rows - 1] + 3 * units, c[rows - 1], h[rows - 1]);
}

void lstm_backward(Index rows, Index units, Strided<const float> kept, Strided<const float> c_before,
                   Strided<const float> c, Strided<const float> dh, Strided<float> dc,
                   Strided<float> dgates) {
  const auto expect_row = [=](Index row) RONDO_INLINE {
    expect(units, c_before[row]);
    expect(4 * units, kept[row]);
    expect(units, c[row]);
  };
  each_row(rows, expect_row, [=](Index row) RONDO_INLINE {
    const float *const k = kept[row], *const before = c_before[row], *const state = c[row];
    const float* const d = dh[row];
    float *const dstate = dc[row], *const to = dgates[row];
    each_vector(units, [=](auto part, Index u) RONDO_INLINE {
      const Vector in = part.load(k + u), forget = part.load(k + units + u);
      const Vector candidate = part.load(k + 2 * units + u), out = part.load(k + 3 * units + u);
      const Vector squashed = tanh(part.load(state + u)), slope = part.load(d + u);
      const Vector total = hn::Add(part.load(dstate + u), through_tanh(hn::Mul(slope, out), squashed));
      part.store(through_sigmoid(hn::Mul(total, candidate), in), to + u);
      part.store(through_sigmoid(hn::Mul(total, part.load(before + u)), forget), to + units + u);
      part.store(through_tanh(hn::Mul(total, in), candidate), to + 2 * units + u);
      part.store(through_sigmoid(hn::Mul(slope, squashed), out), to + 3 * units + u);
      part.store(hn::Mul(total, forget), dstate + u);
    });
  });
}

void gru_forward(Index rows, Index units, Strided<const float> gates, Strided<const float> n,
                 Strided<const float> hn_part, Strided<const float> h_before, Strided<float> kept,
                 Strided<float> h) {
  const auto expect_row = [=](Index row) RONDO_INLINE { expect(units, h_before[row]); };
  each_row(rows, expect_row, [=](Index row) RONDO_INLINE {
    const float *const pre = gates[row], *const input = n[row], *const beside = hn_part[row];
    const float* const before = h_before[row];
    float *const keep = kept.data == nullptr ? nullptr : kept[row], *const to = h[row];
    each_vector(units, [=](auto part, Index u) RONDO_INLINE {
      const Vector reset = sigmoid(part.load(pre + u)), update = sigmoid(part.load(pre + units + u));
      const Vector recurrent = part.load(beside + u);
      const Vector candidate = tanh(hn::MulAdd(reset, recurrent, part.load(input + u)));
      const Vector carried = hn::Mul(update, part.load(before + u));
      if (keep != nullptr) {
        part.store(reset, keep + u);
        part.store(update, keep + units + u);
        part.store(candidate, keep + 2 * units + u);
        part.store(recurrent, keep + 3 * units + u);
      }
      part.store(hn::MulAdd(one_minus(update), candidate, carried), to + u);
    });
  });
}

void gru_backward(Index rows, Index units, Strided<const float> kept, Strided<const float> h_before,
                  Strided<float> dh, Strided<float> dgates, Strided<float> dn, Strided<float> dhn) {
  const auto expect_row = [=](Index row) RONDO_INLINE {
    expect(units, h_before[row]);
    expect(4 * units, kept[row]);
  };
  each_row(rows, expect_row, [=](Index row) RONDO_INLINE {
    const float *const k = kept[row], *const before = h_before[row];
    float *const d = dh[row], *const to = dgates[row], *const to_n = dn[row], *const to_hn = dhn[row];
    each_vector(units, [=](auto part, Index u) RONDO_INLINE {
      const Vector reset = part.load(k + u), update = part.load(k + units + u);
      const Vector candidate = part.load(k + 2 * units + u), recurrent = part.load(k + 3 * units + u);
      const Vector slope = part.load(d + u);
      const Vector d_candidate = through_tanh(hn::Mul(slope, one_minus(update)), candidate);
      const Vector change = hn::Sub(part.load(before + u), candidate);
      part.store(through_sigmoid(hn::Mul(d_candidate, recurrent), reset), to + u);
      part.store(through_sigmoid(hn::Mul(slope, change), update), to + units + u);
      part.store(d_candidate, to_n + u);
      part.store(hn::Mul(d_candidate, reset), to_hn + u);
      part.store(hn::Mul(slope, update), d + u);
    });
  });
}

}  // namespace

void enter_cells(Kernels<float>& table) {
  table.rnn_tanh_forward = rnn_tanh_forward;
  table.rnn_relu_forward = rnn_relu_forward;
  table.rnn_tanh_backward = rnn_tanh_backward;
  table.rnn_relu_backward = rnn_relu_backward;
  table.lstm_forward = lstm_forward;
  table.lstm_backward = lstm_backward;
  table.gru_forward = gru_forward;
  table.gru_backward = gru_backward;
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_cells)
}  // namespace rondo::simd
#endif

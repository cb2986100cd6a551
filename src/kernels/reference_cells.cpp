#include "kernels/reference.h"

// docs/gates.md has the formulas. A gate's derivative is computed from its activated value.
namespace rondo::reference {
namespace {

template <class T>
void rnn_tanh_forward(Index rows, Index units, Strided<const T> gates, Strided<T> h) {
  for (Index row = 0; row < rows; ++row)
    for (Index u = 0; u < units; ++u)
      h[row][u] = std::tanh(gates[row][u]);
}
template <class T>
void rnn_relu_forward(Index rows, Index units, Strided<const T> gates, Strided<T> h) {
  for (Index row = 0; row < rows; ++row)
    for (Index u = 0; u < units; ++u)
      h[row][u] = gates[row][u] < 0 ? T(0) : gates[row][u];
}
template <class T>
void rnn_tanh_backward(Index rows, Index units, Strided<const T> h, Strided<const T> dh, Strided<T> dgates) {
  for (Index row = 0; row < rows; ++row)
    for (Index u = 0; u < units; ++u)
      dgates[row][u] = dh[row][u] * (1 - h[row][u] * h[row][u]);
}
template <class T>
void rnn_relu_backward(Index rows, Index units, Strided<const T> h, Strided<const T> dh, Strided<T> dgates) {
  for (Index row = 0; row < rows; ++row)
    for (Index u = 0; u < units; ++u)
      dgates[row][u] = h[row][u] <= 0 ? T(0) : dh[row][u];
}

template <class T>
void lstm_forward(Index rows, Index units, Strided<T> gates, Strided<const T> c_before, Strided<T> kept,
                  Strided<T> c, Strided<T> h) {
  for (Index row = 0; row < rows; ++row) {
    const T* const pre = gates[row];
    for (Index u = 0; u < units; ++u) {
      const T i = sigmoid(pre[u]), f = sigmoid(pre[units + u]);
      const T g = std::tanh(pre[2 * units + u]), o = sigmoid(pre[3 * units + u]);
      c[row][u] = f * c_before[row][u] + i * g;
      h[row][u] = o * std::tanh(c[row][u]);
      if (kept.data == nullptr) continue;
      kept[row][u] = i;
      kept[row][units + u] = f;
      kept[row][2 * units + u] = g;
      kept[row][3 * units + u] = o;
    }
  }
}

template <class T>
void lstm_backward(Index rows, Index units, Strided<const T> kept, Strided<const T> c_before,
                   Strided<const T> c, Strided<const T> dh, Strided<T> dc, Strided<T> dgates) {
  for (Index row = 0; row < rows; ++row) {
    for (Index u = 0; u < units; ++u) {
      const T i = kept[row][u], f = kept[row][units + u];
      const T g = kept[row][2 * units + u], o = kept[row][3 * units + u];
      const T squashed = std::tanh(c[row][u]), slope = dh[row][u];
      const T total = dc[row][u] + slope * o * (1 - squashed * squashed);
      dc[row][u] = total * f;
      dgates[row][u] = total * g * i * (1 - i);
      dgates[row][units + u] = total * c_before[row][u] * f * (1 - f);
      dgates[row][2 * units + u] = total * i * (1 - g * g);
      dgates[row][3 * units + u] = slope * squashed * o * (1 - o);
    }
  }
}

template <class T>
void gru_forward(Index rows, Index units, Strided<const T> gates, Strided<const T> n, Strided<const T> hn,
                 Strided<const T> h_before, Strided<T> kept, Strided<T> h) {
  for (Index row = 0; row < rows; ++row) {
    for (Index u = 0; u < units; ++u) {
      const T reset = sigmoid(gates[row][u]), update = sigmoid(gates[row][units + u]);
      const T candidate = std::tanh(n[row][u] + reset * hn[row][u]);
      h[row][u] = (1 - update) * candidate + update * h_before[row][u];
      if (kept.data == nullptr) continue;
      kept[row][u] = reset;
      kept[row][units + u] = update;
      kept[row][2 * units + u] = candidate;
      kept[row][3 * units + u] = hn[row][u];
    }
  }
}

template <class T>
void gru_backward(Index rows, Index units, Strided<const T> kept, Strided<const T> h_before, Strided<T> dh,
                  Strided<T> dgates, Strided<T> dn, Strided<T> dhn) {
  for (Index row = 0; row < rows; ++row) {
    for (Index u = 0; u < units; ++u) {
      const T r = kept[row][u], z = kept[row][units + u];
      const T n = kept[row][2 * units + u], hn = kept[row][3 * units + u];
      const T slope = dh[row][u], d_candidate = slope * (1 - z) * (1 - n * n);
      dn[row][u] = d_candidate;
      dgates[row][u] = d_candidate * hn * r * (1 - r);
      dgates[row][units + u] = slope * (h_before[row][u] - n) * z * (1 - z);
      dhn[row][u] = d_candidate * r;
      dh[row][u] = slope * z;
    }
  }
}

}  // namespace

template <class T>
void enter_cells(Kernels<T>& table) {
  table.rnn_tanh_forward = rnn_tanh_forward<T>;
  table.rnn_relu_forward = rnn_relu_forward<T>;
  table.rnn_tanh_backward = rnn_tanh_backward<T>;
  table.rnn_relu_backward = rnn_relu_backward<T>;
  table.lstm_forward = lstm_forward<T>;
  table.lstm_backward = lstm_backward<T>;
  table.gru_forward = gru_forward<T>;
  table.gru_backward = gru_backward<T>;
}
template void enter_cells(Kernels<float>&);
template void enter_cells(Kernels<double>&);

}  // namespace rondo::reference

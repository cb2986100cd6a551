#include "kernels/reference.h"

// The formulas are N3 and N5 of docs/gates.md; a gate's derivative is written in terms of its activated
// value.
namespace rondo::reference {
namespace {

template <class T>
void lstm_forward(Index h_size, T* gates, const T* c_before, T* c, T* h) {
  T* const i = gates;
  T* const f = i + h_size;
  T* const g = f + h_size;
  T* const o = g + h_size;
  for (Index u = 0; u < h_size; ++u) {
    i[u] = sigmoid(i[u]);
    f[u] = sigmoid(f[u]);
    g[u] = std::tanh(g[u]);
    o[u] = sigmoid(o[u]);
    c[u] = f[u] * c_before[u] + i[u] * g[u];
    h[u] = o[u] * std::tanh(c[u]);
  }
}

template <class T>
void lstm_backward(Index h_size, T* gates, const T* c_before, const T* c, const T* dh, T* dc) {
  T* const i = gates;
  T* const f = i + h_size;
  T* const g = f + h_size;
  T* const o = g + h_size;
  for (Index u = 0; u < h_size; ++u) {
    const T squashed = std::tanh(c[u]);
    const T total = dc[u] + dh[u] * o[u] * (1 - squashed * squashed);
    const T di = total * g[u] * i[u] * (1 - i[u]);
    const T df = total * c_before[u] * f[u] * (1 - f[u]);
    const T dg = total * i[u] * (1 - g[u] * g[u]);
    const T d_o = dh[u] * squashed * o[u] * (1 - o[u]);
    dc[u] = total * f[u];
    i[u] = di;
    f[u] = df;
    g[u] = dg;
    o[u] = d_o;
  }
}

template <class T>
void gru_forward(Index h_size, T* gates, const T* hn, const T* h_before, T* h) {
  T* const r = gates;
  T* const z = r + h_size;
  T* const n = z + h_size;
  for (Index u = 0; u < h_size; ++u) {
    r[u] = sigmoid(r[u]);
    z[u] = sigmoid(z[u]);
    n[u] = std::tanh(n[u] + r[u] * hn[u]);
    h[u] = (1 - z[u]) * n[u] + z[u] * h_before[u];
  }
}

template <class T>
void gru_backward(Index h_size, T* gates, const T* hn, const T* h_before, T* dh, T* dhn) {
  T* const r = gates;
  T* const z = r + h_size;
  T* const n = z + h_size;
  for (Index u = 0; u < h_size; ++u) {
    const T dn = dh[u] * (1 - z[u]) * (1 - n[u] * n[u]);
    const T dz = dh[u] * (h_before[u] - n[u]) * z[u] * (1 - z[u]);
    const T dr = dn * hn[u] * r[u] * (1 - r[u]);
    dh[u] *= z[u];
    dhn[u] = dn * r[u];
    r[u] = dr;
    z[u] = dz;
    n[u] = dn;
  }
}

}  // namespace

template <class T>
void enter_cells(Kernels<T>& table) {
  table.lstm_forward = lstm_forward<T>;
  table.lstm_backward = lstm_backward<T>;
  table.gru_forward = gru_forward<T>;
  table.gru_backward = gru_backward<T>;
}
template void enter_cells(Kernels<float>&);
template void enter_cells(Kernels<double>&);

}  // namespace rondo::reference

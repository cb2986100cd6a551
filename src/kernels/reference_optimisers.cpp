#include "kernels/reference.h"

namespace rondo::reference {
namespace {

template <class T>
void sgd(Index n, T* w, const T* g, T* velocity, T lr, T momentum, bool nesterov, T l2, T scale) {
  for (Index i = 0; i < n; ++i) {
    T slope = scale * g[i] + l2 * w[i];
    if (velocity != nullptr) {
      velocity[i] = momentum * velocity[i] + slope;
      slope = nesterov ? slope + momentum * velocity[i] : velocity[i];
    }
    w[i] -= lr * slope;
  }
}

template <class T>
void adagrad(Index n, T* w, const T* g, T* sum, T lr, T epsilon, T l2, T scale) {
  for (Index i = 0; i < n; ++i) {
    const T slope = scale * g[i] + l2 * w[i];
    sum[i] += slope * slope;
    w[i] -= lr * (slope / (std::sqrt(sum[i]) + epsilon));
  }
}

template <class T>
void rmsprop(Index n, T* w, const T* g, T* square, T* velocity, T lr, T alpha, T epsilon, T momentum, T l2,
             T scale) {
  for (Index i = 0; i < n; ++i) {
    const T slope = scale * g[i] + l2 * w[i];
    square[i] = alpha * square[i] + (1 - alpha) * (slope * slope);
    T step = slope / (std::sqrt(square[i]) + epsilon);
    if (velocity != nullptr) step = velocity[i] = momentum * velocity[i] + step;
    w[i] -= lr * step;
  }
}

template <class T>
void adam(Index n, T* w, const T* g, T* m, T* v, const AdamStep& step, T scale) {
  const T beta1 = T(step.beta1), beta2 = T(step.beta2);
  const T rate = T(step.learning_rate) / T(step.correction1);
  const T decay = 1 - T(step.learning_rate) * T(step.decoupled_decay);
  for (Index i = 0; i < n; ++i) {
    const T slope = scale * g[i] + T(step.l2) * w[i];
    m[i] = beta1 * m[i] + (1 - beta1) * slope;
    v[i] = beta2 * v[i] + (1 - beta2) * (slope * slope);
    const T spread = std::sqrt(v[i] / T(step.correction2)) + T(step.epsilon);
    w[i] = decay * w[i] - rate * (m[i] / spread);
  }
}

}  // namespace

template <class T>
void enter_optimisers(Kernels<T>& table) {
  table.sgd = sgd<T>;
  table.adagrad = adagrad<T>;
  table.rmsprop = rmsprop<T>;
  table.adam = adam<T>;
}
template void enter_optimisers(Kernels<float>&);
template void enter_optimisers(Kernels<double>&);

}  // namespace rondo::reference

/// Choices that several kinds of layers share.
#pragma once
#include <array>
#include <string_view>

namespace [[gnu::visibility("default")]] rondo {

/// hard_sigmoid: 0.2 x + 0.5 between 0 and 1, as in Keras 2 and ONNX (PyTorch and Keras 3 have x / 6 + 0.5).
enum class Activation { linear, tanh, sigmoid, relu, softmax, hard_sigmoid };
constexpr std::array<std::string_view, 6> names_of(Activation) {
  return {"linear", "tanh", "sigmoid", "relu", "softmax", "hard_sigmoid"};
}

/// How the initial values of a weight are drawn. The defaults are those of Keras.
enum class Initializer { glorot_uniform, orthogonal, uniform, zeros, ones };
constexpr std::array<std::string_view, 5> names_of(Initializer) {
  return {"glorot_uniform", "orthogonal", "uniform", "zeros", "ones"};
}

/// Where a window stands over the steps of a sequence; what lies outside of the sequence counts as zeros in a
/// convolution, and not at all in pooling. valid: within the sequence only, which leaves length - span + 1
/// windows, span = dilation · (size - 1) + 1. same: a window around each step. causal: a window that ends at
/// each step. As in Keras.
enum class Padding { valid, same, causal };
constexpr std::array<std::string_view, 3> names_of(Padding) {
  return {"valid", "same", "causal"};
}

/// How well a query q matches a memory's row m. dot: q · m. scaled_dot: q · m / sqrt(size). bilinear: q' W m.
/// additive: v · tanh(W q + U m + b).
enum class AttentionScore { dot, scaled_dot, bilinear, additive };
constexpr std::array<std::string_view, 4> names_of(AttentionScore) {
  return {"dot", "scaled_dot", "bilinear", "additive"};
}

}  // namespace rondo

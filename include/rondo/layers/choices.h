/// Choices that several kinds of layers share.
#pragma once
#include <array>
#include <string_view>

namespace [[gnu::visibility("default")]] rondo {

enum class Activation { linear, tanh, sigmoid, relu, softmax };
constexpr std::array<std::string_view, 5> names_of(Activation) {
  return {"linear", "tanh", "sigmoid", "relu", "softmax"};
}

/// How the initial values of a weight are drawn. The defaults are those of Keras.
enum class Initializer { glorot_uniform, orthogonal, uniform, zeros, ones };
constexpr std::array<std::string_view, 5> names_of(Initializer) {
  return {"glorot_uniform", "orthogonal", "uniform", "zeros", "ones"};
}

}  // namespace rondo

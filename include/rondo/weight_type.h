/// The number types in which a model can keep its weights: see Sequential::quantize().
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace [[gnu::visibility("default")]] rondo {

/// The number type of the matrices among a model's weights (embeddings, recurrent and dense layers). All
/// other weights are f32.
enum class WeightType : std::uint8_t {
  f32,
  bf16,  ///< the upper half of an f32: the same range, with 8 bits of precision
  int8,  ///< whole numbers in [-127, 127], one scale a row; products round the other side to 12 bits a row
  w8a8,  ///< the weights of int8; products round the other side to 8 bits a row: faster with AVX-512 VNNI
};
constexpr std::array<std::string_view, 4> names_of(WeightType) {
  return {"f32", "bf16", "int8", "w8a8"};
}

}  // namespace rondo

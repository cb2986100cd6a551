/// How a model's weights are kept: see Sequential::quantize().
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace [[gnu::visibility("default")]] rondo {

/// Of the matrices among a model's weights (embeddings, recurrent and dense layers); all other weights are
/// f32.
enum class WeightType : std::uint8_t {
  f32,
  bf16,  ///< the upper half of an f32: its range, 8 bits of precision
  int8,  ///< whole numbers in [-127, 127], with a scale for each row
};
constexpr std::array<std::string_view, 3> names_of(WeightType) {
  return {"f32", "bf16", "int8"};
}

}  // namespace rondo

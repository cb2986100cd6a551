/// Rows of numbers as what a model begins with.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Rows of numbers [T, features] instead of text.
struct Input {
  Required<int> features;

  static constexpr std::string_view type = "input";
  static constexpr auto fields() {
    return std::tuple{field("features", &Input::features, "numbers per step", 1, 1 << 20)};
  }
};

static_assert(all_fields_listed<Input>);

}  // namespace layers
}  // namespace rondo

/// The first layer of a model that reads numbers instead of text.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Input of T steps with `features` numbers each: [T, features].
struct Input {
  Required<int> features;

  static constexpr std::string_view type = "input";
  static constexpr auto fields() {
    return std::tuple{field("features", &Input::features, "numbers at each step", 1, 1 << 20)};
  }
};

static_assert(all_fields_listed<Input>);

}  // namespace layers
}  // namespace rondo

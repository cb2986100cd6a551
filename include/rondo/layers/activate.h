/// An activation as a layer of its own.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// An activation as a layer of its own.
struct Activate {
  Required<Activation> activation;

  static constexpr std::string_view type = "activate";
  static constexpr auto fields() {
    return std::tuple{field("activation", &Activate::activation, "function applied to every element")};
  }
};

static_assert(all_fields_listed<Activate>);

}  // namespace layers
}  // namespace rondo

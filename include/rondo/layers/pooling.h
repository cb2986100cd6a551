/// Pooling: all steps of a sequence to one row.
#pragma once
#include <array>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {

enum class Pool { last, mean, max };
constexpr std::array<std::string_view, 3> names_of(Pool) {
  return {"last", "mean", "max"};
}

namespace layers {

/// Reduces each sequence to one row, over its own steps: [T, D] to [D]. Several kinds are concatenated.
struct Pooling {
  std::vector<Pool> over_time = {Pool::max};

  static constexpr std::string_view type = "pooling";
  static constexpr auto fields() {
    return std::tuple{field("over_time", &Pooling::over_time, "last, mean or max; several are concatenated")};
  }
};

static_assert(all_fields_listed<Pooling>);

}  // namespace layers
}  // namespace rondo

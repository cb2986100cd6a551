/// Two lists of words, one laid against the other as the program diff does.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

/// Pairs of places (in `a`, in `b`) that hold equal words, both ascending, as many as there can be (Myers
/// 1986).
std::vector<std::pair<std::size_t, std::size_t>> aligned(const Strings& a, const Strings& b);

}  // namespace rondo::tag

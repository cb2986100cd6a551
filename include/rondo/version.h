/// The library's version.
#pragma once
#include <string_view>

namespace [[gnu::visibility("default")]] rondo {

/// "0.1.0"
std::string_view version() noexcept;

}  // namespace rondo

/// Bytes as text that JSON can hold (RFC 4648, padded).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace rondo {

std::string to_base64(std::string_view bytes);
/// Returns nothing for text that to_base64 cannot have written.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace rondo

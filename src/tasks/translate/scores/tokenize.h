/// The tokenisers of sacreBLEU, character by character.
#pragma once
#include <string>
#include <string_view>

namespace rondo::translate {

/// In lower case, character by character.
std::string lowered(std::string_view line);

}  // namespace rondo::translate

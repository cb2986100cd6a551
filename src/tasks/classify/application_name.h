/// The name of text classification in model files and on the command line.
#pragma once
#include <string_view>

namespace rondo {

constexpr std::string_view classifier_name = "classify";

}  // namespace rondo

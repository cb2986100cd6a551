/// What the settings of a text classifier are called in Chinese.
#pragma once
#include <string_view>

namespace rondo {

/// By the option's name in ClassifierOptions; empty for an unknown one.
std::string_view chinese_setting_name(std::string_view option);

}  // namespace rondo

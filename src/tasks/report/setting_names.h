/// The Chinese names of applications' options.
#pragma once
#include <string_view>

namespace rondo {

/// By the option's name; empty for an unknown one.
std::string_view chinese_setting_name(std::string_view option);

}  // namespace rondo

/// The ceiling that products are measured against.
#pragma once
#include <string_view>

namespace rondo::bench {

/// Single-precision operations a second that one core reaches on this instruction set with nothing but
/// multiply-adds on registers, in 1e9; the best of several short runs.
double fma_peak(std::string_view isa);

}  // namespace rondo::bench

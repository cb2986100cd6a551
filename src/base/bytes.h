/// Little-endian numbers in buffers of bytes, whatever the machine's own order and alignment.
#pragma once
#include <concepts>
#include <cstddef>

namespace rondo {

/// The number whose lowest byte is at `bytes[0]`. Compilers make one load of it.
template <std::unsigned_integral T>
constexpr T load_little_endian(const char* bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value |
                           static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i)));
  return value;
}

template <std::unsigned_integral T>
constexpr void store_little_endian(T value, char* bytes) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    bytes[i] = static_cast<char>((value >> (8 * i)) & 0xff);
}

}  // namespace rondo
